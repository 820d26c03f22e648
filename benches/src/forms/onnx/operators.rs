//! What each operator of a graph becomes.
//!
//! | tensor | holds |
//! | --- | --- |
//! | `q7` | value 7 as integers |
//! | `r7` | value 7 as real numbers |
//! | `s7`, `z7` | its scale and zero point |
//! | `w7`, `b7` | weights and biases of the node that writes value 7 |
//! | `f7`, `i7`, ... | steps on the way to value 7 |

use std::collections::BTreeSet;

use mote_models::data::{Array, Elements};
use mote_models::graph::{Activation, Conv2d, Graph, Node, Op, Padding, Pool2d, Quantization, Value, ValueId};

use super::wire::{File, Type, int, ints};
use super::{Form, InputType, NoForm, extents, name, scale_of};

/// What is added to integers and zero points of a form with unsigned activations.
const UNSIGNED: i64 = 128;

/// A file on the way.
pub(super) struct Exporter<'g> {
    graph: &'g Graph,
    form: Form,
    file: File,
    /// Names that stand for something by now.
    made: BTreeSet<String>,
}

/// A node with weights, in ONNX's order: filters, channels of a filter, rows, columns.
struct Weighted {
    weights: Vec<u8>,
    dims: Vec<usize>,
    /// One, or one for each filter.
    scales: Vec<f32>,
    bias: Vec<i32>,
}

impl<'g> Exporter<'g> {
    pub(super) fn new(graph: &'g Graph, form: Form) -> Self {
        Self { graph, form, file: File::default(), made: BTreeSet::new() }
    }

    pub(super) fn file(mut self) -> Result<Vec<u8>, NoForm> {
        let graph = self.graph;
        let refused = |what: &str| NoForm { node: "graph".into(), what: what.into() };
        let ([input], [output]) = (&graph.inputs[..], &graph.outputs[..]) else {
            return Err(refused("other than one input and one output"));
        };
        let (kind, dtype) = match self.form.input() {
            InputType::Int8 => ("q", Type::Int8),
            InputType::UInt8 => ("q", Type::UInt8),
            InputType::Float32 => ("r", Type::Float),
        };
        self.file.input(&name(kind, *input), dtype, &extents(&graph.value(*input).shape));
        for node in &graph.nodes {
            let refused =
                |what: &str| NoForm { node: format!("{} ({})", node.name, node.op.name()), what: what.into() };
            self.node(node).map_err(|what| refused(&what))?;
        }
        let result = self.real(*output);
        self.file.output(&result, Type::Float, &extents(&graph.value(*output).shape));
        Ok(self.file.finish())
    }

    fn node(&mut self, node: &Node) -> Result<(), String> {
        let input = node.input(0).ok_or("no input")?;
        let output = *node.outputs.first().ok_or("no output")?;
        match &node.op {
            Op::Conv2d(conv) => self.conv(node, conv, 1),
            Op::DepthwiseConv2d { conv, .. } => {
                let channels = self.graph.value(input).shape[3];
                self.conv(node, conv, channels)
            }
            Op::FullyConnected { activation, .. } => self.dense(node, *activation),
            Op::Add { activation, .. } => {
                let second = node.input(1).ok_or("no second input")?;
                let terms = [self.real(input), self.real(second)];
                self.step(output, "Add", &[&terms[0], &terms[1]], &[], *activation)
            }
            Op::AveragePool2d(pool) => self.pool("AveragePool", input, output, *pool),
            Op::MaxPool2d(pool) => self.pool("MaxPool", input, output, *pool),
            Op::Reshape { .. } => self.reshape(input, output),
            Op::Softmax { beta: 1.0 } => {
                let terms = self.real(input);
                // The last that happens to the numbers: they stay real.
                self.file.node("Softmax", &[&terms], &name("r", output), &[int("axis", -1)]);
                self.made.insert(name("r", output));
                Ok(())
            }
            _ => Err("not among the operators that are written here".into()),
        }
    }

    /// A value as real numbers.
    fn real(&mut self, id: ValueId) -> String {
        let real = name("r", id);
        if self.form != Form::Float && self.made.insert(real.clone()) {
            let [scale, zero] = self.scale(id);
            self.file.node("DequantizeLinear", &[&name("q", id), &scale, &zero], &real, &[]);
        }
        real
    }

