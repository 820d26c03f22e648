//! `Resize` and `Upsample`. Each axis is a matrix: which elements of the input make each element of the result, and in which
//! shares. Where TensorFlow Lite has an operator of just these shares it is taken; else elements are gathered, or the matrix is
//! multiplied with.
//!
//! Source: the definition of `Resize` 19 and its reference in Python, `onnx/reference/ops/op_resize.py`.

use super::super::importer::Importer;
use super::super::node::{Node, axes_of};
use super::super::refusal::{Outcome, invalid, over, unsupported};
use super::super::tensor::within_limits;
use super::super::view::View;
use super::elementwise::{ADD, binary};
use super::gather;
use super::window::{image, of_image};
use crate::graph::{Op, TensorType};

/// One axis: for each element of the result the elements of the input with their shares; none where it lies outside.
type Shares = Vec<Option<Vec<(usize, f64)>>>;

/// How far shares may be from those of an operator.
const NEAR: f64 = 1e-6;

/// What is asked of an axis.
#[derive(Debug, Clone, Copy)]
struct Axis {
    input: usize,
    output: usize,
    scale: f64,
    roi: (f64, f64),
}

/// What is asked of all axes.
#[derive(Debug, Clone, Copy)]
struct Mode<'a> {
    kind: &'a str,
    coordinates: &'a str,
    nearest: &'a str,
    cubic: f64,
    antialias: bool,
    excludes_outside: bool,
}

/// `Resize` and `Upsample`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let old = node.op() == "Upsample" || node.opset < 11;
    let mode = Mode {
        kind: node.text("mode", "nearest")?,
        coordinates: if old { "asymmetric" } else { node.text("coordinate_transformation_mode", "half_pixel")? },
        nearest: if old { "simple" } else { node.text("nearest_mode", "round_prefer_floor")? },
        cubic: node.float("cubic_coeff_a", -0.75)?.into(),
        antialias: node.flag("antialias", false)?,
        excludes_outside: node.flag("exclude_outside", false)?,
    };
    let axes = axes(importer, node, &x.shape(), old)?;
    let mut shares = Vec::new();
    for axis in &axes {
        shares.push(shares_of(*axis, mode)?);
    }
    let extrapolated = node.float("extrapolation_value", 0.0)?;
    let y = resized(importer, &x, &axes, &shares, mode.kind == "nearest", extrapolated)?;
    importer.bind(node, 0, y)
}

fn axes(importer: &Importer<'_>, node: &Node<'_>, shape: &[usize], old: bool) -> Outcome<Vec<Axis>> {
    let rank = shape.len();
    let reals = |k: usize, what: &str| -> Outcome<Option<Vec<f64>>> {
        Ok(importer.constant(node, k, what)?.map(|constant| constant.reals()).filter(|list| !list.is_empty()))
    };
    let (roi, scales, sizes) = if old {
        let scales = match node.floats("scales")? {
            Some(scales) => Some(scales.iter().map(|&s| f64::from(s)).collect()),
            None => reals(1, "scales")?,
        };
        (None, scales, None)
    } else {
        (reals(1, "a region")?, reals(2, "scales")?, importer.integers(node, 3, "sizes")?.filter(|s| !s.is_empty()))
    };
    let named: Vec<usize> = match node.ints("axes")? {
        Some(axes) => axes_of(axes, rank)?,
        None => (0..rank).collect(),
    };
    let mut axes: Vec<Axis> =
        shape.iter().map(|&d| Axis { input: d, output: d, scale: 1.0, roi: (0.0, 1.0) }).collect();
    let policy = node.text("keep_aspect_ratio_policy", "stretch")?;
    let wrong = |what: &str| invalid(format!("{} {what}", named.len()), "another number of them");
    if let Some(scales) = scales {
        if scales.len() != named.len() || scales.iter().any(|s| !s.is_finite() || *s <= 0.0) {
            return Err(wrong("scales above 0"));
        }
        for (&axis, &scale) in named.iter().zip(&scales) {
            let output = (shape[axis] as f64 * scale).floor();
            axes[axis].scale = scale;
            axes[axis].output = counted(output)?;
        }
    } else if let Some(sizes) = sizes {
        if sizes.len() != named.len() {
            return Err(wrong("sizes"));
        }
        let ratios: Vec<f64> =
            named.iter().zip(&sizes).map(|(&axis, &size)| size as f64 / shape[axis] as f64).collect();
        let one = match policy {
            "stretch" => None,
            "not_larger" => Some(ratios.iter().copied().fold(f64::INFINITY, f64::min)),
            "not_smaller" => Some(ratios.iter().copied().fold(0.0, f64::max)),
            other => return Err(invalid("keep_aspect_ratio_policy stretch, not_larger or not_smaller", other)),
        };
        for (k, &axis) in named.iter().enumerate() {
            let output = one.map_or(sizes[k] as f64, |scale| (scale * shape[axis] as f64 + 0.5).floor());
            axes[axis].scale = one.unwrap_or(ratios[k]);
            axes[axis].output = counted(output)?;
        }
    } else {
        return Err(invalid("scales or sizes", "neither"));
    }
    if let Some(roi) = roi {
        if roi.len() != 2 * named.len() {
            return Err(wrong("begins and ends of a region"));
        }
        named.iter().enumerate().for_each(|(k, &axis)| axes[axis].roi = (roi[k], roi[k + named.len()]));
    }
    Ok(axes)
}

