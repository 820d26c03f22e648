//! `Softmax` and `LogSoftmax`, over the last extent in memory: the channels of an image lie there already.

use super::super::importer::Importer;
use super::super::node::{Node, axis_of};
use super::super::refusal::Outcome;
use super::super::view::View;
use crate::graph::Op;

/// Over one axis; before operator set 13 over that and all behind it, together.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let together = node.opset < 13;
    let axis = axis_of(node.int("axis", if together { 1 } else { -1 })?, x.rank())?;
    let axes = if together { axis..x.rank() } else { axis..axis + 1 };
    let x = last(importer, &x, axes)?;
    let op = if node.op() == "Softmax" { Op::Softmax { beta: 1.0 } } else { Op::LogSoftmax };
    let dtype = importer.dtype(x.value);
    let y = importer.emit(op, &[x.value], dtype)?;
    importer.bind(node, 0, x.on(y))
}

/// The view with these axes as its last extent in memory, in any order of their elements.
fn last(importer: &mut Importer<'_>, x: &View, axes: std::ops::Range<usize>) -> Outcome<View> {
    let row: Vec<usize> = axes.flat_map(|axis| x.without_ones(x.axis(axis))).collect();
    let (lying, _): (Vec<usize>, Vec<usize>) = x.order().iter().partition(|f| row.contains(f));
    if x.dims().last().is_some_and(|dim| x.without_ones(dim) == lying) {
        return Ok(x.clone());
    }
    let mut dims: Vec<Vec<usize>> = Vec::new();
    for dim in x.dims() {
        let rest: Vec<usize> = dim.iter().copied().filter(|f| !row.contains(f)).collect();
        if !rest.is_empty() || dim.is_empty() {
            dims.push(rest);
        }
    }
    dims.push(lying);
    importer.arrange(x, &dims)
}
