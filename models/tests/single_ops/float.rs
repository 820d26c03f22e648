//! float32 operators against double precision.

use mote_models::data::Elements;
use mote_models::tflite::{Activation, Model, Op, Pool2d, Tensor, TensorType};

use super::naive::{self, Sum};
use super::run::{WINDOWS, Window, elements, reals, run_f32};

fn tensor(name: &str, shape: &[i32]) -> Tensor {
    Tensor::new(name, TensorType::Float32, shape)
}

fn constant(name: &str, shape: &[i32], values: &[f32]) -> Tensor {
    Tensor::constant(name, shape, &Elements::Float32(values.to_vec()))
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| v.into()).collect()
}

fn expect(name: &str, found: &[f64], expected: &[Sum]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (i, (found, sum)) in found.iter().zip(expected).enumerate() {
        let allowed = sum.f32_error();
        assert!((found - sum.value).abs() <= allowed, "{name}, {i}: {found}, not {} within {allowed}", sum.value);
    }
}

#[test]
fn convolutions() {
    let mut rng = fastrand::Rng::with_seed(1);
    for window in &WINDOWS {
        let Window { name, x: x_shape, filters, kernel: [kh, kw], conv, .. } = *window;
        let w_shape = [filters, kh, kw, x_shape[3]];
        let x = reals(&mut rng, elements(&x_shape));
        let w = reals(&mut rng, elements(&w_shape));
        let b = reals(&mut rng, filters as usize);
        let inputs = vec![tensor("x", &x_shape), constant("w", &w_shape, &w), constant("b", &[filters], &b)];
        let model = Model::single(Op::Conv2d(conv), 1, inputs, vec![tensor("y", &window.y())]);
        let found = run_f32(name, &model, &[&x.clone().into()]);
        expect(name, &found, &naive::conv_2d(window, &wide(&x), &wide(&w), &wide(&b)));
    }
}

#[test]
fn depthwise_convolutions() {
    let mut rng = fastrand::Rng::with_seed(2);
    for window in &WINDOWS {
        for multiplier in [1, 3] {
            let Window { name, x: x_shape, kernel: [kh, kw], conv, .. } = *window;
            let filters = x_shape[3] * multiplier;
            let window = &Window { filters, ..*window };
            let w_shape = [1, kh, kw, filters];
            let x = reals(&mut rng, elements(&x_shape));
            let w = reals(&mut rng, elements(&w_shape));
            let b = reals(&mut rng, filters as usize);
            let inputs = vec![tensor("x", &x_shape), constant("w", &w_shape, &w), constant("b", &[filters], &b)];
            let op = Op::DepthwiseConv2d { conv, multiplier };
            let model = Model::single(op, 1, inputs, vec![tensor("y", &window.y())]);
            let found = run_f32(name, &model, &[&x.clone().into()]);
            expect(name, &found, &naive::depthwise_conv_2d(window, &wide(&x), &wide(&w), &wide(&b)));
        }
    }
}

#[test]
fn dense_layers() {
    let mut rng = fastrand::Rng::with_seed(3);
    for [rows, inputs, outputs] in [[1, 1, 1], [1, 7, 3], [1, 8, 16], [3, 17, 5], [2, 64, 31]] {
        let name = format!("{rows}x{inputs} to {outputs}");
        let x = reals(&mut rng, (rows * inputs) as usize);
        let w = reals(&mut rng, (outputs * inputs) as usize);
        let b = reals(&mut rng, outputs as usize);
        let op = Op::FullyConnected { activation: Activation::None, keep_num_dims: false };
        let tensors =
            vec![tensor("x", &[rows, inputs]), constant("w", &[outputs, inputs], &w), constant("b", &[outputs], &b)];
        let model = Model::single(op, 1, tensors, vec![tensor("y", &[rows, outputs])]);
        let found = run_f32(&name, &model, &[&x.clone().into()]);
        expect(&name, &found, &naive::fully_connected(inputs as usize, &wide(&x), &wide(&w), &wide(&b)));
    }
}

#[test]
fn pools() {
    let mut rng = fastrand::Rng::with_seed(4);
    for window in WINDOWS.iter().filter(|window| window.conv.dilation == [1, 1]) {
        let window = &Window { filters: window.x[3], ..*window };
        let x = reals(&mut rng, elements(&window.x));
        let pool = Pool2d {
            padding: window.conv.padding,
            stride: window.conv.stride,
            window: window.kernel,
            activation: Activation::None,
        };
        for (op, expected) in [
            (Op::AveragePool2d(pool), naive::average_pool_2d(window, &wide(&x))),
            (Op::MaxPool2d(pool), naive::max_pool_2d(window, &wide(&x))),
        ] {
            let name = format!("{}, {op:?}", window.name);
            let model = Model::single(op, 1, vec![tensor("x", &window.x)], vec![tensor("y", &window.y())]);
            expect(&name, &run_f32(&name, &model, &[&x.clone().into()]), &expected);
        }
    }
}

