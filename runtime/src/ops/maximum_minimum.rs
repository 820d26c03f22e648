//! `MAXIMUM`, `MINIMUM`.

use super::Prepared;
use super::binary::Binary;
use crate::dtype::{DType, Element};
use crate::node::{Node, Refused};

/// The larger of each pair of elements.
pub(super) fn maximum(node: &Node<'_>) -> Result<Prepared, Refused> {
    choose(node, true)
}

/// The smaller of each pair of elements.
pub(super) fn minimum(node: &Node<'_>) -> Result<Prepared, Refused> {
    choose(node, false)
}

/// Stored values are compared as they are, so quantized operands and output have one scale and zero point.
fn choose(node: &Node<'_>, larger: bool) -> Result<Prepared, Refused> {
    let operands = Binary::of(node)?;
    for operand in [operands.b, operands.y] {
        node.expect_same_quantization(operands.a, operand)?;
    }
    Ok(match operands.y.dtype {
        DType::I8 => of::<i8>(operands, larger),
        DType::U8 => of::<u8>(operands, larger),
        DType::I16 => of::<i16>(operands, larger),
        DType::I32 => of::<i32>(operands, larger),
        DType::I64 => of::<i64>(operands, larger),
        DType::F32 => of::<f32>(operands, larger),
        _ => return Err(node.unsupported_types("int8, uint8, int16, int32, int64 or float32")),
    })
}

fn of<T: Element>(operands: Binary<'_, '_>, larger: bool) -> Prepared {
    operands.each("scalar compare", move |a: T, b: T| if (a > b) == larger { a } else { b })
}
