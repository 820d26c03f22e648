//! Integer operators against double precision, in steps of the output.

use mote_models::data::Elements;
use mote_models::tflite::{Activation, Model, Op, Pool2d, Tensor, TensorType};

use super::naive;
use super::run::{WINDOWS, Window, elements, run};

/// An integer type of activations with the scale and zero points to test it with.
#[derive(Clone, Copy)]
struct Kind {
    dtype: TensorType,
    low: i32,
    high: i32,
    scale: f32,
    zero_point: i32,
}

const INT8: Kind = Kind { dtype: TensorType::Int8, low: -128, high: 127, scale: 0.047, zero_point: -11 };
const UINT8: Kind = Kind { dtype: TensorType::UInt8, low: 0, high: 255, scale: 0.047, zero_point: 117 };
/// 16-bit activations are symmetric.
const INT16: Kind = Kind { dtype: TensorType::Int16, low: -32_768, high: 32_767, scale: 1.9e-4, zero_point: 0 };

impl Kind {
    fn tensor(self, name: &str, shape: &[i32]) -> Tensor {
        Tensor::new(name, self.dtype, shape).quantized(self.scale, self.zero_point.into())
    }

    fn seeded(self, rng: &mut fastrand::Rng, count: usize) -> Vec<i32> {
        (0..count).map(|_| rng.i32(self.low..=self.high)).collect()
    }

    fn elements(self, stored: &[i32]) -> Elements {
        match self.dtype {
            TensorType::Int8 => Elements::Int8(stored.iter().map(|&q| q as i8).collect()),
            TensorType::UInt8 => Elements::UInt8(stored.iter().map(|&q| q as u8).collect()),
            TensorType::Int16 => Elements::Int16(stored.iter().map(|&q| q as i16).collect()),
            other => panic!("{other:?} is no type of activations"),
        }
    }

    fn stored(self, bytes: &[u8]) -> Vec<i32> {
        match self.dtype {
            TensorType::Int8 => bytes.iter().map(|&b| i32::from(b as i8)).collect(),
            TensorType::UInt8 => bytes.iter().map(|&b| i32::from(b)).collect(),
            TensorType::Int16 => bytes.as_chunks().0.iter().map(|&b| i16::from_le_bytes(b).into()).collect(),
            other => panic!("{other:?} is no type of activations"),
        }
    }

    fn reals(self, stored: &[i32]) -> Vec<f64> {
        stored.iter().map(|&q| f64::from(self.scale) * f64::from(q - self.zero_point)).collect()
    }

    /// What is found may be `steps` from the real result, in steps of this type's scale, after clamping.
    fn expect(self, name: &str, found: &[u8], real: &[f64], steps: f64) {
        let found = self.stored(found);
        assert_eq!(found.len(), real.len(), "{name}");
        for (i, (&found, real)) in found.iter().zip(real).enumerate() {
            let exact = real / f64::from(self.scale) + f64::from(self.zero_point);
            let exact = exact.clamp(self.low.into(), self.high.into());
            let off = (f64::from(found) - exact).abs();
            assert!(off <= steps, "{name}, {i}: {found} is {off:.3} steps from {exact:.3}");
        }
    }
}

/// The sum is rounded twice: once when it is multiplied, once when it is shifted.
const TWO_ROUNDINGS: f64 = 1.0;
/// 64-bit sums are multiplied by 16 bits of the multiplier: up to 2^-16 of a result of up to 2^15 beside the rounding.
const SHORT_MULTIPLIER: f64 = 1.0;

/// Weights with a scale for each filter.
struct Weights {
    stored: Vec<i8>,
    scales: Vec<f32>,
    bias: Vec<i32>,
}

impl Weights {
    fn seeded(rng: &mut fastrand::Rng, count: usize, filters: usize, bias: i32) -> Self {
        Self {
            stored: (0..count).map(|_| rng.i8(-127..=127)).collect(),
            scales: (0..filters).map(|_| 0.002 + 0.006 * rng.f32()).collect(),
            bias: (0..filters).map(|_| rng.i32(-bias..=bias)).collect(),
        }
    }

    fn tensor(&self, shape: &[i32], axis: i32) -> Tensor {
        let zeros = vec![0; self.scales.len()];
        Tensor::constant("w", shape, &Elements::Int8(self.stored.clone())).quantized_along(
            axis,
            self.scales.clone(),
            zeros,
        )
    }

