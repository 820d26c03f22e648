//! `SPACE_TO_DEPTH`: blocks of positions gathered into channels.

use super::{Prepared, depth_to_space, movement};
use crate::kernels::scalar::movement::{Axis, Walk};
use crate::node::{Node, Refused};

/// The reverse of `DEPTH_TO_SPACE`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 1)?;
    let (x, y) = movement::operands(node, 0)?;
    let axes = depth_to_space::axes(node, &y.shape, &x.shape)?;
    let reversed = axes.map(|a| Axis { extent: a.extent, from: a.to, to: a.from });
    Ok(movement::walk("scalar space to depth", 0, Walk::new(x.dtype.size(), 0, 0, &reversed)))
}
