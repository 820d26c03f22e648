//! Known tensors that are computed with, element by element.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, over};
use super::super::tensor::{dtype, within_limits};
use super::movement::{places, stretched};
use super::{integers, of_integers, of_reals, operand, shaped};
use crate::data::{Array, DType, Elements};
use crate::graph::broadcast;

pub(super) fn cast(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let (array, to) = (operand(importer, node, 0)?, dtype(node.int("to", 0)?)?);
    let elements = match array.elements() {
        same if same.dtype() == to => same.clone(),
        Elements::Float32(_) | Elements::Float64(_) | Elements::UInt64(_) => of_reals(to, array.elements().reals()),
        _ => of_integers(to, integers(array)?),
    };
    Ok(vec![shaped(array.shape(), elements)?])
}

pub(super) fn unary(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let array = operand(importer, node, 0)?;
    let elements = if array.dtype().is_real() {
        let f: fn(f64) -> f64 = match node.op() {
            "Abs" => f64::abs,
            "Ceil" => f64::ceil,
            "Floor" => f64::floor,
            "Neg" => |x| -x,
            "Reciprocal" => |x| 1.0 / x,
            "Sqrt" => f64::sqrt,
            other => return Err(invalid("an operator of real numbers", other)),
        };
        of_reals(array.dtype(), array.elements().reals().into_iter().map(f).collect())
    } else {
        let f: fn(i64) -> i64 = match node.op() {
            "Abs" => i64::wrapping_abs,
            "Ceil" | "Floor" => |x| x,
            "Neg" => i64::wrapping_neg,
            "Not" => |x| i64::from(x == 0),
            other => return Err(invalid("an operator of integers", other)),
        };
        of_integers(array.dtype(), integers(array)?.into_iter().map(f).collect())
    };
    Ok(vec![shaped(array.shape(), elements)?])
}

/// Operators of any number of inputs too: `Max` and `Min` have as many as they like.
pub(super) fn binary(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let mut all = operand(importer, node, 0)?.clone();
    // The remainder of C has the sign of the dividend, that of integers otherwise that of the divisor.
    let as_in_c = node.flag("fmod", false)?;
    for k in 1..node.inputs() {
        let other = operand(importer, node, k)?;
        let shape = pair_shape(&all, other)?;
        let (a, b) = (places(all.shape(), &shape), places(other.shape(), &shape));
        let dtype = all.dtype();
        let elements = if dtype.is_real() {
            let f = real(node.op())?;
            let (x, y) = (all.elements().reals(), other.elements().reals());
            of_reals(dtype, a.into_iter().zip(b).map(|(a, b)| f(x[a], y[b])).collect())
        } else {
            let f: fn(i64, i64) -> Option<i64> = if as_in_c { i64::checked_rem } else { integer(node.op())? };
            let (x, y) = (integers(&all)?, integers(other)?);
            let values: Option<Vec<i64>> = a.into_iter().zip(b).map(|(a, b)| f(x[a], y[b])).collect();
            of_integers(dtype, values.ok_or_else(|| over("results within 64 bits", "another one"))?)
        };
        all = shaped(&shape, elements)?;
    }
    Ok(vec![all])
}

fn real(op: &str) -> Outcome<fn(f64, f64) -> f64> {
    Ok(match op {
        "Add" => |a, b| a + b,
        "Sub" => |a, b| a - b,
        "Mul" => |a, b| a * b,
        "Div" => |a, b| a / b,
        "Mod" => |a, b| a % b,
        "Pow" => f64::powf,
        "Max" => f64::max,
        "Min" => f64::min,
        other => return Err(invalid("an operator of two real numbers", other)),
    })
}

/// None where there is no result.
fn integer(op: &str) -> Outcome<fn(i64, i64) -> Option<i64>> {
    Ok(match op {
        "Add" => i64::checked_add,
        "Sub" => i64::checked_sub,
        "Mul" => i64::checked_mul,
        "Div" => i64::checked_div,
        "Mod" => |a, b| a.checked_rem(b).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r }),
        "Pow" => |a, b| a.checked_pow(u32::try_from(b).ok()?),
        "Max" => |a, b| Some(a.max(b)),
        "Min" => |a, b| Some(a.min(b)),
        other => return Err(invalid("an operator of two integers", other)),
    })
}

