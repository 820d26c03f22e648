//! `SPLIT`, `SPLIT_V`: pieces along one axis.

use alloc::vec::Vec;

use super::{Prepared, movement};
use crate::kernels::scalar::movement::{Axis, Walk};
use crate::node::{Node, Refused};
use crate::shape::List;

/// As many equal pieces of input 1 as there are outputs, along the axis that input 0 names.
pub(super) fn split(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, node.outputs.len())?;
    let count = node.option_positive(0, "a number of pieces", 0)?;
    let shape = node.input(1)?.shape;
    let axis = movement::constant_axis(node, 0, &shape)?;
    if count != node.outputs.len() || !shape[axis].is_multiple_of(count) {
        let expected = format_args!("{} equal pieces of axis {axis} of {shape}", node.outputs.len());
        return Err(node.invalid(expected, format_args!("{count} pieces")));
    }
    let sizes = alloc::vec![shape[axis] / count; count];
    Ok(pieces(node, 1, axis, &sizes)?.keeps(0, 0))
}

/// Pieces of input 0 of the sizes in input 1, along the axis that input 2 names. One size may be -1: what is left.
pub(super) fn split_v(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(3..=3, node.outputs.len())?;
    let shape = node.input(0)?.shape;
    let axis = movement::constant_axis(node, 2, &shape)?;
    let stated = node.constant_integers(1)?;
    let wrong = || {
        node.invalid(
            format_args!("sizes that make up axis {axis} of {shape}, one an output"),
            format_args!("{}", List(&stated)),
        )
    };
    let known: usize = stated.iter().filter_map(|&s| usize::try_from(s).ok()).fold(0, usize::saturating_add);
    let rest = shape[axis].checked_sub(known).ok_or_else(wrong)?;
    let size = |&s: &i32| if s == -1 { Some(rest) } else { usize::try_from(s).ok() };
    let sizes: Vec<usize> = stated.iter().map(size).collect::<Option<_>>().ok_or_else(wrong)?;
    if sizes.len() != node.outputs.len() || sizes.iter().sum::<usize>() != shape[axis] {
        return Err(wrong());
    }
    Ok(pieces(node, 0, axis, &sizes)?.keeps(1, 0).keeps(2, 0))
}

fn pieces(node: &Node<'_>, k: usize, axis: usize, sizes: &[usize]) -> Result<Prepared, Refused> {
    let x = node.input(k)?;
    let bytes = movement::movable(node, x)?.size();
    let rows: usize = x.shape[..axis].iter().product();
    let inner: usize = x.shape[axis + 1..].iter().product();
    let row = x.shape[axis] * inner;
    let mut at = 0;
    let mut walks = Vec::with_capacity(sizes.len());
    for (output, &size) in node.outputs.iter().zip(sizes) {
        let mut expected = x.shape.to_vec();
        expected[axis] = size;
        node.expect_dtype("an output", output, x.dtype)?;
        node.expect_shape("an output", &output.shape, &expected)?;
        walks.push(rows_of(bytes, rows, (at, row), (0, size * inner), size * inner));
        at += size * inner;
    }
    Ok(Prepared::new("scalar split", move |io| {
        let x = io.input::<u8>(k);
        for (k, walk) in walks.iter().enumerate() {
            walk.run(x, io.output::<u8>(k));
        }
        Ok(())
    }))
}

/// A walk over `rows` runs of `run` elements: on each side where the first begins and how far apart they are.
pub(super) fn rows_of(
    bytes: usize,
    rows: usize,
    (from, from_row): (usize, usize),
    (to, to_row): (usize, usize),
    run: usize,
) -> Walk {
    let rows = Axis { extent: rows, from: from_row.cast_signed(), to: to_row.cast_signed() };
    Walk::new(bytes, from, to, &[rows, Axis { extent: run, from: 1, to: 1 }])
}
