//! Known tensors whose elements are moved, chosen or repeated.

use super::super::constant::{self, strides, walk};
use super::super::importer::Importer;
use super::super::node::{Node, axis_of};
use super::super::ops::{reshape, slice, split, transpose as transposes};
use super::super::refusal::{Outcome, invalid};
use super::super::tensor::{extents, within_limits};
use super::{integers, operand, shaped};
use crate::data::Array;
use crate::graph::broadcast;

pub(super) fn constant(_: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    if let Some(array) = node.tensor("value")? {
        return Ok(vec![array]);
    }
    if let Some(value) = node.optional_float("value_float")? {
        return Ok(vec![shaped(&[], vec![value].into())?]);
    }
    if let Some(value) = node.optional_int("value_int")? {
        return Ok(vec![shaped(&[], vec![value].into())?]);
    }
    if let Some(values) = node.floats("value_floats")? {
        return Ok(vec![Array::vector(values.to_vec())]);
    }
    match node.ints("value_ints")? {
        Some(values) => Ok(vec![Array::vector(values.to_vec())]),
        None => Err(invalid("a dense value of numbers", "another kind of constant")),
    }
}

pub(super) fn constant_of_shape(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let dims = integers(operand(importer, node, 0)?)?;
    let value = node.tensor("value")?.unwrap_or_else(|| Array::vector(vec![0f32]));
    let shape = extents(&dims, value.dtype().size())?;
    if value.elements().len() != 1 {
        return Err(invalid("one value", format!("{:?}", value.shape())));
    }
    let count = shape.iter().product();
    Ok(vec![shaped(&shape, value.elements().gather(std::iter::repeat_n(0, count)))?])
}

/// `Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`, `Identity`, `Dropout`.
pub(super) fn same_elements(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let array = operand(importer, node, 0)?;
    let shape = reshape::new_shape(importer, node, array.shape())?;
    Ok(vec![shaped(&shape, array.elements().clone())?])
}

pub(super) fn transpose(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let array = operand(importer, node, 0)?;
    let axes = transposes::permutation(node, array.shape().len())?;
    Ok(vec![constant::transpose(array, &axes)])
}

pub(super) fn concat(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let parts = (0..node.inputs()).map(|k| operand(importer, node, k)).collect::<Outcome<Vec<_>>>()?;
    let first = parts.first().ok_or_else(|| invalid("at least one input", "none"))?;
    let axis = axis_of(node.int("axis", 1)?, first.shape().len())?;
    let mut shape = first.shape().to_vec();
    shape[axis] = 0;
    for part in &parts {
        let mut other = part.shape().to_vec();
        let extent = other.get(axis).copied().unwrap_or(0);
        if let Some(d) = other.get_mut(axis) {
            *d = shape[axis];
        }
        if other != shape || part.dtype() != first.dtype() {
            return Err(invalid(format!("inputs that differ along axis {axis} only"), format!("{:?}", part.shape())));
        }
        shape[axis] = shape[axis].checked_add(extent).ok_or_else(|| invalid("extents that can be counted", "more"))?;
    }
    within_limits(&shape, first.dtype().size())?;
    // Rows of all axes before, each part's behind one another.
    let rows: usize = shape[..axis].iter().product();
    let mut all = first.elements().gather(std::iter::empty());
    for row in 0..rows {
        for part in &parts {
            let length: usize = part.shape()[axis..].iter().product();
            all.append(part.elements().gather(row * length..(row + 1) * length));
        }
    }
    Ok(vec![shaped(&shape, all)?])
}

pub(super) fn split(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let array = operand(importer, node, 0)?;
    let (axis, sizes) = split::parts(importer, node, array.shape())?;
    let steps = strides(array.shape());
    let mut from = 0;
    let part = |&size: &usize| {
        let mut shape = array.shape().to_vec();
        shape[axis] = size;
        let places = walk(&shape, &steps).into_iter().map(|place| place + from * steps[axis]);
        let part = shaped(&shape, array.elements().gather(places));
        from += size;
        part
    };
    sizes.iter().map(part).collect()
}

