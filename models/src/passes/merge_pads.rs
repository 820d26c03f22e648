//! `PAD` before an operator that can pad by itself, and a `PAD` of a `PAD`.

use super::edit::{integers, stored_alike};
use crate::graph::{Activation, Conv2d, Graph, GraphError, Node, Op, Padding, Pool2d, TensorType, Value, ValueId};
use crate::weighted::activation;

/// Lets convolutions and pools whose input is padded read what is before the padding,
/// - with [`Padding::Same`], where its windows then lie on the same elements: as many of them, the same number of padded
///   elements before;
/// - a maximum pool only where the padded elements never win: they are the least number, or all others are at least 0;
///   an average pool never, since it counts padded elements only when they were put there by `PAD`.
///
/// A `PAD` whose input is a `PAD` with the same elements pads by both at once.
///
/// # Errors
/// When the graph is not sound.
pub fn merge_pads(mut graph: Graph) -> Result<Graph, GraphError> {
    graph.check()?;
    // Nodes change what they read here, never what they write.
    let producers = graph.producers();
    for n in 0..graph.nodes.len() {
        while merge_nested(&mut graph, &producers, n) {}
        merge_into_window(&mut graph, &producers, n);
    }
    Ok(graph)
}

/// A `PAD` or `PADV2`: what is padded, by how much before and after along each axis, and with what.
struct Pad<'g> {
    x: ValueId,
    y: ValueId,
    by: Vec<[i64; 2]>,
    /// None for the number that stands for a real 0.
    with: Option<&'g Value>,
}

fn pad<'g>(graph: &'g Graph, node: &Node) -> Option<Pad<'g>> {
    let with = match node.op {
        Op::Pad => None,
        Op::PadV2 => Some(graph.input(node, 2).filter(|value| value.constant.is_some())?),
        _ => return None,
    };
    let by = graph.input(node, 1)?.as_integers()?.as_chunks::<2>().0.to_vec();
    let (x, y) = (node.input(0)?, *node.outputs.first()?);
    stored_alike(graph, x, y).then_some(Pad { x, y, by, with })
}

fn pad_before<'g>(graph: &'g Graph, producers: &[Option<usize>], node: &Node) -> Option<Pad<'g>> {
    let producer = producers[node.input(0)?.index()]?;
    pad(graph, &graph.nodes[producer])
}

fn merge_nested(graph: &mut Graph, producers: &[Option<usize>], n: usize) -> bool {
    let merged = || {
        let node = &graph.nodes[n];
        let (outer, inner) = (pad(graph, node)?, pad_before(graph, producers, node)?);
        let same = match (outer.with, inner.with) {
            (None, None) => true,
            (Some(a), Some(b)) => a.constant == b.constant && a.quantization == b.quantization,
            (None, Some(_)) | (Some(_), None) => false,
        };
        let sum = |(a, b): (&[i64; 2], &[i64; 2])| [a[0] + b[0], a[1] + b[1]];
        let by: Vec<i64> = outer.by.iter().zip(&inner.by).flat_map(sum).collect();
        let by: Vec<i32> = by.into_iter().map(i32::try_from).collect::<Result<_, _>>().ok()?;
        same.then_some((inner.x, by))
    };
    let Some((x, by)) = merged() else { return false };
    let name = format!("{}/paddings", graph.nodes[n].name);
    let by = integers(graph, name, &[by.len() / 2, 2], by);
    graph.nodes[n].inputs[0] = Some(x);
    graph.nodes[n].inputs[1] = Some(by);
    true
}

fn merge_into_window(graph: &mut Graph, producers: &[Option<usize>], n: usize) {
    let node = &graph.nodes[n];
    let Some(pad) = pad_before(graph, producers, node) else { return };
    let weights = || graph.input(node, 1).and_then(|w| <[usize; 4]>::try_from(w.shape.as_slice()).ok());
    let fits = match &node.op {
        Op::Conv2d(conv) | Op::DepthwiseConv2d { conv, .. } => {
            weights().is_some_and(|[_, kh, kw, _]| pad.with.is_none() && is_same(graph, &pad, conv, [kh, kw]))
        }
        Op::MaxPool2d(Pool2d { padding, stride, window, activation }) => {
            let slide = Conv2d { padding: *padding, stride: *stride, dilation: [1, 1], activation: *activation };
            let [kh, kw] = window.map(|w| usize::try_from(w).unwrap_or_default());
            never_wins(graph, producers, &pad) && is_same(graph, &pad, &slide, [kh, kw])
        }
        _ => false,
    };
    let x = pad.x;
    if !fits {
        return;
    }
    let node = &mut graph.nodes[n];
    node.inputs[0] = Some(x);
    if let Op::Conv2d(Conv2d { padding, .. })
    | Op::DepthwiseConv2d { conv: Conv2d { padding, .. }, .. }
    | Op::MaxPool2d(Pool2d { padding, .. }) = &mut node.op
    {
        *padding = Padding::Same;
    }
}

/// Whether a window over the padded image lies as one over the image itself that pads by `SAME`.
///
/// Source: TensorFlow Lite's `ComputeOutSize` and `ComputePaddingWithOffset`.
fn is_same(graph: &Graph, pad: &Pad<'_>, slide: &Conv2d, window: [usize; 2]) -> bool {
    let [none_before, rows, columns, none_after] = pad.by[..] else { return false };
    if slide.padding != Padding::Valid || [none_before, none_after] != [[0, 0]; 2] {
        return false;
    }
    let shape = |id: ValueId, axis: usize| i64::try_from(graph.value(id).shape[axis]).unwrap_or(i64::MAX);
    [rows, columns].iter().enumerate().all(|(k, &[before, _])| {
        let (input, padded) = (shape(pad.x, 1 + k), shape(pad.y, 1 + k));
        let (stride, dilation) = (i64::from(slide.stride[k]), i64::from(slide.dilation[k]));
        let extent = i64::try_from(window[k].saturating_sub(1)).unwrap_or(i64::MAX).saturating_mul(dilation) + 1;
        let positions = (padded - extent) / stride + 1;
        let reach = (positions - 1) * stride + extent;
        positions == input.div_euclid(stride) + i64::from(input % stride != 0) && before == (reach - input).max(0) / 2
    })
}

/// Whether padded elements are never larger than the others.
fn never_wins(graph: &Graph, producers: &[Option<usize>], pad: &Pad<'_>) -> bool {
    let is_float = graph.value(pad.x).dtype == TensorType::Float32;
    match pad.with {
        Some(with) if is_float => with.as_f32().is_some_and(|with| with.iter().all(|&with| with <= f32::MIN)),
        Some(with) => with.as_integers().is_some_and(|with| with.iter().all(|&with| with == i64::from(i8::MIN))),
        None if is_float => producers[pad.x.index()].is_some_and(|n| {
            let op = &graph.nodes[n].op;
            matches!(activation(op), Some(Activation::Relu | Activation::Relu6))
                || matches!(op, Op::Relu | Op::Relu6 | Op::Logistic | Op::Softmax { .. } | Op::Abs | Op::Exp)
        }),
        None => false,
    }
}
