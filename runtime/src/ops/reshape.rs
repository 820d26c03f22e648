//! `RESHAPE`, `SQUEEZE`, `EXPAND_DIMS`: the same elements in the same order under another shape. So does `DENSIFY`, whose
//! sparse constant the reader has made dense.

use super::Prepared;
use crate::node::{Node, Refused};

/// Any shape of the same number of elements. The new shape is the output tensor's own; the shape operand only repeats it.
pub(super) fn reshape(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=2, 1)?;
    same_elements(node)
}

/// Drops extents of 1.
pub(super) fn squeeze(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    let without_ones = |shape: &[usize]| shape.iter().copied().filter(|&d| d != 1).collect::<alloc::vec::Vec<_>>();
    if without_ones(&x.shape) != without_ones(&y.shape) {
        return Err(node.invalid(format_args!("{} without some extents of 1", x.shape), format_args!("{}", y.shape)));
    }
    same_elements(node)
}

/// Inserts an extent of 1 at the axis that input 1 names.
pub(super) fn expand_dims(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    if let &[axis] = node.constant_integers(1)?.as_slice() {
        let axis = y.shape.axis(axis).ok_or_else(|| {
            node.invalid(format_args!("an axis of the output {}", y.shape), format_args!("axis {axis}"))
        })?;
        let mut expected = x.shape.to_vec();
        if axis <= expected.len() {
            expected.insert(axis, 1);
        }
        node.expect_shape("an output", &y.shape, &expected)?;
    } else {
        return Err(node.invalid(format_args!("one axis"), format_args!("none or several")));
    }
    same_elements(node)
}

fn same_elements(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_dtype("an output", y, x.dtype)?;
    if x.shape.elements() != y.shape.elements() {
        let expected = format_args!("an output of {} elements, as input {}", x.shape.elements(), x.shape);
        return Err(node.invalid(expected, format_args!("{}", y.shape)));
    }
    Ok(Prepared::new("copy", |io| {
        if io.in_place().is_none() {
            let x = io.input::<u8>(0);
            io.output::<u8>(0).copy_from_slice(x);
        }
        Ok(())
    })
    .in_place(0))
}