pub(super) fn slice(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let array = operand(importer, node, 0)?;
    let ranges = slice::ranges(importer, node, array.shape())?;
    let shape: Vec<usize> = ranges.iter().map(|range| range.extent).collect();
    let mut places = vec![0];
    for (range, step) in ranges.iter().zip(strides(array.shape())) {
        let along: Vec<usize> = range.indices().map(|k| k * step).collect();
        places = places.iter().flat_map(|place| along.iter().map(move |k| place + k)).collect();
    }
    Ok(vec![shaped(&shape, array.elements().gather(places.into_iter()))?])
}

pub(super) fn gather(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let (array, indices) = (operand(importer, node, 0)?, operand(importer, node, 1)?);
    let axis = axis_of(node.int("axis", 0)?, array.shape().len())?;
    let chosen: Vec<usize> =
        integers(indices)?.into_iter().map(|i| axis_of(i, array.shape()[axis])).collect::<Outcome<_>>()?;
    let (before, after) = (&array.shape()[..axis], &array.shape()[axis + 1..]);
    let shape = [before, indices.shape(), after].concat();
    within_limits(&shape, array.dtype().size())?;
    let (outer, inner): (usize, usize) = (before.iter().product(), after.iter().product());
    let extent = array.shape()[axis];
    let places = (0..outer)
        .flat_map(|o| chosen.iter().flat_map(move |&i| (0..inner).map(move |k| (o * extent + i) * inner + k)));
    Ok(vec![shaped(&shape, array.elements().gather(places))?])
}

pub(super) fn expand(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let (array, dims) = (operand(importer, node, 0)?, integers(operand(importer, node, 1)?)?);
    let shape = broadcast(array.shape(), &extents(&dims, array.dtype().size())?)?;
    Ok(vec![stretched(array, &shape)?])
}

pub(super) fn tile(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let (array, repeats) = (operand(importer, node, 0)?, integers(operand(importer, node, 1)?)?);
    let repeats = extents(&repeats, 1)?;
    if repeats.len() != array.shape().len() {
        return Err(invalid("a repeat for each axis", format!("{repeats:?}")));
    }
    // Each axis in two: which copy, which element.
    let pairs: Vec<(usize, usize)> = repeats.iter().copied().zip(array.shape().iter().copied()).collect();
    let shape = pairs.iter().map(|&(r, d)| r.checked_mul(d)).collect::<Option<Vec<_>>>();
    let shape = shape.ok_or_else(|| invalid("extents that can be counted", format!("{repeats:?}")))?;
    within_limits(&shape, array.dtype().size())?;
    let extents: Vec<usize> = pairs.iter().flat_map(|&(r, d)| [r, d]).collect();
    let steps: Vec<usize> = strides(array.shape()).into_iter().flat_map(|s| [0, s]).collect();
    Ok(vec![shaped(&shape, array.elements().gather(walk(&extents, &steps).into_iter()))?])
}

/// An array repeated to a shape that it stretches to.
pub(super) fn stretched(array: &Array, shape: &[usize]) -> Outcome<Array> {
    within_limits(shape, array.dtype().size())?;
    Array::new(shape, array.elements().gather(places(array.shape(), shape).into_iter()))
        .map_err(|_| invalid("shapes that stretch", format!("{shape:?}")))
}

/// For each element of `shape` the place of the one of `own` that it comes from.
pub(super) fn places(own: &[usize], shape: &[usize]) -> Vec<usize> {
    let steps = strides(own);
    let missing = shape.len() - own.len();
    let steps: Vec<usize> = (0..shape.len())
        .map(|k| k.checked_sub(missing).map_or(0, |k| if own[k] == 1 { 0 } else { steps[k] }))
        .collect();
    walk(shape, &steps)
}
