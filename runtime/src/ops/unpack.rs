//! `UNPACK`: the slices along one axis, without that axis.

use alloc::vec::Vec;

use super::split::rows_of;
use super::{Prepared, movement};
use crate::node::{Node, Refused};

/// Output `k` is `x` at index `k` of the axis.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, node.outputs.len())?;
    let (count, x) = (node.option_positive(0, "a number of outputs", 0)?, node.input(0)?);
    let bytes = movement::movable(node, x)?.size();
    let axis = movement::axis_of(node, node.option_i32(1)?, &x.shape)?;
    if count != node.outputs.len() || count != x.shape[axis] {
        let expected = format_args!("{} outputs, the extent of axis {axis} of {}", x.shape[axis], x.shape);
        return Err(node.invalid(expected, format_args!("{count} stated, {} there", node.outputs.len())));
    }
    let mut expected = x.shape.to_vec();
    expected.remove(axis);
    let rows = x.shape[..axis].iter().product();
    let inner: usize = x.shape[axis + 1..].iter().product();
    let mut walks = Vec::with_capacity(count);
    for (k, output) in node.outputs.iter().enumerate() {
        node.expect_dtype("an output", output, x.dtype)?;
        node.expect_shape("an output", &output.shape, &expected)?;
        walks.push(rows_of(bytes, rows, (k * inner, count * inner), (0, inner), inner));
    }
    Ok(Prepared::new("scalar unpack", move |io| {
        let x = io.input::<u8>(0);
        for (k, walk) in walks.iter().enumerate() {
            walk.run(x, io.output::<u8>(k));
        }
        Ok(())
    }))
}
