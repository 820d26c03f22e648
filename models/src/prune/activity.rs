//! What each neuron and channel does on the user's own data.

use serde::{Deserialize, Serialize};

use super::{PruneError, PruneErrorKind};
use crate::export;
use crate::graph::{Activation, Graph, Op, TensorType, ValueId};
use crate::progress::Progress;
use crate::run::{Engine, each, observe};
use crate::samples::Inputs;
use crate::weighted::{activation, weighted};

/// What layers do on some samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// How many samples.
    pub samples: usize,
    /// What counts as near zero.
    pub epsilon: f32,
    /// Layers with weights, in the order in which they run.
    pub layers: Vec<LayerActivity>,
}

/// What a layer does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerActivity {
    /// Place of its node in the graph.
    pub node: usize,
    /// Its name.
    pub name: String,
    /// Its neurons or channels, after its activation.
    pub outputs: Vec<ChannelActivity>,
    /// What it reads, by the columns of its weights: input channels of a convolution, elements of a dense layer's row. Empty for
    /// depthwise convolutions.
    pub inputs: Vec<Moments>,
}

/// What numbers are like.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Their mean.
    pub mean: f64,
    /// The mean of the squares of their distances from it.
    pub variance: f64,
    /// The least.
    pub min: f32,
    /// The largest.
    pub max: f32,
}

/// What a neuron or channel does: over the samples, and over the pixels of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChannelActivity {
    /// Its outputs.
    #[serde(flatten)]
    pub moments: Moments,
    /// The share of its outputs with `|output| <= epsilon`. At 1 it is silent.
    pub near_zero: f64,
    /// The share of samples on which all its outputs are that near to zero.
    pub idle: f64,
    /// The share of its outputs at the upper end: that of its activation (6 after RELU6, 1 after RELU_N1_TO_1), or else the
    /// largest number that any channel of the layer gave.
    pub saturated: f64,
}

/// What the channels of all layers do, one line a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// How many samples.
    pub samples: usize,
    /// What counts as near zero.
    pub epsilon: f32,
    /// Layers with weights, in the order in which they run.
    pub layers: Vec<LayerView>,
}

/// What the channels of a layer do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LayerView {
    /// Its name.
    pub name: String,
    /// Its channels or neurons.
    pub channels: usize,
    /// The share of outputs near zero.
    pub near_zero: f64,
    /// The share of samples on which a channel stays near zero throughout, the mean over the channels.
    pub idle: f64,
    /// The share of outputs at the upper end; see [`ChannelActivity::saturated`].
    pub saturated: f64,
    /// Channels that stay near zero on all samples.
    pub silent: Vec<usize>,
    /// Other channels that give one number on all samples.
    pub constant: Vec<usize>,
}

impl Activity {
    /// The same at a glance.
    #[must_use]
    pub fn view(&self) -> View {
        let layer = |LayerActivity { name, outputs, .. }: &LayerActivity| {
            let mean =
                |of: fn(&ChannelActivity) -> f64| outputs.iter().map(of).sum::<f64>() / outputs.len().max(1) as f64;
            let which = |is: fn(&ChannelActivity) -> bool| (0..outputs.len()).filter(|&k| is(&outputs[k])).collect();
            LayerView {
                name: name.clone(),
                channels: outputs.len(),
                near_zero: mean(|channel| channel.near_zero),
                idle: mean(|channel| channel.idle),
                saturated: mean(|channel| channel.saturated),
                silent: which(ChannelActivity::is_silent),
                constant: which(|channel| channel.moments.is_constant() && !channel.is_silent()),
            }
        };
        View { samples: self.samples, epsilon: self.epsilon, layers: self.layers.iter().map(layer).collect() }
    }
}

impl ChannelActivity {
    /// Whether all its outputs are near zero.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.idle >= 1.0
    }
}

impl Moments {
    /// Whether all are the same number.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.min == self.max
    }
}

