//! `Split`: `SPLIT` into equal parts, `SPLIT_V` into others.

use super::super::importer::Importer;
use super::super::limits::NODES;
use super::super::node::{Node, axis_of};
use super::super::refusal::{Outcome, invalid, over, unsupported};
use super::super::view::View;
use crate::graph::{Op, Value};

/// The axis, and the extents of the parts.
pub(in super::super) fn parts(
    importer: &Importer<'_>,
    node: &Node<'_>,
    shape: &[usize],
) -> Outcome<(usize, Vec<usize>)> {
    let axis = axis_of(node.int("axis", 0)?, shape.len())?;
    let stated = node.optional_int("num_outputs")?;
    let sizes = importer.attribute_or_integers(node, "split", 1, "extents of parts")?;
    let sizes: Vec<usize> = if let Some(sizes) = sizes {
        let sizes = sizes.iter().map(|&s| usize::try_from(s).ok()).collect::<Option<Vec<_>>>();
        sizes.ok_or_else(|| invalid("extents of at least 0", "less"))?
    } else {
        // Since operator set 18 the last part may be smaller.
        let count = match stated {
            Some(count) => usize::try_from(count).unwrap_or(0),
            None => node.outputs(),
        };
        if count == 0 || count > shape[axis].max(1) {
            return Err(invalid(format!("from 1 to {} parts", shape[axis]), count.to_string()));
        }
        let part = shape[axis].div_ceil(count);
        (0..count).map(|k| part.min(shape[axis].saturating_sub(k * part))).collect()
    };
    let sum = sizes.iter().try_fold(0usize, |sum, &s| sum.checked_add(s));
    if sum == Some(shape[axis]) && sizes.len() == node.outputs() {
        return Ok((axis, sizes));
    }
    Err(invalid(format!("{} parts of {}", node.outputs(), shape[axis]), format!("{sizes:?}")))
}

/// `Split`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let (axis, sizes) = parts(importer, node, &x.shape())?;
    if sizes.contains(&0) {
        return Err(unsupported("a part without elements", "export it without empty tensors"));
    }
    for (k, y) in cut(importer, &x, axis, &sizes)?.into_iter().enumerate() {
        importer.bind(node, k, y)?;
    }
    Ok(())
}

/// A tensor in parts along an axis.
pub(super) fn cut(importer: &mut Importer<'_>, x: &View, axis: usize, sizes: &[usize]) -> Outcome<Vec<View>> {
    // Each part is a value of the graph.
    if sizes.len() > NODES {
        return Err(over(format!("at most {NODES} parts"), sizes.len().to_string()));
    }
    let (x, axes, place) = importer.apart_along(x, axis)?;
    let count = i32::try_from(sizes.len()).map_err(|_| invalid("fewer parts", sizes.len().to_string()))?;
    let along = importer.add_integers(&[], &[place])?;
    let Value { dtype, quantization, .. } = importer.graph.value(x.value).clone();
    let values = if sizes.windows(2).all(|pair| pair[0] == pair[1]) {
        importer.emit_all(Op::Split { count }, &[Some(along), Some(x.value)], dtype, quantization)?
    } else {
        let extents = importer.add_integers(&[sizes.len()], sizes)?;
        importer.emit_all(Op::SplitV { count }, &[Some(x.value), Some(extents), Some(along)], dtype, quantization)?
    };
    let mut shape = x.shape();
    let part = |(value, &size): (_, &usize)| {
        shape[axis] = size;
        View::ordered(value, &shape, &axes)
    };
    Ok(values.into_iter().zip(sizes).map(part).collect())
}
