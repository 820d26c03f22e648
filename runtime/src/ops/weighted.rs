//! The scheme of numbers of an operator that sums products with constant weights: types, scales, bias and weights checked and
//! turned into what the kernels compute with.
//!
//! | activations | weights | bias | sum |
//! | --- | --- | --- | --- |
//! | float32 | float32 | float32 | float32 |
//! | int8 | int8 | int32 | int32 |
//! | uint8 | uint8 | int32 | int32 |
//! | int16 | int8 | int32 | int32 |
//! | int16 | int8 | int64, or none | int64 |
//!
//! Weights may also be computed at run time; a bias is always a constant.
//!
//! The factor from the sum's scale to the output's is `x_scale * w_scale / y_scale` in double precision. Where the reference has
//! one multiplier for the whole tensor (uint8, and dense layers without a scale for each unit), its first product is rounded
//! to single precision. Source: `PopulateConvolutionQuantizationParams` and `GetQuantizedConvolutionMultipler`.

use alloc::format;
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::Prepared;
use super::activation::Activation;
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::io::Io;
use crate::kernels::scalar::arithmetic::{Float, Quantized, Rounding};
use crate::node::{Node, Operand};
use crate::quant::{Multiplier, PerTensor};

/// Which operand is what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// The input that holds activations.
    pub(super) x: usize,
    /// The input that holds weights.
    pub(super) weights: usize,
    /// The input that holds the bias, if any.
    pub(super) bias: usize,
    /// The axis of the weights that goes along output channels.
    pub(super) channel_axis: usize,
    /// Whether it is a dense layer: one scale of the weights then means one multiplier.
    pub(super) dense: bool,
}

/// Where the kernel finds the weights.
pub(super) enum Weights<W> {
    /// A constant that it keeps.
    Kept(Vec<W>),
    /// The input at this place, computed at run time.
    Input(usize),
}

impl<W: Element> Weights<W> {
    fn of(node: &Node<'_>, place: usize) -> Result<Self, Error> {
        match node.input(place)?.constant {
            Some(_) => Ok(Weights::Kept(node.constant(place)?)),
            None => Ok(Weights::Input(place)),
        }
    }

    /// The weights, if they are known when the model is loaded.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    pub(super) fn kept(&self) -> Option<&[W]> {
        match self {
            Weights::Kept(weights) => Some(weights),
            Weights::Input(_) => None,
        }
    }

    /// A step that reads these weights, which are input `place`, with `run`.
    pub(super) fn step(
        self,
        kernel: &'static str,
        place: usize,
        run: impl Fn(&mut Io<'_>, &[W]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Prepared {
        match self {
            Weights::Kept(weights) => {
                let bytes = size_of_val(&*weights);
                Prepared::new(kernel, move |io| run(io, &weights)).keeps(place, bytes)
            }
            Weights::Input(place) => Prepared::new(kernel, move |io| {
                let weights = io.input(place)?;
                run(io, weights)
            }),
        }
    }
}

/// Adds to a step what its operator knows: that it keeps the bias, and what it multiplies.
pub(super) fn finish(node: &Node<'_>, bias: usize, macs: u64, step: Prepared) -> Prepared {
    let bytes = node.optional_input(bias).map_or(0, |b| b.shape.elements() * b.dtype.size());
    step.keeps(bias, bytes).macs(macs)
}

/// A step of an int8 kernel that has packed its weights, which were input `weights`.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) fn packed_step(
    kernel: &'static str,
    [x, weights]: [usize; 2],
    packed: impl crate::kernels::simd128::Packed,
) -> Prepared {
    let (bytes, scratch) = (packed.bytes(), packed.scratch());
    Prepared::new(kernel, move |io| {
        let x = io.input(x)?;
        let (y, scratch) = io.output_and_scratch()?;
        packed.run(x, scratch, y);
        Ok(())
    })
    .keeps(weights, bytes)
    .scratch(scratch)
}

/// A scheme of numbers with its weights.
pub(super) enum Weighted {
    F32(Float, Weights<f32>),
    I8(Quantized<i8, i8, i32>, Weights<i8>),
    U8(Quantized<u8, u8, i32>, Weights<u8>),
    I16(Quantized<i16, i8, i32>, Weights<i8>),
    I16Wide(Quantized<i16, i8, i64>, Weights<i8>),
}

