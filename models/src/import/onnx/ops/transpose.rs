//! `Transpose`: remembered, not computed.

use super::super::importer::Importer;
use super::super::node::{Node, axes_of};
use super::super::refusal::{Outcome, invalid};

/// The permutation; the reverse where none is told.
pub(in super::super) fn permutation(node: &Node<'_>, rank: usize) -> Outcome<Vec<usize>> {
    let Some(axes) = node.ints("perm")? else { return Ok((0..rank).rev().collect()) };
    let axes = axes_of(axes, rank)?;
    if axes.len() == rank {
        Ok(axes)
    } else {
        Err(invalid(format!("a permutation of {rank} axes"), format!("{axes:?}")))
    }
}

/// `Transpose`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let axes = permutation(node, x.rank())?;
    importer.bind(node, 0, x.transposed(&axes))
}