    /// Names of a value's scale and zero point.
    fn scale(&mut self, id: ValueId) -> [String; 2] {
        let names = [name("s", id), name("z", id)];
        if self.made.insert(names[0].clone()) {
            let [scale, zero_point] = scale_of(self.graph.value(id));
            self.file.floats(&names[0], &[], &[scale]);
            let (dtype, zero_point) = match self.is_unsigned() {
                true => (Type::UInt8, zero_point as i64 + UNSIGNED),
                false => (Type::Int8, zero_point as i64),
            };
            self.file.constant(&names[1], dtype, &[], &[zero_point as u8]);
        }
        names
    }

    fn is_unsigned(&self) -> bool {
        self.form.input() == InputType::UInt8
    }

    /// A node that computes real numbers, with what follows them up to the value as the form keeps it.
    fn step(
        &mut self,
        output: ValueId,
        op: &str,
        inputs: &[&str],
        attributes: &[Vec<u8>],
        activation: Activation,
    ) -> Result<(), String> {
        let activation = match activation {
            Activation::None => None,
            _ if self.form != Form::Float && saturates_as(self.graph.value(output), activation) => None,
            Activation::Relu => Some("Relu"),
            Activation::Relu6 => Some("Clip"),
            Activation::ReluN1To1 | Activation::Tanh => return Err(format!("activation {activation:?}")),
        };
        let result = name(if self.form == Form::Float { "r" } else { "f" }, output);
        let Some(activation) = activation else {
            self.file.node(op, inputs, &result, attributes);
            return self.quantized(output);
        };
        let before = name("a", output);
        self.file.node(op, inputs, &before, attributes);
        match activation {
            "Clip" => {
                let [low, high] = [name("low", output), name("high", output)];
                self.file.floats(&low, &[], &[0.0]);
                self.file.floats(&high, &[], &[6.0]);
                self.file.node("Clip", &[&before, &low, &high], &result, &[]);
            }
            _ => self.file.node(activation, &[&before], &result, &[]),
        }
        self.quantized(output)
    }

    /// `f` to `q`, where the form has integers.
    fn quantized(&mut self, id: ValueId) -> Result<(), String> {
        if self.form != Form::Float {
            let [scale, zero] = self.scale(id);
            self.file.node("QuantizeLinear", &[&name("f", id), &scale, &zero], &name("q", id), &[]);
        }
        Ok(())
    }

    fn conv(&mut self, node: &Node, conv: &Conv2d, groups: usize) -> Result<(), String> {
        let [x, w, y] = [node.input(0), node.input(1), node.outputs.first().copied()];
        let (Some(x), Some(w), Some(y)) = (x, w, y) else { return Err("no input, weights or output".into()) };
        let (input, output) = (&self.graph.value(x).shape, &self.graph.value(y).shape);
        // Depthwise weights are 1, rows, columns, channels; others filters, rows, columns, channels.
        let shape = &self.graph.value(w).shape;
        let window = [shape[1], shape[2]];
        let mut pads = [0; 4];
        for axis in 0..2 {
            let extent = (window[axis] - 1) * conv.dilation[axis] as usize + 1;
            [pads[axis], pads[axis + 2]] =
                padding(conv.padding, input[axis + 1], output[axis + 1], conv.stride[axis] as usize, extent);
        }
        let attributes = [
            ints("kernel_shape", &window.map(|k| k as i64)),
            ints("pads", &pads),
            ints("strides", &conv.stride.map(i64::from)),
            ints("dilations", &conv.dilation.map(i64::from)),
            int("group", groups as i64),
        ];
        let is_depthwise = matches!(node.op, Op::DepthwiseConv2d { .. });
        let weighted = self.weighted(node, is_depthwise)?;
        self.product(["Conv", "ConvInteger"], x, y, &weighted, &attributes, conv.activation)
    }

