//! `DEPTH_TO_SPACE`: channels spread over blocks of positions.

use super::{Prepared, movement};
use crate::kernels::scalar::movement::{Axis, Walk};
use crate::node::{Node, Refused};
use crate::shape::Shape;

/// `y[n, h * block + i, w * block + j, c] = x[n, h, w, (i * block + j) * channels + c]`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 1)?;
    let (x, y) = movement::operands(node, 0)?;
    let axes = axes(node, &x.shape, &y.shape)?;
    Ok(movement::walk("scalar depth to space", 0, Walk::new(x.dtype.size(), 0, 0, &axes)))
}

/// The axes `n, h, i, w, j, c` from the deep tensor to the wide one, when one is the other rearranged.
pub(super) fn axes(node: &Node<'_>, deep: &Shape, wide: &Shape) -> Result<[Axis; 6], Refused> {
    let block = node.option_positive(0, "a block size", 0)?;
    let (&[n, h, w, channels], &[wide_n, wide_h, wide_w, c]) = (&**deep, &**wide) else {
        return Err(node.invalid(format_args!("two shapes of rank 4"), format_args!("{deep} and {wide}")));
    };
    let times = |a: usize| a.checked_mul(block);
    let fits = wide_n == n
        && times(h) == Some(wide_h)
        && times(w) == Some(wide_w)
        && times(c).and_then(times) == Some(channels);
    if !fits {
        let expected = format_args!("{deep} with blocks of {block} x {block} positions from channels, or the reverse");
        return Err(node.invalid(expected, format_args!("{wide}")));
    }
    let axis = |extent: usize, from: usize, to: usize| Axis { extent, from: from.cast_signed(), to: to.cast_signed() };
    let row = wide_w * c;
    Ok([
        axis(n, h * w * channels, wide_h * row),
        axis(h, w * channels, block * row),
        axis(block, block * c, row),
        axis(w, channels, block * c),
        axis(block, c, c),
        axis(c, 1, 1),
    ])
}
