//! Models of one operator, most of int8, with seeded weights, scales and biases.

use fastrand::Rng;
use mote_models::data::Elements;
use mote_models::tflite::{Activation, Conv2d, Model, Op, Operator, Padding, Pool2d, Tensor, TensorType, write};

/// Scales of the activations: powers of two, so that a sum times weights' scale that is one too can lie on a tie.
const X_SCALE: f32 = 1.0 / 64.0;
const Y_SCALE: f32 = 1.0 / 32.0;

/// A model, and how many bytes each of its inputs has.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) model: Vec<u8>,
    pub(crate) inputs: Vec<usize>,
    /// What the file was written from.
    parts: Model,
}

/// How a window slides. Rows before columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slide {
    pub(crate) taps: [i32; 2],
    pub(crate) stride: [i32; 2],
    pub(crate) dilation: [i32; 2],
    pub(crate) padding: Padding,
}

impl Slide {
    /// Without dilation.
    pub(crate) fn new(taps: [i32; 2], stride: [i32; 2], padding: Padding) -> Self {
        Self { taps, stride, dilation: [1, 1], padding }
    }

    /// Whether it has a position on an image of these extents.
    pub(crate) fn fits(&self, image: [i32; 4]) -> bool {
        self.padding == Padding::Same || (0..2).all(|k| self.reach(k) <= image[1 + k])
    }

    /// Rows for columns.
    pub(crate) fn transposed(self) -> Self {
        let swap = |[a, b]: [i32; 2]| [b, a];
        Self { taps: swap(self.taps), stride: swap(self.stride), dilation: swap(self.dilation), ..self }
    }

    fn reach(&self, axis: usize) -> i32 {
        (self.taps[axis] - 1) * self.dilation[axis] + 1
    }

    /// The shape of its result on an image.
    fn result(&self, image: [i32; 4], channels: i32) -> [i32; 4] {
        let positions = |k: usize| match self.padding {
            Padding::Same => (image[1 + k] + self.stride[k] - 1) / self.stride[k],
            Padding::Valid => (image[1 + k] - self.reach(k)) / self.stride[k] + 1,
        };
        [image[0], positions(0), positions(1), channels]
    }

    fn options(&self, rng: &mut Rng) -> Conv2d {
        let Self { stride, dilation, padding, .. } = *self;
        Conv2d { padding, stride, dilation, activation: activation(rng) }
    }
}

pub(crate) fn conv(rng: &mut Rng, image: [i32; 4], out_channels: i32, slide: Slide) -> Case {
    pruned_conv(rng, image, out_channels, slide, &Prune::NOTHING)
}

pub(crate) fn pruned_conv(rng: &mut Rng, image: [i32; 4], out_channels: i32, slide: Slide, prune: &Prune) -> Case {
    let [rows, columns] = slide.taps;
    let weights = weights(rng, &[out_channels, rows, columns, image[3]], 0, prune);
    let op = Op::Conv2d(slide.options(rng));
    let name = format!("conv {image:?} to {out_channels}, {slide:?}");
    weighted(rng, name, op, &image, weights, &slide.result(image, out_channels))
}

pub(crate) fn depthwise(rng: &mut Rng, image: [i32; 4], multiplier: i32, slide: Slide) -> Case {
    let [rows, columns] = slide.taps;
    let out_channels = image[3] * multiplier;
    let weights = weights(rng, &[1, rows, columns, out_channels], 3, &Prune::NOTHING);
    let op = Op::DepthwiseConv2d { conv: slide.options(rng), multiplier };
    let name = format!("depthwise {image:?} x {multiplier}, {slide:?}");
    weighted(rng, name, op, &image, weights, &slide.result(image, out_channels))
}

pub(crate) fn dense(rng: &mut Rng, batches: i32, depth: i32, units: i32) -> Case {
    pruned_dense(rng, batches, depth, units, &Prune::NOTHING)
}

pub(crate) fn pruned_dense(rng: &mut Rng, batches: i32, depth: i32, units: i32, prune: &Prune) -> Case {
    let weights = weights(rng, &[units, depth], 0, prune);
    let op = Op::FullyConnected { activation: activation(rng), keep_num_dims: false };
    let name = format!("dense {batches} x {depth} to {units}");
    weighted(rng, name, op, &[batches, depth], weights, &[batches, units])
}

