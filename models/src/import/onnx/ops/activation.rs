//! Activations: TensorFlow Lite's own, and those made of them.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::elementwise::{ADD, DIV, MUL, SUB, binary, cast, computable, number_with, of_channels, unary, with_number};
use crate::graph::{Activation, Op, TensorType};

/// `Relu`, `Sigmoid`, `Tanh`, `HardSwish`: operators of TensorFlow Lite under another name.
pub(super) fn same<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let op = match node.op() {
        "Relu" => Op::Relu,
        "Sigmoid" => Op::Logistic,
        "Tanh" => Op::Tanh,
        "HardSwish" => Op::HardSwish,
        other => return Err(invalid("an activation", other)),
    };
    let x = importer.view(node, 0)?;
    if importer.dtype(x.value) != TensorType::Float32 && op == Op::Relu {
        let (wide, dtype) = computable(importer, &x)?;
        let y = with_number(importer, Op::Maximum, &wide, 0.0)?;
        let y = cast(importer, &y, dtype)?;
        return importer.bind(node, 0, y);
    }
    let y = unary(importer, op, &x)?;
    importer.bind(node, 0, y)
}

/// `Clip`, whose bounds are attributes before operator set 11 and inputs since.
pub(super) fn clip<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    if node.opset < 11 {
        let (low, high) = (node.optional_float("min")?, node.optional_float("max")?);
        let y = clamp(importer, &x, low, high)?;
        return importer.bind(node, 0, y);
    }
    let (low, high) = (importer.known(node, 1)?, importer.known(node, 2)?);
    let both_known = node.input(1).is_none() == low.is_none() && node.input(2).is_none() == high.is_none();
    if both_known && importer.dtype(x.value) == TensorType::Float32 {
        let number = |bound: Option<std::rc::Rc<super::super::constant::Constant>>| match bound {
            None => Ok(None),
            Some(bound) => bound
                .scalar()
                .map(|v| Some(v as f32))
                .ok_or_else(|| invalid("bounds of one number", format!("{:?}", bound.shape()))),
        };
        let (low, high) = (number(low)?, number(high)?);
        // The lowest number is no bound.
        let (low, high) = (low.filter(|&v| v > f32::MIN), high.filter(|&v| v < f32::MAX));
        let y = clamp(importer, &x, low, high)?;
        return importer.bind(node, 0, y);
    }
    let (mut y, dtype) = computable(importer, &x)?;
    for (k, op) in [(1, Op::Maximum), (2, Op::Minimum)] {
        if node.input(k).is_some() {
            let bound = importer.view(node, k)?;
            let (bound, _) = computable(importer, &bound)?;
            y = binary(importer, op, &y, &bound)?;
        }
    }
    let y = cast(importer, &y, dtype)?;
    importer.bind(node, 0, y)
}

/// `x` between two bounds, by the operator that has just these where there is one. As in ONNX, the upper one wins.
pub(super) fn clamp(importer: &mut Importer<'_>, x: &View, low: Option<f32>, high: Option<f32>) -> Outcome<View> {
    match (low, high) {
        (Some(0.0), None) => unary(importer, Op::Relu, x),
        (Some(0.0), Some(6.0)) => unary(importer, Op::Relu6, x),
        (Some(-1.0), Some(1.0)) => unary(importer, Op::ReluN1To1, x),
        _ => {
            let mut y = x.clone();
            if let Some(low) = low {
                y = with_number(importer, Op::Maximum, &y, low)?;
            }
            if let Some(high) = high {
                y = with_number(importer, Op::Minimum, &y, high)?;
            }
            Ok(y)
        }
    }
}

/// `LeakyRelu`.
pub(super) fn leaky_relu<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let (x, alpha) = (importer.view(node, 0)?, node.float("alpha", 0.01)?);
    let y = unary(importer, Op::LeakyRelu { alpha }, &x)?;
    importer.bind(node, 0, y)
}

