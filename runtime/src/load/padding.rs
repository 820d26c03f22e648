//! `PAD` before a convolution that can pad by itself: one step instead of two, and no padded copy of the image in the arena.
//!
//! It is exact. What the kernels leave out are products with real zeros, and each adds nothing to its sum: integers are less their zero
//! point, and floats begin with 0 and have finite weights. Pools are left alone: the mean counts what `PAD` put there, and not its
//! own padding. So is everything where the reference is asked for, which therefore tells whether this holds.

use alloc::vec::Vec;

use super::operators::PreparedGraph;
use crate::dtype::DType;
use crate::kernels::geometry::Margins;
use crate::model::{Operator, Subgraph};
use crate::ops::OpCode;

/// What a convolution reads in place of its first input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Padded {
    /// The tensor without padding.
    pub(super) image: usize,
    /// What the convolution is to see around it.
    pub(super) margins: Margins,
}

/// How often each tensor is read, by operators or as an output.
pub(super) struct Readers(Vec<usize>);

impl Readers {
    pub(super) fn of(subgraph: &Subgraph<'_>) -> Self {
        let mut counts = alloc::vec![0; subgraph.tensors.len()];
        for operator in &subgraph.operators {
            operator.inputs.iter().flatten().for_each(|&input| counts[input] += 1);
        }
        subgraph.outputs.iter().for_each(|&output| counts[output] += 1);
        Self(counts)
    }
}

/// The image of an operator that may do what the step before it does; that step is then not needed.
pub(super) fn padded(
    graph: &PreparedGraph<'_>,
    operator: &Operator<'_>,
    code: OpCode,
    readers: &Readers,
) -> Option<Padded> {
    let is_valid = operator.options?.i8(0, 0) == Ok(1);
    if !is_valid || !matches!(code, OpCode::Conv2d | OpCode::DepthwiseConv2d) {
        return None;
    }
    let (&[Some(x), Some(w), ..], pad) = (&*operator.inputs, graph.steps.last()?) else { return None };
    let margins = pad.prepared.margins?;
    let weights = &graph.subgraph.tensors[w];
    // Both operators have rows and columns there. Every position of the window then sees some of the image, which kernels rely on.
    let &[_, rows, columns, _] = &*weights.shape? else { return None };
    let fits = |[before, after]: [usize; 2], taps: usize| before.max(after) < taps;
    let fits = fits(margins[0], rows) && fits(margins[1], columns);
    let is_finite = weights.dtype != Some(DType::F32) || graph.constant(w).is_some_and(all_finite);
    let image = pad.inputs[0].filter(|_| fits && is_finite && pad.outputs == [x] && readers.0[x] == 1)?;
    Some(Padded { image, margins })
}

/// Whether all of these singles are numbers.
fn all_finite(bytes: &[u8]) -> bool {
    let exponent = |single: &[u8; 4]| u32::from_le_bytes(*single) & 0x7F80_0000;
    bytes.as_chunks().0.iter().all(|single| exponent(single) != 0x7F80_0000)
}