/// Runs the model on all samples and looks at the layers with weights.
///
/// # Errors
/// When the graph is not sound, the samples do not suit it, there are none, the engine fails, or the work is cancelled.
pub fn measure(
    engine: &dyn Engine,
    graph: &Graph,
    samples: &Inputs,
    epsilon: f32,
    progress: &dyn Progress,
) -> Result<Activity, PruneError> {
    graph.check()?;
    if samples.is_empty() {
        let remedy = "give some samples of the data that the model will see";
        return Err(PruneError::new(PruneErrorKind::Data, "samples", "at least one", "none", remedy));
    }
    let mut layers = watched(graph, epsilon);
    let values: Vec<ValueId> = layers.iter().flat_map(|layer| [layer.x, layer.y]).collect();
    let (observed, outputs) = observe(graph, &values);
    let file = export::tflite(&observed)?;
    let mut run = engine.load(&file)?;
    let feed = |i| Ok::<_, PruneError>(samples.sample(i)?);
    each(&mut *run, samples.len(), ("activity", progress), feed, |_, inputs, results| {
        let numbers = |id: ValueId| {
            let place = outputs.iter().position(|&output| output == id);
            let fed = graph.inputs.iter().position(|&input| input == id);
            place.map(|k| &results[k]).or_else(|| fed.map(|k| &inputs[k])).map(|bytes| floats(bytes))
        };
        for layer in &mut layers {
            if let Some(numbers) = numbers(layer.x) {
                layer.inputs.add(numbers);
            }
            if let Some(numbers) = numbers(layer.y) {
                layer.outputs.add(numbers);
            }
        }
        Ok(())
    })?;
    let layers = layers
        .into_iter()
        .map(|layer| LayerActivity {
            node: layer.node,
            name: graph.nodes[layer.node].name.clone(),
            outputs: layer.outputs.channels(),
            inputs: layer.inputs.each.iter().map(Sums::moments).collect(),
        })
        .collect();
    Ok(Activity { samples: samples.len(), epsilon, layers })
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b))
}

/// A layer that is looked at.
struct Watched {
    node: usize,
    x: ValueId,
    y: ValueId,
    inputs: Tally,
    outputs: Tally,
}

fn watched(graph: &Graph, epsilon: f32) -> Vec<Watched> {
    let consumers = graph.consumers();
    let mut layers = Vec::new();
    for (n, node) in graph.nodes.iter().enumerate() {
        let Some(places) = weighted(&node.op) else { continue };
        let (Some(x), Some(weights), Some(&y)) =
            (node.input(places.x), graph.input(node, places.weights), node.outputs.first())
        else {
            continue;
        };
        let (last, upper) = after_activation(graph, &consumers, n, y);
        if [x, last].iter().any(|&id| graph.value(id).dtype != TensorType::Float32) {
            continue;
        }
        let columns = places.in_axis.map_or(0, |axis| weights.shape[axis]);
        let channels = graph.value(y).shape.last().copied().unwrap_or(0);
        let outputs = Tally { upper, ..Tally::new(channels, epsilon) };
        layers.push(Watched { node: n, x, y: last, inputs: Tally::new(columns, epsilon), outputs });
    }
    layers
}

/// The value that comes out of a layer's activation, and that activation's upper end: the activation may be a node of its own, with
/// factors and terms for each channel before it.
fn after_activation(graph: &Graph, consumers: &[Vec<usize>], n: usize, y: ValueId) -> (ValueId, Option<f32>) {
    let (mut last, mut op) = (y, &graph.nodes[n].op);
    while let [reader] = consumers[last.index()][..] {
        let node = &graph.nodes[reader];
        let is_affine = matches!(node.op, Op::Add { .. } | Op::Sub { .. } | Op::Mul { .. } | Op::Div { .. })
            && node.present_inputs().any(|id| graph.value(id).constant.is_some());
        let next = node.outputs[0];
        if graph.is_output(last)
            || !(is_affine || is_activation(&node.op))
            || graph.value(next).shape != graph.value(y).shape
        {
            break;
        }
        (last, op) = (next, &node.op);
        if is_activation(op) {
            break;
        }
    }
    let upper = match (op, activation(op)) {
        (Op::Relu6, _) | (_, Some(Activation::Relu6)) => Some(6.0),
        (Op::ReluN1To1 | Op::Tanh | Op::Logistic, _) | (_, Some(Activation::ReluN1To1 | Activation::Tanh)) => Some(1.0),
        _ => None,
    };
    (last, upper)
}

