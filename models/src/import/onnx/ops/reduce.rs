//! Reductions along axes, whatever their order in memory.

use super::super::importer::Importer;
use super::super::node::{Node, axes_of};
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::elementwise::{ADD, MUL, SUB, binary, cast, computable, unary};
use crate::graph::{Op, TensorType};

/// What the runtime reduces by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reduction {
    Mean,
    Sum,
    Max,
}

impl Reduction {
    fn op(self, keep_dims: bool) -> Op {
        match self {
            Reduction::Mean => Op::Mean { keep_dims },
            Reduction::Sum => Op::Sum { keep_dims },
            Reduction::Max => Op::ReduceMax { keep_dims },
        }
    }
}

/// The axes, and whether they stay with extent 1; none when nothing is reduced. Attributes before operator set 13 (sums) or 18
/// (others), inputs since.
pub(in super::super) fn axes(
    importer: &Importer<'_>,
    node: &Node<'_>,
    rank: usize,
) -> Outcome<Option<(Vec<usize>, bool)>> {
    let (keep, none_is_none) = (node.flag("keepdims", true)?, node.flag("noop_with_empty_axes", false)?);
    let axes = match node.ints("axes")? {
        Some(axes) => Some(axes.to_vec()),
        None => importer.integers(node, 1, "axes")?.filter(|axes| !axes.is_empty()),
    };
    match axes {
        Some(axes) => Ok(Some((axes_of(&axes, rank)?, keep))),
        None if none_is_none => Ok(None),
        None => Ok(Some(((0..rank).collect(), keep))),
    }
}

/// `ReduceMean`, `ReduceSum`, `ReduceMax`, `ReduceMin`, and the norms and logarithms made of them.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let axes = axes(importer, node, x.rank())?;
    let (wide, dtype) = computable(importer, &x)?;
    // Without axes each element is reduced alone.
    let (axes, keep) = axes.unwrap_or((Vec::new(), true));
    let by = |importer: &mut Importer<'_>, reduction, x: &View| over(importer, reduction, x, &axes, keep);
    let y = match node.op() {
        "ReduceMean" => by(importer, Reduction::Mean, &wide)?,
        "ReduceSum" => by(importer, Reduction::Sum, &wide)?,
        "ReduceMax" => by(importer, Reduction::Max, &wide)?,
        "ReduceMin" => {
            let negative = unary(importer, Op::Neg, &wide)?;
            let largest = by(importer, Reduction::Max, &negative)?;
            unary(importer, Op::Neg, &largest)?
        }
        "ReduceL1" => {
            let size = unary(importer, Op::Abs, &wide)?;
            by(importer, Reduction::Sum, &size)?
        }
        "ReduceL2" | "ReduceSumSquare" => {
            let square = binary(importer, MUL, &wide, &wide)?;
            let sum = by(importer, Reduction::Sum, &square)?;
            if node.op() == "ReduceL2" { unary(importer, Op::Sqrt, &sum)? } else { sum }
        }
        "ReduceLogSum" => {
            let sum = by(importer, Reduction::Sum, &wide)?;
            unary(importer, Op::Log, &sum)?
        }
        "ReduceLogSumExp" => {
            // What is largest is taken away before the exponential, and added behind the logarithm.
            let largest = over(importer, Reduction::Max, &wide, &axes, true)?;
            let less = binary(importer, SUB, &wide, &largest)?;
            let exp = unary(importer, Op::Exp, &less)?;
            let sum = by(importer, Reduction::Sum, &exp)?;
            let log = unary(importer, Op::Log, &sum)?;
            let largest = by(importer, Reduction::Max, &wide)?;
            binary(importer, ADD, &log, &largest)?
        }
        other => return Err(invalid("a reduction", other)),
    };
    let y = cast(importer, &y, dtype)?;
    importer.bind(node, 0, y)
}

/// A reduction along axes of the file.
pub(super) fn over(
    importer: &mut Importer<'_>,
    reduction: Reduction,
    x: &View,
    axes: &[usize],
    keep: bool,
) -> Outcome<View> {
    let dtype = importer.dtype(x.value);
    let fits = match reduction {
        Reduction::Mean => matches!(dtype, TensorType::Float32),
        Reduction::Sum => matches!(dtype, TensorType::Float32 | TensorType::Int32),
        Reduction::Max => {
            matches!(dtype, TensorType::Float32 | TensorType::Int32 | TensorType::Int8 | TensorType::UInt8)
        }
    };
    if !fits {
        return Err(unsupported(format!("reduces {dtype:?}"), "export it in float32 or int32"));
    }
    let reduced: Vec<usize> = axes.iter().flat_map(|&axis| x.without_ones(x.axis(axis))).collect();
    // An extent in memory is reduced or not: one that is both falls apart.
    let dims = x.parted(|factor| reduced.contains(&factor));
    let x = importer.arrange(x, &dims)?;
    let goes = |dim: &Vec<usize>| dim.iter().any(|f| reduced.contains(f));
    let places: Vec<usize> = (0..dims.len()).filter(|&k| goes(&dims[k])).collect();
    let value = if places.is_empty() {
        x.value
    } else {
        let operand = importer.add_integers(&[places.len()], &places)?;
        importer.emit_moving(reduction.op(keep), &[x.value, operand], 0)?
    };
    Ok(x.reduced(value, axes, keep))
}
