//! `Pad`: `PAD` for zeros, `PADV2` for other numbers, `MIRROR_PAD` for reflections.

use super::super::importer::Importer;
use super::super::node::{Node, axes_of};
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::slice::{self, Range};
use crate::data::{Array, Elements};
use crate::graph::{Op, TensorType, ValueId};

/// Elements before and behind an axis.
pub(super) type Around = [usize; 2];

/// `Pad`; attributes before operator set 11, inputs since.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let pads = importer.attribute_or_integers(node, "pads", 1, "paddings")?;
    let pads = pads.ok_or_else(|| invalid("paddings", "none"))?;
    let axes = match importer.integers(node, 3, "axes")? {
        Some(axes) => axes_of(&axes, x.rank())?,
        None => (0..x.rank()).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(invalid(format!("{} paddings", 2 * axes.len()), pads.len().to_string()));
    }
    let (mut around, mut cut) = (vec![[0, 0]; x.rank()], vec![[0, 0]; x.rank()]);
    for (k, &axis) in axes.iter().enumerate() {
        for (side, at) in [(0, k), (1, k + axes.len())] {
            let size = usize::try_from(pads[at].unsigned_abs()).unwrap_or(usize::MAX);
            if pads[at] < 0 { cut[axis][side] = size } else { around[axis][side] = size }
        }
    }
    // Paddings below 0 take away.
    let range = |(&extent, &[before, behind]): (&usize, &Around)| {
        let left = extent.checked_sub(before).and_then(|left| left.checked_sub(behind));
        let extent = left.ok_or_else(|| invalid(format!("at most {extent} elements to take away"), "more"))?;
        Ok(Range { begin: before, step: 1, extent })
    };
    let ranges = x.shape().iter().zip(&cut).map(range).collect::<Outcome<Vec<_>>>()?;
    let x = slice::cut(importer, &x, &ranges)?;
    let y = match node.text("mode", "constant")? {
        "constant" => {
            let value = match importer.constant(node, 2, "a padding value")? {
                Some(value) => value.scalar().ok_or_else(|| invalid("one padding value", "several"))?,
                None => f64::from(node.float("value", 0.0)?),
            };
            constant(importer, &x, &around, value)?
        }
        "reflect" => mirror(importer, &x, &around, false)?,
        "edge" => edge(importer, &x, &around)?,
        mode => return Err(node.refuse_value("mode", mode, "export it with constant, reflect or edge padding")),
    };
    importer.bind(node, 0, y)
}

fn padded(x: &View, around: &[Around]) -> Outcome<Vec<usize>> {
    let sum = |(&extent, &[before, behind]): (&usize, &Around)| extent.checked_add(before)?.checked_add(behind);
    let shape = x.shape().iter().zip(around).map(sum).collect::<Option<_>>();
    shape.ok_or_else(|| invalid("extents that can be counted", format!("{around:?}")))
}

/// The paddings as an operand for extents in memory that are these axes.
fn operand(importer: &mut Importer<'_>, axes: &[Option<usize>], around: &[Around]) -> Outcome<ValueId> {
    let pairs: Vec<usize> = axes.iter().flat_map(|axis| axis.map_or([0, 0], |axis| around[axis])).collect();
    importer.add_integers(&[axes.len(), 2], &pairs)
}

/// A number around a tensor.
pub(super) fn constant(importer: &mut Importer<'_>, x: &View, around: &[Around], number: f64) -> Outcome<View> {
    if around.iter().all(|&sides| sides == [0, 0]) {
        return Ok(x.clone());
    }
    let shape = padded(x, around)?;
    let (x, axes) = importer.apart(x)?;
    let paddings = operand(importer, &axes, around)?;
    let value = if number == 0.0 {
        importer.emit_moving(Op::Pad, &[x.value, paddings], 0)?
    } else {
        let elements = match importer.dtype(x.value) {
            TensorType::Float32 => Elements::Float32(vec![number as f32]),
            TensorType::Int32 => Elements::Int32(vec![number as i32]),
            TensorType::Int64 => Elements::Int64(vec![number as i64]),
            TensorType::Int8 => Elements::Int8(vec![number as i8]),
            TensorType::UInt8 => Elements::UInt8(vec![number as u8]),
            other => return Err(unsupported(format!("pads {other:?}"), "export it in float32")),
        };
        let array = Array::new([1], elements).map_err(|_| invalid("one number", "several"))?;
        let number = importer.add_constant(&super::super::constant::Constant::new(array))?;
        importer.emit_moving(Op::PadV2, &[x.value, paddings, number], 0)?
    };
    Ok(View::ordered(value, &shape, &axes))
}

/// A tensor's mirror image around it: with the outermost elements (`symmetric`) or without.
fn mirror(importer: &mut Importer<'_>, x: &View, around: &[Around], symmetric: bool) -> Outcome<View> {
    let edge = usize::from(!symmetric);
    let most = |(&extent, sides): (&usize, &Around)| sides.iter().all(|&side| side.saturating_add(edge) <= extent);
    if !x.shape().iter().zip(around).all(most) {
        return Err(unsupported("mirrors more than there is", "pad with less than the extent"));
    }
    let shape = padded(x, around)?;
    let (x, axes) = importer.apart(x)?;
    let paddings = operand(importer, &axes, around)?;
    let value = importer.emit_moving(Op::MirrorPad { symmetric }, &[x.value, paddings], 0)?;
    Ok(View::ordered(value, &shape, &axes))
}

/// The outermost elements repeated: mirrored one by one, with the edge.
fn edge(importer: &mut Importer<'_>, x: &View, around: &[Around]) -> Outcome<View> {
    const MOST: usize = 64;
    let (mut left, mut y) = (around.to_vec(), x.clone());
    if around.iter().flatten().any(|&side| side > MOST) {
        return Err(unsupported(format!("repeats an edge more than {MOST} times"), "pad with a number"));
    }
    while left.iter().any(|&sides| sides != [0, 0]) {
        let step: Vec<Around> = left.iter().map(|sides| sides.map(|side| side.min(1))).collect();
        y = mirror(importer, &y, &step, true)?;
        left.iter_mut().zip(&step).for_each(|(left, step)| *left = [left[0] - step[0], left[1] - step[1]]);
    }
    Ok(y)
}
