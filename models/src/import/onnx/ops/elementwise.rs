//! Operators that compute each element from those at the same place, with `NumPy`'s broadcasting.

use super::super::constant::Constant;
use super::super::importer::Importer;
use super::super::limits::RANK;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, over, unsupported};
use super::super::tensor::within_limits;
use super::super::view::View;
use crate::graph::{Activation, Op, TensorType, ValueId, broadcast};

/// `ADD`, `SUB`, `MUL`, `DIV` without an activation.
pub(in super::super) const ADD: Op = Op::Add { activation: Activation::None, pot_scale_int16: false };
pub(in super::super) const SUB: Op = Op::Sub { activation: Activation::None, pot_scale_int16: false };
pub(in super::super) const MUL: Op = Op::Mul { activation: Activation::None };
pub(in super::super) const DIV: Op = Op::Div { activation: Activation::None };

/// An operator of one operand that keeps its type.
pub(super) fn unary(importer: &mut Importer<'_>, op: Op, x: &View) -> Outcome<View> {
    let dtype = importer.dtype(x.value);
    Ok(x.on(importer.emit(op, &[x.value], dtype)?))
}

/// An operator of two operands of one type.
pub(super) fn binary(importer: &mut Importer<'_>, op: Op, a: &View, b: &View) -> Outcome<View> {
    let (dtype, other) = (importer.dtype(a.value), importer.dtype(b.value));
    if dtype != other {
        return Err(invalid("operands of one type", format!("{dtype:?} and {other:?}")));
    }
    let (a, b, view) = align(importer, a, b)?;
    Ok(view.on(importer.emit(op, &[a, b], dtype)?))
}

/// An operator of a tensor and a number.
pub(super) fn with_number(importer: &mut Importer<'_>, op: Op, x: &View, number: f32) -> Outcome<View> {
    let number = importer.add_scalar_like(x.value, number)?;
    binary(importer, op, x, &View::plain(number, &[]))
}

/// An operator of a number and a tensor.
pub(super) fn number_with(importer: &mut Importer<'_>, op: Op, number: f32, x: &View) -> Outcome<View> {
    let number = importer.add_scalar_like(x.value, number)?;
    binary(importer, op, &View::plain(number, &[]), x)
}

/// Both operands in one order, so that the graph's broadcasting does what the file's does; and how the result lies. The larger
/// one stays as it is, constants follow at once, and of two computed ones the one that is in the file's order moves.
pub(super) fn align(importer: &mut Importer<'_>, a: &View, b: &View) -> Outcome<(ValueId, ValueId, View)> {
    let shape = broadcast(&a.shape(), &b.shape())?;
    within_limits(&shape, 1)?;
    let fixed = |importer: &Importer<'_>, view: &View| importer.constant_of(view.value).is_some();
    let a_leads = match (a.shape() == shape, b.shape() == shape) {
        (true, false) => true,
        (false, true) => false,
        (true, true) => !fixed(importer, a) && (fixed(importer, b) || !a.is_plain() || b.is_plain()),
        (false, false) => {
            let (a, b) = (importer.plain(a)?, importer.plain(b)?);
            return Ok((a.value, b.value, View::plain(a.value, &shape)));
        }
    };
    let (lead, other) = if a_leads { (a, b) } else { (b, a) };
    let (lead, other) = follow(importer, lead, other, &shape)?;
    let (a, b) = if a_leads { (lead.value, other) } else { (other, lead.value) };
    Ok((a, b, lead))
}

/// `other` in the order of `lead`, which has the shape of the result.
fn follow(importer: &mut Importer<'_>, lead: &View, other: &View, shape: &[usize]) -> Outcome<(View, ValueId)> {
    let mut lead = lead.clone();
    let mut other = other.with_rank(shape.len());
    let whole: Vec<usize> = (0..shape.len()).filter(|&axis| other.extent(other.axis(axis)) != 1).collect();
    if !whole.iter().all(|&axis| lead.match_axis(&mut other, axis)) {
        // Its axes are made of other parts: as one part each they can be split at will.
        let plain = importer.plain(&other)?;
        other = View::plain(plain.value, &other.shape());
        if !whole.iter().all(|&axis| lead.match_axis(&mut other, axis)) {
            return Err(invalid("operands of one shape", format!("{:?} and {shape:?}", other.shape())));
        }
    }
    let twin = |factor: usize| -> Option<usize> {
        whole.iter().find_map(|&axis| {
            let place = lead.without_ones(lead.axis(axis)).iter().position(|&f| f == factor)?;
            other.without_ones(other.axis(axis)).get(place).copied()
        })
    };
    // An extent in memory of which the other operand has a part only falls apart.
    let dims = lead.parted(|factor| twin(factor).is_some());
    let twins: Vec<Vec<usize>> = dims.iter().map(|dim| dim.iter().filter_map(|&f| twin(f)).collect()).collect();
    if dims.len() > RANK {
        return Err(over(format!("at most {RANK} axes"), dims.len().to_string()));
    }
    let lead = importer.arrange(&lead, &dims)?;
    let mut other = importer.arrange(&other, &twins)?.value;
    if importer.constant_of(other).is_some() {
        let memory = importer.graph.value(other).shape.clone();
        let ones = memory.iter().take_while(|&&d| d == 1).count();
        other = importer.reshape(other, &memory[ones..])?;
    }
    Ok((lead, other))
}

