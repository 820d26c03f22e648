//! `DEQUANTIZE`: stored values to real ones.

use alloc::vec::Vec;

use super::Prepared;
use super::elementwise::{convert, operands};
use crate::dtype::{DType, Element};
use crate::node::{Node, Refused};

/// `scale * (x - zero_point)`, computed as `f64`, with one scale or one for each index of an axis; float16 widened.
///
/// Source: TensorFlow Lite's `Dequantize` and `PerChannelDequantize`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, y) = operands(node)?;
    node.expect_dtype("an output", y, DType::F32)?;
    match x.dtype {
        DType::I8 => dequantize::<i8>(node),
        DType::U8 => dequantize::<u8>(node),
        DType::I16 => dequantize::<i16>(node),
        DType::F16 => Ok(convert("scalar f16 to f32", widen)),
        _ => Err(node.unsupported_types("int8, uint8, int16 or constant float16, to float32")),
    }
}

/// How stretches of the input are scaled, in turn.
struct Stretches {
    elements: usize,
    /// Scale and zero point.
    steps: Vec<(f64, f64)>,
}

fn stretches(node: &Node<'_>) -> Result<Stretches, Refused> {
    let x = node.input(0)?;
    let quant = x
        .tensor
        .quant
        .as_ref()
        .ok_or_else(|| node.invalid(format_args!("an input with a scale"), format_args!("none")))?;
    let channels = quant.scales.len();
    if channels > 1 && x.shape.get(quant.axis) != Some(&channels) {
        let found = format_args!("{channels} along axis {} of {}", quant.axis, x.shape);
        return Err(node.invalid(format_args!("one scale, or one for each index of an axis"), found));
    }
    let zero_points = quant.zero_points.iter().map(|&z| f64::from(z));
    let steps: Vec<(f64, f64)> = quant.scales.iter().map(|&s| f64::from(s)).zip(zero_points).collect();
    let elements = if channels > 1 { x.shape[quant.axis + 1..].iter().product() } else { x.shape.elements() };
    Ok(Stretches { elements, steps })
}

fn dequantize<T: Element + Into<f64>>(node: &Node<'_>) -> Result<Prepared, Refused> {
    let Stretches { elements, steps } = stretches(node)?;
    Ok(Prepared::new("scalar to f32", move |io| {
        let x = io.input::<T>(0);
        let stretches = x.chunks(elements).zip(io.output::<f32>(0).chunks_mut(elements));
        for ((x, y), &(scale, zero_point)) in stretches.zip(steps.iter().cycle()) {
            for (&x, y) in x.iter().zip(y) {
                *y = (scale * (x.into() - zero_point)) as f32;
            }
        }
        Ok(())
    }))
}

/// The `f32` of IEEE half bits.
fn widen(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1F), f64::from(half & 0x3FF));
    match exponent {
        0 => sign * libm::ldexp(fraction, -24) as f32,
        0x1F if fraction == 0.0 => sign * f32::INFINITY,
        0x1F => f32::NAN,
        _ => sign * libm::ldexp(fraction + 1024.0, exponent - 25) as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::widen;

    #[test]
    fn halves_widen_exactly() {
        let cases = [
            (0x0000, 0.0),
            (0x0001, 5.960_464_5e-8),
            (0x03FF, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x3C00, 1.0),
            (0xC248, -3.140_625),
            (0x7BFF, 65504.0),
            (0xFC00, f32::NEG_INFINITY),
        ];
        for (half, expected) in cases {
            assert_eq!(widen(half), expected, "{half:#06x}");
        }
        assert!(widen(0x8000).is_sign_negative());
        assert!(widen(0x7E00).is_nan());
    }
}