    fn bias_tensor(&self, x: Kind) -> Tensor {
        let scales: Vec<f32> = self.scales.iter().map(|w| w * x.scale).collect();
        let elements = match x.dtype {
            TensorType::Int16 => Elements::Int64(self.bias.iter().map(|&b| b.into()).collect()),
            _ => Elements::Int32(self.bias.clone()),
        };
        let zeros = vec![0; scales.len()];
        Tensor::constant("b", &[self.bias.len() as i32], &elements).quantized_along(0, scales, zeros)
    }

    /// Real weights, `filter` telling each weight's filter.
    fn reals(&self, filter: impl Fn(usize) -> usize) -> Vec<f64> {
        self.stored.iter().enumerate().map(|(i, &q)| f64::from(q) * f64::from(self.scales[filter(i)])).collect()
    }

    fn real_bias(&self, x: Kind) -> Vec<f64> {
        let scales = self.scales.iter().map(|&w| f64::from(w) * f64::from(x.scale));
        self.bias.iter().zip(scales).map(|(&b, scale)| f64::from(b) * scale).collect()
    }
}

/// Wide enough for some results to be clamped and most not.
fn wider(kind: Kind, by: f32) -> Kind {
    Kind { scale: kind.scale * by, ..kind }
}

/// Activation types with int8 weights, the size of biases, and the steps allowed.
const WEIGHTED: [(Kind, i32, f64); 2] =
    [(INT8, 2000, TWO_ROUNDINGS), (INT16, 200_000, TWO_ROUNDINGS + SHORT_MULTIPLIER)];

#[test]
fn convolutions() {
    let mut rng = fastrand::Rng::with_seed(21);
    for (x_kind, bias, steps) in WEIGHTED {
        let y_kind = wider(x_kind, 1.7);
        for window in &WINDOWS {
            let Window { name, x: x_shape, filters, kernel: [kh, kw], conv, .. } = *window;
            let name = format!("{:?}, {name}", x_kind.dtype);
            let w_shape = [filters, kh, kw, x_shape[3]];
            let x = x_kind.seeded(&mut rng, elements(&x_shape));
            let weights = Weights::seeded(&mut rng, elements(&w_shape), filters as usize, bias);
            let inputs = vec![x_kind.tensor("x", &x_shape), weights.tensor(&w_shape, 0), weights.bias_tensor(x_kind)];
            let model = Model::single(Op::Conv2d(conv), 3, inputs, vec![y_kind.tensor("y", &window.y())]);
            let found = run(&name, &model, &[&x_kind.elements(&x)]);
            let in_filter = elements(&w_shape[1..]);
            let w = weights.reals(|i| i / in_filter);
            let sums = naive::conv_2d(window, &x_kind.reals(&x), &w, &weights.real_bias(x_kind));
            let real: Vec<f64> = sums.iter().map(|sum| sum.value).collect();
            y_kind.expect(&name, &found, &real, steps);
        }
    }
}

#[test]
fn depthwise_convolutions() {
    let mut rng = fastrand::Rng::with_seed(22);
    for (x_kind, bias, steps) in WEIGHTED {
        let y_kind = wider(x_kind, 0.9);
        for (window, multiplier) in WINDOWS.iter().flat_map(|window| [(window, 1), (window, 2)]) {
            let Window { name, x: x_shape, kernel: [kh, kw], conv, .. } = *window;
            let name = format!("{:?}, {name}, multiplier {multiplier}", x_kind.dtype);
            let filters = x_shape[3] * multiplier;
            let window = &Window { filters, ..*window };
            let w_shape = [1, kh, kw, filters];
            let x = x_kind.seeded(&mut rng, elements(&x_shape));
            let weights = Weights::seeded(&mut rng, elements(&w_shape), filters as usize, bias);
            let inputs = vec![x_kind.tensor("x", &x_shape), weights.tensor(&w_shape, 3), weights.bias_tensor(x_kind)];
            let op = Op::DepthwiseConv2d { conv, multiplier };
            let model = Model::single(op, 3, inputs, vec![y_kind.tensor("y", &window.y())]);
            let found = run(&name, &model, &[&x_kind.elements(&x)]);
            let w = weights.reals(|i| i % filters as usize);
            let sums = naive::depthwise_conv_2d(window, &x_kind.reals(&x), &w, &weights.real_bias(x_kind));
            let real: Vec<f64> = sums.iter().map(|sum| sum.value).collect();
            y_kind.expect(&name, &found, &real, steps);
        }
    }
}

