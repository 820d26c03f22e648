//! Scales moved from the channels of one layer to those of the next, where that changes nothing in float32.
//!
//! Between two layers with nothing but a ReLU and pools, channel `c` may be divided by any `s > 0` if the second layer's weights
//! for it are multiplied by `s`: `W2 relu(W1 x + b) = (W2 S) relu(S^-1 W1 x + S^-1 b)`. Channels of very different ranges then
//! share a scale with less loss. Of a family of such `s` between the ranges of activations and of weights, each pair of layers
//! takes the one by which rounding is expected to do least to the second layer's output; none is among them, too.
//!
//! A clamp above, as in RELU6, does not commute with `s`; such layers stay as they are.
//!
//! Source: Nagel et al., Data-free quantization through weight equalization and bias correction, 2019; the family of Xiao et
//! al., SmoothQuant, 2023.

use ndarray::{ArrayD, ArrayViewD};

use super::QuantizeError;
use super::options::{Granularity, Options, Scheme};
use super::taps::{Taps, chosen, each};
use super::weights::largest_stored;
use crate::graph::{Activation, Graph, Node, Op, ValueId};
use crate::progress::Progress;
use crate::run::Engine;
use crate::samples::Inputs;
use crate::weighted::{is_dense, weighted};

/// The farthest that a channel moves against the others.
const FARTHEST: f64 = 64.0;
/// Powers of the ranges of activations and of weights that are tried. None brings all channels to one range: those that rarely
/// speak keep room above what the samples made them say.
const POWERS: [(Power, Power); 6] = [
    (Power::Zero, Power::Zero),
    (Power::Quarter, Power::Zero),
    (Power::Quarter, Power::Quarter),
    (Power::Half, Power::Zero),
    (Power::Half, Power::Quarter),
    (Power::Half, Power::Half),
];
/// Times that all pairs are gone through: what a layer hands on has changed what it takes.
const SWEEPS: usize = 2;

/// A power that square roots give, which are the same bits on every target.
#[derive(Debug, Clone, Copy)]
enum Power {
    Zero,
    Quarter,
    Half,
}

impl Power {
    fn of(self, x: f64) -> f64 {
        match self {
            Power::Zero => 1.0,
            Power::Quarter => x.sqrt().sqrt(),
            Power::Half => x.sqrt(),
        }
    }
}

/// Two layers whose channels may be scaled against each other.
#[derive(Debug, Clone, PartialEq)]
struct Link {
    first: usize,
    /// What the first hands on.
    between: ValueId,
    second: usize,
    channels: usize,
}

/// What was seen of the channels between two layers.
#[derive(Debug, Clone, Default)]
struct Seen {
    largest: Vec<f64>,
    /// Sums of squares.
    power: Vec<f64>,
    count: f64,
    /// Of the first layer's input: sum of squares, and how many.
    before: (f64, f64),
}