fn counted(output: f64) -> Outcome<usize> {
    const LARGEST: f64 = 1_048_576.0;
    if (1.0..=LARGEST).contains(&output) {
        return Ok(output as usize);
    }
    Err(over(format!("extents from 1 to {LARGEST}"), output.to_string()))
}

/// Where an element of the result lies on the axis of the input; none outside.
fn place(k: usize, axis: Axis, coordinates: &str) -> Outcome<Option<f64>> {
    let (x, input, wide) = (k as f64, axis.input as f64, axis.scale * axis.input as f64);
    Ok(Some(match coordinates {
        "align_corners" if wide == 1.0 => 0.0,
        "align_corners" => x * (input - 1.0) / (wide - 1.0),
        "asymmetric" => x / axis.scale,
        "pytorch_half_pixel" if wide == 1.0 => -0.5,
        "half_pixel" | "pytorch_half_pixel" => (x + 0.5) / axis.scale - 0.5,
        "half_pixel_symmetric" => {
            let offset = input / 2.0 * (1.0 - axis.output as f64 / wide);
            offset + (x + 0.5) / axis.scale - 0.5
        }
        "tf_half_pixel_for_nn" => (x + 0.5) / axis.scale,
        "tf_crop_and_resize" => {
            let (start, end) = axis.roi;
            let within = if wide == 1.0 {
                (end - start) * (input - 1.0) / 2.0
            } else {
                x * (end - start) * (input - 1.0) / (wide - 1.0)
            };
            let place = within + start * (input - 1.0);
            if place < 0.0 || place > input - 1.0 {
                return Ok(None);
            }
            place
        }
        other => return Err(invalid("a coordinate_transformation_mode of ONNX", other)),
    }))
}

fn shares_of(axis: Axis, mode: Mode<'_>) -> Outcome<Shares> {
    if axis.input == axis.output && axis.scale == 1.0 && mode.coordinates != "tf_crop_and_resize" {
        return Ok((0..axis.input).map(|k| Some(vec![(k, 1.0)])).collect());
    }
    let all = (0..axis.output).map(|k| match place(k, axis, mode.coordinates)? {
        None => Ok(None),
        Some(place) => neighbours(place, axis, mode).map(Some),
    });
    all.collect()
}

