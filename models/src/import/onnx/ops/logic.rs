//! Truth values and comparisons, from arithmetic: a truth value is the integer 0 or 1 while it is computed with.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::elementwise::{ADD, MUL, SUB, binary, cast, computable, number_with, placed, unary, with_number};
use crate::graph::{Op, TensorType};

/// `And`, `Or`, `Xor`, `Not`.
pub(super) fn logic<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let x = cast(importer, &x, TensorType::Int32)?;
    let y = if node.op() == "Not" {
        number_with(importer, SUB, 1.0, &x)?
    } else {
        let other = importer.view(node, 1)?;
        let other = if node.opset < 7 { placed(node, &other, x.rank())? } else { other };
        let other = cast(importer, &other, TensorType::Int32)?;
        let op = match node.op() {
            "And" => Op::Minimum,
            "Or" => Op::Maximum,
            // Those that differ differ by 1 or -1.
            "Xor" => SUB,
            op => return Err(invalid("And, Or, Xor or Not", op)),
        };
        binary(importer, op, &x, &other)?
    };
    let y = cast(importer, &y, TensorType::Bool)?;
    importer.bind(node, 0, y)
}

/// `Equal`, `Greater`, `GreaterOrEqual`, `Less`, `LessOrEqual`. A difference is 0 for equal numbers only: of integers because it
/// is taken in 64 bits, of real ones because float32 has numbers below the smallest normal one.
pub(super) fn compare<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let (a, b) = (importer.view(node, 0)?, importer.view(node, 1)?);
    let (a, b) = (comparable(importer, &a)?, comparable(importer, &b)?);
    let (negated, (a, b)) = match node.op() {
        "Equal" => (true, (a, b)),
        "Greater" => (false, (a, b)),
        "Less" => (false, (b, a)),
        "GreaterOrEqual" => (true, (b, a)),
        "LessOrEqual" => (true, (a, b)),
        op => return Err(invalid("a comparison", op)),
    };
    let difference = binary(importer, SUB, &a, &b)?;
    let above = if node.op() == "Equal" { difference } else { with_number(importer, Op::Maximum, &difference, 0.0)? };
    let mut y = cast(importer, &above, TensorType::Bool)?;
    if negated {
        let truth = cast(importer, &y, TensorType::Int32)?;
        let other = number_with(importer, SUB, 1.0, &truth)?;
        y = cast(importer, &other, TensorType::Bool)?;
    }
    importer.bind(node, 0, y)
}

/// In a type that differences fit.
fn comparable(importer: &mut Importer<'_>, x: &View) -> Outcome<View> {
    match importer.dtype(x.value) {
        TensorType::Int32 => cast(importer, x, TensorType::Int64),
        TensorType::Int64 => {
            Err(unsupported("compares int64", "export it with int32: differences of int64 do not fit"))
        }
        _ => computable(importer, x).map(|(x, _)| x),
    }
}

/// `Where`: `y + c (x - y)` for integers, `c x + (1 - c) y` for real numbers, which must be finite.
pub(super) fn choose<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    for k in [1, 2] {
        if let Some(known) = importer.known(node, k)?
            && known.reals().iter().any(|v| !v.is_finite())
        {
            let remedy = "mask with a large number, -1e9 say, instead of infinity";
            return Err(unsupported("chooses numbers that are not finite", remedy));
        }
    }
    let [condition, a, b] = [0, 1, 2].map(|k| importer.view(node, k));
    let (condition, (a, dtype), (b, _)) = (condition?, computable(importer, &a?)?, computable(importer, &b?)?);
    let truth = cast(importer, &condition, importer.dtype(a.value))?;
    let other = number_with(importer, SUB, 1.0, &truth)?;
    let first = binary(importer, MUL, &truth, &a)?;
    let second = binary(importer, MUL, &other, &b)?;
    let y = binary(importer, ADD, &first, &second)?;
    let y = cast(importer, &y, dtype)?;
    importer.bind(node, 0, y)
}

/// `OneHot` along a new axis: `off + (on - off) (1 - min(|index - k|, 1))`.
pub(super) fn one_hot<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let depth = importer.constant(node, 1, "a depth")?.and_then(|depth| depth.scalar());
    let values = importer.constant(node, 2, "values")?;
    let (Some(depth), Some(values)) = (depth, values) else { return Err(invalid("a depth and two values", "fewer")) };
    let [off, on] = values.reals()[..] else { return Err(invalid("two values", format!("{:?}", values.shape()))) };
    if !(1.0..=65536.0).contains(&depth)
        || !matches!(
            values.array.dtype(),
            crate::data::DType::Float32 | crate::data::DType::Int32 | crate::data::DType::Int64
        )
    {
        return Err(unsupported("a depth above 65536, or values of another type", "export it with float32 values"));
    }
    let depth = depth as usize;
    let index = importer.view(node, 0)?;
    let index = cast(importer, &index, TensorType::Float32)?;
    let rank = index.rank() + 1;
    let axis = super::super::node::axis_of(node.int("axis", -1)?, rank)?;
    let mut shape = index.shape();
    shape.insert(axis, 1);
    let index = index.reshaped(&shape).ok_or_else(|| invalid("indices with another axis", "none"))?;
    // Negative ones count from the end: they are one of two numbers.
    let mut along = vec![1; rank];
    along[axis] = depth;
    let hit = |importer: &mut Importer<'_>, from: f32| {
        let numbers = (0..depth).map(|k| k as f32 + from).collect();
        let numbers = importer.add_floats(&along, numbers)?;
        let difference = binary(importer, SUB, &index, &View::plain(numbers, &along))?;
        let size = unary(importer, Op::Abs, &difference)?;
        let least = with_number(importer, Op::Minimum, &size, 1.0)?;
        number_with(importer, SUB, 1.0, &least)
    };
    let positive = hit(importer, 0.0)?;
    let negative = hit(importer, -(depth as f32))?;
    let either = binary(importer, ADD, &positive, &negative)?;
    let scaled = with_number(importer, MUL, &either, (on - off) as f32)?;
    let y = with_number(importer, ADD, &scaled, off as f32)?;
    let y = cast(importer, &y, values.array.dtype().into())?;
    importer.bind(node, 0, y)
}
