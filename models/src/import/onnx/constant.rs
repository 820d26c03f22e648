//! Tensors that are known when the model is imported, in the file's own order of axes.

use crate::data::{Array, Elements};
use crate::graph::Quantization;

/// A tensor that is known.
#[derive(Debug, Clone)]
pub(super) struct Constant {
    /// Its elements.
    pub(super) array: Array,
    /// The integers that `array` stands for, if it comes from a `DequantizeLinear`.
    pub(super) stored: Option<Stored>,
}

/// Quantized elements of the shape of the real ones.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) array: Array,
    pub(super) quantization: Quantization,
}

impl Constant {
    pub(super) fn new(array: Array) -> Self {
        Self { array, stored: None }
    }

    pub(super) fn shape(&self) -> &[usize] {
        self.array.shape()
    }

    /// The one element of a tensor that has one.
    pub(super) fn scalar(&self) -> Option<f64> {
        if self.array.elements().len() == 1 { self.array.elements().real(0) } else { None }
    }

    /// Its elements as real numbers.
    pub(super) fn reals(&self) -> Vec<f64> {
        self.array.elements().reals()
    }

    /// Its elements as float32.
    pub(super) fn floats(&self) -> Vec<f32> {
        match self.array.elements() {
            Elements::Float32(values) => values.clone(),
            _ => self.reals().iter().map(|&v| v as f32).collect(),
        }
    }

    /// Its elements as integers; none when they are real numbers.
    pub(super) fn integers(&self) -> Option<Vec<i64>> {
        self.array.elements().integers()
    }

    /// With its axes in another order: axis `k` is what was axis `axes[k]`, a permutation.
    pub(super) fn transposed(&self, axes: &[usize]) -> Self {
        let stored = self.stored.as_ref().map(|stored| {
            let Quantization { scales, zero_points, axis } = &stored.quantization;
            let axis = usize::try_from(*axis).ok().and_then(|axis| axes.iter().position(|&a| a == axis)).unwrap_or(0);
            let quantization = Quantization {
                scales: scales.clone(),
                zero_points: zero_points.clone(),
                axis: i32::try_from(axis).unwrap_or(0),
            };
            Stored { array: transpose(&stored.array, axes), quantization }
        });
        Self { array: transpose(&self.array, axes), stored }
    }

    /// Under another shape of as many elements. Scales along an axis are kept where that axis is.
    pub(super) fn reshaped(&self, shape: &[usize]) -> Self {
        let stored = self.stored.as_ref().and_then(|stored| {
            let mut quantization = stored.quantization.clone();
            if quantization.scales.len() > 1 {
                let axis = usize::try_from(quantization.axis).ok()?;
                let before: usize = self.shape().get(..axis)?.iter().product();
                let place = (0..shape.len()).find(|&k| {
                    shape[k] == quantization.scales.len() && shape[..k].iter().product::<usize>() == before
                })?;
                quantization.axis = i32::try_from(place).ok()?;
            }
            Some(Stored { array: reshape(&stored.array, shape), quantization })
        });
        Self { array: reshape(&self.array, shape), stored }
    }

    /// Each element through `f`; what it was stored as is forgotten.
    pub(super) fn map(&self, f: impl Fn(f32) -> f32) -> Self {
        let elements: Vec<f32> = self.floats().into_iter().map(f).collect();
        Self::new(Array::new(self.shape(), elements).expect("as many elements as before"))
    }
}

/// The elements in another order of the axes.
pub(super) fn transpose(array: &Array, axes: &[usize]) -> Array {
    let strides = strides(array.shape());
    let shape: Vec<usize> = axes.iter().map(|&a| array.shape()[a]).collect();
    let steps: Vec<usize> = axes.iter().map(|&a| strides[a]).collect();
    Array::new(shape.clone(), array.elements().gather(walk(&shape, &steps).into_iter()))
        .expect("as many elements as before")
}

/// The same elements under another shape of as many.
pub(super) fn reshape(array: &Array, shape: &[usize]) -> Array {
    Array::new(shape, array.elements().clone()).expect("as many elements as before")
}

/// How far apart neighbours along each axis are.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for k in (1..shape.len()).rev() {
        strides[k - 1] = strides[k] * shape[k].max(1);
    }
    strides
}

/// The places of the elements of `shape`, in C order, where a step along axis `k` is `steps[k]`.
pub(super) fn walk(shape: &[usize], steps: &[usize]) -> Vec<usize> {
    let mut places = vec![0];
    for (&extent, &step) in shape.iter().zip(steps) {
        places = places.iter().flat_map(|&place| (0..extent).map(move |k| place + k * step)).collect();
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_of_channels_follow_their_axis() {
        let array = Array::new([2, 3, 1], (0..6).map(|v| v as f32).collect::<Vec<_>>()).unwrap();
        let stored = Array::new([2, 3, 1], (0..6).collect::<Vec<i8>>()).unwrap();
        let quantization = Quantization { scales: vec![1.0, 2.0, 3.0], zero_points: vec![0; 3], axis: 1 };
        let constant = Constant { array, stored: Some(Stored { array: stored, quantization }) };
        let turned = constant.transposed(&[1, 2, 0]);
        assert_eq!(turned.shape(), [3, 1, 2]);
        assert_eq!(turned.floats(), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        let stored = turned.stored.as_ref().unwrap();
        assert_eq!((stored.quantization.axis, stored.array.elements()), (0, &vec![0i8, 3, 1, 4, 2, 5].into()));
        assert_eq!(turned.reshaped(&[1, 3, 2]).stored.unwrap().quantization.axis, 1);
        assert!(turned.reshaped(&[6]).stored.is_none(), "no axis is left that has the scales");
    }
}
