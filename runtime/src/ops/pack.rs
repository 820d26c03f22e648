//! `PACK`: tensors of one shape side by side along a new axis.

use alloc::vec::Vec;

use super::split::rows_of;
use super::{Prepared, movement};
use crate::node::{Node, Refused};

/// The output at index `k` of the new axis is input `k`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=usize::MAX, 1)?;
    let (first, y) = movement::operands(node, 0)?;
    let count = node.inputs.len();
    if node.option_i32(0)? != i32::try_from(count).unwrap_or(0) {
        return Err(node.invalid(format_args!("{count} inputs stated"), format_args!("{}", node.option_i32(0)?)));
    }
    let axis = movement::axis_of(node, node.option_i32(1)?, &y.shape)?;
    let mut expected = y.shape.to_vec();
    if expected.remove(axis) != count {
        return Err(
            node.invalid(format_args!("an output of extent {count} along axis {axis}"), format_args!("{}", y.shape))
        );
    }
    let rows = y.shape[..axis].iter().product();
    let inner: usize = y.shape[axis + 1..].iter().product();
    let mut walks = Vec::with_capacity(count);
    for k in 0..count {
        let x = node.input(k)?;
        node.expect_dtype("an input", x, first.dtype)?;
        node.expect_shape("an input", &x.shape, &expected)?;
        walks.push(rows_of(y.dtype.size(), rows, (0, inner), (k * inner, count * inner), inner));
    }
    Ok(Prepared::new("scalar pack", move |io| {
        for (k, walk) in walks.iter().enumerate() {
            let x = io.input::<u8>(k);
            walk.run(x, io.output::<u8>(0));
        }
        Ok(())
    }))
}
