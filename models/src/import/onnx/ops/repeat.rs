//! `Expand` and `Tile`: elements again and again.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::tensor::{extents, within_limits};
use super::super::view::View;
use super::concat;
use super::elementwise::{MUL, binary, cast, computable};
use crate::graph::broadcast;

/// `Expand`: times ones of the new shape, whose product with anything is that.
pub(super) fn expand<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let wanted = importer.integers(node, 1, "a shape")?.ok_or_else(|| invalid("a shape", "none"))?;
    let shape = broadcast(&x.shape(), &extents(&wanted, 1)?)?;
    if within_limits(&shape, size_of::<f32>())? == 0 {
        return Err(unsupported("a tensor without elements", "export it without empty tensors"));
    }
    let rank = shape.len();
    let x = x.with_rank(rank);
    if x.shape() == shape {
        return importer.bind(node, 0, x);
    }
    let (wide, dtype) = computable(importer, &x)?;
    // Ones where the tensor has one element, so that the constant is no larger than it must be.
    let ones: Vec<usize> = shape.iter().zip(x.shape()).map(|(&d, own)| if own == 1 { d } else { 1 }).collect();
    let value = importer.add_floats(&ones, vec![1.0; ones.iter().product()])?;
    let ones = cast(importer, &View::plain(value, &ones), importer.dtype(wide.value))?;
    let y = binary(importer, MUL, &wide, &ones)?;
    let y = cast(importer, &y, dtype)?;
    importer.bind(node, 0, y)
}

/// `Tile`: the tensor joined with itself along each axis.
pub(super) fn tile<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    /// Copies along an axis.
    const MOST: usize = 1024;
    let mut y = importer.view(node, 0)?;
    let repeats = importer.integers(node, 1, "repeats")?.ok_or_else(|| invalid("repeats", "none"))?;
    if repeats.len() != y.rank() {
        return Err(invalid("a repeat for each axis", format!("{repeats:?}")));
    }
    for (axis, &repeat) in repeats.iter().enumerate() {
        let repeat = usize::try_from(repeat).ok().filter(|r| (1..=MOST).contains(r));
        let repeat = repeat.ok_or_else(|| unsupported("repeats of 0, or of more than 1024", "tile it less"))?;
        y = concat::join(importer, &vec![y; repeat], axis)?;
    }
    importer.bind(node, 0, y)
}
