//! `ELU`: `x`, and `e^x - 1` below 0.

use super::Prepared;
use super::elementwise::{map_f32, map_real, operands_of_one_type};
use crate::dtype::DType;
use crate::node::{Node, Refused};
use crate::real;

/// Source: TensorFlow Lite Micro's `Elu`, whose table for int8 subtracts 1 after rounding.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(|x| if x < 0.0 { real::exp_m1(x) } else { x })),
        DType::I8 => map_real(node, &|x| if x < 0.0 { real::exp(x) - 1.0 } else { x }),
        _ => Err(node.unsupported_types("int8 or float32")),
    }
}
