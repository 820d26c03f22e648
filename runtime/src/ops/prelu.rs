//! `PRELU`: `x`, and `alpha * x` below 0, with an alpha for each element, repeated to the input's shape.

use super::Prepared;
use super::binary::Binary;
use crate::dtype::{DType, Element};
use crate::kernels::scalar::arithmetic::Stored;
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// Source: TensorFlow Lite's `CalculatePreluParams` and `Prelu`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let operands = Binary::of(node)?;
    node.expect_shape("an output", &operands.y.shape, &operands.a.shape)?;
    match operands.y.dtype {
        DType::F32 => Ok(operands.each("scalar f32", |x: f32, alpha| if x >= 0.0 { x } else { x * alpha })),
        DType::I8 => quantized::<i8>(node, operands),
        DType::U8 => quantized::<u8>(node, operands),
        _ => Err(node.unsupported_types("int8, uint8 or float32")),
    }
}

fn quantized<T: Element + Stored>(node: &Node<'_>, operands: Binary<'_, '_>) -> Result<Prepared, Refused> {
    let x = node.per_tensor("an input", operands.a)?;
    let alpha = node.per_tensor("an alpha", operands.b)?;
    let y = node.per_tensor("an output", operands.y)?;
    let (low, high) = operands.y.dtype.quantized_range().unwrap_or_default();
    let above = Multiplier::new(f64::from(x.scale) / f64::from(y.scale));
    let below = Multiplier::new(f64::from(x.scale) * f64::from(alpha.scale) / f64::from(y.scale));
    Ok(operands.each("scalar quantized", move |a: T, b: T| {
        let (a, b): (i32, i32) = (a.into() - x.zero_point, b.into() - alpha.zero_point);
        let product = if a >= 0 { above.apply(a) } else { below.apply(a * b) };
        T::of(product.saturating_add(y.zero_point).clamp(low, high))
    }))
}
