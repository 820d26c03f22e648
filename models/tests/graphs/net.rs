//! Seeded networks, and what the runtime computes with them.

use mote_models::data::Array;
use mote_models::export;
use mote_models::graph::{Activation, Conv2d, Graph, Node, Op, Padding, Pool2d, TensorType, Value, ValueId, infer};
use mote_models::run::{Engine, Native};

/// A network in the making.
pub(crate) struct Net {
    pub(crate) graph: Graph,
    pub(crate) rng: fastrand::Rng,
}

pub(crate) const ADD: Op = Op::Add { activation: Activation::None, pot_scale_int16: false };
pub(crate) const SUB: Op = Op::Sub { activation: Activation::None, pot_scale_int16: false };
pub(crate) const MUL: Op = Op::Mul { activation: Activation::None };
pub(crate) const DIV: Op = Op::Div { activation: Activation::None };

impl Net {
    pub(crate) fn new(seed: u64) -> Self {
        Self { graph: Graph::default(), rng: fastrand::Rng::with_seed(seed) }
    }

    pub(crate) fn input(&mut self, shape: &[usize]) -> ValueId {
        let id = self.graph.add(Value::new("x", TensorType::Float32, shape));
        self.graph.inputs.push(id);
        id
    }

    /// Numbers of a normal-like distribution with this deviation.
    pub(crate) fn numbers(&mut self, count: usize, deviation: f32) -> Vec<f32> {
        let mut one = || (0..6).map(|_| self.rng.f32() - 0.5).sum::<f32>() * std::f32::consts::SQRT_2 * deviation;
        (0..count).map(|_| one()).collect()
    }

    pub(crate) fn constant(&mut self, shape: &[usize], elements: Vec<f32>) -> ValueId {
        let name = format!("constant {}", self.graph.values.len());
        self.graph.add(Value::constant(name, Array::new(shape, elements).unwrap()))
    }

    /// A seeded constant.
    pub(crate) fn weights(&mut self, shape: &[usize], deviation: f32) -> ValueId {
        let elements = self.numbers(shape.iter().product(), deviation);
        self.constant(shape, elements)
    }

    pub(crate) fn integers(&mut self, shape: &[usize], integers: &[i32]) -> ValueId {
        self.graph.add(Value::constant("integers", Array::new(shape, integers.to_vec()).unwrap()))
    }

    /// Adds a node and gives its first output.
    pub(crate) fn node(&mut self, op: Op, inputs: &[ValueId]) -> ValueId {
        let name = format!("{} {}", op.name(), self.graph.nodes.len());
        let shapes =
            infer(&self.graph, &Node::new(&name, op.clone(), inputs, &[])).unwrap_or_else(|e| panic!("{name}: {e}"));
        let dtype = self.graph.value(*inputs.last().unwrap()).dtype;
        let dtype = inputs.first().map_or(dtype, |&x| self.graph.value(x).dtype);
        let dtype = if matches!(op, Op::TransposeConv { .. }) { TensorType::Float32 } else { dtype };
        let outputs: Vec<ValueId> =
            shapes.into_iter().map(|shape| self.graph.add(Value::new(&name, dtype, shape))).collect();
        self.graph.nodes.push(Node::new(name, op, inputs, &outputs));
        outputs[0]
    }

    pub(crate) fn shape(&self, id: ValueId) -> Vec<usize> {
        self.graph.value(id).shape.clone()
    }

    pub(crate) fn conv(&mut self, x: ValueId, filters: usize, window: [usize; 2], conv: Conv2d) -> ValueId {
        let depth = self.shape(x)[3];
        let deviation = (2.0 / (window[0] * window[1] * depth) as f32).sqrt();
        let weights = self.weights(&[filters, window[0], window[1], depth], deviation);
        let bias = self.weights(&[filters], 0.3);
        self.node(Op::Conv2d(conv), &[x, weights, bias])
    }

    pub(crate) fn depthwise(&mut self, x: ValueId, multiplier: usize, window: [usize; 2], conv: Conv2d) -> ValueId {
        let channels = self.shape(x)[3] * multiplier;
        let deviation = (2.0 / (window[0] * window[1]) as f32).sqrt();
        let weights = self.weights(&[1, window[0], window[1], channels], deviation);
        let bias = self.weights(&[channels], 0.3);
        let multiplier = i32::try_from(multiplier).unwrap();
        self.node(Op::DepthwiseConv2d { conv, multiplier }, &[x, weights, bias])
    }

