//! `GELU`: `x` times the normal distribution's share below `x`.

use core::f32::consts::FRAC_1_SQRT_2;

use super::Prepared;
use super::elementwise::{map_f32, map_real, operands_of_one_type};
use crate::dtype::DType;
use crate::node::{Node, Refused};
use crate::real;

/// With option 0, `approximate`, through `tanh`.
///
/// Source: LiteRT's `GeluTransform`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    let function = if node.option_bool(0)? { approximate } else { exact };
    match x.dtype {
        DType::F32 => Ok(map_f32(function)),
        DType::I8 | DType::U8 => map_real(node, &function),
        _ => Err(node.unsupported_types("int8, uint8 or float32")),
    }
}

fn exact(x: f32) -> f32 {
    0.5 * x * (1.0 + real::erf(x * FRAC_1_SQRT_2))
}

fn approximate(x: f32) -> f32 {
    /// `sqrt(2 / pi)`.
    const SQRT_2_OVER_PI: f32 = 0.797_884_6;
    0.5 * x * (1.0 + real::tanh(SQRT_2_OVER_PI * (x + 0.044_715 * x * x * x)))
}