/// The elements around a place, with their shares.
fn neighbours(place: f64, axis: Axis, mode: Mode<'_>) -> Outcome<Vec<(usize, f64)>> {
    // The left neighbour is one that is truly to the left.
    let left = if place.fract() == 0.0 { place - 1.0 } else { place.floor() };
    let ratio = place - left;
    let coefficients: Vec<f64> = match (mode.kind, mode.antialias) {
        ("nearest", _) => {
            let right = match mode.nearest {
                _ if ratio == 1.0 => true,
                "round_prefer_floor" => ratio > 0.5,
                "round_prefer_ceil" => ratio >= 0.5,
                "floor" => false,
                "ceil" => true,
                // Before operator set 11.
                "simple" => axis.scale < 1.0,
                other => return Err(invalid("a nearest_mode of ONNX", other)),
            };
            if right { vec![0.0, 1.0] } else { vec![1.0, 0.0] }
        }
        ("linear", false) => vec![1.0 - ratio, ratio],
        ("linear", true) => filtered(axis.scale, ratio, 1.0, |x| (1.0 - x).max(0.0)),
        ("cubic", antialias) => {
            let a = mode.cubic;
            let curve = move |x: f64| {
                if x <= 1.0 {
                    ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
                } else if x < 2.0 {
                    ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
                } else {
                    0.0
                }
            };
            if antialias {
                filtered(axis.scale, ratio, 2.0, curve)
            } else {
                vec![curve(ratio + 1.0), curve(ratio), curve(1.0 - ratio), curve(2.0 - ratio)]
            }
        }
        (other, _) => return Err(invalid("mode nearest, linear or cubic", other)),
    };
    let first = left - (coefficients.len() / 2) as f64 + 1.0;
    let last = axis.input as f64 - 1.0;
    let outside = |k: usize| !(0.0..=last).contains(&(first + k as f64));
    let kept: Vec<f64> = coefficients
        .iter()
        .enumerate()
        .map(|(k, &c)| if mode.excludes_outside && outside(k) { 0.0 } else { c })
        .collect();
    let sum: f64 = if mode.excludes_outside { kept.iter().sum() } else { 1.0 };
    let mut shares: Vec<(usize, f64)> = Vec::new();
    for (k, c) in kept.into_iter().enumerate().filter(|&(_, c)| c != 0.0) {
        let at = (first + k as f64).clamp(0.0, last) as usize;
        match shares.iter_mut().find(|(place, _)| *place == at) {
            Some((_, share)) => *share += c / sum,
            None => shares.push((at, c / sum)),
        }
    }
    Ok(shares)
}

/// A filter that is as much wider as the result is smaller.
fn filtered(scale: f64, ratio: f64, radius: f64, curve: impl Fn(f64) -> f64) -> Vec<f64> {
    /// Elements of a filter.
    const MOST: f64 = 65536.0;
    let scale = scale.min(1.0);
    let start = ((-radius / scale).floor() + 1.0).max(-MOST);
    let count = (2.0 - 2.0 * start) as usize;
    let all: Vec<f64> = (0..count).map(|k| curve((scale * (start + k as f64 - ratio)).abs())).collect();
    let sum: f64 = all.iter().sum();
    all.into_iter().map(|c| c / sum).collect()
}

fn resized(
    importer: &mut Importer<'_>,
    x: &View,
    axes: &[Axis],
    shares: &[Shares],
    nearest: bool,
    extrapolated: f32,
) -> Outcome<View> {
    let same = |k: usize| {
        shares[k].len() == axes[k].input
            && shares[k].iter().enumerate().all(|(at, s)| s.as_deref() == Some(&[(at, 1.0)]))
    };
    let changed: Vec<usize> = (0..axes.len()).filter(|&k| !same(k)).collect();
    let inside = shares.iter().flatten().all(Option::is_some);
    let mut y = x.clone();
    if inside
        && changed.iter().all(|&k| k >= 2)
        && !changed.is_empty()
        && matches!(axes.len(), 3 | 4)
        && let Some(op) = named(axes, shares, nearest)
    {
        let image = image(importer, x)?;
        let size = if axes.len() == 4 { [axes[2].output, axes[3].output] } else { [1, axes[2].output] };
        let size = importer.add_integers(&[2], &size)?;
        let value = importer.emit_moving(op, &[image.value, size], 0)?;
        return of_image(importer, value, axes.len());
    }
    for &k in &changed {
        y = if nearest && inside {
            gathered(importer, &y, k, &shares[k])?
        } else {
            multiplied(importer, &y, k, &shares[k])?
        };
    }
    if inside { Ok(y) } else { outside(importer, &y, shares, extrapolated) }
}

/// TensorFlow Lite's operator of these shares.
fn named(axes: &[Axis], shares: &[Shares], nearest: bool) -> Option<Op> {
    let fits = |align_corners: bool, half_pixel_centers: bool| {
        (2..axes.len()).all(|k| {
            let Axis { input, output, .. } = axes[k];
            (0..output).all(|at| {
                let theirs = if nearest {
                    vec![(nearest_of(at, input, output, align_corners, half_pixel_centers), 1.0)]
                } else {
                    linear_of(at, input, output, align_corners, half_pixel_centers)
                };
                shares[k][at].as_ref().is_some_and(|ours| are_near(ours, &theirs))
            })
        })
    };
    let flags = [(false, false), (false, true), (true, false)];
    let (align_corners, half_pixel_centers) = flags.into_iter().find(|&(a, h)| fits(a, h))?;
    Some(if nearest {
        Op::ResizeNearestNeighbor { align_corners, half_pixel_centers }
    } else {
        Op::ResizeBilinear { align_corners, half_pixel_centers }
    })
}