/// `PRelu`, whose slopes stretch to the input.
pub(super) fn prelu<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let (x, slopes) = (importer.view(node, 0)?, importer.view(node, 1)?);
    // Older exporters write one slope a channel without the axes behind.
    let slopes = match slopes.shape()[..] {
        [channels]
            if channels != 1
                && x.rank() > 2
                && x.shape()[1] == channels
                && (node.opset < 7 || x.shape().last() != Some(&channels)) =>
        {
            slopes.reshaped(&of_channels(channels, x.rank())).ok_or_else(|| invalid("slopes of channels", "others"))?
        }
        _ => slopes,
    };
    let (a, b, view) = super::elementwise::align(importer, &x, &slopes)?;
    if view.shape() != x.shape() {
        return Err(invalid("slopes that stretch to the input", format!("{:?}", slopes.shape())));
    }
    let y = importer.emit(Op::Prelu, &[a, b], TensorType::Float32)?;
    importer.bind(node, 0, view.on(y))
}

/// `alpha (e^x - 1)` below 0, and 0 above.
fn exponential_part(importer: &mut Importer<'_>, x: &View, alpha: f32) -> Outcome<View> {
    let below = with_number(importer, Op::Minimum, x, 0.0)?;
    let elu = unary(importer, Op::Elu, &below)?;
    if alpha == 1.0 { Ok(elu) } else { with_number(importer, MUL, &elu, alpha) }
}

/// `Elu`: `ELU` for an alpha of 1, else its two halves.
pub(super) fn elu<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let (x, alpha) = (importer.view(node, 0)?, node.float("alpha", 1.0)?);
    let y = if alpha == 1.0 { unary(importer, Op::Elu, &x)? } else { halves(importer, &x, alpha)? };
    importer.bind(node, 0, y)
}

fn halves(importer: &mut Importer<'_>, x: &View, alpha: f32) -> Outcome<View> {
    let below = exponential_part(importer, x, alpha)?;
    let above = unary(importer, Op::Relu, x)?;
    binary(importer, ADD, &above, &below)
}

/// `Selu`: `gamma (x above 0, alpha (e^x - 1) below)`.
pub(super) fn selu<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let (alpha, gamma) = (node.float("alpha", 1.673_263_2)?, node.float("gamma", 1.050_701)?);
    let y = halves(importer, &x, alpha)?;
    let y = with_number(importer, MUL, &y, gamma)?;
    importer.bind(node, 0, y)
}

/// `Celu`: `x` above 0, `alpha (e^(x / alpha) - 1)` below.
pub(super) fn celu<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let (x, alpha) = (importer.view(node, 0)?, node.float("alpha", 1.0)?);
    let scaled = with_number(importer, MUL, &x, 1.0 / alpha)?;
    let below = exponential_part(importer, &scaled, alpha)?;
    let above = unary(importer, Op::Relu, &x)?;
    let y = binary(importer, ADD, &above, &below)?;
    importer.bind(node, 0, y)
}

/// `HardSigmoid`: `alpha x + beta` between 0 and 1.
pub(super) fn hard_sigmoid<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let scaled = with_number(importer, MUL, &x, node.float("alpha", 0.2)?)?;
    let above = Op::Add { activation: Activation::Relu, pot_scale_int16: false };
    let raised = with_number(importer, above, &scaled, node.float("beta", 0.5)?)?;
    let y = with_number(importer, Op::Minimum, &raised, 1.0)?;
    importer.bind(node, 0, y)
}

/// `log(1 + e^x)` as `max(x, 0) + log(1 + e^-|x|)`, which overflows nowhere. Below -17 it is 0, 5e-8 at most too little.
fn softplus_of(importer: &mut Importer<'_>, x: &View) -> Outcome<View> {
    let size = unary(importer, Op::Abs, x)?;
    let negative = unary(importer, Op::Neg, &size)?;
    let small = unary(importer, Op::Exp, &negative)?;
    let raised = with_number(importer, ADD, &small, 1.0)?;
    let log = unary(importer, Op::Log, &raised)?;
    let above = unary(importer, Op::Relu, x)?;
    binary(importer, ADD, &above, &log)
}