    fn dense(&mut self, node: &Node, activation: Activation) -> Result<(), String> {
        let (Some(x), Some(&y)) = (node.input(0), node.outputs.first()) else {
            return Err("no input or output".into());
        };
        let mut weighted = self.weighted(node, false)?;
        match self.form {
            Form::Qdq | Form::QdqUnsigned | Form::Float => {
                self.product(["Gemm", "Gemm"], x, y, &weighted, &[int("transB", 1)], activation)
            }
            // There is no dense layer with biases: a convolution of one pixel is one.
            Form::QLinear => {
                let [n, k] = weighted.dims[..] else { return Err("weights of another rank".into()) };
                weighted.dims = vec![n, k, 1, 1];
                self.q_linear(x, y, &weighted, &[ints("kernel_shape", &[1, 1])], activation, true)
            }
            Form::Integer => {
                let [n, k] = weighted.dims[..] else { return Err("weights of another rank".into()) };
                weighted.weights =
                    (0..k).flat_map(|i| (0..n).map(move |o| o * k + i)).map(|at| weighted.weights[at]).collect();
                weighted.dims = vec![k, n];
                self.product(["MatMul", "MatMulInteger"], x, y, &weighted, &[], activation)
            }
        }
    }

    /// A node with weights, as the form writes it; `ops` are its operator on real numbers and on integers.
    fn product(
        &mut self,
        ops: [&str; 2],
        x: ValueId,
        y: ValueId,
        weighted: &Weighted,
        attributes: &[Vec<u8>],
        activation: Activation,
    ) -> Result<(), String> {
        let [w, b] = [name("w", y), name("b", y)];
        let bias_scales = self.bias_scales(x, weighted);
        match self.form {
            Form::Float => {
                let filter = weighted.weights.len() / weighted.scales.len();
                let scales = weighted.scales.iter().flat_map(|&scale| std::iter::repeat_n(scale, filter));
                let real = weighted.weights.iter().zip(scales).map(|(&q, scale)| f32::from(q.cast_signed()) * scale);
                self.file.floats(&w, &weighted.dims, &real.collect::<Vec<_>>());
                let bias: Vec<f32> = weighted.bias.iter().zip(&bias_scales).map(|(&q, s)| q as f32 * s).collect();
                self.file.floats(&b, &[bias.len()], &bias);
                self.step(y, ops[0], &[&name("r", x), &w, &b], attributes, activation)
            }
            Form::Qdq | Form::QdqUnsigned => {
                let input = self.real(x);
                self.file.constant(&format!("{w}/q"), Type::Int8, &weighted.dims, &weighted.weights);
                self.dequantized(&w, &weighted.scales, Some(Type::Int8));
                let bias: Vec<u8> = weighted.bias.iter().flat_map(|q| q.to_le_bytes()).collect();
                self.file.constant(&format!("{b}/q"), Type::Int32, &[weighted.bias.len()], &bias);
                self.dequantized(&b, if weighted.scales.len() == 1 { &bias_scales[..1] } else { &bias_scales }, None);
                self.step(y, ops[0], &[&input, &w, &b], attributes, activation)
            }
            Form::QLinear => self.q_linear(x, y, weighted, attributes, activation, false),
            Form::Integer => {
                let channels = bias_scales.len();
                let along = if ops[1] == "ConvInteger" { vec![1, channels, 1, 1] } else { vec![1, channels] };
                let [_, zero] = self.scale(x);
                let [sums, cast, scaled] = ["i", "c", "m"].map(|kind| name(kind, y));
                self.file.constant(&w, Type::Int8, &weighted.dims, &weighted.weights);
                self.file.node(ops[1], &[&name("q", x), &w, &zero], &sums, attributes);
                self.file.node("Cast", &[&sums], &cast, &[int("to", Type::Float as i64)]);
                let factors = name("k", y);
                self.file.floats(&factors, &along, &bias_scales);
                self.file.node("Mul", &[&cast, &factors], &scaled, &[]);
                let bias: Vec<f32> = weighted.bias.iter().zip(&bias_scales).map(|(&q, s)| q as f32 * s).collect();
                self.file.floats(&b, &along, &bias);
                self.step(y, "Add", &[&scaled, &b], &[], activation)
            }
        }
    }

