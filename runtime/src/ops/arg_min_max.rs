//! `ARG_MAX`, `ARG_MIN`.

use super::Prepared;
use super::movement::constant_axis;
use crate::dtype::{DType, Element};
use crate::kernels::scalar::reduce::first_best;
use crate::node::{Node, Refused};

/// The index of the largest element along the axis of input 1; the first of equals.
pub(super) fn arg_max(node: &Node<'_>) -> Result<Prepared, Refused> {
    arg(node, true)
}

/// The index of the smallest element along the axis of input 1; the first of equals.
pub(super) fn arg_min(node: &Node<'_>) -> Result<Prepared, Refused> {
    arg(node, false)
}

fn arg(node: &Node<'_>, largest: bool) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    let axis = constant_axis(node, 1, &x.shape)?;
    let mut expected = x.shape.to_vec();
    let count = expected.remove(axis);
    node.expect_shape("an output", &y.shape, &expected)?;
    if !matches!(y.dtype, DType::I32 | DType::I64) {
        return Err(node.unsupported_types("an output of int32 or int64"));
    }
    let rows = Rows { count, inner: x.shape[axis + 1..].iter().product(), bytes: y.dtype.size(), largest };
    match x.dtype {
        DType::F32 => Ok(step::<f32>(rows)),
        DType::I8 => Ok(step::<i8>(rows)),
        DType::U8 => Ok(step::<u8>(rows)),
        DType::I16 => Ok(step::<i16>(rows)),
        DType::I32 => Ok(step::<i32>(rows)),
        _ => Err(node.unsupported_types("int8, uint8, int16, int32 or float32")),
    }
}

/// Elements `[outer, count, inner]`, and how their indexes are written.
#[derive(Clone, Copy)]
struct Rows {
    count: usize,
    inner: usize,
    bytes: usize,
    largest: bool,
}

fn step<T: Element>(Rows { count, inner, bytes, largest }: Rows) -> Prepared {
    let beats = if largest { |a: &T, b: &T| a > b } else { |a: &T, b: &T| a < b };
    Prepared::new("scalar compare", move |io| {
        let x = io.input::<T>(0);
        for (k, y) in io.output::<u8>(0).chunks_exact_mut(bytes).enumerate() {
            let best = first_best(x, k / inner * inner * count + k % inner, inner, count, beats);
            y.copy_from_slice(&(best as u64).to_le_bytes()[..bytes]);
        }
        Ok(())
    })
}