    pub(crate) fn dense(&mut self, x: ValueId, units: usize, activation: Activation) -> ValueId {
        let depth: usize = self.shape(x).iter().product();
        let weights = self.weights(&[units, depth], (2.0 / depth as f32).sqrt());
        let bias = self.weights(&[units], 0.3);
        self.node(Op::FullyConnected { activation, keep_num_dims: false }, &[x, weights, bias])
    }

    pub(crate) fn flatten(&mut self, x: ValueId) -> ValueId {
        let elements: usize = self.shape(x).iter().product();
        self.reshape(x, &[1, elements])
    }

    pub(crate) fn reshape(&mut self, x: ValueId, shape: &[usize]) -> ValueId {
        let shape: Vec<i32> = shape.iter().map(|&d| i32::try_from(d).unwrap()).collect();
        let operand = self.integers(&[shape.len()], &shape);
        self.node(Op::Reshape { shape }, &[x, operand])
    }

    pub(crate) fn pad(&mut self, x: ValueId, paddings: &[[i32; 2]]) -> ValueId {
        let paddings = self.integers(&[paddings.len(), 2], paddings.as_flattened());
        self.node(Op::Pad, &[x, paddings])
    }

    /// A mean over rows and columns.
    pub(crate) fn mean(&mut self, x: ValueId, keep_dims: bool) -> ValueId {
        let axes = self.integers(&[2], &[1, 2]);
        self.node(Op::Mean { keep_dims }, &[x, axes])
    }

    pub(crate) fn finish(mut self, outputs: &[ValueId]) -> Graph {
        self.graph.outputs = outputs.to_vec();
        self.graph.check().unwrap();
        self.graph
    }
}

pub(crate) const fn conv(padding: Padding, stride: i32, activation: Activation) -> Conv2d {
    Conv2d { padding, stride: [stride; 2], dilation: [1, 1], activation }
}

pub(crate) fn pool(padding: Padding, window: i32, stride: i32) -> Pool2d {
    Pool2d { padding, stride: [stride; 2], window: [window; 2], activation: Activation::None }
}

/// Seeded bytes for a graph's inputs.
pub(crate) fn inputs(graph: &Graph, seed: u64) -> Vec<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut bytes = |value: &Value| match value.dtype {
        TensorType::Float32 => (0..value.len()).flat_map(|_| (rng.f32() * 2.0 - 1.0).to_le_bytes()).collect(),
        TensorType::Int8 | TensorType::UInt8 => (0..value.len()).map(|_| rng.u8(..)).collect(),
        TensorType::Int16 => (0..2 * value.len()).map(|_| rng.u8(..)).collect(),
        // Indices and truth values are small.
        TensorType::Bool => vec![0; value.len()],
        TensorType::Int32 | TensorType::UInt32 => vec![0; 4 * value.len()],
        _ => vec![0; 8 * value.len()],
    };
    graph.inputs.iter().map(|&id| bytes(graph.value(id))).collect()
}

/// The bytes of a graph's outputs for seeded inputs.
pub(crate) fn outputs(name: &str, graph: &Graph, seed: u64) -> Vec<Vec<u8>> {
    let file = export::tflite(graph).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut run = Native.load(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
    run.run(&inputs(graph, seed)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub(crate) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

/// The largest difference of two outputs, in units of the last place of the first one's largest number.
pub(crate) fn ulps(name: &str, before: &[u8], after: &[u8]) -> f32 {
    let (before, after) = (floats(before), floats(after));
    assert_eq!(before.len(), after.len(), "{name}");
    assert!(before.iter().chain(&after).all(|v| v.is_finite()), "{name}: not finite");
    let scale = before.iter().fold(f32::MIN_POSITIVE, |scale, v| scale.max(v.abs()));
    before.iter().zip(&after).fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs())) / (scale * f32::EPSILON)
}

/// The largest difference of all outputs over some seeded inputs.
pub(crate) fn difference(name: &str, before: &Graph, after: &Graph) -> f32 {
    let pair = |seed| outputs(name, before, seed).into_iter().zip(outputs(name, after, seed));
    (0..3).flat_map(pair).map(|(a, b)| ulps(name, &a, &b)).fold(0.0, f32::max)
}
