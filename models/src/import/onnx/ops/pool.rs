//! `MaxPool`, `AveragePool` and their global forms.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::conv::padded;
use super::elementwise::{MUL, binary};
use super::slice::{self, Range};
use super::window::{Axis, Window, extents, image, of_image, window};
use super::{pad, reduce};
use crate::graph::{Activation, Op, Padding, Pool2d, TensorType};

/// `MaxPool` and `AveragePool`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let y = pool(importer, node, &x)?;
    importer.bind(node, 0, y)
}

pub(super) fn pool(importer: &mut Importer<'_>, node: &Node<'_>, x: &View) -> Outcome<View> {
    let shape = x.shape();
    let x = image(importer, x)?;
    let kernel = extents(node, "kernel_shape", shape.len() - 2)?.ok_or_else(|| invalid("a kernel_shape", "none"))?;
    let window = window(node, &shape[2..], &kernel, node.flag("ceil_mode", false)?)?;
    let dilated = window.axes.iter().any(|axis| axis.dilation > 1 && axis.kernel > 1);
    match (node.op(), dilated) {
        ("MaxPool", false) => max(importer, &x, window),
        ("MaxPool", true) => max_of_taps(importer, &x, window),
        (_, false) => average(importer, &x, window, node.flag("count_include_pad", false)?),
        (_, true) => Err(unsupported("an average with dilations", "use a depthwise convolution")),
    }
}

fn options(window: Window, padding: Padding) -> Outcome<Pool2d> {
    Ok(Pool2d {
        padding,
        stride: window.pair(|axis| axis.stride)?,
        window: window.pair(|axis| axis.kernel)?,
        activation: Activation::None,
    })
}

/// The least number of a type that maxima are taken of.
fn least(importer: &Importer<'_>, x: &View) -> Outcome<f64> {
    match importer.dtype(x.value) {
        TensorType::Float32 => Ok(f32::MIN.into()),
        TensorType::Int8 => Ok(i8::MIN.into()),
        TensorType::UInt8 => Ok(0.0),
        other => Err(unsupported(format!("a maximum of {other:?}"), "export it in float32")),
    }
}

fn max(importer: &mut Importer<'_>, x: &View, window: Window) -> Outcome<View> {
    let least = least(importer, x)?;
    let (x, padding) = match window.padding() {
        Some(padding) => (x.clone(), padding),
        None => (pad::constant(importer, x, &window.around(x.rank()), least)?, Padding::Valid),
    };
    let value = importer.emit_moving(Op::MaxPool2d(options(window, padding)?), &[x.value], 0)?;
    of_image(importer, value, x.rank())
}

/// A window with gaps: the maximum of its elements, each an image of its own.
fn max_of_taps(importer: &mut Importer<'_>, x: &View, window: Window) -> Outcome<View> {
    /// Elements of such a window.
    const MOST: usize = 64;
    let [rows, columns] = window.axes;
    if rows.kernel * columns.kernel > MOST {
        return Err(unsupported(format!("a dilated window of more than {MOST} elements"), "pool without dilations"));
    }
    let least = least(importer, x)?;
    let x = pad::constant(importer, x, &window.around(x.rank()), least)?;
    let shape = x.shape();
    let whole = |k: usize| Range { begin: 0, step: 1, extent: shape[k] };
    let along = |axis: Axis, tap: usize| Range {
        begin: tap * axis.dilation,
        step: i64::try_from(axis.stride).unwrap_or(i64::MAX),
        extent: axis.output,
    };
    let mut largest: Option<View> = None;
    for row in 0..rows.kernel {
        for column in 0..columns.kernel {
            let mut ranges = vec![whole(0), whole(1)];
            if x.rank() == 4 {
                ranges.push(along(rows, row));
            }
            ranges.push(along(columns, column));
            let tap = slice::cut(importer, &x, &ranges)?;
            largest = Some(match largest {
                None => tap,
                Some(largest) => binary(importer, Op::Maximum, &largest, &tap)?,
            });
        }
    }
    largest.ok_or_else(|| invalid("a window with elements", "none"))
}

/// The mean of each window. TensorFlow Lite's own leaves padding out; where the file counts other elements than that, zeros
/// are put around and the means of the windows at the edge corrected.
fn average(importer: &mut Importer<'_>, x: &View, window: Window, counts_padding: bool) -> Outcome<View> {
    if importer.dtype(x.value) != TensorType::Float32 {
        return Err(unsupported("an average of integers", "export it in float32"));
    }
    let area = |axis: Axis| axis.kernel as f32;
    let counts = window.axes.map(|axis| counts(axis, counts_padding));
    let all_counted = |k: usize| counts[k].iter().all(|&count| count == window.axes[k].kernel);
    let leaves_out = window.padding() == Some(Padding::Same) && !counts_padding;
    let (x, padding) = if leaves_out || window.padding() == Some(Padding::Valid) {
        padded(importer, x, window)?
    } else {
        (pad::constant(importer, x, &window.around(x.rank()), 0.0)?, Padding::Valid)
    };
    let value = importer.emit(Op::AveragePool2d(options(window, padding)?), &[x.value], TensorType::Float32)?;
    let y = of_image(importer, value, x.rank())?;
    if padding == Padding::Same || all_counted(0) && all_counted(1) {
        return Ok(y);
    }
    let [rows, columns] = window.axes;
    let factor = |row: usize, column: usize| area(rows) * area(columns) / (row as f32 * column as f32);
    let factors: Vec<f32> = counts[0].iter().flat_map(|&r| counts[1].iter().map(move |&c| factor(r, c))).collect();
    let shape = if y.rank() == 4 { vec![1, rows.output, columns.output] } else { vec![1, columns.output] };
    let value = importer.add_floats(&shape, factors)?;
    binary(importer, MUL, &y, &View::plain(value, &shape))
}

/// How many elements of each window along an axis are counted.
fn counts(axis: Axis, counts_padding: bool) -> Vec<usize> {
    let Axis { input, output, kernel, stride, pads: [before, behind], .. } = axis;
    let (low, high) = if counts_padding { (0, before + input + behind) } else { (before, before + input) };
    let count = |k: usize| (k * stride..k * stride + kernel).filter(|place| (low..high).contains(place)).count();
    (0..output).map(|k| count(k).max(1)).collect()
}

/// `GlobalAveragePool` and `GlobalMaxPool`.
pub(super) fn global<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let op = if node.op() == "GlobalMaxPool" { reduce::Reduction::Max } else { reduce::Reduction::Mean };
    let axes: Vec<usize> = (2..x.rank()).collect();
    let y = reduce::over(importer, op, &x, &axes, true)?;
    importer.bind(node, 0, y)
}
