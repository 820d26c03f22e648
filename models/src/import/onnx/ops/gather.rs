//! `Gather`: `GATHER`, with known indices counted from the start.

use super::super::importer::Importer;
use super::super::node::{Node, axis_of};
use super::super::refusal::{Outcome, invalid};
use super::super::view::View;
use super::reshape::reshaped;
use crate::graph::{Op, TensorType};

/// `Gather`. Indices that are computed must count from the start: an interpreter refuses others when it runs.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let axis = axis_of(node.int("axis", 0)?, x.rank())?;
    let extent = x.shape()[axis];
    let (indices, of) = if let Some(known) = importer.known(node, 1)? {
        let integers = known.integers().ok_or_else(|| invalid("integers as indices", "real numbers"))?;
        let places = integers.into_iter().map(|i| axis_of(i, extent)).collect::<Outcome<Vec<_>>>()?;
        (importer.add_integers(&[places.len()], &places)?, known.shape().to_vec())
    } else {
        let indices = importer.view(node, 1)?;
        let indices = importer.plain(&indices)?;
        if !matches!(importer.dtype(indices.value), TensorType::Int32 | TensorType::Int64) {
            return Err(invalid("indices of int32 or int64", format!("{:?}", importer.dtype(indices.value))));
        }
        let shape = indices.shape();
        (importer.reshape(indices.value, &[shape.iter().product()])?, shape)
    };
    let y = along(importer, &x, axis, indices, of.iter().product())?;
    // One axis of indices becomes as many as they have.
    let shape = x.shape();
    let shape = [&shape[..axis], &of, &shape[axis + 1..]].concat();
    let y = reshaped(importer, &y, &shape)?;
    importer.bind(node, 0, y)
}

/// Elements along an axis by a list of `count` indices.
pub(super) fn along(
    importer: &mut Importer<'_>,
    x: &View,
    axis: usize,
    indices: crate::graph::ValueId,
    count: usize,
) -> Outcome<View> {
    let (x, axes, place) = importer.apart_along(x, axis)?;
    let along = i32::try_from(place).map_err(|_| invalid("an axis", place.to_string()))?;
    let value = importer.emit_moving(Op::Gather { axis: along, batch_dims: 0 }, &[x.value, indices], 0)?;
    let mut shape = x.shape();
    shape[axis] = count;
    Ok(View::ordered(value, &shape, &axes))
}
