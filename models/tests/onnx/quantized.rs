//! Models in QDQ and QOperator form: int8 operators, and results of the float network to a step.

use mote_models::data::Array;
use mote_models::graph::{Graph, Op, TensorType};
use mote_models::import::onnx;

use crate::build::{FLOAT, INT8, INT32, Model, UINT8, floats, ints, node, node_of, tensor, value};
use crate::run::{Tolerance, compute, difference};

/// What becomes of `QuantizeLinear` and `DequantizeLinear` around `x`, by names.
struct Quantized {
    model: Model,
}

impl Quantized {
    fn new() -> Self {
        Self { model: Model::default() }
    }

    fn scale(&mut self, name: &str, scale: f32, zero_point: u8, data_type: i64) {
        self.model.initializers.push(floats(&format!("{name}_s"), &[], &[scale]));
        self.model.initializers.push(tensor(&format!("{name}_z"), data_type, &[], &[zero_point]));
    }

    /// `NAME` quantized as `NAME_q` and back as `NAME_d`.
    fn around(&mut self, name: &str, scale: f32, zero_point: u8) {
        self.scale(name, scale, zero_point, UINT8);
        let (s, z) = (format!("{name}_s"), format!("{name}_z"));
        let (q, d) = (format!("{name}_q"), format!("{name}_d"));
        self.model.nodes.push(node("QuantizeLinear", &[name, &s, &z], &[&q], &[]));
        self.model.nodes.push(node("DequantizeLinear", &[&q, &s, &z], &[&d], &[]));
    }

    /// Weights `NAME_d` of int8, with a scale for each of the first axis.
    fn weights(&mut self, name: &str, dims: &[i64], values: &[i8], scales: &[f32]) {
        let raw: Vec<u8> = values.iter().map(|v| v.cast_unsigned()).collect();
        let count = scales.len() as i64;
        self.model.initializers.push(tensor(&format!("{name}_q"), INT8, dims, &raw));
        self.model.initializers.push(floats(&format!("{name}_s"), &[count], scales));
        self.model.initializers.push(tensor(&format!("{name}_z"), INT8, &[count], &vec![0; scales.len()]));
        let (q, s, z) = (format!("{name}_q"), format!("{name}_s"), format!("{name}_z"));
        let axis = crate::build::int("axis", 0);
        self.model.nodes.push(node("DequantizeLinear", &[&q, &s, &z], &[&format!("{name}_d")], &[axis]));
    }

    /// A bias `NAME_d` of int32.
    fn bias(&mut self, name: &str, values: &[i32], scales: &[f32]) {
        let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.model.initializers.push(tensor(&format!("{name}_q"), INT32, &[values.len() as i64], &raw));
        self.model.initializers.push(floats(&format!("{name}_s"), &[scales.len() as i64], scales));
        let axis = crate::build::int("axis", 0);
        self.model.nodes.push(node(
            "DequantizeLinear",
            &[&format!("{name}_q"), &format!("{name}_s")],
            &[&format!("{name}_d")],
            &[axis],
        ));
    }
}

fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..count).map(|_| random.f32() * 2.0 - 1.0).collect()
}

/// Operators that compute in float32.
fn float_operators(graph: &Graph) -> Vec<&str> {
    let is_float = |node: &&mote_models::graph::Node| {
        !matches!(node.op, Op::Quantize | Op::Dequantize)
            && node.outputs.iter().any(|&id| graph.value(id).dtype == TensorType::Float32)
    };
    graph.nodes.iter().filter(is_float).map(|node| node.op.name()).collect()
}

/// Imports, checks that nothing computes in float32, runs, and compares with the float network within steps of the result.
fn int8_and_near(name: &str, quantized: &Model, float: &Model, steps: f64, scale: f32) {
    let (int8, real) = (onnx::read(&quantized.file(13)), onnx::read(&float.file(13)));
    let (int8, real) = (int8.unwrap_or_else(|e| panic!("{name}: {e}")), real.unwrap_or_else(|e| panic!("{name}: {e}")));
    assert_eq!(float_operators(&int8.graph), Vec::<&str>::new(), "{name}");
    let tolerance = Tolerance { relative: 0.0, absolute: steps * f64::from(scale), steps: 0 };
    for seed in 0..4 {
        let fed: Vec<Array> = real
            .inputs
            .iter()
            .map(|p| Array::new(p.shape.clone(), numbers(p.shape.iter().product(), seed)).unwrap())
            .collect();
        let (found, known) = (compute(&int8, &fed).unwrap(), compute(&real, &fed).unwrap());
        assert_eq!(difference(&found[0], &known[0], tolerance), None, "{name}, seed {seed}");
    }
}

