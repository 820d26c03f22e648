//! `EXP`, `NEG`, `LOG`, `SQRT`, `RSQRT`, `ABS`.

use super::Prepared;
use super::elementwise::{map, map_f32, map_real, map_stored, operands_of_one_type, quantization};
use crate::dtype::{DType, Element};
use crate::fixed_point::inverse_square_root;
use crate::io::Io;
use crate::node::{Node, Refused};
use crate::quant::Multiplier;
use crate::real;

/// `e^x`.
pub(super) fn exp(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(real::exp)),
        DType::I8 | DType::I16 => map_real(node, &real::exp),
        _ => Err(node.unsupported_types("int8, int16 or float32")),
    }
}

/// Natural logarithm. Quantized, the logarithm of 0 and less is the output's least value.
pub(super) fn log(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, y) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(real::log)),
        DType::I8 | DType::I16 => {
            let (_, output) = quantization(node)?;
            let (low, _) = y.dtype.quantized_range().unwrap_or_default();
            let least = (low - output.zero_point) as f32 * output.scale;
            map_real(node, &|x| if x <= 0.0 { least } else { real::log(x) })
        }
        _ => Err(node.unsupported_types("int8, int16 or float32")),
    }
}

/// `-x`. LiteRT negates stored values as they are, so that quantized ones need zero points of 0 and one scale.
pub(super) fn neg(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, y) = operands_of_one_type(node)?;
    node.expect_same_quantization(x, y)?;
    if x.tensor.quant.as_ref().is_some_and(|q| q.zero_points.iter().any(|&z| z != 0)) {
        return Err(node.unsupported(format_args!("an input of zero point 0"), format_args!("another one")));
    }
    match x.dtype {
        DType::F32 => Ok(map_f32(|x| -x)),
        DType::I32 => Ok(map("scalar int32", i32::wrapping_neg)),
        DType::I64 => Ok(map("scalar int64", i64::wrapping_neg)),
        DType::I8 => Ok(map("scalar int8", i8::wrapping_neg)),
        DType::I16 => Ok(map("scalar int16", i16::wrapping_neg)),
        _ => Err(node.unsupported_types("int8, int16, int32, int64 or float32")),
    }
}

/// `|x|`. An int16 tensor without a scale holds plain numbers.
///
/// Source: TensorFlow Lite Micro's `AbsEvalQuantized`.
pub(super) fn abs(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(f32::abs)),
        DType::I32 => Ok(map("scalar int32", i32::wrapping_abs)),
        DType::I16 if x.tensor.quant.is_none() => Ok(map("scalar int16", i16::wrapping_abs)),
        DType::I8 | DType::I16 => rescaled(node, i32::abs),
        _ => Err(node.unsupported_types("int8, int16, int32 or float32")),
    }
}

/// `f` of values without their zero point, brought to the output's scale.
///
/// Source: TensorFlow Lite Micro's `AbsEvalQuantized`.
fn rescaled(node: &Node<'_>, f: fn(i32) -> i32) -> Result<Prepared, Refused> {
    let (input, output) = quantization(node)?;
    let multiplier = Multiplier::new(f64::from(input.scale) / f64::from(output.scale));
    let dtype = node.input(0)?.dtype;
    Ok(map_stored(dtype, dtype, move |x| multiplier.apply(f(x - input.zero_point)).saturating_add(output.zero_point)))
}

/// The square root. Quantized, results are cut, not rounded, and negative numbers an error of the run.
///
/// Source: LiteRT's `SqrtEvalQuantized`.
pub(super) fn sqrt(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(real::sqrt_f32)),
        DType::I8 | DType::I16 => {
            let (input, output) = quantization(node)?;
            Ok(not_negative(x.dtype, input.zero_point, move |x| {
                let root = real::sqrt_f32(input.scale * (x - input.zero_point) as f32);
                ((root / output.scale) as i32).saturating_add(output.zero_point)
            }))
        }
        _ => Err(node.unsupported_types("int8, int16 or float32")),
    }
}

/// `1 / sqrt(x)`. Quantized, the result of 0 is the largest value, and negative numbers an error of the run.
///
/// Source: TensorFlow Lite Micro's `RsqrtEvalQuantized`.
pub(super) fn rsqrt(node: &Node<'_>) -> Result<Prepared, Refused> {
    /// Bits that the inverse root is raised by, so that it stays an integer.
    const RAISED: i32 = 20;
    let (x, _) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(|x| 1.0 / real::sqrt_f32(x))),
        DType::I8 | DType::I16 => {
            let (input, output) = quantization(node)?;
            let mut multiplier = Multiplier::new(1.0 / (real::sqrt(f64::from(input.scale)) * f64::from(output.scale)));
            // Further than 31 bits there is nothing left.
            multiplier.shift = (multiplier.shift - RAISED).max(-31);
            Ok(not_negative(x.dtype, input.zero_point, move |x| {
                let x = x - input.zero_point;
                if x <= 0 {
                    return i32::MAX;
                }
                let mut root = inverse_square_root(x);
                root.shift += RAISED;
                multiplier.apply(root.apply(1)).saturating_add(output.zero_point)
            }))
        }
        _ => Err(node.unsupported_types("int8, int16 or float32")),
    }
}

/// A function of int8 or int16 values that has no result for those below `zero`.
fn not_negative(dtype: DType, zero: i32, f: impl Fn(i32) -> i32 + Send + Sync + 'static) -> Prepared {
    let step = map_stored(dtype, dtype, f);
    if dtype == DType::I8 { never_below(zero as i8, step) } else { never_below(zero as i16, step) }
}

/// The step, after a look at its input, which therefore cannot lie under the output.
fn never_below<T: Element>(zero: T, step: Prepared) -> Prepared {
    let check = move |io: &mut Io<'_>| {
        if io.input::<T>(0).iter().any(|&x| x < zero) {
            return Err(io.error(format_args!("numbers from 0"), format_args!("a negative one")));
        }
        Ok(())
    };
    step.after(check, 0)
}