/// The shape of numbers for each channel, axis 1, that stretch to a tensor of `rank` axes.
pub(super) fn of_channels(channels: usize, rank: usize) -> Vec<usize> {
    let mut shape = vec![1; rank.saturating_sub(1).max(1)];
    shape[0] = channels;
    shape
}

/// The view in a type that the runtime computes with, and the type it had: integers below 32 bits become int32, those without
/// a sign int64 where they may need it.
pub(super) fn computable(importer: &mut Importer<'_>, x: &View) -> Outcome<(View, TensorType)> {
    let from = importer.dtype(x.value);
    let to = match from {
        TensorType::Float32 | TensorType::Int32 | TensorType::Int64 => return Ok((x.clone(), from)),
        TensorType::Bool | TensorType::Int8 | TensorType::UInt8 | TensorType::Int16 | TensorType::UInt16 => {
            TensorType::Int32
        }
        TensorType::UInt32 => TensorType::Int64,
        TensorType::UInt64 | TensorType::Float64 | TensorType::Resource => {
            return Err(unsupported(format!("computes with {from:?}"), "export it with float32 or int32"));
        }
    };
    Ok((cast(importer, x, to)?, from))
}

/// The view in another type.
pub(super) fn cast(importer: &mut Importer<'_>, x: &View, to: TensorType) -> Outcome<View> {
    let from = importer.dtype(x.value);
    if from == to {
        return Ok(x.clone());
    }
    Ok(x.on(importer.emit(Op::Cast { from, to }, &[x.value], to)?))
}

fn operator(name: &str) -> Outcome<Op> {
    Ok(match name {
        "Add" | "Sum" | "Mean" => ADD,
        "Sub" => SUB,
        "Mul" => MUL,
        "Div" => DIV,
        "Max" => Op::Maximum,
        "Min" => Op::Minimum,
        "Abs" => Op::Abs,
        "Exp" => Op::Exp,
        "Log" => Op::Log,
        "Neg" => Op::Neg,
        "Sqrt" => Op::Sqrt,
        other => return Err(invalid("an elementwise operator", other)),
    })
}

/// `Add`, `Sub`, `Mul`, `Div`, and of any number of operands `Max`, `Min`, `Sum`, `Mean`.
pub(super) fn arithmetic<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let op = operator(node.op())?;
    let first = importer.view(node, 0)?;
    if node.inputs() == 1 {
        return importer.bind(node, 0, first);
    }
    // Sums, differences and products of integers wrap alike with a sign and without.
    let wraps = matches!(node.op(), "Add" | "Sub" | "Mul");
    let (mut all, dtype) = wrapping(importer, &first, wraps)?;
    for k in 1..node.inputs() {
        let next = importer.view(node, k)?;
        let next = if node.opset < 7 { placed(node, &next, all.rank())? } else { next };
        if importer.dtype(next.value) != dtype {
            return Err(invalid("operands of one type", format!("{dtype:?} and {:?}", importer.dtype(next.value))));
        }
        let (next, _) = wrapping(importer, &next, wraps)?;
        all = binary(importer, op.clone(), &all, &next)?;
    }
    if node.op() == "Mean" {
        all = with_number(importer, MUL, &all, 1.0 / node.inputs() as f32)?;
    }
    let y = cast(importer, &all, dtype)?;
    importer.bind(node, 0, y)
}

/// As [`computable`], for operators of which uint64 may be int64 meanwhile.
fn wrapping(importer: &mut Importer<'_>, x: &View, wraps: bool) -> Outcome<(View, TensorType)> {
    match importer.dtype(x.value) {
        TensorType::UInt64 if wraps => Ok((cast(importer, x, TensorType::Int64)?, TensorType::UInt64)),
        _ => computable(importer, x),
    }
}

/// The second operand before operator set 7: its axes stand behind one another from `axis` on, or at the end.
pub(super) fn placed(node: &Node<'_>, x: &View, rank: usize) -> Outcome<View> {
    let last = rank.saturating_sub(x.rank());
    let stated = node.optional_int("axis")?;
    if !node.flag("broadcast", false)? {
        return Ok(x.clone());
    }
    let axis = match stated {
        Some(axis) => usize::try_from(axis).ok().filter(|&axis| axis <= last),
        None => Some(last),
    };
    let axis = axis.ok_or_else(|| invalid(format!("an axis up to {last}"), "another"))?;
    let mut shape = x.shape();
    shape.extend(vec![1; last - axis]);
    x.reshaped(&shape).ok_or_else(|| invalid("an operand with more axes", format!("{shape:?}")))
}