fn are_near(a: &[(usize, f64)], b: &[(usize, f64)]) -> bool {
    let share = |list: &[(usize, f64)], at: usize| list.iter().filter(|(k, _)| *k == at).map(|(_, s)| s).sum::<f64>();
    a.iter().chain(b).all(|&(at, _)| (share(a, at) - share(b, at)).abs() < NEAR)
}

fn ratio(input: usize, output: usize, align_corners: bool) -> f32 {
    if align_corners && output > 1 { (input - 1) as f32 / (output - 1) as f32 } else { input as f32 / output as f32 }
}

/// Source: TensorFlow Lite's `GetNearestNeighbor`, in single precision.
fn nearest_of(at: usize, input: usize, output: usize, align_corners: bool, half_pixel_centers: bool) -> usize {
    let offset = if half_pixel_centers { 0.5 } else { 0.0 };
    let place = (at as f32 + offset) * ratio(input, output, align_corners);
    (if align_corners { place.round() } else { place.floor() } as usize).min(input - 1)
}

/// Source: TensorFlow Lite's `ComputeInterpolationValues`, in single precision.
fn linear_of(
    at: usize,
    input: usize,
    output: usize,
    align_corners: bool,
    half_pixel_centers: bool,
) -> Vec<(usize, f64)> {
    let ratio = ratio(input, output, align_corners);
    let place = if half_pixel_centers { (at as f32 + 0.5) * ratio - 0.5 } else { at as f32 * ratio };
    let low = (place.floor().max(0.0) as usize).min(input - 1);
    let high = (place.ceil().max(0.0) as usize).min(input - 1);
    let weight = f64::from(place - low as f32);
    if low == high { vec![(low, 1.0)] } else { vec![(low, 1.0 - weight), (high, weight)] }
}

/// One element each.
fn gathered(importer: &mut Importer<'_>, x: &View, axis: usize, shares: &Shares) -> Outcome<View> {
    let places = shares.iter().map(|share| match share.as_deref() {
        Some(&[(at, _)]) => Ok(at),
        _ => Err(invalid("one element each", "several")),
    });
    let places = places.collect::<Outcome<Vec<_>>>()?;
    let indices = importer.add_integers(&[places.len()], &places)?;
    gather::along(importer, x, axis, indices, places.len())
}

/// The axis times the matrix of its shares.
fn multiplied(importer: &mut Importer<'_>, x: &View, axis: usize, shares: &Shares) -> Outcome<View> {
    if importer.dtype(x.value) != TensorType::Float32 {
        return Err(unsupported("mixes elements of integers", "resize by the nearest element"));
    }
    let (x, axes, place) = importer.apart_along(x, axis)?;
    let memory = x.memory();
    let (input, output) = (memory[place], shares.len());
    within_limits(&[output, input], size_of::<f32>())?;
    let mut matrix = vec![0f32; output * input];
    for (row, share) in shares.iter().enumerate() {
        for &(at, share) in share.iter().flatten() {
            matrix[row * input + at] = share as f32;
        }
    }
    let matrix = importer.add_floats(&[output, input], matrix)?;
    let (front, back): (usize, usize) = (memory[..place].iter().product(), memory[place + 1..].iter().product());
    let rows = importer.reshape(x.value, &[front, input, back])?;
    let product = Op::BatchMatMul { adj_x: false, adj_y: false };
    let value = importer.emit(product, &[matrix, rows], TensorType::Float32)?;
    let mut extents = memory;
    extents[place] = output;
    let value = importer.reshape(value, &extents)?;
    let mut shape = x.shape();
    shape[axis] = output;
    Ok(View::ordered(value, &shape, &axes))
}

/// The extrapolated number where an axis lies outside; the shares of such elements are 0.
fn outside(importer: &mut Importer<'_>, y: &View, shares: &[Shares], number: f32) -> Outcome<View> {
    let shape: Vec<usize> = shares.iter().map(Vec::len).collect();
    let count = within_limits(&shape, size_of::<f32>())?;
    let steps = super::super::constant::strides(&shape);
    let is_outside = |k: usize| (0..shape.len()).any(|axis| shares[axis][k / steps[axis] % shape[axis]].is_none());
    let numbers = (0..count).map(|k| if is_outside(k) { number } else { 0.0 }).collect();
    let value = importer.add_floats(&shape, numbers)?;
    binary(importer, ADD, y, &View::plain(value, &shape))
}
