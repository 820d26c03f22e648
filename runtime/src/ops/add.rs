//! `ADD`.
//!
//! The option `pot_scale_int16` is not looked at: TensorFlow Lite Micro computes int16 sums of any scales in one way.

use super::Prepared;
use super::binary::Binary;
use crate::dtype::DType;
use crate::kernels::scalar::add;
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// Operands of one type, repeated to a common shape, their sum clamped by an activation.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let operands = Binary::of(node)?;
    match operands.y.dtype {
        DType::I8 | DType::U8 | DType::I16 => sum(operands, 1),
        _ => operands.plain(|a, b| a + b, i32::wrapping_add, i64::wrapping_add),
    }
}

/// A quantized sum, or a difference if `second_sign` is -1.
///
/// Source: TensorFlow Lite's `CalculateOpDataAdd` and `AddElementwise`.
pub(super) fn sum(operands: Binary<'_, '_>, second_sign: i32) -> Result<Prepared, Refused> {
    let q = operands.quantization()?;
    let left_shift = if operands.y.dtype == DType::I16 { 15 } else { 20 };
    let (a, b, y) = (f64::from(q.a.scale), f64::from(q.b.scale), f64::from(q.y.scale));
    let twice_largest = 2.0 * a.max(b);
    let params = add::Add {
        input_zero_points: [q.a.zero_point, q.b.zero_point],
        left_shift,
        input_multipliers: [Multiplier::new(a / twice_largest), Multiplier::new(b / twice_largest)],
        second_sign,
        output_multiplier: Multiplier::new(twice_largest / (f64::from(1 << left_shift) * y)),
        output_zero_point: q.y.zero_point,
        range: q.range,
    };
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    if operands.takes_simd128()
        && let Some(sum) = crate::kernels::simd128::add::Sum::new(params.clone())
    {
        return Ok(operands.step("simd128 int8", move |a, b, y| sum.run(a, b, y)));
    }
    Ok(match operands.y.dtype {
        DType::I8 => operands.step("scalar int8", move |a, b, y| add::add::<i8>(&params, a, b, y)),
        DType::U8 => operands.step("scalar uint8", move |a, b, y| add::add::<u8>(&params, a, b, y)),
        _ => operands.step("scalar int16", move |a, b, y| add::add::<i16>(&params, a, b, y)),
    })
}