/// `Abs`, `Exp`, `Log`, `Neg`, `Sqrt`.
pub(super) fn function<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let op = operator(node.op())?;
    let x = importer.view(node, 0)?;
    let (wide, dtype) = computable(importer, &x)?;
    if op == Op::Abs && dtype == TensorType::Int64 {
        return Err(unsupported("Abs of int64", "export it with int32 or float32"));
    }
    let y = unary(importer, op, &wide)?;
    let y = cast(importer, &y, dtype)?;
    importer.bind(node, 0, y)
}

/// `Reciprocal`.
pub(super) fn reciprocal<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let y = number_with(importer, DIV, 1.0, &x)?;
    importer.bind(node, 0, y)
}

/// `Pow` with a known exponent: products and roots where it is one of those, else `exp(y log x)`, which is the power where `x`
/// is positive, and as the power no number where it is negative.
pub(super) fn pow<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let exponents = importer.constant(node, 1, "an exponent")?.ok_or_else(|| invalid("an exponent", "none"))?;
    let (wide, dtype) = computable(importer, &x)?;
    let y = match exponents.scalar() {
        Some(exponent) => power(importer, &wide, exponent as f32)?,
        None => powers(importer, &wide, &exponents)?,
    };
    let y = if node.opset < 7 { y } else { cast(importer, &y, dtype)? };
    importer.bind(node, 0, y)
}

/// An exponent for each element. Whole ones by their bits: `x`, `x^2`, `x^4` and on are multiplied where the bit is set.
fn powers(importer: &mut Importer<'_>, x: &View, exponents: &Constant) -> Outcome<View> {
    const MOST: f64 = 64.0;
    let (shape, numbers) = (exponents.shape().to_vec(), exponents.reals());
    if numbers.iter().all(|y| y.fract() == 0.0 && (0.0..=MOST).contains(y)) {
        let (mut square, mut y): (View, Option<View>) = (x.clone(), None);
        let largest = numbers.iter().copied().fold(0.0, f64::max) as u32;
        for bit in 0..u32::BITS - largest.max(1).leading_zeros() {
            if bit > 0 {
                square = binary(importer, MUL, &square, &square)?;
            }
            let set: Vec<f32> = numbers.iter().map(|&y| (y as u32 >> bit & 1) as f32).collect();
            let unset = importer.add_floats(&shape, set.iter().map(|v| 1.0 - v).collect())?;
            let set = importer.add_floats(&shape, set)?;
            let dtype = importer.dtype(x.value);
            let set = cast(importer, &View::plain(set, &shape), dtype)?;
            let unset = cast(importer, &View::plain(unset, &shape), dtype)?;
            let chosen = binary(importer, MUL, &square, &set)?;
            let factor = binary(importer, ADD, &chosen, &unset)?;
            y = Some(match y {
                None => factor,
                Some(y) => binary(importer, MUL, &y, &factor)?,
            });
        }
        return y.ok_or_else(|| invalid("an exponent", "none"));
    }
    if importer.dtype(x.value) != TensorType::Float32 || numbers.iter().any(|y| y.fract() == 0.0 || *y < 0.0) {
        return Err(unsupported("powers of exponents some of which are whole", "export it with one exponent"));
    }
    let exponents = importer.add_floats(&shape, exponents.floats())?;
    let log = unary(importer, Op::Log, x)?;
    let scaled = binary(importer, MUL, &log, &View::plain(exponents, &shape))?;
    unary(importer, Op::Exp, &scaled)
}

/// `x` to the power of a number.
pub(super) fn power(importer: &mut Importer<'_>, x: &View, exponent: f32) -> Outcome<View> {
    /// The largest exponent that is multiplied out.
    const MOST: f32 = 64.0;
    if exponent == 1.0 {
        return Ok(x.clone());
    }
    if exponent == 0.0 {
        let zero = with_number(importer, MUL, x, 0.0)?;
        return with_number(importer, ADD, &zero, 1.0);
    }
    if exponent.fract() == 0.0 && (2.0..=MOST).contains(&exponent) {
        let half = power(importer, x, (exponent / 2.0).floor())?;
        let square = binary(importer, MUL, &half, &half)?;
        return if exponent % 2.0 == 0.0 { Ok(square) } else { binary(importer, MUL, &square, x) };
    }
    if importer.dtype(x.value) != TensorType::Float32 {
        return Err(unsupported(format!("integers to the power of {exponent}"), "export it in float32"));
    }
    if exponent == 0.5 {
        return unary(importer, Op::Sqrt, x);
    }
    if exponent == -0.5 {
        return unary(importer, Op::Rsqrt, x);
    }
    if exponent < 0.0 {
        let positive = power(importer, x, -exponent)?;
        return number_with(importer, DIV, 1.0, &positive);
    }
    if exponent.fract() == 0.0 {
        return Err(unsupported(format!("the power of {exponent}"), "export it with a smaller exponent"));
    }
    let log = unary(importer, Op::Log, x)?;
    let scaled = with_number(importer, MUL, &log, exponent)?;
    unary(importer, Op::Exp, &scaled)
}