    /// `QLinearConv`; a dense layer's vectors become images of one pixel and vectors again.
    fn q_linear(
        &mut self,
        x: ValueId,
        y: ValueId,
        weighted: &Weighted,
        attributes: &[Vec<u8>],
        activation: Activation,
        is_dense: bool,
    ) -> Result<(), String> {
        if !saturates_as(self.graph.value(y), activation) {
            return Err(format!("{activation:?} without saturation"));
        }
        let [w, b, ws, wz] = ["w", "b", "ws", "wz"].map(|kind| name(kind, y));
        self.file.constant(&w, Type::Int8, &weighted.dims, &weighted.weights);
        let count = weighted.scales.len();
        let dims: &[usize] = if count == 1 { &[] } else { &[count] };
        self.file.floats(&ws, dims, &weighted.scales);
        self.file.constant(&wz, Type::Int8, dims, &vec![0; count]);
        let bias: Vec<u8> = weighted.bias.iter().flat_map(|q| q.to_le_bytes()).collect();
        self.file.constant(&b, Type::Int32, &[weighted.bias.len()], &bias);
        let ([xs, xz], [ys, yz]) = (self.scale(x), self.scale(y));
        let [pixel, result] = match is_dense {
            true => [name("p", x), name("p", y)],
            false => [name("q", x), name("q", y)],
        };
        if is_dense && self.made.insert(pixel.clone()) {
            let dims = [1, weighted.dims[1] as i64, 1, 1];
            self.reshaped(&name("q", x), &pixel, &dims);
        }
        self.file.node("QLinearConv", &[&pixel, &xs, &xz, &w, &ws, &wz, &ys, &yz, &b], &result, attributes);
        if is_dense {
            self.made.insert(result.clone());
            self.reshaped(&result, &name("q", y), &[1, weighted.dims[0] as i64]);
        }
        Ok(())
    }

    /// `name` from `name/q`, with one scale or one for each index of the first axis, and zero points of 0.
    fn dequantized(&mut self, name: &str, scales: &[f32], zero: Option<Type>) {
        let dims: &[usize] = if scales.len() == 1 { &[] } else { &[scales.len()] };
        let [q, s, z] = ["q", "s", "z"].map(|kind| format!("{name}/{kind}"));
        self.file.floats(&s, dims, scales);
        let mut inputs = vec![q.as_str(), s.as_str()];
        if let Some(dtype) = zero {
            self.file.constant(&z, dtype, dims, &vec![0; scales.len()]);
            inputs.push(&z);
        }
        let axis: &[Vec<u8>] = if scales.len() == 1 { &[] } else { &[int("axis", 0)] };
        self.file.node("DequantizeLinear", &inputs, name, axis);
    }

    fn pool(&mut self, op: &str, x: ValueId, y: ValueId, pool: Pool2d) -> Result<(), String> {
        let input = self.real(x);
        let shape = &self.graph.value(x).shape;
        if op == "AveragePool" && [shape[1] as i32, shape[2] as i32] == pool.window {
            return self.step(y, "GlobalAveragePool", &[&input], &[], pool.activation);
        }
        if pool.padding == Padding::Same
            && (0..2).any(|axis| !shape[axis + 1].is_multiple_of(pool.stride[axis] as usize))
        {
            return Err("a padded pool".into());
        }
        let attributes =
            [ints("kernel_shape", &pool.window.map(i64::from)), ints("strides", &pool.stride.map(i64::from))];
        self.step(y, op, &[&input], &attributes, pool.activation)
    }

    fn reshape(&mut self, x: ValueId, y: ValueId) -> Result<(), String> {
        let kind = if self.form == Form::Float { "r" } else { "q" };
        let mut input = name(kind, x);
        let (from, to) = (&self.graph.value(x).shape, &self.graph.value(y).shape);
        let [true, true] = [from, to].map(|shape| shape.len() == 2 || shape.len() == 4) else {
            return Err(format!("from {from:?} to {to:?}"));
        };
        if self.graph.value(x).quantization.as_ref().map(|q| (&q.scales, &q.zero_points))
            != self.graph.value(y).quantization.as_ref().map(|q| (&q.scales, &q.zero_points))
        {
            return Err("another scale behind it".into());
        }
        if let [_, h, w, c] = from[..]
            && h * w > 1
            && c > 1
        {
            let rows = name("t", x);
            self.file.node("Transpose", &[&input], &rows, &[ints("perm", &[0, 2, 3, 1])]);
            input = rows;
        }
        if to.len() == 4 && to[1] * to[2] > 1 && to[3] > 1 {
            return Err("an image from a vector".into());
        }
        let dims: Vec<i64> = extents(to).iter().map(|&d| d as i64).collect();
        self.reshaped(&input, &name(kind, y), &dims);
        Ok(())
    }

