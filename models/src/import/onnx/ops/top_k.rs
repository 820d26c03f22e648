//! `TopK` of a small, known `k`: the largest element and its index, again and again, each time without those before.

use super::super::importer::Importer;
use super::super::node::{Node, axis_of};
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::arg;
use super::concat::join;
use super::elementwise::{ADD, MUL, SUB, binary, cast, number_with, unary, with_number};
use super::reduce::{Reduction, over};
use super::reshape::reshaped;
use crate::graph::{Op, TensorType};

/// `TopK`, sorted; of equals the first comes first.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    /// Elements that are taken one after another.
    const MOST: i64 = 16;
    let x = importer.view(node, 0)?;
    let axis = axis_of(node.int("axis", -1)?, x.rank())?;
    let largest = node.flag("largest", true)?;
    // Sorted is as good as not sorted.
    node.flag("sorted", true)?;
    let k = match node.optional_int("k")? {
        Some(k) => k,
        None => match importer.integers(node, 1, "k")?.as_deref() {
            Some(&[k]) => k,
            _ => return Err(invalid("one k", "none or several")),
        },
    };
    let extent = x.shape()[axis];
    if usize::try_from(k).ok().is_none_or(|k| k > extent) {
        return Err(invalid(format!("a k up to {extent}"), k.to_string()));
    }
    if importer.dtype(x.value) != TensorType::Float32 || !(1..=MOST).contains(&k) {
        let why = format!("the {k} largest of {:?}", importer.dtype(x.value));
        return Err(unsupported(why, format!("take the 1 to {MOST} largest of float32")));
    }
    let mut rest = if largest { x } else { unary(importer, Op::Neg, &x)? };
    let mut along = vec![1; rest.rank()];
    along[axis] = extent;
    let places = importer.add_floats(&along, (0..extent).map(|k| k as f32).collect())?;
    let places = View::plain(places, &along);
    let (mut values, mut indices) = (Vec::new(), Vec::new());
    for _ in 0..k {
        values.push(over(importer, Reduction::Max, &rest, &[axis], true)?);
        let index = arg::along(importer, Op::ArgMax { output: TensorType::Int64 }, &rest, axis)?;
        let mut one = rest.shape();
        one[axis] = 1;
        let index = reshaped(importer, &index, &one)?;
        // 1 at the place that was taken, 0 elsewhere.
        let real = cast(importer, &index, TensorType::Float32)?;
        let difference = binary(importer, SUB, &places, &real)?;
        let size = unary(importer, Op::Abs, &difference)?;
        let other = with_number(importer, Op::Minimum, &size, 1.0)?;
        let taken = number_with(importer, SUB, 1.0, &other)?;
        let kept = binary(importer, MUL, &rest, &other)?;
        let least = with_number(importer, MUL, &taken, f32::MIN)?;
        rest = binary(importer, ADD, &kept, &least)?;
        indices.push(index);
    }
    let mut y = join(importer, &values, axis)?;
    if !largest {
        y = unary(importer, Op::Neg, &y)?;
    }
    importer.bind(node, 0, y)?;
    let indices = join(importer, &indices, axis)?;
    importer.bind(node, 1, indices)
}