/// `Softplus`.
pub(super) fn softplus<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let y = softplus_of(importer, &x)?;
    importer.bind(node, 0, y)
}

/// `Mish`: `x tanh(softplus(x))`.
pub(super) fn mish<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let soft = softplus_of(importer, &x)?;
    let gate = unary(importer, Op::Tanh, &soft)?;
    let y = binary(importer, MUL, &x, &gate)?;
    importer.bind(node, 0, y)
}

/// `Softsign`: `x / (1 + |x|)`.
pub(super) fn softsign<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let size = unary(importer, Op::Abs, &x)?;
    let below = with_number(importer, ADD, &size, 1.0)?;
    let y = binary(importer, DIV, &x, &below)?;
    importer.bind(node, 0, y)
}

/// `Gelu`.
pub(super) fn gelu<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let approximate = match node.text("approximate", "none")? {
        "none" => false,
        "tanh" => true,
        other => return Err(invalid("approximate none or tanh", other)),
    };
    let x = importer.view(node, 0)?;
    let y = unary(importer, Op::Gelu { approximate }, &x)?;
    importer.bind(node, 0, y)
}

/// `Erf`: `1 - (a1 t + ... + a5 t^5) e^(-x^2)` with `t = 1 / (1 + p |x|)`, and the sign of `x`; 1.5e-7 off at most.
///
/// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
pub(super) fn erf<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    const P: f32 = 0.327_591_1;
    const A: [f32; 5] = [0.254_829_6, -0.284_496_74, 1.421_413_7, -1.453_152, 1.061_405_4];
    let x = importer.view(node, 0)?;
    if importer.dtype(x.value) != TensorType::Float32 {
        return Err(unsupported("Erf of integers", "export it in float32"));
    }
    let size = unary(importer, Op::Abs, &x)?;
    let scaled = with_number(importer, MUL, &size, P)?;
    let below = with_number(importer, ADD, &scaled, 1.0)?;
    let t = number_with(importer, DIV, 1.0, &below)?;
    let mut sum = with_number(importer, MUL, &t, A[4])?;
    for a in A[..4].iter().rev() {
        let raised = with_number(importer, ADD, &sum, *a)?;
        sum = binary(importer, MUL, &raised, &t)?;
    }
    let square = binary(importer, MUL, &x, &x)?;
    let negative = unary(importer, Op::Neg, &square)?;
    let bell = unary(importer, Op::Exp, &negative)?;
    let rest = binary(importer, MUL, &sum, &bell)?;
    let magnitude = number_with(importer, SUB, 1.0, &rest)?;
    let sign = super::rounding::sign_of(importer, &x)?;
    let y = binary(importer, MUL, &sign, &magnitude)?;
    importer.bind(node, 0, y)
}

/// `ThresholdedRelu`: `x` above alpha, 0 elsewhere.
pub(super) fn thresholded_relu<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let (x, alpha) = (importer.view(node, 0)?, node.float("alpha", 1.0)?);
    let above = with_number(importer, SUB, &x, alpha)?;
    let sign = super::rounding::sign_of(importer, &above)?;
    let mask = unary(importer, Op::Relu, &sign)?;
    let y = binary(importer, MUL, &x, &mask)?;
    importer.bind(node, 0, y)
}

#[cfg(test)]
mod tests {
    #[test]
    fn coefficients_of_erf_sum_to_one() {
        // At 0, t is 1 and the value 0.
        let sum: f32 = [0.254_829_6f32, -0.284_496_74, 1.421_413_7, -1.453_152, 1.061_405_4].iter().sum();
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    }
}
