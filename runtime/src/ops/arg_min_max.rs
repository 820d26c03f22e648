//! `ARG_MAX`, `ARG_MIN`.

use super::Prepared;
use super::movement::constant_axis;
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::kernels::scalar::reduce::first_best;
use crate::node::Node;

/// The index of the largest element along the axis of input 1; the first of equals.
pub(super) fn arg_max(node: &Node<'_>) -> Result<Prepared, Error> {
    arg(node, true)
}

/// The index of the smallest element along the axis of input 1; the first of equals.
pub(super) fn arg_min(node: &Node<'_>) -> Result<Prepared, Error> {
    arg(node, false)
}

fn arg(node: &Node<'_>, largest: bool) -> Result<Prepared, Error> {
    node.arity(2..=2, 1)?;
    match node.input(0)?.dtype {
        DType::F32 => of::<f32>(node, largest),
        DType::I8 => of::<i8>(node, largest),
        DType::U8 => of::<u8>(node, largest),
        DType::I16 => of::<i16>(node, largest),
        DType::I32 => of::<i32>(node, largest),
        _ => Err(node.unsupported_types("int8, uint8, int16, int32 or float32")),
    }
}

fn of<T: Element>(node: &Node<'_>, largest: bool) -> Result<Prepared, Error> {
    let (x, y) = (node.input(0)?, node.output(0)?);
    let axis = constant_axis(node, 1, &x.shape)?;
    let mut expected = x.shape.to_vec();
    let count = expected.remove(axis);
    node.expect_shape("an output", &y.shape, &expected)?;
    let inner: usize = x.shape[axis + 1..].iter().product();
    let beats = if largest { |a: &T, b: &T| a > b } else { |a: &T, b: &T| a < b };
    let best = move |x: &[T], k: usize| first_best(x, k / inner * inner * count + k % inner, inner, count, beats);
    match y.dtype {
        DType::I32 => Ok(Prepared::new("scalar to int32", move |io| {
            let x = io.input::<T>(0)?;
            io.output::<i32>(0)?.iter_mut().enumerate().for_each(|(k, y)| *y = best(x, k) as i32);
            Ok(())
        })),
        DType::I64 => Ok(Prepared::new("scalar to int64", move |io| {
            let x = io.input::<T>(0)?;
            io.output::<i64>(0)?.iter_mut().enumerate().for_each(|(k, y)| *y = best(x, k) as i64);
            Ok(())
        })),
        _ => Err(node.unsupported_types("an output of int32 or int64")),
    }
}
