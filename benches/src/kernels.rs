//! Models of one int8 operator, with seeded weights, in the shapes of MLPerf Tiny's layers.

use mote_models::data::Elements;
use mote_models::tflite::{
    Activation, Conv2d, Model, Op, Operator, Padding, Pool2d, Subgraph, Tensor, TensorType, write,
};

/// A kernel to measure.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// Operator and kernel size: the group of the figures.
    pub op: &'static str,
    /// Shapes.
    pub shape: String,
    /// The `.tflite` file.
    pub model: Vec<u8>,
}

/// Rows, columns, channels of an image.
type Image = [i32; 3];

const INPUT_SCALE: f32 = 0.05;
const WEIGHT_SCALE: f32 = 0.01;

/// All of them.
#[must_use]
pub fn kernels() -> Vec<Kernel> {
    let mut all = Vec::new();
    for (x, filters) in
        [([48, 48, 8], 16), ([24, 24, 16], 32), ([12, 12, 64], 64), ([6, 6, 128], 128), ([25, 5, 64], 64)]
    {
        all.push(conv_2d("conv_2d 1x1", x, filters, 1, 1));
    }
    for (x, filters, stride) in [
        ([96, 96, 3], 8, 2),
        ([32, 32, 3], 16, 1),
        ([32, 32, 16], 16, 1),
        ([16, 16, 32], 32, 1),
        ([16, 16, 32], 64, 2),
        ([8, 8, 64], 64, 1),
    ] {
        all.push(conv_2d("conv_2d 3x3", x, filters, 3, stride));
    }
    for (x, stride) in [
        ([48, 48, 8], 1),
        ([48, 48, 16], 2),
        ([24, 24, 32], 1),
        ([12, 12, 64], 1),
        ([6, 6, 128], 1),
        ([6, 6, 128], 2),
        ([25, 5, 64], 1),
    ] {
        all.push(depthwise_conv_2d(x, stride));
    }
    for (inputs, outputs) in [(640, 128), (128, 128), (128, 640), (64, 12)] {
        all.push(fully_connected(inputs, outputs));
    }
    for (op, x, window) in [
        ("average_pool_2d", [8, 8, 64], [8, 8]),
        ("average_pool_2d", [25, 5, 64], [25, 5]),
        ("max_pool_2d", [32, 32, 16], [2, 2]),
    ] {
        all.push(pool_2d(op, x, window));
    }
    for x in [[32, 32, 16], [16, 16, 32], [8, 8, 64]] {
        all.push(add(x));
    }
    for (x, gate) in [([16, 16, 32], [16, 16, 32]), ([14, 14, 64], [1, 1, 64])] {
        all.push(mul(x, gate));
    }
    for x in [[8, 8, 64], [7, 7, 256]] {
        all.push(mean(x));
    }
    for x in [[1, 1, 12], [24, 24, 21]] {
        all.push(softmax(x));
    }
    for (x, filters, depthwise) in [([48, 48, 16], 32, false), ([48, 48, 16], 16, true), ([112, 112, 3], 8, false)] {
        all.push(padded(x, filters, depthwise));
    }
    all
}

/// Which weights are 0: whole blocks, drawn by a fixed seed.
#[derive(Debug, Clone, Copy)]
pub struct Pruned {
    /// Outputs of a block.
    pub outputs: usize,
    /// Inputs of a block.
    pub inputs: usize,
    /// Blocks of a hundred that are 0.
    pub percent: usize,
}

impl Pruned {
    /// Sets as many blocks as asked to 0, and no weight of the others.
    fn cut(self, weights: &mut [i8], depth: usize) {
        let Self { outputs, inputs, percent } = self;
        let starts =
            (0..weights.len() / depth).step_by(outputs).flat_map(|o| (0..depth).step_by(inputs).map(move |k| (o, k)));
        let mut blocks: Vec<(usize, usize)> = starts.collect();
        fastrand::Rng::with_seed(0x7072_756e).shuffle(&mut blocks);
        blocks.truncate(blocks.len() * percent / 100);
        for (o, k) in blocks {
            for row in weights.chunks_exact_mut(depth).skip(o).take(outputs) {
                row[k..].iter_mut().take(inputs).for_each(|weight| *weight = 0);
            }
        }
    }
}