/// A convolution whose every output is one input plus `bias`, scaled: by the scales of the input and the weight.
pub(crate) fn conv_of_one([x_scale, weight_scale]: [f32; 2], bias: i32, zero_point: i64) -> Case {
    let shape = [1, 1, 64, 1];
    let x = Tensor::new("x", TensorType::Int8, &shape).quantized(x_scale, 0);
    let weight = Tensor::constant("weights", &[1, 1, 1, 1], &Elements::Int8(vec![1])).quantized(weight_scale, 0);
    let bias_tensor = Tensor::constant("bias", &[1], &Elements::Int32(vec![bias]));
    let y = Tensor::new("y", TensorType::Int8, &shape).quantized(1.0, zero_point);
    let (padding, stride, dilation, activation) = (Padding::Valid, [1, 1], [1, 1], Activation::None);
    let name = format!("conv of one, scales {x_scale} and {weight_scale}, bias {bias}, zero point {zero_point}");
    let op = Op::Conv2d(Conv2d { padding, stride, dilation, activation });
    case(name, op, vec![x, weight, bias_tensor], y)
}

/// Which pool.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pool {
    Average,
    Max,
}

pub(crate) fn pool(rng: &mut Rng, which: Pool, image: [i32; 4], slide: Slide) -> Case {
    let x = Tensor::new("x", TensorType::Int8, &image).quantized(0.05, -3);
    let y = Tensor::new("y", TensorType::Int8, &slide.result(image, image[3])).quantized(0.05, -3);
    let Slide { taps, stride, padding, .. } = slide;
    let pool = Pool2d { padding, stride, window: taps, activation: activation(rng) };
    let op = match which {
        Pool::Average => Op::AveragePool2d(pool),
        Pool::Max => Op::MaxPool2d(pool),
    };
    case(format!("{which:?} pool {image:?}, {slide:?}"), op, vec![x], y)
}

/// A sum or difference of operands of these shapes, whose scales are in this ratio; `shape` is that of both together.
pub(crate) fn sum(rng: &mut Rng, subtract: bool, [a, b, shape]: [&[i32]; 3], ratio: f32) -> Case {
    let name = format!("subtract {subtract}, {a:?} and {b:?}, scales in ratio {ratio}");
    let a = int8(rng, "a", a, 0.03 * ratio);
    let b = int8(rng, "b", b, 0.03);
    let y = int8(rng, "y", shape, 0.03 * (1.0 + ratio));
    let (activation, pot_scale_int16) = (activation(rng), false);
    let op = if subtract { Op::Sub { activation, pot_scale_int16 } } else { Op::Add { activation, pot_scale_int16 } };
    case(name, op, vec![a, b], y)
}

/// A product of operands of these shapes, of a unit of both so many of the result's; `shape` is that of both together.
pub(crate) fn product(rng: &mut Rng, [a, b, shape]: [&[i32]; 3], factor: f32) -> Case {
    let name = format!("product of {a:?} and {b:?}, a factor of {factor}");
    let (a, b) = (int8(rng, "a", a, 0.03), int8(rng, "b", b, 0.07));
    let y = int8(rng, "y", shape, 0.03 * 0.07 / factor);
    case(name, Op::Mul { activation: activation(rng) }, vec![a, b], y)
}

/// The mean or the sum over some axes, of values so much coarser than the result's.
pub(crate) fn reduction(rng: &mut Rng, mean: bool, x: &[i32], axes: &[i32], ratio: f32) -> Case {
    let name = format!("mean {mean} of {x:?} over {axes:?}, scales in ratio {ratio}");
    let extent = |(k, &extent): (usize, &i32)| if axes.contains(&(k as i32)) { 1 } else { extent };
    let y: Vec<i32> = x.iter().enumerate().map(extent).collect();
    let axes = Tensor::constant("axes", &[axes.len() as i32], &Elements::Int32(axes.to_vec()));
    let inputs = vec![int8(rng, "x", x, 0.03), axes];
    let op = if mean { Op::Mean { keep_dims: true } } else { Op::Sum { keep_dims: true } };
    case(name, op, inputs, int8(rng, "y", &y, 0.03 / ratio))
}

/// As [`conv`], of float32.
pub(crate) fn conv_f32(rng: &mut Rng, image: [i32; 4], out_channels: i32, slide: Slide) -> Case {
    let [rows, columns] = slide.taps;
    let op = Op::Conv2d(slide.options(rng));
    let name = format!("float32 conv {image:?} to {out_channels}, {slide:?}");
    let weights = [out_channels, rows, columns, image[3]];
    floats(rng, name, op, &image, &weights, out_channels, &slide.result(image, out_channels))
}