    fn reshaped(&mut self, input: &str, output: &str, dims: &[i64]) {
        let shape = format!("{output}/shape");
        let raw: Vec<u8> = dims.iter().flat_map(|d| d.to_le_bytes()).collect();
        self.file.constant(&shape, Type::Int64, &[dims.len()], &raw);
        self.file.node("Reshape", &[input, &shape], output, &[]);
    }

    fn weighted(&self, node: &Node, is_depthwise: bool) -> Result<Weighted, String> {
        let w = node.input(1).map(|id| self.graph.value(id)).ok_or("no weights")?;
        let Some(Elements::Int8(elements)) = w.constant.as_ref().map(Array::elements) else {
            return Err("weights that are not int8 constants".into());
        };
        let Some(Quantization { scales, .. }) = &w.quantization else { return Err("weights without scales".into()) };
        let at = |k: usize| elements[k].cast_unsigned();
        let (weights, dims): (Vec<u8>, Vec<usize>) = match (&w.shape[..], is_depthwise) {
            (&[_, kh, kw, c], true) => {
                ((0..c).flat_map(|c_at| (0..kh * kw).map(move |k| k * c + c_at)).map(at).collect(), vec![c, 1, kh, kw])
            }
            (&[n, kh, kw, c], false) => {
                let channel = |o: usize, c_at: usize| (0..kh * kw).map(move |k| (o * kh * kw + k) * c + c_at);
                let filter = |o: usize| (0..c).flat_map(move |c_at| channel(o, c_at));
                ((0..n).flat_map(filter).map(at).collect(), vec![n, c, kh, kw])
            }
            _ => ((0..elements.len()).map(at).collect(), w.shape.clone()),
        };
        let bias = match node.input(2).map(|id| &self.graph.value(id).constant) {
            None => vec![0; dims[0]],
            Some(Some(array)) => match array.elements() {
                Elements::Int32(bias) => bias.clone(),
                _ => return Err("biases that are not int32".into()),
            },
            Some(None) => return Err("biases that are computed".into()),
        };
        Ok(Weighted { weights, dims, scales: scales.clone(), bias })
    }

    /// A sum of products is this much of a real number, filter by filter.
    fn bias_scales(&self, x: ValueId, weighted: &Weighted) -> Vec<f32> {
        let [scale, _] = scale_of(self.graph.value(x));
        let filters = weighted.bias.len();
        (0..filters).map(|k| scale * weighted.scales[k.min(weighted.scales.len() - 1)]).collect()
    }
}

/// Whether rounding to the value's integers alone keeps it within the activation's bounds.
fn saturates_as(value: &Value, activation: Activation) -> bool {
    /// How far the highest integer may lie above 6: converters round the scale.
    const SLACK: f32 = 1.001;
    let [scale, zero_point] = scale_of(value);
    let from_zero = zero_point <= f32::from(i8::MIN);
    match activation {
        Activation::None => true,
        Activation::Relu => from_zero,
        Activation::Relu6 => from_zero && (f32::from(i8::MAX) - zero_point) * scale <= 6.0 * SLACK,
        Activation::ReluN1To1 | Activation::Tanh => false,
    }
}

/// What is added before and behind an extent.
fn padding(padding: Padding, input: usize, output: usize, stride: usize, window: usize) -> [i64; 2] {
    let total = match padding {
        Padding::Valid => 0,
        Padding::Same => ((output - 1) * stride + window).saturating_sub(input),
    };
    [(total / 2) as i64, (total - total / 2) as i64]
}
