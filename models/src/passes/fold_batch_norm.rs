//! Factors and terms for each channel, folded into the layer beside them.

use ndarray::{ArrayD, Axis, Dimension};

use super::edit::{only_reader, stand_in};
use crate::graph::{Activation, Conv2d, Graph, GraphError, Node, Op, Padding, TensorType, Value, ValueId};
use crate::weighted::{Weighted, activation_mut, weighted};

/// Folds `ADD`, `SUB`, `MUL` and `DIV` by one constant, or one for each channel, into the weights and bias of
/// `CONV_2D`, `DEPTHWISE_CONV_2D`, `TRANSPOSE_CONV` and `FULLY_CONNECTED`, float32 only.
///
/// After a layer, `y = s (w x + b) + t` is `(s w) x + (s b + t)`. Before one, `w (s x + t) + b` is `(w s) x + (b + w t)`,
/// where `t` is 0 or the window never leaves the image: elements padded by the layer are not `t`. The node in between must be the
/// only one that reads what the first one makes; weights that several layers share are not changed.
///
/// Products are made in double precision and rounded once. What would not be finite is left alone.
///
/// # Errors
/// When the graph is not sound.
pub fn fold_batch_norm(mut graph: Graph) -> Result<Graph, GraphError> {
    graph.check()?;
    let mut n = 0;
    while n < graph.nodes.len() {
        if fold_after(&mut graph, n) || fold_before(&mut graph, n) {
            graph.nodes.remove(n);
            // What stands around it may now fold, too.
            n = 0;
        } else {
            n += 1;
        }
    }
    Ok(graph)
}

/// `y = factor x + term` for each channel, which is the last axis.
struct Affine {
    x: ValueId,
    factor: Vec<f64>,
    term: Vec<f64>,
    activation: Activation,
}

/// What a node does, if it is that.
fn affine(graph: &Graph, node: &Node) -> Option<Affine> {
    let (a, b, y) = (node.input(0)?, node.input(1)?, *node.outputs.first()?);
    if graph.value(y).dtype != TensorType::Float32 {
        return None;
    }
    let channels = *graph.value(y).shape.last()?;
    let (x, constant, x_is_first) = match (per_channel(graph.value(a), channels), per_channel(graph.value(b), channels))
    {
        (None, Some(constant)) => (a, constant, true),
        (Some(constant), None) => (b, constant, false),
        (None, None) | (Some(_), Some(_)) => return None,
    };
    if graph.value(x).shape != graph.value(y).shape {
        return None;
    }
    let (ones, zeros) = (vec![1.0; channels], vec![0.0; channels]);
    let map = |f: fn(f64) -> f64| constant.iter().copied().map(f).collect();
    let (factor, term, activation) = match (&node.op, x_is_first) {
        (&Op::Add { activation, .. }, _) => (ones, constant, activation),
        (&Op::Sub { activation, .. }, true) => (ones, map(|c| -c), activation),
        (&Op::Sub { activation, .. }, false) => (map(|_| -1.0), constant, activation),
        (&Op::Mul { activation }, _) => (constant, zeros, activation),
        (&Op::Div { activation }, true) => (map(f64::recip), zeros, activation),
        _ => return None,
    };
    Some(Affine { x, factor, term, activation })
}

/// The constant for each channel: along the last axis, or one for all.
fn per_channel(value: &Value, channels: usize) -> Option<Vec<f64>> {
    let elements = value.as_f32()?;
    let leading = value.shape.split_last().map_or(&[][..], |(_, leading)| leading);
    let last = value.shape.last().copied().unwrap_or(1);
    if leading.iter().any(|&d| d != 1) || last != 1 && last != channels {
        return None;
    }
    Some((0..channels).map(|c| f64::from(elements.as_slice().unwrap_or(&[])[if last == 1 { 0 } else { c }])).collect())
}

/// A layer's weights and bias, to be replaced.
struct Layer {
    at: usize,
    places: Weighted,
    weights: ArrayD<f32>,
    bias: Vec<f64>,
}

impl Layer {
    fn of(graph: &Graph, at: usize) -> Option<Self> {
        let node = &graph.nodes[at];
        let places = weighted(&node.op)?;
        let weights = graph.input(node, places.weights)?.as_f32()?.to_owned();
        let channels = *weights.shape().get(places.out_axis)?;
        let bias = match graph.input(node, places.bias) {
            Some(bias) => bias.as_f32()?.iter().map(|&b| f64::from(b)).collect(),
            None => vec![0.0; channels],
        };
        (bias.len() == channels).then_some(Self { at, places, weights, bias })
    }

