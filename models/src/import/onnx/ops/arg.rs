//! `ArgMax` and `ArgMin`.

use super::super::importer::Importer;
use super::super::node::{Node, axis_of};
use super::super::refusal::{Outcome, unsupported};
use super::super::view::View;
use super::elementwise::{SUB, number_with};
use super::reshape::reshaped;
use super::slice::{self, Range};
use crate::graph::{Op, TensorType};

/// The index of the largest or smallest element along an axis; of equals the first, or the last if the file wants that.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let mut x = importer.view(node, 0)?;
    let axis = axis_of(node.int("axis", 0)?, x.rank())?;
    let (keep, last) = (node.flag("keepdims", true)?, node.flag("select_last_index", false)?);
    let dtype = importer.dtype(x.value);
    if !matches!(dtype, TensorType::Float32 | TensorType::Int8 | TensorType::UInt8 | TensorType::Int32) {
        return Err(unsupported(format!("compares {dtype:?}"), "export it in float32 or int32"));
    }
    let shape = x.shape();
    if last {
        // Read backwards, the last of equals is the first.
        let range = |(k, &extent): (usize, &usize)| {
            if k == axis { Range { begin: extent - 1, step: -1, extent } } else { Range { begin: 0, step: 1, extent } }
        };
        let ranges: Vec<Range> = shape.iter().enumerate().map(range).collect();
        x = slice::cut(importer, &x, &ranges)?;
    }
    let output = TensorType::Int64;
    let op = if node.op() == "ArgMax" { Op::ArgMax { output } } else { Op::ArgMin { output } };
    let mut y = along(importer, op, &x, axis)?;
    if last {
        y = number_with(importer, SUB, (shape[axis] - 1) as f32, &y)?;
    }
    if keep {
        let mut kept = shape;
        kept[axis] = 1;
        y = reshaped(importer, &y, &kept)?;
    }
    importer.bind(node, 0, y)
}

/// `ARG_MAX` or `ARG_MIN` along an axis, which goes.
pub(super) fn along(importer: &mut Importer<'_>, op: Op, x: &View, axis: usize) -> Outcome<View> {
    let (x, axes, place) = importer.apart_along(x, axis)?;
    let operand = importer.add_integers(&[1], &[place])?;
    let value = importer.emit(op, &[x.value, operand], TensorType::Int64)?;
    let mut shape = x.shape();
    shape.remove(axis);
    let left: Vec<Option<usize>> = axes
        .iter()
        .enumerate()
        .filter(|&(k, _)| k != place)
        .map(|(_, a)| a.map(|a| if a > axis { a - 1 } else { a }))
        .collect();
    Ok(View::ordered(value, &shape, &left))
}
