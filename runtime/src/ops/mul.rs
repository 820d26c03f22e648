//! `MUL`.

use super::Prepared;
use super::binary::Binary;
use crate::dtype::DType;
use crate::kernels::scalar::mul;
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// Operands of one type, repeated to a common shape, their product clamped by an activation.
///
/// Source: TensorFlow Lite's `CalculateOpDataMul` and `MulElementwise`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let operands = Binary::of(node)?;
    if !matches!(operands.y.dtype, DType::I8 | DType::U8 | DType::I16) {
        return operands.plain(|a, b| a * b, i32::wrapping_mul, i64::wrapping_mul);
    }
    let q = operands.quantization()?;
    let params = mul::Mul {
        input_zero_points: [q.a.zero_point, q.b.zero_point],
        multiplier: Multiplier::new(f64::from(q.a.scale) * f64::from(q.b.scale) / f64::from(q.y.scale)),
        output_zero_point: q.y.zero_point,
        range: q.range,
    };
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    if operands.takes_simd128()
        && let Some(product) = crate::kernels::simd128::mul::Product::new(&params)
    {
        return Ok(operands.step("simd128 int8", move |a, b, y| product.run(a, b, y)));
    }
    Ok(match operands.y.dtype {
        DType::I8 => operands.step("scalar int8", move |a, b, y| mul::mul::<i8>(&params, a, b, y)),
        DType::U8 => operands.step("scalar uint8", move |a, b, y| mul::mul::<u8>(&params, a, b, y)),
        _ => operands.step("scalar int16", move |a, b, y| mul::mul::<i16>(&params, a, b, y)),
    })
}
