//! `Slice`: parts of axes, `SLICE` or `STRIDED_SLICE`.

use super::super::importer::Importer;
use super::super::node::{Node, axes_of};
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use crate::graph::Op;
use crate::tflite::StridedSlice;

/// What is taken along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Range {
    /// The first index.
    pub(in super::super) begin: usize,
    /// From one to the next; never 0.
    pub(in super::super) step: i64,
    /// How many.
    pub(in super::super) extent: usize,
}

impl Range {
    /// The indices, in order.
    pub(in super::super) fn indices(self) -> impl Iterator<Item = usize> {
        let forwards = self.step > 0;
        let step = usize::try_from(self.step.unsigned_abs()).unwrap_or(usize::MAX);
        (0..self.extent).map(move |k| {
            if forwards {
                self.begin.saturating_add(k.saturating_mul(step))
            } else {
                self.begin.saturating_sub(k.saturating_mul(step))
            }
        })
    }
}

/// What is taken along each axis. Attributes before operator set 10, inputs since.
pub(in super::super) fn ranges(importer: &Importer<'_>, node: &Node<'_>, shape: &[usize]) -> Outcome<Vec<Range>> {
    let list = |name: &str, k: usize| importer.attribute_or_integers(node, name, k, name);
    let starts = list("starts", 1)?.ok_or_else(|| invalid("starts", "none"))?;
    let ends = list("ends", 2)?.ok_or_else(|| invalid("ends", "none"))?;
    let count = starts.len();
    let axes = match list("axes", 3)? {
        Some(axes) => axes_of(&axes, shape.len())?,
        None => (0..count).collect(),
    };
    let steps = importer.integers(node, 4, "steps")?.unwrap_or_else(|| vec![1; count]);
    if ends.len() != count || axes.len() != count || steps.len() != count || count > shape.len() {
        return Err(invalid(
            "as many starts, ends, axes and steps",
            format!("{starts:?}, {ends:?}, {axes:?}, {steps:?}"),
        ));
    }
    let mut ranges: Vec<Range> = shape.iter().map(|&extent| Range { begin: 0, step: 1, extent }).collect();
    for (k, &axis) in axes.iter().enumerate() {
        ranges[axis] = range(starts[k], ends[k], steps[k], shape[axis])?;
    }
    Ok(ranges)
}

fn range(start: i64, end: i64, step: i64, extent: usize) -> Outcome<Range> {
    let size = i64::try_from(extent).unwrap_or(i64::MAX);
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let at = |v: i64| (if v < 0 { v.saturating_add(size) } else { v }).clamp(low, high);
    let length = match step {
        0 => return Err(invalid("steps other than 0", "0")),
        1.. => at(end) - at(start),
        _ => at(start) - at(end),
    };
    let count = u64::try_from(length).unwrap_or(0).div_ceil(step.unsigned_abs());
    let count = usize::try_from(count).map_err(|_| invalid("a part that can be counted", length.to_string()))?;
    Ok(Range { begin: usize::try_from(at(start)).unwrap_or(0), step, extent: count })
}

/// `Slice`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let ranges = ranges(importer, node, &x.shape())?;
    let y = cut(importer, &x, &ranges)?;
    importer.bind(node, 0, y)
}

/// The parts of the axes of a tensor.
pub(super) fn cut(importer: &mut Importer<'_>, x: &View, ranges: &[Range]) -> Outcome<View> {
    let shape: Vec<usize> = ranges.iter().map(|range| range.extent).collect();
    if shape.contains(&0) {
        return Err(unsupported("a part without elements", "export it without empty tensors"));
    }
    if shape == x.shape() && ranges.iter().all(|range| range.step > 0) {
        return Ok(x.clone());
    }
    let (apart, axes) = importer.apart(x)?;
    let along: Vec<Range> =
        axes.iter().map(|axis| axis.map_or(Range { begin: 0, step: 1, extent: 1 }, |axis| ranges[axis])).collect();
    let count = |v: usize| i64::try_from(v).unwrap_or(i64::MAX);
    // Behind the last index; steps may be as large as their type allows.
    let past = |range: &Range| count(range.begin).saturating_add(count(range.extent).saturating_mul(range.step));
    let rank = along.len();
    let begins: Vec<usize> = along.iter().map(|range| range.begin).collect();
    let begin = importer.add_integers(&[rank], &begins)?;
    let value = if along.iter().all(|range| range.step == 1 || range.extent == 1) {
        let sizes: Vec<usize> = along.iter().map(|range| range.extent).collect();
        let size = importer.add_integers(&[rank], &sizes)?;
        importer.emit_moving(Op::Slice, &[apart.value, begin, size], 0)?
    } else {
        // Of ranges that go backwards to the first element the end is left open: -1 would count from the end.
        let ends: Vec<i64> = along.iter().map(|range| past(range).max(0)).collect();
        let end = importer.add_integers(&[rank], &ends)?;
        let steps: Vec<i64> = along.iter().map(|range| range.step.clamp(i32::MIN.into(), i32::MAX.into())).collect();
        let steps = importer.add_integers(&[rank], &steps)?;
        let open = along.iter().enumerate().filter(|(_, range)| range.step < 0);
        let end_mask = open.fold(0i32, |mask, (k, range)| {
            let past = past(range);
            if past < 0 { mask | 1 << k } else { mask }
        });
        let masks = StridedSlice { end_mask, ..StridedSlice::default() };
        importer.emit_moving(Op::StridedSlice(masks), &[apart.value, begin, end, steps], 0)?
    };
    Ok(View::ordered(value, &shape, &axes))
}
