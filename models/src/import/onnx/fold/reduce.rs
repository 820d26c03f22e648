//! Known tensors that are reduced along axes.

use super::super::constant::strides;
use super::super::importer::Importer;
use super::super::node::Node;
use super::super::ops::reduce::axes;
use super::super::refusal::{Outcome, invalid, over};
use super::{integers, of_integers, of_reals, operand, shaped};
use crate::data::Array;

/// None where there is no result.
type Checked = fn(i64, i64) -> Option<i64>;

/// Sums, products and extremes.
pub(super) fn reduce(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Vec<Array>> {
    let array = operand(importer, node, 0)?;
    let Some((axes, keep)) = axes(importer, node, array.shape().len())? else { return Ok(vec![array.clone()]) };
    let kept: Vec<usize> =
        array.shape().iter().enumerate().map(|(k, &d)| if axes.contains(&k) { 1 } else { d }).collect();
    // For each element the place of the result that takes it in.
    let steps: Vec<usize> =
        strides(&kept).into_iter().enumerate().map(|(k, s)| if axes.contains(&k) { 0 } else { s }).collect();
    let places = super::super::constant::walk(array.shape(), &steps);
    let count: usize = kept.iter().product();
    let elements = if array.dtype().is_real() {
        let (start, f): (f64, fn(f64, f64) -> f64) = match node.op() {
            "ReduceMax" => (f64::NEG_INFINITY, f64::max),
            "ReduceMin" => (f64::INFINITY, f64::min),
            "ReduceProd" => (1.0, |a, b| a * b),
            "ReduceSum" => (0.0, |a, b| a + b),
            other => return Err(invalid("a reduction", other)),
        };
        let mut all = vec![start; count];
        places.into_iter().zip(array.elements().reals()).for_each(|(place, x)| all[place] = f(all[place], x));
        of_reals(array.dtype(), all)
    } else {
        let (start, f): (i64, Checked) = match node.op() {
            "ReduceMax" => (i64::MIN, |a, b| Some(a.max(b))),
            "ReduceMin" => (i64::MAX, |a, b| Some(a.min(b))),
            "ReduceProd" => (1, i64::checked_mul),
            "ReduceSum" => (0, i64::checked_add),
            other => return Err(invalid("a reduction", other)),
        };
        let mut all = vec![start; count];
        for (place, x) in places.into_iter().zip(integers(array)?) {
            all[place] = f(all[place], x).ok_or_else(|| over("results within 64 bits", "another one"))?;
        }
        of_integers(array.dtype(), all)
    };
    let shape: Vec<usize> = if keep {
        kept
    } else {
        array.shape().iter().enumerate().filter(|(k, _)| !axes.contains(k)).map(|(_, &d)| d).collect()
    };
    Ok(vec![shaped(&shape, elements)?])
}