/// As [`depthwise`], of float32.
pub(crate) fn depthwise_f32(rng: &mut Rng, image: [i32; 4], multiplier: i32, slide: Slide) -> Case {
    let [rows, columns] = slide.taps;
    let out_channels = image[3] * multiplier;
    let op = Op::DepthwiseConv2d { conv: slide.options(rng), multiplier };
    let name = format!("float32 depthwise {image:?} x {multiplier}, {slide:?}");
    let weights = [1, rows, columns, out_channels];
    floats(rng, name, op, &image, &weights, out_channels, &slide.result(image, out_channels))
}

/// As [`dense`], of float32.
pub(crate) fn dense_f32(rng: &mut Rng, batches: i32, depth: i32, units: i32) -> Case {
    let op = Op::FullyConnected { activation: activation(rng), keep_num_dims: false };
    let name = format!("float32 dense {batches} x {depth} to {units}");
    floats(rng, name, op, &[batches, depth], &[units, depth], units, &[batches, units])
}

fn floats(rng: &mut Rng, name: String, op: Op, x: &[i32], weights: &[i32], out_channels: i32, y: &[i32]) -> Case {
    let mut values = |count: i32| Elements::Float32((0..count).map(|_| rng.f32() * 2.0 - 1.0).collect());
    let (weight_values, bias) = (values(weights.iter().product()), values(out_channels));
    let mut inputs =
        vec![Tensor::new("x", TensorType::Float32, x), Tensor::constant("weights", weights, &weight_values)];
    if rng.u8(..8) > 0 {
        inputs.push(Tensor::constant("bias", &[out_channels], &bias));
    }
    let mut case = case(name, op, inputs, Tensor::new("y", TensorType::Float32, y));
    case.inputs.iter_mut().for_each(|elements| *elements *= 4);
    case
}

fn weighted(rng: &mut Rng, name: String, op: Op, x: &[i32], weights: Vec<Tensor>, y: &[i32]) -> Case {
    let x = int8(rng, "x", x, X_SCALE);
    let y = int8(rng, "y", y, Y_SCALE);
    case(name, op, std::iter::once(x).chain(weights).collect(), y)
}

fn case(name: String, op: Op, inputs: Vec<Tensor>, output: Tensor) -> Case {
    let fed = inputs.iter().filter(|t| t.constant.is_none());
    let lengths = fed.map(|t| t.shape.iter().product::<i32>() as usize).collect();
    let parts = Model::single(op, 1, inputs, vec![output]);
    Case { name, inputs: lengths, model: write(&parts), parts }
}

/// The same operator on an image that a `PAD` has put zeros around: rows and columns, before and after. The image is so much smaller.
pub(crate) fn padded(case: Case, margins: [[i32; 2]; 2]) -> Case {
    let Case { name, mut inputs, mut parts, .. } = case;
    let graph = &mut parts.subgraphs[0];
    let around = graph.inputs[0];
    let mut image = graph.tensors[around as usize].clone();
    let whole: i32 = image.shape.iter().product();
    for (extent, [before, after]) in image.shape[1..].iter_mut().zip(margins) {
        *extent -= before + after;
    }
    let inside: i32 = image.shape.iter().product();
    inputs[0] = inputs[0] / whole as usize * inside as usize;
    let [[top, bottom], [left, right]] = margins;
    let paddings = Elements::Int32(vec![0, 0, top, bottom, left, right, 0, 0]);
    let paddings = graph.push(Tensor::constant("paddings", &[4, 2], &paddings));
    let image = graph.push(image);
    graph.inputs[0] = image;
    graph.operators.insert(0, Operator::new(Op::Pad, &[image, paddings], &[around]));
    Case { name: format!("{name}, of which {margins:?} by a PAD"), model: write(&parts), inputs, parts }
}

/// The same graph, whose first operator's result is an output too.
pub(crate) fn with_first_result(case: Case) -> Case {
    let Case { name, inputs, mut parts, .. } = case;
    let graph = &mut parts.subgraphs[0];
    graph.outputs.push(graph.operators[0].outputs[0]);
    Case { name: format!("{name}, its first result put out"), model: write(&parts), inputs, parts }
}

/// What becomes of an output channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    /// Its outputs fill their range.
    Usual,
    /// The same, by a power of two: sums lie on ties.
    PowerOfTwo,
    /// Its factor is just below 1, the largest that the SIMD kernels take, and its weights are as small.
    Unscaled,
    /// All but dead: a tiny factor, and a bias whose sum with the products wraps.
    Faint,
    /// A factor that becomes 0, with any bias.
    Dead,
    /// Its weights are 0.
    Pruned,
}