#[test]
fn elementwise_operators_with_every_broadcast() {
    type Formula = fn(f64, f64) -> f64;
    let activation = Activation::None;
    let operators: [(Op, Formula); 6] = [
        (Op::Add { activation, pot_scale_int16: true }, |a, b| a + b),
        (Op::Sub { activation, pot_scale_int16: true }, |a, b| a - b),
        (Op::Mul { activation }, |a, b| a * b),
        (Op::Div { activation }, |a, b| a / b),
        (Op::Minimum, f64::min),
        (Op::Maximum, f64::max),
    ];
    let shapes: [(&str, &[i32], &[i32]); 6] = [
        ("same", &[1, 3, 5, 7], &[1, 3, 5, 7]),
        ("one for all", &[1, 3, 5, 7], &[1]),
        ("one for each channel", &[1, 3, 5, 7], &[7]),
        ("left one smaller", &[7], &[1, 3, 5, 7]),
        ("one for each place", &[1, 3, 5, 7], &[1, 3, 5, 1]),
        ("both ways", &[1, 3, 1, 7], &[1, 1, 5, 1]),
    ];
    let mut rng = fastrand::Rng::with_seed(5);
    for (op, formula) in &operators {
        for (name, a_shape, b_shape) in shapes {
            let name = format!("{op:?}, {name}");
            let a = reals(&mut rng, elements(a_shape));
            // Away from 0, where a quotient has no bounded error.
            let b: Vec<f32> = reals(&mut rng, elements(b_shape)).iter().map(|b| b + b.signum()).collect();
            let (y_shape, pairs) = broadcast(a_shape, b_shape);
            let inputs = vec![tensor("a", a_shape), tensor("b", b_shape)];
            let model = Model::single(op.clone(), 1, inputs, vec![tensor("y", &y_shape)]);
            let found = run_f32(&name, &model, &[&a.clone().into(), &b.clone().into()]);
            assert_eq!(found.len(), pairs.len(), "{name}");
            for (found, (i, j)) in found.iter().zip(pairs) {
                // One operation of IEEE 754 is rounded right.
                let expected = formula(a[i].into(), b[j].into()) as f32;
                assert_eq!(*found, f64::from(expected), "{name}: {} and {}", a[i], b[j]);
            }
        }
    }
}

/// The shape that two make together, and for each of its elements those of the two.
fn broadcast(a: &[i32], b: &[i32]) -> (Vec<i32>, Vec<(usize, usize)>) {
    let rank = a.len().max(b.len());
    let padded = |shape: &[i32]| [vec![1; rank - shape.len()], shape.to_vec()].concat();
    let (a, b) = (padded(a), padded(b));
    let y: Vec<i32> = a.iter().zip(&b).map(|(&a, &b)| a.max(b)).collect();
    let source = |shape: &[i32], mut at: usize| {
        let (mut index, mut stride) = (0, 1);
        for (&extent, &out) in shape.iter().zip(&y).rev() {
            if extent > 1 {
                index += at % out as usize * stride;
            }
            stride *= extent as usize;
            at /= out as usize;
        }
        index
    };
    let pairs = (0..elements(&y)).map(|at| (source(&a, at), source(&b, at))).collect();
    (y, pairs)
}

#[test]
fn functions_of_one_element() {
    type Formula = fn(f64) -> f64;
    let everywhere: [(Op, Formula); 14] = [
        (Op::Relu, |x| x.max(0.0)),
        (Op::Relu6, |x| x.clamp(0.0, 6.0)),
        (Op::ReluN1To1, |x| x.clamp(-1.0, 1.0)),
        (Op::LeakyRelu { alpha: 0.125 }, |x| if x < 0.0 { 0.125 * x } else { x }),
        (Op::Logistic, |x| 1.0 / (1.0 + (-x).exp())),
        (Op::Tanh, f64::tanh),
        (Op::HardSwish, |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0),
        (Op::Elu, |x| if x < 0.0 { x.exp_m1() } else { x }),
        (Op::Gelu { approximate: true }, |x| {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
            0.5 * x * (1.0 + inner.tanh())
        }),
        (Op::Abs, f64::abs),
        (Op::Neg, |x| -x),
        (Op::Exp, f64::exp),
        (Op::Sqrt, |x| x.abs().sqrt()),
        (Op::Rsqrt, |x| 1.0 / x.abs().sqrt()),
    ];
    let mut rng = fastrand::Rng::with_seed(6);
    for (op, formula) in everywhere {
        let name = format!("{op:?}");
        let positive_only = matches!(op, Op::Sqrt | Op::Rsqrt);
        for count in [1, 3, 4, 5, 17] {
            let x: Vec<f32> = reals(&mut rng, count).iter().map(|x| x * 8.0).collect();
            let x: Vec<f32> = if positive_only { x.iter().map(|x| x.abs() + 0.125).collect() } else { x };
            let shape = [1, count as i32];
            let model = Model::single(op.clone(), 1, vec![tensor("x", &shape)], vec![tensor("y", &shape)]);
            let found = run_f32(&name, &model, &[&x.clone().into()]);
            for (found, &x) in found.iter().zip(&x) {
                let expected = formula(x.into());
                // Some units in the last place of the result, or of the 1 that is added or taken away on the way to it.
                let allowed = 8.0 * f64::from(f32::EPSILON) * expected.abs().max(1.0);
                assert!((found - expected).abs() <= allowed, "{name} of {x}: {found}, not {expected}");
            }
        }
    }
}

#[test]
fn softmax() {
    let mut rng = fastrand::Rng::with_seed(7);
    for [rows, row] in [[1, 1], [1, 2], [3, 7], [2, 10], [1, 65]] {
        for beta in [1.0, 0.5] {
            let name = format!("{rows} rows of {row}, beta {beta}");
            let x: Vec<f32> = reals(&mut rng, (rows * row) as usize).iter().map(|x| x * 10.0).collect();
            let shape = [rows, row];
            let model = Model::single(Op::Softmax { beta }, 1, vec![tensor("x", &shape)], vec![tensor("y", &shape)]);
            let found = run_f32(&name, &model, &[&x.clone().into()]);
            for (found, expected) in found.iter().zip(naive::softmax(row as usize, beta.into(), &wide(&x))) {
                // The exponent is rounded to 20 epsilons at most, the sum to one for each term.
                let allowed = f64::from(row + 24) * f64::from(f32::EPSILON) * expected;
                assert!((found - expected).abs() <= allowed, "{name}: {found}, not {expected}");
            }
        }
    }
}
