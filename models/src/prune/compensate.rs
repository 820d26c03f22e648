//! What channels that go had been adding to the layers that read them, put into those layers' biases.

use ndarray::{ArrayD, Axis};
use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::channels::Bias;
use super::groups::{Along, Channels};
use super::importance::{layer_activity, read_channels};
use crate::data::Array;
use crate::graph::{Conv2d, Graph, Node, Op, Padding, Value};
use crate::weighted::weighted;

/// What of the inputs that a layer lost went into its bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Folded {
    /// Inputs that were constant on the data: what they had been adding is in the bias, exactly.
    pub exactly: u64,
    /// Inputs that were constant, at windows that reach into padding, where they had not been adding anything: what they had been
    /// adding on average over all positions is in the bias.
    pub near_padding: u64,
    /// Inputs that were not constant: their mean is in the bias.
    pub by_mean: u64,
}

/// Changes the bias of a layer for the channels that go; they are still there afterwards.
pub(super) fn compensate(
    graph: &mut Graph,
    n: usize,
    channels: &mut Channels,
    removed: &[bool],
    activity: &Activity,
    bias: Bias,
) -> Folded {
    let mut folded = Folded::default();
    let node = &graph.nodes[n];
    let (Some(read), Some(places)) = (read_channels(graph, channels, n), weighted(&node.op)) else { return folded };
    let Some(layer) = layer_activity(activity, n, &node.name) else { return folded };
    let Some(weights) = graph.input(node, places.weights).and_then(|w| w.as_f32()).map(|w| w.to_owned()) else {
        return folded;
    };
    let (seen, sees_padding) = seen(graph, node, weights.shape());
    let mut sums = match graph.input(node, places.bias).and_then(|b| b.as_f32()) {
        Some(bias) => bias.iter().map(|&b| f64::from(b)).collect(),
        None => vec![0.0; weights.shape()[places.out_axis]],
    };
    for (k, (&channel, x)) in read.channels.iter().zip(&layer.inputs).enumerate() {
        let is_wanted = match bias {
            Bias::Leave => false,
            Bias::Constant => x.is_constant(),
            Bias::Mean => true,
        };
        if !removed[channels.root(channel)] || !is_wanted {
            continue;
        }
        let counted = match (x.is_constant(), sees_padding) {
            (true, false) => &mut folded.exactly,
            (true, true) => &mut folded.near_padding,
            (false, _) => &mut folded.by_mean,
        };
        *counted += 1;
        // A channel that is always 0 has nothing to fold.
        for (o, sum) in sums.iter_mut().enumerate().filter(|_| x.mean != 0.0) {
            *sum += x.mean * sum_of(&weights, places.out_axis, o, read.axis, k, &seen);
        }
    }
    if folded != Folded::default() {
        put_bias(graph, channels, n, places.bias, &sums);
    }
    folded
}

/// The sum of the weights between input `k` and output `o`, each by the share of positions at which it sees the image.
fn sum_of(weights: &ArrayD<f32>, out_axis: usize, o: usize, in_axis: usize, k: usize, seen: &[f64]) -> f64 {
    let filter = weights.index_axis(Axis(out_axis), o);
    let in_axis = if in_axis > out_axis { in_axis - 1 } else { in_axis };
    filter.index_axis(Axis(in_axis), k).iter().zip(seen).map(|(&w, seen)| f64::from(w) * seen).sum()
}

/// For each tap of a layer's window, row by row, the share of output positions at which it lies on the image and not on padding;
/// and whether any is below 1. A transposed convolution's taps each meet as many results as there are input pixels.
fn seen(graph: &Graph, node: &Node, weights: &[usize]) -> (Vec<f64>, bool) {
    let shape = |k: usize| graph.input(node, k).map_or(&[][..], |value| value.shape.as_slice());
    let y = node.outputs.first().map_or(&[][..], |&id| graph.value(id).shape.as_slice());
    match (&node.op, weights, y) {
        (Op::Conv2d(conv), &[_, kh, kw, _], &[_, rows, columns, _]) => {
            let image = shape(0);
            let along = |axis: usize, taps, positions| seen_along(conv, axis, image[1 + axis], taps, positions);
            let (rows, columns) = (along(0, kh, rows), along(1, kw, columns));
            let seen: Vec<f64> = rows.iter().flat_map(|r| columns.iter().map(move |c| r * c)).collect();
            let sees_padding = seen.iter().any(|&share| share < 1.0);
            (seen, sees_padding)
        }
        (Op::TransposeConv { .. }, &[_, kh, kw, _], &[_, rows, columns, _]) => {
            let pixels: usize = shape(2)[1..3].iter().product();
            (vec![pixels as f64 / (rows * columns).max(1) as f64; kh * kw], true)
        }
        _ => (vec![1.0], false),
    }
}

/// Source of the padding: TensorFlow Lite's `ComputePaddingWithOffset`.
fn seen_along(conv: &Conv2d, axis: usize, input: usize, taps: usize, positions: usize) -> Vec<f64> {
    if conv.padding == Padding::Valid {
        return vec![1.0; taps];
    }
    let [stride, dilation] = [conv.stride[axis], conv.dilation[axis]].map(|d| usize::try_from(d).unwrap_or(1));
    let reach = positions.saturating_sub(1) * stride + taps.saturating_sub(1) * dilation + 1;
    let before = reach.saturating_sub(input) / 2;
    let is_seen = |p: usize, tap: usize| {
        let at = p * stride + tap * dilation;
        at >= before && at - before < input
    };
    let share = |tap| (0..positions).filter(|&p| is_seen(p, tap)).count() as f64 / positions.max(1) as f64;
    (0..taps).map(share).collect()
}

fn put_bias(graph: &mut Graph, channels: &mut Channels, n: usize, place: usize, sums: &[f64]) {
    let sums: Vec<f32> = sums.iter().map(|&b| b as f32).collect();
    let node = &graph.nodes[n];
    let name = match graph.input(node, place) {
        Some(bias) => bias.name.clone(),
        None => format!("{}/bias", node.name),
    };
    // Other layers may share the old one.
    let bias = graph.add(Value::constant(name, Array::vector(sums)));
    let inputs = &mut graph.nodes[n].inputs;
    inputs.resize(inputs.len().max(place + 1), None);
    inputs[place] = Some(bias);
    let made = channels.made.get(&n).cloned().unwrap_or_default();
    channels.bind(graph, bias, Along { axis: 0, channels: made });
}
