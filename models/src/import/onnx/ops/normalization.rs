//! Normalizations: of a trained batch (`MUL` and `ADD` with constants), of an instance, of a layer, and across channels.

use super::super::constant::Constant;
use super::super::importer::Importer;
use super::super::node::{Node, axis_of};
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::elementwise::{ADD, MUL, SUB, binary, of_channels, power, unary, with_number};
use super::reduce::{Reduction, over};
use super::window::{image, of_image};
use crate::data::Array;
use crate::graph::{Activation, Conv2d, Op, Padding, TensorType};

/// `BatchNormalization`: `x * s + (b - mean * s)` with `s = scale / sqrt(variance + epsilon)`.
pub(super) fn batch<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let learns = if node.opset < 7 { !node.flag("is_test", false)? } else { node.flag("training_mode", false)? };
    if learns {
        return Err(unsupported("normalizes by the batch itself", "export the model for inference: model.eval()"));
    }
    if !node.flag("spatial", true)? {
        return Err(unsupported("normalizes each element apart", "export it with operator set 9 or later"));
    }
    let x = importer.view(node, 0)?;
    let epsilon = node.float("epsilon", 1e-5)?;
    let channels = x.shape().get(1).copied().unwrap_or(1);
    let shape = of_channels(channels, x.rank());
    let known = [1, 2, 3, 4].map(|k| importer.known(node, k).ok().flatten());
    let y = if let [Some(scale), Some(bias), Some(mean), Some(variance)] = known {
        let [scale, bias, mean, variance] = [scale, bias, mean, variance].map(|constant| constant.reals());
        if [&scale, &bias, &mean, &variance].iter().any(|list| list.len() != channels) {
            return Err(invalid(format!("{channels} numbers of each kind"), "others"));
        }
        let factors: Vec<f64> = scale.iter().zip(&variance).map(|(s, v)| s / (v + f64::from(epsilon)).sqrt()).collect();
        let addends = (0..channels).map(|k| (bias[k] - mean[k] * factors[k]) as f32).collect();
        let factors = importer.add_floats(&shape, factors.iter().map(|&v| v as f32).collect())?;
        let addends = importer.add_floats(&shape, addends)?;
        let scaled = binary(importer, MUL, &x, &View::plain(factors, &shape))?;
        binary(importer, ADD, &scaled, &View::plain(addends, &shape))?
    } else {
        let channel = |importer: &mut Importer<'a>, k: usize| {
            let view = importer.view(node, k)?;
            view.reshaped(&shape).ok_or_else(|| invalid(format!("{channels} numbers"), format!("{:?}", view.shape())))
        };
        let [scale, bias, mean, variance] = [1, 2, 3, 4].map(|k| channel(importer, k));
        let (bias, mean) = (bias?, mean?);
        let raised = with_number(importer, ADD, &variance?, epsilon)?;
        let inverse = unary(importer, Op::Rsqrt, &raised)?;
        let factors = binary(importer, MUL, &inverse, &scale?)?;
        let centred = binary(importer, SUB, &x, &mean)?;
        let scaled = binary(importer, MUL, &centred, &factors)?;
        binary(importer, ADD, &scaled, &bias)?
    };
    importer.bind(node, 0, y)
}

/// What is normalized: centred, the mean, and one over the deviation.
struct Normalized {
    y: View,
    mean: View,
    inverse: View,
}

fn normalized(importer: &mut Importer<'_>, x: &View, axes: &[usize], epsilon: f32) -> Outcome<Normalized> {
    let mean = over(importer, Reduction::Mean, x, axes, true)?;
    let centred = binary(importer, SUB, x, &mean)?;
    let square = binary(importer, MUL, &centred, &centred)?;
    let variance = over(importer, Reduction::Mean, &square, axes, true)?;
    let raised = with_number(importer, ADD, &variance, epsilon)?;
    let inverse = unary(importer, Op::Rsqrt, &raised)?;
    let y = binary(importer, MUL, &centred, &inverse)?;
    Ok(Normalized { y, mean, inverse })
}

/// `InstanceNormalization`: over all axes behind the channels.
pub(super) fn instance<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let axes: Vec<usize> = (2..x.rank()).collect();
    let Normalized { y, .. } = normalized(importer, &x, &axes, node.float("epsilon", 1e-5)?)?;
    let shape = of_channels(x.shape().get(1).copied().unwrap_or(1), x.rank());
    let y = scaled(importer, node, &y, Some(&shape))?;
    importer.bind(node, 0, y)
}

/// Times input 1, plus input 2 if it is there.
fn scaled<'a>(importer: &mut Importer<'a>, node: &Node<'a>, y: &View, shape: Option<&[usize]>) -> Outcome<View> {
    let mut y = y.clone();
    for (k, op) in [(1, MUL), (2, ADD)] {
        if node.input(k).is_some() {
            let mut operand = importer.view(node, k)?;
            if let Some(shape) = shape {
                operand = operand
                    .reshaped(shape)
                    .ok_or_else(|| invalid("one number a channel", format!("{:?}", operand.shape())))?;
            }
            y = binary(importer, op, &y, &operand)?;
        }
    }
    Ok(y)
}

/// `LayerNormalization`: over an axis and all behind it.
pub(super) fn layer<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let axis = axis_of(node.int("axis", -1)?, x.rank())?;
    let axes: Vec<usize> = (axis..x.rank()).collect();
    let Normalized { y, mean, inverse } = normalized(importer, &x, &axes, node.float("epsilon", 1e-5)?)?;
    let y = scaled(importer, node, &y, None)?;
    importer.bind(node, 0, y)?;
    importer.bind(node, 1, mean)?;
    importer.bind(node, 2, inverse)
}

/// `LRN`: `x / (bias + alpha / size * sum of squares of the channels around)^beta`. The sum is a 1x1 convolution with ones.
pub(super) fn across_channels<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let size = usize::try_from(node.int("size", 0)?).ok().filter(|&s| s > 0);
    let size = size.ok_or_else(|| invalid("a size of at least 1", "less"))?;
    let (alpha, beta, bias) = (node.float("alpha", 1e-4)?, node.float("beta", 0.75)?, node.float("bias", 1.0)?);
    let x = image(importer, &x)?;
    let channels = x.shape()[1];
    let (before, behind) = ((size - 1) / 2, size / 2);
    let weight = |out: usize, c: usize| {
        let near = c + before >= out && c <= out + behind;
        if near { alpha / size as f32 } else { 0.0 }
    };
    let weights = (0..channels).flat_map(|out| (0..channels).map(move |c| weight(out, c))).collect::<Vec<f32>>();
    super::super::tensor::within_limits(&[channels, 1, 1, channels], size_of::<f32>())?;
    let weights =
        Constant::new(Array::new([channels, 1, 1, channels], weights).map_err(|_| invalid("weights", "others"))?);
    let weights = importer.add_constant(&weights)?;
    let bias = importer.add_floats(&[channels], vec![bias; channels])?;
    let square = binary(importer, MUL, &x, &x)?;
    let conv = Conv2d { padding: Padding::Valid, stride: [1, 1], dilation: [1, 1], activation: Activation::None };
    let sum = importer.emit(Op::Conv2d(conv), &[square.value, weights, bias], TensorType::Float32)?;
    let sum = of_image(importer, sum, x.rank())?;
    let factor = power(importer, &sum, -beta)?;
    let y = binary(importer, MUL, &x, &factor)?;
    importer.bind(node, 0, y)
}