#[test]
fn a_qdq_network_of_uint8_activations_becomes_int8() {
    let (weights, scales) =
        ((0..2 * 3 * 9).map(|k| ((k * 37) % 255 - 127) as i8).collect::<Vec<_>>(), [0.004f32, 0.006]);
    let dense: Vec<i8> = (0..2 * 8).map(|k| ((k * 53) % 255 - 127) as i8).collect();
    let real = |values: &[i8], scales: &[f32]| -> Vec<f32> {
        let each = values.len() / scales.len();
        values.iter().enumerate().map(|(k, &v)| f32::from(v) * scales[k / each]).collect()
    };
    let mut q = Quantized::new();
    q.around("x", 1.0 / 127.0, 128);
    q.weights("w", &[2, 3, 3, 3], &weights, &scales);
    q.bias("b", &[40, -70], &[scales[0] / 127.0, scales[1] / 127.0]);
    q.model.nodes.push(node("Conv", &["x_d", "w_d", "b_d"], &["c"], &[ints("pads", &[1, 1, 1, 1])]));
    q.model.nodes.push(node("Relu", &["c"], &["r"], &[]));
    q.around("r", 0.02, 0);
    q.model.nodes.push(node("MaxPool", &["r_d"], &["p"], &[ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])]));
    q.around("p", 0.02, 0);
    q.model.nodes.push(node("Flatten", &["p_d"], &["f"], &[]));
    q.weights("g", &[2, 8], &dense, &[0.01, 0.01]);
    q.model.nodes.push(node("Gemm", &["f", "g_d"], &["y"], &[crate::build::int("transB", 1)]));
    q.around("y", 0.08, 120);
    q.model.inputs.push(value("x", FLOAT, &[1, 3, 4, 4]));
    q.model.outputs.push(value("y_d", FLOAT, &[1, 2]));
    let float = Model {
        nodes: vec![
            node("Conv", &["x", "w", "b"], &["c"], &[ints("pads", &[1, 1, 1, 1])]),
            node("Relu", &["c"], &["r"], &[]),
            node("MaxPool", &["r"], &["p"], &[ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])]),
            node("Flatten", &["p"], &["f"], &[]),
            node("Gemm", &["f", "g"], &["y"], &[crate::build::int("transB", 1)]),
        ],
        initializers: vec![
            floats("w", &[2, 3, 3, 3], &real(&weights, &scales)),
            floats("b", &[2], &[40.0 * scales[0] / 127.0, -70.0 * scales[1] / 127.0]),
            floats("g", &[2, 8], &real(&dense, &[0.01, 0.01])),
        ],
        inputs: vec![value("x", FLOAT, &[1, 3, 4, 4])],
        outputs: vec![value("y", FLOAT, &[1, 2])],
    };
    // A step of the result, and what the steps of input and middle make of it: 0.01 * 127 * 8 * 0.01.
    int8_and_near("convolution and dense layer", &q.model, &float, 3.0, 0.08);
    let graph = onnx::import(&q.model.file(13)).unwrap();
    let ops: Vec<&str> = graph.nodes.iter().map(|node| node.op.name()).collect();
    assert_eq!(ops, ["QUANTIZE", "CONV_2D", "MAX_POOL_2D", "FULLY_CONNECTED", "DEQUANTIZE"]);
}

