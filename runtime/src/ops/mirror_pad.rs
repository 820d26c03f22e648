//! `MIRROR_PAD`: a tensor with its own mirror image around it.

use alloc::vec::Vec;

use super::{Prepared, movement, pad};
use crate::kernels::scalar::movement::Pick;
use crate::node::{Node, Refused};

/// Mode `REFLECT` mirrors at the middle of the outermost elements, `SYMMETRIC` at their edge: `abc` becomes `cb|abc|ba` or
/// `ba|abc|cb`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, y) = movement::operands(node, 0)?;
    let edge = match node.option_i8(0)? {
        0 => 1,
        1 => 0,
        other => {
            return Err(node.invalid(format_args!("mode REFLECT (0) or SYMMETRIC (1)"), format_args!("mode {other}")));
        }
    };
    let before = pad::before(node, x, y)?;
    let mut sources = Vec::with_capacity(before.len());
    for (d, stride) in x.shape.strides().into_iter().take(x.shape.len()).enumerate() {
        let (extent, left) = (x.shape[d], before[d]);
        let right = y.shape[d] - extent - left;
        if left.max(right) + edge > extent {
            let expected = format_args!("at most {} mirrored elements along axis {d} of {}", extent - edge, x.shape);
            return Err(node.invalid(expected, format_args!("{left} and {right}")));
        }
        let index = |p: usize| match p.checked_sub(left) {
            None => left - p - 1 + edge,
            Some(k) if k < extent => k,
            Some(k) => 2 * extent - 1 - edge - k,
        };
        sources.push((0..y.shape[d]).map(|p| index(p) * stride * x.dtype.size()).collect());
    }
    let pick = Pick { block: x.dtype.size(), sources };
    Ok(Prepared::new("scalar mirror pad", move |io| {
        let x = io.input::<u8>(0);
        pick.run(x, io.output::<u8>(0));
        Ok(())
    })
    .keeps(1, 0))
}
