//! What a model's output bytes mean.

use mote_abi::Tensor;

use super::error::{SampleError, SampleErrorKind, place};
use crate::data::{Array, DType, Elements};

/// The outputs of `runs` runs, one after the other in `bytes`, as an array of shape runs, then the tensor's own.
pub fn array(k: usize, output: &Tensor, runs: usize, bytes: &[u8]) -> Result<Array, SampleError> {
    let mut shape = vec![runs];
    shape.extend(output.shape.iter().map(|&d| d as usize));
    Array::new(shape, elements(k, output, bytes)?).map_err(|error| SampleError {
        kind: SampleErrorKind::Shape,
        place: place("output", k, output),
        expected: format!("{runs} outputs"),
        found: error.to_string(),
        remedy: "keep all bytes of each run".into(),
    })
}

/// An output's values as real numbers: `scale * (stored - zero_point)` where the tensor has a scale, else the values
/// themselves.
pub fn dequantize(k: usize, output: &Tensor, bytes: &[u8]) -> Result<Vec<f32>, SampleError> {
    let elements = elements(k, output, bytes)?;
    // In double precision, rounded once, as `AffineDequantize` of TFLite's reference kernels.
    let (scale, zero_point) = match output.quantization() {
        Some((scale, zero_point)) if !elements.dtype().is_real() => (f64::from(scale), f64::from(zero_point)),
        _ => (1.0, 0.0),
    };
    Ok((0..elements.len()).filter_map(|i| elements.real(i)).map(|x| (scale * (x - zero_point)) as f32).collect())
}

/// The class that a classifier's output names.
///
/// - Several elements are scores: the place of the greatest, the first of equals.
/// - One integer without a scale is the class itself, as `ARG_MAX` gives it.
/// - One real or quantized element is the probability of class 1 of two: 1 from one half on.
pub fn class(k: usize, output: &Tensor, bytes: &[u8]) -> Result<usize, SampleError> {
    let elements = elements(k, output, bytes)?;
    let no_class = |expected: &str, found: String| SampleError {
        kind: SampleErrorKind::Value,
        place: place("output", k, output),
        expected: expected.into(),
        found,
        remedy: "evaluate a classifier, one score for each class in its output".into(),
    };
    match elements.len() {
        0 => Err(no_class("at least one element", "none".into())),
        1 => match elements.integer(0) {
            Some(class) if output.scale_bits.is_none() => {
                usize::try_from(class).map_err(|_| no_class("a class from 0", class.to_string()))
            }
            _ => Ok(usize::from(dequantize(k, output, bytes)?.first().is_some_and(|&p| p >= 0.5))),
        },
        _ => Ok(argmax(&elements)),
    }
}

/// The place of the greatest element, the first of equals; a NaN is never the greatest.
fn argmax(elements: &Elements) -> usize {
    let mut best: Option<(usize, f64)> = None;
    for i in 0..elements.len() {
        if let Some(value) = elements.real(i)
            && best.is_none_or(|(_, greatest)| value > greatest || greatest.is_nan())
        {
            best = Some((i, value));
        }
    }
    best.map_or(0, |(i, _)| i)
}

fn elements(k: usize, output: &Tensor, bytes: &[u8]) -> Result<Elements, SampleError> {
    let dtype = DType::from_name(&output.dtype).ok_or_else(|| SampleError {
        kind: SampleErrorKind::DType,
        place: place("output", k, output),
        expected: "an element type that arrays have".into(),
        found: output.dtype.clone(),
        remedy: "end the model with a CAST or DEQUANTIZE".into(),
    })?;
    if !bytes.len().is_multiple_of(dtype.size()) {
        return Err(SampleError {
            kind: SampleErrorKind::Shape,
            place: place("output", k, output),
            expected: format!("whole elements of {dtype}"),
            found: format!("{} bytes", bytes.len()),
            remedy: "keep all bytes of each run".into(),
        });
    }
    Ok(Elements::from_le_bytes(dtype, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(dtype: &str, elements: u32, quantization: Option<(f32, i32)>) -> Tensor {
        Tensor {
            index: 9,
            name: String::new(),
            dtype: dtype.into(),
            shape: vec![1, elements],
            scale_bits: quantization.map(|(scale, _)| scale.to_bits()),
            zero_point: quantization.map(|(_, zero_point)| zero_point),
            bytes: 0,
        }
    }

    #[test]
    fn stored_values_become_real_ones() {
        let tensor = output("int8", 3, Some((0.5, -2)));
        assert_eq!(dequantize(0, &tensor, &[0, 254, 128]).unwrap(), [1.0, 0.0, -63.0]);
        assert_eq!(dequantize(0, &output("int16", 1, None), &[1, 1]).unwrap(), [257.0]);
        assert_eq!(dequantize(0, &output("float32", 1, None), &1.5f32.to_le_bytes()).unwrap(), [1.5]);
    }

    #[test]
    fn the_class_follows_the_kind_of_output() {
        let reals = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let probability = Some((1.0 / 256.0, -128));
        let cases = [
            ("greatest score", output("int8", 3, probability), vec![0x80, 0x7f, 0], 1),
            ("first of equals", output("int8", 3, probability), vec![5, 7, 7], 1),
            ("real scores", output("float32", 3, None), reals(&[-3.0, -2.0, -2.5]), 1),
            ("not a number", output("float32", 3, None), reals(&[f32::NAN, -2.0, -2.5]), 1),
            ("the class itself", output("int32", 1, None), vec![4, 0, 0, 0], 4),
            ("half is class 1", output("int8", 1, probability), vec![0], 1),
            ("less than half", output("int8", 1, probability), vec![0xff], 0),
        ];
        for (name, tensor, bytes, class_expected) in cases {
            assert_eq!(class(0, &tensor, &bytes).expect(name), class_expected, "{name}");
        }
        assert!(class(0, &output("int32", 1, None), &[0xff; 4]).is_err(), "a negative class");
    }

    #[test]
    fn runs_are_stacked_along_the_first_axis() {
        let stacked = array(0, &output("int16", 2, None), 2, &[1, 0, 2, 0, 3, 0, 4, 0]).unwrap();
        assert_eq!(stacked, Array::new([2, 1, 2], vec![1i16, 2, 3, 4]).unwrap());
        assert!(array(0, &output("int16", 2, None), 2, &[1, 0, 2]).is_err());
    }
}