    /// Puts weights and bias back; false, and nothing done, if they are not finite or if changed weights are shared.
    fn put(self, graph: &mut Graph, bias: &[f64]) -> bool {
        let Self { at, places, weights, .. } = self;
        let node = &graph.nodes[at];
        let Some(id) = node.input(places.weights) else { return false };
        let changed = graph.value(id).as_f32() != Some(weights.view());
        let bias: Vec<f32> = bias.iter().map(|&b| b as f32).collect();
        let is_shared = graph.consumers()[id.index()].len() > 1 || graph.is_output(id);
        if changed && is_shared || !weights.iter().chain(&bias).all(|v| v.is_finite()) {
            return false;
        }
        let name = match graph.input(node, places.bias) {
            Some(bias) => bias.name.clone(),
            None => format!("{}/bias", node.name),
        };
        if changed {
            graph.value_mut(id).set_constant(weights);
        }
        // Other layers may share the bias.
        let bias = graph.add(Value::constant(name, crate::data::Array::vector(bias)));
        let inputs = &mut graph.nodes[at].inputs;
        inputs.resize(inputs.len().max(places.bias + 1), None);
        inputs[places.bias] = Some(bias);
        true
    }
}

/// Multiplies in double precision. Adding 0 turns -0 into 0, the one pattern that stands for a pruned weight.
fn scaled(weight: f32, factor: f64) -> f32 {
    (f64::from(weight) * factor) as f32 + 0.0
}

/// Folds node `n` into the layer before it.
fn fold_after(graph: &mut Graph, n: usize) -> bool {
    let Some(Affine { x, factor, term, activation }) = affine(graph, &graph.nodes[n]) else { return false };
    let Some(at) = graph.producers()[x.index()] else { return false };
    let Some(mut layer) = Layer::of(graph, at) else { return false };
    let is_plain = activation_mut(&mut graph.nodes[at].op).is_some_and(|a| *a == Activation::None);
    if !is_plain || activation == Activation::Tanh || only_reader(graph, &graph.consumers(), x) != Some(n) {
        return false;
    }
    for (c, mut filter) in layer.weights.axis_iter_mut(Axis(layer.places.out_axis)).enumerate() {
        filter.mapv_inplace(|w| scaled(w, factor[c]));
    }
    let bias: Vec<f64> = (0..term.len()).map(|c| layer.bias[c] * factor[c] + term[c]).collect();
    if !layer.put(graph, &bias) {
        return false;
    }
    if let Some(option) = activation_mut(&mut graph.nodes[at].op) {
        *option = activation;
    }
    let y = graph.nodes[n].outputs[0];
    stand_in(graph, y, x)
}

/// Folds node `n` into the layer after it.
fn fold_before(graph: &mut Graph, n: usize) -> bool {
    let Some(Affine { x, factor, term, activation: Activation::None }) = affine(graph, &graph.nodes[n]) else {
        return false;
    };
    let y = graph.nodes[n].outputs[0];
    let Some(at) = only_reader(graph, &graph.consumers(), y) else { return false };
    let Some(mut layer) = Layer::of(graph, at) else { return false };
    let places = layer.places;
    let shape = layer.weights.shape();
    let sees_padding = match &graph.nodes[at].op {
        Op::Conv2d(Conv2d { padding, .. }) | Op::DepthwiseConv2d { conv: Conv2d { padding, .. }, .. } => {
            *padding == Padding::Same && shape[1..3] != [1, 1]
        }
        // The edges of its result are sums of fewer products.
        Op::TransposeConv { .. } => true,
        // A row that holds a part of the channels only has the same weights for another part.
        Op::FullyConnected { .. } if !shape[1].is_multiple_of(factor.len()) => return false,
        _ => false,
    };
    if graph.nodes[at].input(places.x) != Some(y) || sees_padding && term.iter().any(|&t| t != 0.0) {
        return false;
    }
    let channel = input_channel(&layer, factor.len());
    let mut bias = layer.bias.clone();
    for (index, weight) in layer.weights.indexed_iter_mut() {
        let c = channel(index.slice());
        bias[index[places.out_axis]] += f64::from(*weight) * term[c];
        *weight = scaled(*weight, factor[c]);
    }
    if !layer.put(graph, &bias) {
        return false;
    }
    graph.nodes[at].inputs[places.x] = Some(x);
    true
}

/// The input channel of a weight by its index, for an input of `channels`.
fn input_channel(layer: &Layer, channels: usize) -> impl Fn(&[usize]) -> usize + use<> {
    let Weighted { out_axis, in_axis, .. } = layer.places;
    let (filters, depth) = (layer.weights.shape()[out_axis], in_axis.map(|axis| layer.weights.shape()[axis]));
    move |index| {
        let o = index[out_axis];
        match (in_axis, depth) {
            // Each group of filters has its own channels; a dense layer's row holds all channels once for each pixel.
            (Some(axis), Some(depth)) if depth < channels => o * channels / (filters * depth) * depth + index[axis],
            (Some(axis), _) => index[axis] % channels,
            (None, _) => o * channels / filters,
        }
    }
}