fn pair_shape(a: &Array, b: &Array) -> Outcome<Vec<usize>> {
    let shape = broadcast(a.shape(), b.shape())?;
    within_limits(&shape, a.dtype().size().max(b.dtype().size()))?;
    Ok(shape)
}

pub(super) fn compare(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let holds: fn(std::cmp::Ordering) -> bool = match node.op() {
        "Equal" => std::cmp::Ordering::is_eq,
        "Greater" => std::cmp::Ordering::is_gt,
        "GreaterOrEqual" => std::cmp::Ordering::is_ge,
        "Less" => std::cmp::Ordering::is_lt,
        "LessOrEqual" => std::cmp::Ordering::is_le,
        other => return Err(invalid("a comparison", other)),
    };
    let (x, y) = (operand(importer, node, 0)?, operand(importer, node, 1)?);
    let shape = pair_shape(x, y)?;
    let pairs = places(x.shape(), &shape).into_iter().zip(places(y.shape(), &shape));
    let values = if x.dtype().is_real() {
        let (x, y) = (x.elements().reals(), y.elements().reals());
        pairs.map(|(a, b)| x[a].partial_cmp(&y[b]).is_some_and(holds)).collect()
    } else {
        let (x, y) = (integers(x)?, integers(y)?);
        pairs.map(|(a, b)| holds(x[a].cmp(&y[b]))).collect()
    };
    Ok(vec![shaped(&shape, Elements::Bool(values))?])
}

pub(super) fn logic(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let f: fn(bool, bool) -> bool = match node.op() {
        "And" => |a, b| a && b,
        "Or" => |a, b| a || b,
        "Xor" => |a, b| a != b,
        other => return Err(invalid("an operator of truth values", other)),
    };
    let (x, y) = (operand(importer, node, 0)?, operand(importer, node, 1)?);
    let shape = pair_shape(x, y)?;
    let pairs = places(x.shape(), &shape).into_iter().zip(places(y.shape(), &shape));
    let (x, y) = (integers(x)?, integers(y)?);
    Ok(vec![shaped(&shape, Elements::Bool(pairs.map(|(a, b)| f(x[a] != 0, y[b] != 0)).collect()))?])
}

/// `Where`.
pub(super) fn choose(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let [condition, x, y] = [0, 1, 2].map(|k| operand(importer, node, k));
    let (condition, x, y) = (condition?, x?, y?);
    let shape = broadcast(condition.shape(), &broadcast(x.shape(), y.shape())?)?;
    if x.dtype() != y.dtype() {
        return Err(invalid("values of one type", format!("{} and {}", x.dtype(), y.dtype())));
    }
    let (x, y) = (stretched(x, &shape)?, stretched(y, &shape)?);
    let truths = integers(&stretched(condition, &shape)?)?;
    let count = truths.len();
    // Both behind one another, and the element of one or the other of each place.
    let mut both = x.elements().clone();
    both.append(y.elements().clone());
    let chosen = truths.iter().enumerate().map(|(k, &t)| if t != 0 { k } else { count + k });
    Ok(vec![shaped(&shape, both.gather(chosen))?])
}

pub(super) fn range(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let operands = (0..3).map(|k| operand(importer, node, k)).collect::<Outcome<Vec<_>>>()?;
    let dtype = operands[0].dtype();
    let all: Vec<f64> = operands.iter().filter_map(|array| array.elements().real(0)).collect();
    let [start, limit, delta] = all[..] else { return Err(invalid("start, limit and step", "fewer")) };
    let count = ((limit - start) / delta).ceil();
    if !(0.0..=1e9).contains(&count) {
        let found = format!("{start} to {limit} by {delta}");
        return if count < 0.0 {
            Ok(vec![Array::vector(of_reals(dtype, Vec::new()))])
        } else {
            Err(over("a range", found))
        };
    }
    let count = count as usize;
    within_limits(&[count], DType::Float64.size())?;
    let values = (0..count).map(|k| start + k as f64 * delta).collect();
    Ok(vec![Array::vector(of_reals(dtype, values))])
}
