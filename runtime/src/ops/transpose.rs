//! `TRANSPOSE`: axes in another order.

use alloc::vec::Vec;

use super::{Prepared, movement};
use crate::kernels::scalar::movement::{Axis, Walk};
use crate::node::{Node, Refused};
use crate::shape::List;

/// `y[i_0, .., i_n]` is `x` at the index whose axis `permutation[d]` is `i_d`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, y) = movement::operands(node, 0)?;
    let stated = node.constant_integers(1)?;
    let permutation: Vec<usize> = stated.iter().filter_map(|&axis| x.shape.axis(axis)).collect();
    let each_once = (0..x.shape.len()).all(|d| permutation.contains(&d));
    if !each_once || permutation.len() != x.shape.len() || stated.len() != x.shape.len() {
        return Err(node.invalid(format_args!("each axis of {} once", x.shape), format_args!("axes {}", List(&stated))));
    }
    let expected: Vec<usize> = permutation.iter().map(|&d| x.shape[d]).collect();
    node.expect_shape("an output", &y.shape, &expected)?;

    let (from, to) = (x.shape.strides(), y.shape.strides());
    let axes: Vec<Axis> = (permutation.iter().zip(&to).zip(&expected))
        .map(|((&d, to), &extent)| Axis { extent, from: from[d].cast_signed(), to: to.cast_signed() })
        .collect();
    Ok(movement::walk("scalar transpose", 0, Walk::new(x.dtype.size(), 0, 0, &axes)).keeps(1, 0))
}