/// A network most of whose work is 1x1 convolutions, so many percent of whose blocks of 16 outputs x 2 inputs are 0: a depthwise
/// convolution, which has no blocks, for each four of them.
#[must_use]
pub fn pointwise_network(percent: usize) -> Kernel {
    let x: Image = [12, 12, 64];
    let mut graph = Subgraph::default();
    let mut last = graph.push(image("x", x, INPUT_SCALE, -3));
    graph.inputs.push(last);
    let mut add = |op: Op, [weights, bias]: [Tensor; 2], channels: i32| {
        let constants = [weights, bias].map(|tensor| graph.push(tensor));
        let y = graph.push(image("y", [x[0], x[1], channels], INPUT_SCALE, -128));
        let inputs = [last, constants[0], constants[1]];
        graph.operators.push(Operator { version: 3, ..Operator::new(op, &inputs, &[y]) });
        last = y;
    };
    add(Op::DepthwiseConv2d { conv: same(1), multiplier: 1 }, weights(&[1, 3, 3, x[2]], 3), x[2]);
    let mut depth = x[2];
    for filters in [128, 128, 128, 64] {
        let pruned = Pruned { outputs: 16, inputs: 2, percent };
        add(Op::Conv2d(same(1)), pruned_weights(&[filters, 1, 1, depth], 0, pruned), filters);
        depth = filters;
    }
    graph.outputs.push(last);
    let model = Model { subgraphs: vec![graph], ..Model::default() };
    Kernel { op: "network of 1x1, 16x2", shape: text(x), model: write(&model) }
}

/// Layers in the patterns that the kernels skip, so many percent of their blocks 0.
#[must_use]
pub fn sparse(percent: usize) -> Vec<Kernel> {
    let mut all = Vec::new();
    let of = |outputs, inputs| Pruned { outputs, inputs, percent };
    for (inputs, outputs) in [(640, 128), (128, 128), (128, 640), (1008, 1024), (2048, 256)] {
        let weights = pruned_weights(&[outputs, inputs], 0, of(16, 2));
        all.push(Kernel { op: "fully_connected, 16x2", ..fully_connected_of(inputs, outputs, weights) });
    }
    for (op, pattern) in [("conv_2d 1x1, 8x2", of(8, 2)), ("conv_2d 1x1, single weights", of(1, 1))] {
        for (x, filters) in
            [([48, 48, 8], 16), ([24, 24, 32], 32), ([12, 12, 64], 64), ([6, 6, 128], 128), ([25, 5, 64], 64)]
        {
            all.push(conv_2d_of(op, x, filters, 1, pruned_weights(&[filters, 1, 1, x[2]], 0, pattern)));
        }
    }
    for (x, filters, stride) in
        [([32, 32, 16], 16, 1), ([16, 16, 32], 32, 1), ([16, 16, 32], 64, 2), ([8, 8, 64], 64, 1)]
    {
        let weights = pruned_weights(&[filters, 3, 3, x[2]], 0, of(8, 2));
        all.push(conv_2d_of("conv_2d 3x3, 8x2", x, filters, stride, weights));
    }
    all.push(pointwise_network(percent));
    all
}

fn text([h, w, c]: Image) -> String {
    format!("{h}x{w}x{c}")
}

fn image(name: &str, [h, w, c]: Image, scale: f32, zero_point: i64) -> Tensor {
    Tensor::new(name, TensorType::Int8, &[1, h, w, c]).quantized(scale, zero_point)
}

/// int8 weights with a scale for each filter along `axis`, and biases.
fn weights(shape: &[i32], axis: i32) -> [Tensor; 2] {
    pruned_weights(shape, axis, Pruned { outputs: 1, inputs: 1, percent: 0 })
}