#[test]
fn dense_layers() {
    let mut rng = fastrand::Rng::with_seed(23);
    for (x_kind, bias, steps) in WEIGHTED {
        let y_kind = wider(x_kind, 2.1);
        for [rows, inputs, outputs] in [[1, 1, 1], [1, 7, 3], [1, 8, 16], [3, 17, 5], [2, 64, 31]] {
            let name = format!("{:?}, {rows}x{inputs} to {outputs}", x_kind.dtype);
            let x = x_kind.seeded(&mut rng, (rows * inputs) as usize);
            let weights = Weights::seeded(&mut rng, (outputs * inputs) as usize, 1, bias);
            let weights = Weights { bias: (0..outputs).map(|_| rng.i32(-bias..=bias)).collect(), ..weights };
            let tensors = vec![
                x_kind.tensor("x", &[rows, inputs]),
                weights.tensor(&[outputs, inputs], 0),
                weights.bias_tensor(x_kind),
            ];
            let op = Op::FullyConnected { activation: Activation::None, keep_num_dims: false };
            let model = Model::single(op, 4, tensors, vec![y_kind.tensor("y", &[rows, outputs])]);
            let found = run(&name, &model, &[&x_kind.elements(&x)]);
            let scale = f64::from(weights.scales[0]) * f64::from(x_kind.scale);
            let b: Vec<f64> = weights.bias.iter().map(|&b| f64::from(b) * scale).collect();
            let sums = naive::fully_connected(inputs as usize, &x_kind.reals(&x), &weights.reals(|_| 0), &b);
            let real: Vec<f64> = sums.iter().map(|sum| sum.value).collect();
            y_kind.expect(&name, &found, &real, steps);
        }
    }
}

#[test]
fn pools() {
    let mut rng = fastrand::Rng::with_seed(24);
    for kind in [INT8, UINT8, INT16] {
        for window in WINDOWS.iter().filter(|window| window.conv.dilation == [1, 1]) {
            let window = &Window { filters: window.x[3], ..*window };
            let x = kind.seeded(&mut rng, elements(&window.x));
            let pool = Pool2d {
                padding: window.conv.padding,
                stride: window.conv.stride,
                window: window.kernel,
                activation: Activation::None,
            };
            let real = kind.reals(&x);
            // A mean is rounded once, to the nearest step; a maximum not at all.
            for (op, sums, steps) in [
                (Op::AveragePool2d(pool), naive::average_pool_2d(window, &real), 0.5),
                (Op::MaxPool2d(pool), naive::max_pool_2d(window, &real), 0.0),
            ] {
                let name = format!("{:?}, {}, {op:?}", kind.dtype, window.name);
                let model =
                    Model::single(op, 2, vec![kind.tensor("x", &window.x)], vec![kind.tensor("y", &window.y())]);
                let found = run(&name, &model, &[&kind.elements(&x)]);
                let real: Vec<f64> = sums.iter().map(|sum| sum.value).collect();
                kind.expect(&name, &found, &real, steps + ROUNDING_OF_THIS_TEST);
            }
        }
    }
}

/// What the double precision of the expected values themselves may cost, in steps.
const ROUNDING_OF_THIS_TEST: f64 = 1e-6;

#[test]
fn sums_and_products_of_two() {
    type Formula = fn(f64, f64) -> f64;
    let activation = Activation::None;
    let operators: [(Op, Formula); 3] = [
        (Op::Add { activation, pot_scale_int16: false }, |a, b| a + b),
        (Op::Sub { activation, pot_scale_int16: false }, |a, b| a - b),
        (Op::Mul { activation }, |a, b| a * b),
    ];
    let mut rng = fastrand::Rng::with_seed(25);
    for (op, formula) in &operators {
        for a_kind in [INT8, UINT8, INT16] {
            let (b_kind, y_kind) = (wider(a_kind, 0.6), wider(a_kind, 1.3));
            for count in [1, 7, 8, 9, 15, 16, 17, 33] {
                let name = format!("{op:?}, {:?}, {count}", a_kind.dtype);
                let shape = [1, count];
                let a = a_kind.seeded(&mut rng, count as usize);
                let b = b_kind.seeded(&mut rng, count as usize);
                let inputs = vec![a_kind.tensor("a", &shape), b_kind.tensor("b", &shape)];
                let model = Model::single(op.clone(), 3, inputs, vec![y_kind.tensor("y", &shape)]);
                let found = run(&name, &model, &[&a_kind.elements(&a), &b_kind.elements(&b)]);
                let (a, b) = (a_kind.reals(&a), b_kind.reals(&b));
                let real: Vec<f64> = a.iter().zip(&b).map(|(&a, &b)| formula(a, b)).collect();
                y_kind.expect(&name, &found, &real, TWO_ROUNDINGS);
            }
        }
    }
}
