//! A node's inputs, as the rules of shapes read them.

use super::{Shape, ShapeError};
use crate::graph::{Graph, Node, Value};

/// A node with its inputs.
pub(super) struct Operands<'g> {
    pub(super) graph: &'g Graph,
    pub(super) node: &'g Node,
}

impl<'g> Operands<'g> {
    pub(super) fn value(&self, k: usize) -> Result<&'g Value, ShapeError> {
        self.graph.input(self.node, k).ok_or_else(|| ShapeError::new(format!("an input {k}"), "none"))
    }

    pub(super) fn shape(&self, k: usize) -> Result<&'g [usize], ShapeError> {
        self.value(k).map(|value| value.shape.as_slice())
    }

    pub(super) fn rank<const N: usize>(&self, k: usize) -> Result<[usize; N], ShapeError> {
        let shape = self.shape(k)?;
        shape.try_into().map_err(|_| ShapeError::new(format!("input {k} of rank {N}"), format!("{shape:?}")))
    }

    /// The constant integers of input `k`.
    pub(super) fn integers(&self, k: usize) -> Result<Vec<i64>, ShapeError> {
        let value = self.value(k)?;
        value
            .as_integers()
            .ok_or_else(|| ShapeError::new(format!("input {k} to be constant integers"), value.name.clone()))
    }

    /// The shape that the graph gives output 0 already: that of a result whose shape is computed at run time.
    pub(super) fn stated(&self) -> Result<Shape, ShapeError> {
        let output = self.node.outputs.first().ok_or_else(|| ShapeError::new("an output", "none"))?;
        Ok(self.graph.value(*output).shape.clone())
    }

    pub(super) fn extents(&self, k: usize) -> Result<Shape, ShapeError> {
        let integers = self.integers(k)?;
        let extents = integers.iter().map(|&d| usize::try_from(d).ok().filter(|&d| d > 0)).collect::<Option<_>>();
        extents.ok_or_else(|| ShapeError::new("extents of at least 1", format!("{integers:?}")))
    }

    pub(super) fn extents_or_zero(&self, k: usize) -> Result<Shape, ShapeError> {
        /// No padding of a sound model is longer; sums of such cannot overflow.
        const LONGEST: usize = 1 << 24;
        let integers = self.integers(k)?;
        let extents =
            integers.iter().map(|&d| usize::try_from(d).ok().filter(|&d| d <= LONGEST)).collect::<Option<_>>();
        extents.ok_or_else(|| ShapeError::new(format!("extents from 0 to {LONGEST}"), format!("{integers:?}")))
    }
}

/// An axis counted from the end where it is negative.
pub(crate) fn axis(axis: i64, rank: usize) -> Result<usize, ShapeError> {
    let from_start =
        if axis < 0 { i64::try_from(rank).ok().and_then(|rank| axis.checked_add(rank)) } else { Some(axis) };
    from_start
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|&axis| axis < rank)
        .ok_or_else(|| ShapeError::new(format!("an axis of rank {rank}"), format!("axis {axis}")))
}

pub(super) fn positive(value: i32, what: &str) -> Result<usize, ShapeError> {
    let found = || ShapeError::new(format!("{what} of at least 1"), value.to_string());
    usize::try_from(value).ok().filter(|&v| v > 0).ok_or_else(found)
}