#[test]
fn operators_with_scales_of_their_own_are_rescaled() {
    for (op, scale, zero_point) in [("Sigmoid", 1.0 / 255.0, 0), ("Tanh", 0.01, 128), ("Softmax", 1.0 / 256.0, 0)] {
        let mut q = Quantized::new();
        q.around("x", 1.0 / 127.0, 128);
        q.model.nodes.push(node(op, &["x_d"], &["y"], &[]));
        q.around("y", scale, zero_point);
        q.model.inputs.push(value("x", FLOAT, &[1, 10]));
        q.model.outputs.push(value("y_d", FLOAT, &[1, 10]));
        let float = Model {
            nodes: vec![node(op, &["x"], &["y"], &[])],
            initializers: Vec::new(),
            inputs: vec![value("x", FLOAT, &[1, 10])],
            outputs: vec![value("y", FLOAT, &[1, 10])],
        };
        int8_and_near(op, &q.model, &float, 2.5, scale);
    }
}

#[test]
fn sums_products_and_joints_of_two_scales_become_int8() {
    for op in ["Add", "Mul", "Sub", "Concat"] {
        let mut q = Quantized::new();
        q.around("a", 1.0 / 127.0, 128);
        q.around("b", 1.0 / 64.0, 100);
        let attributes = if op == "Concat" { vec![crate::build::int("axis", 1)] } else { Vec::new() };
        q.model.nodes.push(node(op, &["a_d", "b_d"], &["y"], &attributes));
        q.around("y", 1.0 / 50.0, 128);
        let shape: [i64; 4] = [1, 2, 3, 3];
        q.model.inputs.extend([value("a", FLOAT, &shape), value("b", FLOAT, &shape)]);
        q.model.outputs.push(value("y_d", FLOAT, &shape));
        let float = Model {
            nodes: vec![node(op, &["a", "b"], &["y"], &attributes)],
            initializers: Vec::new(),
            inputs: vec![value("a", FLOAT, &shape), value("b", FLOAT, &shape)],
            outputs: vec![value("y", FLOAT, &shape)],
        };
        int8_and_near(op, &q.model, &float, 2.0, 1.0 / 50.0);
    }
}

#[test]
fn operators_on_stored_integers_become_int8_between_uint8_inputs_and_outputs() {
    let mut q = Quantized::new();
    q.scale("a", 1.0 / 127.0, 128, UINT8);
    q.scale("b", 1.0 / 64.0, 60, UINT8);
    q.scale("y", 1.0 / 50.0, 128, UINT8);
    q.scale("z", 1.0 / 60.0, 128, UINT8);
    let add = ["a", "a_s", "a_z", "b", "b_s", "b_z", "y_s", "y_z"];
    q.model.nodes.push(node_of("com.microsoft", "QLinearAdd", &add, &["y"], &[]));
    let pool = ["y", "y_s", "y_z", "z_s", "z_z"];
    q.model.nodes.push(node_of("com.microsoft", "QLinearGlobalAveragePool", &pool, &["z"], &[]));
    q.model.inputs.extend([value("a", UINT8, &[1, 2, 3, 3]), value("b", UINT8, &[1, 2, 3, 3])]);
    q.model.outputs.push(value("z", UINT8, &[1, 2, 1, 1]));
    let imported = onnx::read(&q.model.file(13)).unwrap();
    assert_eq!(float_operators(&imported.graph), Vec::<&str>::new());
    let mut random = fastrand::Rng::with_seed(1);
    let (a, b): (Vec<u8>, Vec<u8>) = (0..18).map(|_| (random.u8(..), random.u8(..))).unzip();
    let fed = [&a, &b].map(|v| Array::new([1, 2, 3, 3], v.clone()).unwrap());
    let found = compute(&imported, &fed).unwrap();
    let real = |k: usize| (f32::from(a[k]) - 128.0) / 127.0 + (f32::from(b[k]) - 60.0) / 64.0;
    let sum = |k: usize| ((real(k) * 50.0).round() + 128.0).clamp(0.0, 255.0);
    let mean = |c: usize| (0..9).map(|k| (sum(c * 9 + k) - 128.0) / 50.0).sum::<f32>() / 9.0;
    let known: Vec<u8> = (0..2).map(|c| ((mean(c) * 60.0).round() + 128.0).clamp(0.0, 255.0) as u8).collect();
    let known = Array::new([1, 2, 1, 1], known).unwrap();
    let tolerance = Tolerance { relative: 0.0, absolute: 0.0, steps: 1 };
    assert_eq!(difference(&found[0], &known, tolerance), None);
}