impl Channel {
    fn any(rng: &mut Rng) -> Self {
        use Channel::{Dead, Faint, PowerOfTwo, Pruned, Unscaled, Usual};
        rng.choice([Usual, Usual, Usual, PowerOfTwo, Unscaled, Faint, Dead, Pruned]).unwrap()
    }

    /// The weights' scale of a sum of `depth` products.
    fn scale(self, rng: &mut Rng, depth: usize) -> f32 {
        let usual = 1.0 / (30.0 * (depth as f32).sqrt());
        match self {
            Channel::Usual | Channel::Pruned => usual * (1.0 + rng.f32()),
            Channel::PowerOfTwo => 2.0f32.powi(usual.log2() as i32),
            Channel::Unscaled => 0.999 * Y_SCALE / X_SCALE,
            Channel::Faint => 2.0f32.powi(-rng.i32(10..=30)) * (1.0 + rng.f32()),
            Channel::Dead => 1e-12,
        }
    }

    fn weight(self, rng: &mut Rng) -> i8 {
        match self {
            Channel::Usual | Channel::PowerOfTwo | Channel::Faint | Channel::Dead => rng.i8(..),
            Channel::Unscaled => rng.i8(-1..=1),
            Channel::Pruned => 0,
        }
    }

    fn bias(self, rng: &mut Rng) -> i32 {
        match self {
            Channel::Usual | Channel::PowerOfTwo | Channel::Pruned => rng.i32(-4096..=4096),
            Channel::Unscaled => rng.i32(-128..=128),
            Channel::Faint | Channel::Dead if rng.bool() => rng.choice([i32::MIN, i32::MAX]).unwrap(),
            Channel::Faint | Channel::Dead => rng.i32(..),
        }
    }
}

/// Which weights become 0: blocks of outputs x inputs, each with this probability.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prune {
    pub(crate) outputs: usize,
    pub(crate) inputs: usize,
    pub(crate) share: f64,
}

impl Prune {
    const NOTHING: Self = Self { outputs: 1, inputs: 1, share: 0.0 };

    fn cut(&self, rng: &mut Rng, weights: &mut [i8], depth: usize) {
        let &Self { outputs, inputs, share } = self;
        for rows in weights.chunks_mut(outputs * depth) {
            for k in (0..depth).step_by(inputs).filter(|_| rng.f64() < share) {
                rows.chunks_mut(depth).for_each(|row| row[k..depth.min(k + inputs)].fill(0));
            }
        }
    }
}

/// Weights whose output channels lie along `axis`, the first or the last; and their bias, which one in eight goes without.
fn weights(rng: &mut Rng, shape: &[i32], axis: usize, prune: &Prune) -> Vec<Tensor> {
    let channels: Vec<Channel> = (0..shape[axis]).map(|_| Channel::any(rng)).collect();
    let elements = shape.iter().product::<i32>() as usize;
    let depth = elements / channels.len();
    let channel_of = |element: usize| if axis == 0 { element / depth } else { element % channels.len() };
    let mut values: Vec<i8> = (0..elements).map(|element| channels[channel_of(element)].weight(rng)).collect();
    // As most files have them: weights of -128 keep a layer from the relaxed dot product.
    if rng.u8(..4) > 0 {
        values.iter_mut().for_each(|value| *value = (*value).max(-127));
    }
    if prune.share > 0.0 {
        prune.cut(rng, &mut values, depth);
    }
    let scales: Vec<f32> = channels.iter().map(|channel| channel.scale(rng, depth)).collect();
    let zero_points = vec![0; scales.len()];
    let weights = Tensor::constant("weights", shape, &Elements::Int8(values));
    let mut tensors = vec![weights.quantized_along(axis as i32, scales, zero_points)];
    if rng.u8(..8) > 0 {
        let bias = channels.iter().map(|channel| channel.bias(rng)).collect();
        tensors.push(Tensor::constant("bias", &[shape[axis]], &Elements::Int32(bias)));
    }
    tensors
}

fn int8(rng: &mut Rng, name: &str, shape: &[i32], scale: f32) -> Tensor {
    let zero_point = rng.choice([-128, 127, 0, -1, 5]).unwrap();
    Tensor::new(name, TensorType::Int8, shape).quantized(scale, zero_point)
}

fn activation(rng: &mut Rng) -> Activation {
    rng.choice([Activation::None, Activation::None, Activation::Relu, Activation::Relu6, Activation::ReluN1To1])
        .unwrap()
}
