//! What the operators that only move elements share.

use alloc::vec::Vec;

use super::Prepared;
use crate::dtype::DType;
use crate::io::Io;
use crate::kernels::scalar::movement::{Axis, Walk};
use crate::node::{Node, Operand, Refused};
use crate::shape::{List, Shape};

/// Input `k` and output 0, of one type.
pub(super) fn operands<'n, 'a>(node: &'n Node<'a>, k: usize) -> Result<(&'n Operand<'a>, &'n Operand<'a>), Refused> {
    let (x, y) = (node.input(k)?, node.output(0)?);
    node.expect_dtype("an output", y, movable(node, x)?)?;
    Ok((x, y))
}

/// The type of an operand that has bytes to move.
pub(super) fn movable(node: &Node<'_>, x: &Operand<'_>) -> Result<DType, Refused> {
    match x.dtype {
        DType::Resource => {
            Err(node.invalid(format_args!("a tensor of values"), format_args!("a handle to a variable")))
        }
        dtype => Ok(dtype),
    }
}

/// A step that walks from input `k` to the output.
pub(super) fn walk(kernel: &'static str, k: usize, walk: Walk) -> Prepared {
    Prepared::new(kernel, move |io| {
        let x = io.input::<u8>(k);
        walk.run(x, io.output::<u8>(0));
        Ok(())
    })
}

/// The one integer that input `k` holds, as an axis of `shape`.
pub(super) fn constant_axis(node: &Node<'_>, k: usize, shape: &Shape) -> Result<usize, Refused> {
    match node.constant_integers(k)?.as_slice() {
        &[axis] => axis_of(node, axis, shape),
        other => Err(node.invalid(format_args!("one axis as input {k}"), format_args!("{}", List(other)))),
    }
}

/// The axis of `shape` that `axis` means.
pub(super) fn axis_of(node: &Node<'_>, axis: i32, shape: &Shape) -> Result<usize, Refused> {
    shape.axis(axis).ok_or_else(|| node.invalid(format_args!("an axis of {shape}"), format_args!("axis {axis}")))
}

/// The part of an input along one of its axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    /// The first index.
    pub(super) begin: usize,
    /// From one index to the next.
    pub(super) step: isize,
    /// How many.
    pub(super) extent: usize,
}

/// A walk that cuts the part `ranges` out of a dense `x`, for elements of `bytes` each.
pub(super) fn cut(x: &Shape, ranges: &[Range], bytes: usize) -> Walk {
    let strides = x.strides();
    let mut to = 1;
    let mut axes: Vec<Axis> = Vec::with_capacity(ranges.len());
    for (range, &stride) in ranges.iter().zip(&strides).rev() {
        axes.push(Axis { extent: range.extent, from: range.step * stride.cast_signed(), to });
        to *= range.extent.cast_signed();
    }
    axes.reverse();
    let from = ranges.iter().zip(&strides).map(|(r, s)| r.begin * s).sum();
    Walk::new(bytes, from, 0, &axes)
}

/// Small integers of an operand (begins, sizes): known when the model is loaded, or read in each run.
pub(super) enum Integers {
    /// Known.
    Known(Vec<i32>),
    /// Computed by an earlier step, of this type.
    Computed(usize, DType),
}

impl Integers {
    /// Of input `k`, which must hold `count` of them.
    pub(super) fn of(node: &Node<'_>, k: usize, count: usize) -> Result<Self, Refused> {
        let operand = node.input(k)?;
        if operand.shape.elements() != count || operand.shape.len() > 1 {
            return Err(
                node.invalid(format_args!("{count} integers as input {k}"), format_args!("shape {}", operand.shape))
            );
        }
        match (operand.constant, operand.dtype) {
            (Some(_), _) => Ok(Self::Known(node.constant_integers(k)?)),
            (None, DType::I32 | DType::I64) => Ok(Self::Computed(k, operand.dtype)),
            (None, other) => {
                Err(node.invalid(format_args!("int32 or int64 as input {k}"), format_args!("{}", other.name())))
            }
        }
    }

    /// Their values, if they are known.
    pub(super) fn known(&self) -> Option<&[i32]> {
        match self {
            Self::Known(values) => Some(values),
            Self::Computed(..) => None,
        }
    }

    /// Their values in this run; 64-bit ones beyond 32 bits become the nearest.
    pub(super) fn read(&self, io: &Io<'_>) -> Vec<i32> {
        match self {
            Self::Known(values) => values.clone(),
            Self::Computed(k, DType::I64) => {
                let clamped = |&v: &i64| v.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
                io.input::<i64>(*k).iter().map(clamped).collect()
            }
            Self::Computed(k, _) => io.input::<i32>(*k).to_vec(),
        }
    }
}