/// The same, of whose blocks of outputs x inputs some are 0. Filters are the first axis, or the axis is the only one.
fn pruned_weights(shape: &[i32], axis: i32, pruned: Pruned) -> [Tensor; 2] {
    let mut rng = fastrand::Rng::with_seed(0x6b65_726e_656c);
    let count: i32 = shape.iter().product();
    let filters = shape[axis as usize];
    let mut values: Vec<i8> = (0..count).map(|_| rng.i8(-127..=127)).collect();
    pruned.cut(&mut values, (count / filters) as usize);
    let stored = Elements::Int8(values);
    let scales: Vec<f32> = (0..filters).map(|_| WEIGHT_SCALE * (0.5 + rng.f32())).collect();
    let zeros = vec![0; scales.len()];
    let bias = Elements::Int32((0..filters).map(|_| rng.i32(-5000..5000)).collect());
    let bias_scales = scales.iter().map(|scale| scale * INPUT_SCALE).collect();
    [
        Tensor::constant("weights", shape, &stored).quantized_along(axis, scales, zeros.clone()),
        Tensor::constant("bias", &[filters], &bias).quantized_along(0, bias_scales, zeros),
    ]
}

fn same(stride: i32) -> Conv2d {
    Conv2d { padding: Padding::Same, stride: [stride; 2], dilation: [1, 1], activation: Activation::Relu }
}

fn conv_2d(op: &'static str, x: Image, filters: i32, kernel: i32, stride: i32) -> Kernel {
    let weights = weights(&[filters, kernel, kernel, x[2]], 0);
    conv_2d_of(op, x, filters, stride, weights)
}

fn conv_2d_of(op: &'static str, x: Image, filters: i32, stride: i32, [weights, bias]: [Tensor; 2]) -> Kernel {
    let [h, w, _] = x;
    let y = [(h + stride - 1) / stride, (w + stride - 1) / stride, filters];
    let inputs = vec![image("x", x, INPUT_SCALE, -3), weights, bias];
    let model = Model::single(Op::Conv2d(same(stride)), 3, inputs, vec![image("y", y, 0.1, -128)]);
    Kernel { op, shape: format!("{} to {}", text(x), text(y)), model: write(&model) }
}

fn depthwise_conv_2d(x: Image, stride: i32) -> Kernel {
    let [h, w, c] = x;
    let y = [(h + stride - 1) / stride, (w + stride - 1) / stride, c];
    let [weights, bias] = weights(&[1, 3, 3, c], 3);
    let inputs = vec![image("x", x, INPUT_SCALE, -3), weights, bias];
    let op = Op::DepthwiseConv2d { conv: same(stride), multiplier: 1 };
    let model = Model::single(op, 3, inputs, vec![image("y", y, 0.1, -128)]);
    Kernel { op: "depthwise_conv_2d 3x3", shape: format!("{} to {}", text(x), text(y)), model: write(&model) }
}

fn fully_connected(inputs: i32, outputs: i32) -> Kernel {
    fully_connected_of(inputs, outputs, weights(&[outputs, inputs], 0))
}

fn fully_connected_of(inputs: i32, outputs: i32, [weights, bias]: [Tensor; 2]) -> Kernel {
    // Dense layers have one scale.
    let one = |tensor: Tensor, scale: f32| tensor.quantized(scale, 0);
    let x = Tensor::new("x", TensorType::Int8, &[1, inputs]).quantized(INPUT_SCALE, -3);
    let y = Tensor::new("y", TensorType::Int8, &[1, outputs]).quantized(0.1, -128);
    let tensors = vec![x, one(weights, WEIGHT_SCALE), one(bias, WEIGHT_SCALE * INPUT_SCALE)];
    let op = Op::FullyConnected { activation: Activation::Relu, keep_num_dims: false };
    Kernel {
        op: "fully_connected",
        shape: format!("{inputs} to {outputs}"),
        model: write(&Model::single(op, 4, tensors, vec![y])),
    }
}