/// A graph that computes the same in float32 and loses less in integers.
///
/// # Errors
/// When samples do not fit the network, or the work is given up.
pub fn equalize(
    engine: &dyn Engine,
    graph: &Graph,
    samples: &Inputs,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Graph, QuantizeError> {
    let links = links(graph, options);
    let mut result = graph.clone();
    if links.is_empty() {
        return Ok(result);
    }
    let mut seen = watch(engine, graph, &links, &chosen(graph, samples, options)?, progress)?;
    for _ in 0..SWEEPS {
        for (link, seen) in links.iter().zip(&mut seen) {
            let Some(pair) = Pair::of(&result, link, options) else { continue };
            let scales = pair.best(seen);
            for ((largest, power), s) in seen.largest.iter_mut().zip(&mut seen.power).zip(&scales) {
                *largest /= s;
                *power /= s * s;
            }
            pair.apply(&mut result, link, &scales);
        }
    }
    Ok(result)
}

/// The pairs of layers with nothing between them that knows the size of a channel.
fn links(graph: &Graph, options: &Options) -> Vec<Link> {
    let consumers = graph.consumers();
    let is_layer = |node: &Node| {
        let places = weighted(&node.op).filter(|_| !matches!(node.op, Op::TransposeConv { .. }))?;
        let own = |k: usize| {
            node.input(k).is_none_or(|id| consumers[id.index()].len() == 1 && graph.value(id).as_f32().is_some())
        };
        (own(places.weights) && own(places.bias) && !options.keep_float.contains(&node.name)).then_some(places)
    };
    let link = |(first, node): (usize, &Node)| {
        is_layer(node).filter(|_| matches!(activation(&node.op), Activation::None | Activation::Relu))?;
        let between = node.outputs[0];
        let channels = *graph.value(between).shape.last()?;
        let mut at = between;
        loop {
            let &[reader] = &*consumers[at.index()] else { return None };
            let next = &graph.nodes[reader];
            if graph.is_output(at) {
                return None;
            }
            if let Some(places) = is_layer(next) {
                let fits = graph.input(next, places.x)?.shape.last()?.is_multiple_of(channels);
                return (next.input(places.x) == Some(at) && fits).then_some(Link {
                    first,
                    between,
                    second: reader,
                    channels,
                });
            }
            if !commutes(&next.op) || next.input(0) != Some(at) {
                return None;
            }
            at = next.outputs[0];
        }
    };
    graph.nodes.iter().enumerate().filter_map(link).collect()
}

/// Whether each element of an operator's result belongs to the channel that it came from (its place in the innermost axis, or,
/// flattened, modulo that axis) and scales with it.
fn commutes(op: &Op) -> bool {
    match op {
        Op::MaxPool2d(pool) | Op::AveragePool2d(pool) => matches!(pool.activation, Activation::None | Activation::Relu),
        Op::Relu | Op::LeakyRelu { .. } | Op::Pad | Op::Reshape { .. } | Op::Squeeze { .. } | Op::ExpandDims => true,
        _ => false,
    }
}

fn activation(op: &Op) -> Activation {
    match op {
        Op::Conv2d(conv) | Op::DepthwiseConv2d { conv, .. } => conv.activation,
        Op::FullyConnected { activation, .. } => *activation,
        _ => Activation::None,
    }
}

fn watch(
    engine: &dyn Engine,
    graph: &Graph,
    links: &[Link],
    samples: &[Vec<Vec<u8>>],
    progress: &dyn Progress,
) -> Result<Vec<Seen>, QuantizeError> {
    let before = |link: &Link| graph.nodes[link.first].input(0);
    let values: Vec<ValueId> = links.iter().flat_map(|link| [Some(link.between), before(link)]).flatten().collect();
    let nothing = |link: &Link| {
        let zeros = vec![0.0; link.channels];
        Seen { largest: zeros.clone(), power: zeros, ..Seen::default() }
    };
    let mut seen: Vec<Seen> = links.iter().map(nothing).collect();
    let mut taps = Taps::new(engine, graph, &values)?;
    each(&mut taps, samples, ("equalize", progress), |_, reals| {
        for (seen, reals) in seen.iter_mut().zip(reals.chunks_exact(2)) {
            let channels = seen.largest.len();
            for (k, &v) in reals[0].iter().enumerate() {
                let (c, v) = (k % channels, f64::from(v));
                seen.largest[c] = seen.largest[c].max(v.abs());
                seen.power[c] += v * v;
            }
            seen.count += (reals[0].len() / channels.max(1)) as f64;
            seen.before.0 += reals[1].iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
            seen.before.1 += reals[1].len() as f64;
        }
        Ok(())
    })?;
    Ok(seen)
}

/// The weights of a link's layers, by the channels between them.
struct Pair {
    /// The largest weight of each of the first layer's channels, where its weights share one scale.
    shared: Option<Vec<f64>>,
    /// Weights of an output of the first layer.
    depth: f64,
    /// The square sum of the second layer's weights for each channel.
    squares: Vec<f64>,
    /// Its largest weight for each channel.
    largest: Vec<f64>,
    /// For each of its outputs that has a scale of its own, the largest weight for each channel; empty for depthwise layers, whose
    /// channels have scales of their own, so that nothing is lost by `s`.
    rows: Vec<Vec<f64>>,
    /// Whether activations are stored.
    stored: bool,
    /// Steps of an activation's range.
    steps: f64,
    /// The greatest magnitudes of the stored weights of both layers.
    stored_weights: [f64; 2],
}

impl Pair {
    fn of(graph: &Graph, link: &Link, options: &Options) -> Option<Self> {
        let (first, second) = (&graph.nodes[link.first], &graph.nodes[link.second]);
        let (a, b) = (weighted(&first.op)?, weighted(&second.op)?);
        let (w1, w2) = (graph.input(first, a.weights)?.as_f32()?, graph.input(second, b.weights)?.as_f32()?);
        let per_tensor = |node: &Node| {
            options.scheme == Scheme::WeightOnly
                || options.weights_of(&node.name, is_dense(&node.op)) == Granularity::PerTensor
        };
        let (mut squares, mut largest) = (vec![0.0; link.channels], vec![0.0f64; link.channels]);
        let outputs = w2.shape()[b.out_axis];
        let one = per_tensor(second);
        let mut rows = vec![vec![0.0f64; link.channels]; if one { 1 } else { outputs }];
        each_weight(&second.op, w2, link.channels, |output, c, w| {
            squares[c] += w * w;
            largest[c] = largest[c].max(w.abs());
            let row = &mut rows[if one { 0 } else { output }];
            row[c] = row[c].max(w.abs());
        });
        if matches!(second.op, Op::DepthwiseConv2d { .. }) && !one {
            rows.clear();
        }
        let shared = per_tensor(first).then(|| {
            let mut shared = vec![0.0f64; link.channels];
            let inner: usize = w1.shape()[a.out_axis + 1..].iter().product();
            w1.iter().enumerate().for_each(|(k, w)| {
                let c = k / inner % link.channels;
                shared[c] = shared[c].max(f64::from(w.abs()));
            });
            shared
        });
        let depth = (w1.len() / link.channels.max(1)) as f64;
        let steps = if options.scheme == Scheme::Int16x8 { 65535.0 } else { 255.0 };
        let stored = options.scheme != Scheme::WeightOnly;
        let stored_weights = [first, second].map(|node| f64::from(largest_stored(options.weight_bits_of(&node.name))));
        Some(Self { shared, depth, squares, largest, rows, stored, steps, stored_weights })
    }

    /// The scales by which rounding is expected to do least.
    fn best(&self, seen: &Seen) -> Vec<f64> {
        let family = POWERS.iter().map(|&powers| self.scales(seen, powers));
        let mut best = (f64::INFINITY, vec![1.0; seen.largest.len()]);
        for scales in family {
            let noise = self.noise(seen, &scales);
            if noise < best.0 {
                best = (noise, scales);
            }
        }
        best.1
    }

    /// `range of activations ^ a / range of weights ^ b`, with 1 as their median.
    fn scales(&self, seen: &Seen, (a, b): (Power, Power)) -> Vec<f64> {
        let top = |values: &[f64]| values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let of_first = self.shared.as_ref().map(|shared| (shared, top(shared)));
        let highest = top(&seen.largest);
        let raw = |c: usize| {
            let own = of_first.map_or(0.0, |(shared, top)| shared[c] / top);
            let range = if self.stored { own.max(seen.largest[c] / highest) } else { own };
            (range > 0.0 && self.largest[c] > 0.0).then(|| a.of(range) / b.of(self.largest[c]))
        };
        let raw: Vec<Option<f64>> = (0..seen.largest.len()).map(raw).collect();
        let mut alive: Vec<f64> = raw.iter().flatten().copied().collect();
        alive.sort_by(f64::total_cmp);
        let median = alive.get(alive.len() / 2).copied().unwrap_or(1.0);
        raw.iter().map(|raw| raw.map_or(1.0, |raw| (raw / median).clamp(1.0 / FARTHEST, FARTHEST))).collect()
    }

    /// The power of what rounding adds to the second layer's output, a twelfth of a squared step for each rounded number: of the
    /// activations between, of the first layer's weights, and of the second's.
    fn noise(&self, seen: &Seen, scales: &[f64]) -> f64 {
        let each = || scales.iter().enumerate();
        let widest = |values: &[f64]| each().fold(0.0f64, |widest, (c, s)| widest.max(values[c] / s));
        let gain: f64 = each().map(|(c, s)| s * s * self.squares[c]).sum();
        let step = if self.stored { widest(&seen.largest) / self.steps } else { 0.0 };
        let first = self.shared.as_ref().map_or(0.0, |shared| widest(shared) / self.stored_weights[0]);
        let power_before = self.depth * seen.before.0 / seen.before.1.max(1.0);
        let power: f64 = each().map(|(c, s)| seen.power[c] / (s * s)).sum::<f64>() / seen.count.max(1.0);
        let outputs = self.squares.len() as f64 / self.rows.len().max(1) as f64;
        let steps = self
            .rows
            .iter()
            .map(|row| each().fold(0.0f64, |step, (c, s)| step.max(row[c] * s)) / self.stored_weights[1]);
        let second: f64 = steps.map(|step| step * step).sum::<f64>() * outputs.max(1.0) * power;
        step * step * gain + first * first * power_before * gain + second
    }

    fn apply(&self, graph: &mut Graph, link: &Link, scales: &[f64]) {
        let (first, second) = (graph.nodes[link.first].clone(), graph.nodes[link.second].clone());
        let (Some(a), Some(b)) = (weighted(&first.op), weighted(&second.op)) else { return };
        let mut change = |node: &Node, k: usize, factor: &dyn Fn(&ArrayViewD<'_, f32>, usize) -> f64| {
            let Some(id) = node.input(k) else { return };
            let Some(array) = graph.value(id).as_f32() else { return };
            let elements = array.iter().enumerate().map(|(k, &w)| (f64::from(w) * factor(&array, k)) as f32).collect();
            let changed = ArrayD::from_shape_vec(array.shape(), elements).expect("as many elements");
            graph.value_mut(id).set_constant(changed);
        };
        change(&first, a.weights, &|w, k| {
            let inner: usize = w.shape()[a.out_axis + 1..].iter().product();
            1.0 / scales[k / inner % link.channels]
        });
        change(&first, a.bias, &|_, k| 1.0 / scales[k]);
        change(&second, b.weights, &|w, k| scales[channel(&second.op, w.shape(), link.channels, k)]);
    }
}

/// The channel that weight `k` of a second layer reads.
fn channel(op: &Op, shape: &[usize], channels: usize, k: usize) -> usize {
    let innermost = shape.last().copied().unwrap_or(1).max(1);
    match op {
        Op::DepthwiseConv2d { multiplier, .. } => {
            k % innermost / usize::try_from(*multiplier).unwrap_or(1).max(1) % channels
        }
        _ => k % innermost % channels,
    }
}

/// Calls `see` with output, channel and magnitude of each weight.
fn each_weight(op: &Op, w: ArrayViewD<'_, f32>, channels: usize, mut see: impl FnMut(usize, usize, f64)) {
    let shape = w.shape().to_vec();
    let inner: usize = shape[1..].iter().product();
    for (k, &w) in w.iter().enumerate() {
        let output = match op {
            Op::DepthwiseConv2d { .. } => k % shape.last().copied().unwrap_or(1).max(1),
            _ => k / inner.max(1),
        };
        see(output, channel(op, &shape, channels, k), f64::from(w));
    }
}