impl Weighted {
    /// Of a node with `channels` output channels.
    pub(super) fn of(node: &Node<'_>, places: Places, channels: usize, activation: Activation) -> Result<Self, Error> {
        let (x, w, y) = (node.input(places.x)?, node.input(places.weights)?, node.output(0)?);
        let bias = node.optional_input(places.bias);
        node.expect_dtype("an output", y, x.dtype)?;
        if let Some(bias) = bias.filter(|b| b.shape.elements() != channels) {
            return Err(node.invalid(format!("a bias of {channels} elements"), format!("{}", bias.shape)));
        }
        let build = Build { node, places, channels, activation };
        Ok(match (x.dtype, w.dtype, bias.map(|b| b.dtype)) {
            (DType::F32, DType::F32, None | Some(DType::F32)) => {
                let float = Float { bias: build.bias()?, range: activation.range() };
                Weighted::F32(float, Weights::of(node, places.weights)?)
            }
            (DType::I8, DType::I8, None | Some(DType::I32)) => {
                Weighted::I8(build.quantized()?, Weights::of(node, places.weights)?)
            }
            (DType::U8, DType::U8, None | Some(DType::I32)) => {
                Weighted::U8(build.quantized()?, Weights::of(node, places.weights)?)
            }
            (DType::I16, DType::I8, Some(DType::I32)) => {
                Weighted::I16(build.quantized()?, Weights::of(node, places.weights)?)
            }
            (DType::I16, DType::I8, None | Some(DType::I64)) => {
                Weighted::I16Wide(build.quantized()?, Weights::of(node, places.weights)?)
            }
            _ => {
                return Err(node.unsupported_types(
                    "float32, int8 with int32 bias, uint8 with int32 bias, or int16 with int8 weights and int32 or int64 bias",
                ));
            }
        })
    }
}

/// What the parts of a scheme are made from.
#[derive(Clone, Copy)]
struct Build<'n, 'a> {
    node: &'n Node<'a>,
    places: Places,
    channels: usize,
    activation: Activation,
}

impl Build<'_, '_> {
    fn bias<S: Element>(self) -> Result<Vec<S>, Error> {
        let Self { node, places, .. } = self;
        node.optional_input(places.bias).map_or(Ok(Vec::new()), |_| node.constant(places.bias))
    }

    fn quantized<X, W, S: Element>(self) -> Result<Quantized<X, W, S>, Error> {
        let Self { node, places, channels, activation } = self;
        let (x, w, y) = (node.input(places.x)?, node.input(places.weights)?, node.output(0)?);
        let (x_quant, y_quant) = (activations(node, "an input", x)?, activations(node, "an output", y)?);
        let wide = S::DTYPE == DType::I64;
        let one_scale = w.tensor.quant.as_ref().is_some_and(|q| q.scales.len() == 1);
        let (weight_zero_point, multipliers) = if w.dtype == DType::U8 || places.dense && one_scale {
            let w_quant = node.per_tensor("weights", w)?;
            let product = f64::from(x_quant.scale * w_quant.scale);
            let multiplier = multiplier(node, product / f64::from(y_quant.scale), wide)?;
            (w_quant.zero_point, alloc::vec![multiplier; channels])
        } else {
            let scales = node.channel_scales(w, channels, places.channel_axis)?;
            let factor = |w: &f32| f64::from(x_quant.scale) * f64::from(*w) / f64::from(y_quant.scale);
            let multipliers = scales.iter().map(|w| multiplier(node, factor(w), wide));
            (0, multipliers.collect::<Result<_, _>>()?)
        };
        let once = places.dense && w.dtype == DType::U8;
        Ok(Quantized {
            input_zero_point: x_quant.zero_point,
            weight_zero_point,
            bias: self.bias()?,
            multipliers,
            rounding: if once { Rounding::Once } else { Rounding::Twice },
            output_zero_point: y_quant.zero_point,
            range: activation.quantized_range(y_quant, y.dtype.quantized_range().unwrap_or_default()),
            stored: PhantomData,
        })
    }
}

/// Scale and zero point of activations; int16 ones are symmetric.
pub(super) fn activations(node: &Node<'_>, what: &str, operand: &Operand<'_>) -> Result<PerTensor, Error> {
    let quant = node.per_tensor(what, operand)?;
    if operand.dtype == DType::I16 && quant.zero_point != 0 {
        return Err(node.invalid(format!("{what} of int16 with zero point 0"), format!("{}", quant.zero_point)));
    }
    Ok(quant)
}

/// The multiplier for a factor. One of a 64-bit sum must be below 128, where the reference's arithmetic ends.
pub(super) fn multiplier(node: &Node<'_>, factor: f64, wide: bool) -> Result<Multiplier, Error> {
    let multiplier = Multiplier::new(factor);
    if wide && multiplier.shift > 7 {
        let found = format!("about 2^{}", multiplier.shift);
        return Err(node.unsupported("input and weight scales below 128 times the output's", found));
    }
    Ok(multiplier)
}