fn is_activation(op: &Op) -> bool {
    matches!(
        op,
        Op::Relu
            | Op::Relu6
            | Op::ReluN1To1
            | Op::Prelu
            | Op::LeakyRelu { .. }
            | Op::HardSwish
            | Op::Logistic
            | Op::Tanh
            | Op::Elu
            | Op::Gelu { .. }
    )
}

/// Counts of a tensor's elements by their place along its last axis.
struct Tally {
    each: Vec<Sums>,
    epsilon: f32,
    /// The number at which an element is at the upper end; the largest one so far, if no activation sets it.
    upper: Option<f32>,
    largest: f32,
}

#[derive(Clone)]
struct Sums {
    count: u64,
    mean: f64,
    /// Sum of the squares of the distances from the mean.
    squares: f64,
    min: f32,
    max: f32,
    near_zero: u64,
    at_upper: u64,
    /// Samples, and those of them on which all outputs are near zero.
    samples: u64,
    idle: u64,
}

impl Tally {
    fn new(places: usize, epsilon: f32) -> Self {
        let none = Sums {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            near_zero: 0,
            at_upper: 0,
            samples: 0,
            idle: 0,
        };
        Self { each: vec![none; places], epsilon, upper: None, largest: f32::NEG_INFINITY }
    }

    /// What one sample gives.
    fn add(&mut self, numbers: impl Iterator<Item = f32>) {
        if self.each.is_empty() {
            return;
        }
        let places = self.each.len();
        let others = |sums: &Sums| sums.count - sums.near_zero;
        let before: Vec<u64> = self.each.iter().map(others).collect();
        for (i, number) in numbers.enumerate() {
            if self.upper.is_none() && number > self.largest {
                self.largest = number;
                self.each.iter_mut().for_each(|sums| sums.at_upper = 0);
            }
            let upper = self.upper.unwrap_or(self.largest);
            let sums = &mut self.each[i % places];
            sums.add(number);
            sums.near_zero += u64::from(number.abs() <= self.epsilon);
            sums.at_upper += u64::from(number >= upper);
        }
        for (sums, before) in self.each.iter_mut().zip(before) {
            sums.samples += 1;
            sums.idle += u64::from(others(sums) == before);
        }
    }

    fn channels(&self) -> Vec<ChannelActivity> {
        let channel = |sums: &Sums| {
            let share = |part: u64| part as f64 / sums.count.max(1) as f64;
            let (near_zero, saturated) = (share(sums.near_zero), share(sums.at_upper));
            let idle = sums.idle as f64 / sums.samples.max(1) as f64;
            ChannelActivity { moments: sums.moments(), near_zero, idle, saturated }
        };
        self.each.iter().map(channel).collect()
    }
}

impl Sums {
    /// Source: B. P. Welford, Note on a method for calculating corrected sums of squares and products, 1962.
    fn add(&mut self, number: f32) {
        self.count += 1;
        let distance = f64::from(number) - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (f64::from(number) - self.mean);
        (self.min, self.max) = (self.min.min(number), self.max.max(number));
    }

    fn moments(&self) -> Moments {
        Moments { mean: self.mean, variance: self.squares / self.count.max(1) as f64, min: self.min, max: self.max }
    }
}
