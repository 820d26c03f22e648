//! `GATHER`: slices along one axis, named by their index.

use super::{Prepared, movement};
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::io::Io;
use crate::kernels::scalar::movement::{Gather, gather};
use crate::node::{Node, Refused};

/// `y[b, o, i] = x[b, o, indexes[b, i]]`, where `b` are the axes that both share, and `o` those up to the gathered one.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, y) = movement::operands(node, 0)?;
    let indexes = node.input(1)?;
    let axis = movement::axis_of(node, node.option_i32(0)?, &x.shape)?;
    let stated = node.option_i32(1)?;
    let rank = i32::try_from(indexes.shape.len()).unwrap_or(0);
    let batch_dims = usize::try_from(if stated < 0 { stated + rank } else { stated }).unwrap_or(usize::MAX);
    if batch_dims > axis || x.shape.get(..batch_dims) != indexes.shape.get(..batch_dims) {
        let expected =
            format_args!("leading axes that {} and indexes {} share, before axis {axis}", x.shape, indexes.shape);
        return Err(node.invalid(expected, format_args!("batch_dims {stated}")));
    }
    let expected = [&x.shape[..axis], &indexes.shape[batch_dims..], &x.shape[axis + 1..]].concat();
    node.expect_shape("an output", &y.shape, &expected)?;
    let shape = Gather {
        batch: x.shape[..batch_dims].iter().product(),
        outer: x.shape[batch_dims..axis].iter().product(),
        extent: x.shape[axis],
        inner: x.shape[axis + 1..].iter().product::<usize>() * x.dtype.size(),
    };
    match indexes.dtype {
        DType::I32 => Ok(Prepared::new("scalar gather", move |io| run::<i32>(io, shape))),
        DType::I64 => Ok(Prepared::new("scalar gather", move |io| run::<i64>(io, shape))),
        _ => Err(node.unsupported_types("indexes of int32 or int64")),
    }
}

fn run<I: Element + Into<i64>>(io: &mut Io<'_>, shape: Gather) -> Result<(), Error> {
    let (x, indexes) = (io.input::<u8>(0), io.input::<I>(1));
    gather(x, indexes, io.output::<u8>(0), shape).map_err(|index| {
        let expected = format_args!("indexes from 0 to {}", shape.extent - 1);
        io.error(expected, format_args!("{index}"))
    })
}
