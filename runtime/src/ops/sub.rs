//! `SUB`. Quantized differences are sums (`ADD`) whose second operand counts negative.

use super::binary::Binary;
use super::{Prepared, add};
use crate::dtype::DType;
use crate::node::{Node, Refused};

/// Operands of one type, repeated to a common shape, their difference clamped by an activation.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let operands = Binary::of(node)?;
    match operands.y.dtype {
        DType::I8 | DType::U8 | DType::I16 => add::sum(operands, -1),
        _ => operands.plain(|a, b| a - b, i32::wrapping_sub, i64::wrapping_sub),
    }
}
