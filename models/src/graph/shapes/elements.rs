//! Operators on elements, and sums over axes.

use super::operands::{Operands, axis};
use super::{Shape, ShapeError};

/// The shape that both shapes stretch to.
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Result<Shape, ShapeError> {
    let rank = a.len().max(b.len());
    let extent = |shape: &[usize], k: usize| (k + shape.len()).checked_sub(rank).map_or(1, |k| shape[k]);
    (0..rank)
        .map(|k| match (extent(a, k), extent(b, k)) {
            (x, y) if x == y || y == 1 => Ok(x),
            (1, y) => Ok(y),
            _ => Err(ShapeError::new("shapes that stretch to one another", format!("{a:?} and {b:?}"))),
        })
        .collect()
}

pub(super) fn reduce(node: &Operands<'_>, keep_dims: bool) -> Result<Shape, ShapeError> {
    let x = node.shape(0)?;
    let axes: Vec<usize> = node.integers(1)?.into_iter().map(|a| axis(a, x.len())).collect::<Result<_, _>>()?;
    let kept = x.iter().enumerate().filter_map(|(k, &d)| match (axes.contains(&k), keep_dims) {
        (false, _) => Some(d),
        (true, true) => Some(1),
        (true, false) => None,
    });
    Ok(kept.collect())
}