fn pool_2d(op: &'static str, x: Image, window: [i32; 2]) -> Kernel {
    let [h, w, c] = x;
    let y = [h / window[0], w / window[1], c];
    let pool = Pool2d { padding: Padding::Valid, stride: window, window, activation: Activation::None };
    let kind = if op == "max_pool_2d" { Op::MaxPool2d(pool) } else { Op::AveragePool2d(pool) };
    let [x_tensor, y_tensor] = [("x", x), ("y", y)].map(|(name, shape)| image(name, shape, INPUT_SCALE, -3));
    let model = Model::single(kind, 2, vec![x_tensor], vec![y_tensor]);
    Kernel { op, shape: format!("{} to {}", text(x), text(y)), model: write(&model) }
}

/// An image by a gate: one of its shape, or one number for each channel.
fn mul(x: Image, gate: Image) -> Kernel {
    let inputs = vec![image("a", x, INPUT_SCALE, -3), image("b", gate, 1.0 / 256.0, -128)];
    let op = Op::Mul { activation: Activation::None };
    let model = Model::single(op, 2, inputs, vec![image("y", x, INPUT_SCALE, -3)]);
    Kernel { op: "mul", shape: format!("{} by {}", text(x), text(gate)), model: write(&model) }
}

/// Over rows and columns.
fn mean(x: Image) -> Kernel {
    let axes = Tensor::constant("axes", &[2], &Elements::Int32(vec![1, 2]));
    let y = image("y", [1, 1, x[2]], 0.02, -3);
    let model = Model::single(Op::Mean { keep_dims: true }, 2, vec![image("x", x, INPUT_SCALE, -3), axes], vec![y]);
    Kernel { op: "mean", shape: text(x), model: write(&model) }
}

/// Over channels.
fn softmax(x: Image) -> Kernel {
    let inputs = vec![image("x", x, INPUT_SCALE, -3)];
    let model = Model::single(Op::Softmax { beta: 1.0 }, 2, inputs, vec![image("y", x, 1.0 / 256.0, -128)]);
    Kernel { op: "softmax", shape: text(x), model: write(&model) }
}

/// A convolution of 3x3 and stride 2 whose image a `PAD` has put one pixel around, as frameworks do that know no `SAME`.
fn padded(x: Image, filters: i32, depthwise: bool) -> Kernel {
    let [h, w, c] = x;
    let mut graph = Subgraph::default();
    let paddings = Elements::Int32(vec![0, 0, 1, 1, 1, 1, 0, 0]);
    let [weights, bias] = if depthwise { weights(&[1, 3, 3, c], 3) } else { weights(&[filters, 3, 3, c], 0) };
    let y: Image = [(h + 1) / 2, (w + 1) / 2, filters];
    let tensors = [
        image("x", x, INPUT_SCALE, -3),
        Tensor::constant("paddings", &[4, 2], &paddings),
        image("padded", [h + 2, w + 2, c], INPUT_SCALE, -3),
        weights,
        bias,
        image("y", y, 0.1, -128),
    ];
    let [x_place, paddings, padded, weights, bias, y_place] = tensors.map(|tensor| graph.push(tensor));
    let conv = Conv2d { padding: Padding::Valid, ..same(2) };
    let op = if depthwise { Op::DepthwiseConv2d { conv, multiplier: 1 } } else { Op::Conv2d(conv) };
    graph.operators.push(Operator::new(Op::Pad, &[x_place, paddings], &[padded]));
    graph.operators.push(Operator { version: 3, ..Operator::new(op, &[padded, weights, bias], &[y_place]) });
    (graph.inputs, graph.outputs) = (vec![x_place], vec![y_place]);
    let model = Model { subgraphs: vec![graph], ..Model::default() };
    let op = if depthwise { "pad, depthwise_conv_2d 3x3" } else { "pad, conv_2d 3x3" };
    Kernel { op, shape: format!("{} to {}", text(x), text(y)), model: write(&model) }
}

fn add(x: Image) -> Kernel {
    let op = Op::Add { activation: Activation::Relu, pot_scale_int16: false };
    let inputs = vec![image("a", x, INPUT_SCALE, -3), image("b", x, 0.07, 5)];
    // No scale in simple ratio to another: sums are at ties as rarely as those of trained models.
    let model = Model::single(op, 2, inputs, vec![image("y", x, 0.0931, -128)]);
    Kernel { op: "add", shape: text(x), model: write(&model) }
}
