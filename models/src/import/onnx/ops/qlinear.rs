//! Operators on stored integers with their scales beside them: `QLinearConv`, `QLinearMatMul`, `ConvInteger`, `MatMulInteger`
//! and the `com.microsoft` operators of the same form. Each is its float operator between `DEQUANTIZE` and `QUANTIZE`, which
//! [`fuse`](super::super::fuse) makes one int8 operator of.

use super::super::constant::{Constant, Stored};
use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::conv::{Bias, Filters, conv};
use super::elementwise::{ADD, MUL, SUB, binary, cast, unary, with_number};
use super::quantize::{Scales, known_real, real, stored};
use super::reduce::{Reduction, over};
use super::{concat, matmul, pool};
use crate::data::{Array, DType};
use crate::graph::{Op, Quantization, TensorType};

/// Input `k` as real numbers, by the scale and zero point behind it.
fn operand<'a>(importer: &mut Importer<'a>, node: &Node<'a>, k: usize) -> Outcome<View> {
    let scales = Scales::of(importer, node, k + 1, k + 2)?;
    let x = importer.view(node, k)?;
    real(importer, &x, &scales, 1.min(x.rank().saturating_sub(1)))
}

/// The result as integers, by the scale and zero point of inputs `k` and `k + 1`.
fn bind_stored<'a>(importer: &mut Importer<'a>, node: &Node<'a>, y: &View, k: usize) -> Outcome<()> {
    let scales = Scales::of(importer, node, k, k + 1)?;
    let dtype = scales.dtype.unwrap_or(DType::UInt8);
    let y = stored(importer, y, &scales, 1.min(y.rank().saturating_sub(1)), dtype)?;
    importer.bind(node, 0, y)
}

/// `QLinearConv`.
pub(super) fn qlinear_conv<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = operand(importer, node, 0)?;
    let input = Scales::of(importer, node, 1, 2)?;
    let scales = Scales::of(importer, node, 4, 5)?;
    let known = importer.constant(node, 3, "filters")?.ok_or_else(|| invalid("filters", "none"))?;
    let outputs = known.shape().first().copied().unwrap_or(0);
    if scales.scales.len() != 1 && scales.scales.len() != outputs {
        return Err(invalid(format!("one scale, or {outputs}"), scales.scales.len().to_string()));
    }
    let bias = match importer.constant(node, 8, "a bias")? {
        Some(bias) if bias.shape() == [outputs] => {
            let steps: Vec<f32> = scales.scales.iter().map(|s| s * input.scales[0]).collect();
            Bias::Known(importer.add_constant(&known_bias(&bias, steps)?)?)
        }
        Some(bias) => return Err(invalid(format!("a bias of {outputs}"), format!("{:?}", bias.shape()))),
        None => Bias::None,
    };
    let filters = Filters::known(known_real(&known, &scales, 0)?);
    let y = conv(importer, node, &x, &filters, bias)?;
    bind_stored(importer, node, &y, 6)
}

/// An int32 bias, whose scales are those of the products that it is added to.
fn known_bias(bias: &Constant, steps: Vec<f32>) -> Outcome<Constant> {
    let integers = bias.integers().ok_or_else(|| invalid("a bias of int32", bias.array.dtype().name()))?;
    let step = |k: usize| f64::from(steps[if steps.len() == 1 { 0 } else { k }]);
    let reals: Vec<f32> = integers.iter().enumerate().map(|(k, &v)| (v as f64 * step(k)) as f32).collect();
    let quantization = Quantization { zero_points: vec![0; steps.len()], axis: 0, scales: steps };
    Ok(Constant { array: Array::vector(reals), stored: Some(Stored { array: bias.array.clone(), quantization }) })
}

/// `QLinearMatMul`.
pub(super) fn qlinear_matmul<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let a = operand(importer, node, 0)?;
    let y = match importer.known(node, 3)? {
        Some(known) if known.shape().len() == 2 => {
            let scales = Scales::of(importer, node, 4, 5)?;
            let axis = known.shape().len() - 1;
            if scales.scales.len() != 1 && scales.scales.len() != known.shape()[axis] {
                return Err(invalid(format!("one scale, or {}", known.shape()[axis]), scales.scales.len().to_string()));
            }
            matmul::by_known(importer, &a, &known_real(&known, &scales, axis)?)?
        }
        _ => {
            let b = operand(importer, node, 3)?;
            matmul::product(importer, &a, &b)?
        }
    };
    bind_stored(importer, node, &y, 6)
}

/// Sums of products of integers that float32 holds exactly: below 2^24.
const EXACT: f64 = 16_777_216.0;

/// Input `k` as exact real numbers without the zero point of input `zero`; and the largest of them.
fn exact<'a>(
    importer: &mut Importer<'a>,
    node: &Node<'a>,
    k: usize,
    zero: usize,
    along: usize,
) -> Outcome<(View, f64)> {
    let x = importer.view(node, k)?;
    let zero_points = if node.input(zero).is_some() { Some(importer.view(node, zero)?) } else { None };
    let largest = match importer.known(node, k)? {
        Some(known) => {
            let zeros = importer.known(node, zero)?.map_or_else(|| vec![0.0], |zeros| zeros.reals());
            let differences = known.reals().into_iter().flat_map(|v| zeros.iter().map(move |z| (v - z).abs()));
            differences.fold(0.0, f64::max)
        }
        None => 255.0,
    };
    let mut x = cast(importer, &x, TensorType::Float32)?;
    if let Some(zeros) = zero_points {
        let mut zeros = cast(importer, &zeros, TensorType::Float32)?;
        if zeros.shape().iter().product::<usize>() > 1 {
            let mut shape = vec![1; x.rank()];
            shape[along] = zeros.shape().iter().product();
            zeros = super::reshape::reshaped(importer, &zeros, &shape)?;
        }
        x = binary(importer, SUB, &x, &zeros)?;
    }
    Ok((x, largest))
}

fn check_exact(terms: usize, a: f64, b: f64) -> Outcome<()> {
    if terms as f64 * a * b < EXACT {
        return Ok(());
    }
    let why = format!("sums of {terms} products of integers, which float32 does not hold");
    Err(unsupported(why, "export it in QDQ form, with QuantizeLinear and DequantizeLinear"))
}

/// `MatMulInteger`: the product in float32, where it is exact.
pub(super) fn matmul_integer<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let rank = importer.view(node, 0)?.rank();
    let (a, largest) = exact(importer, node, 0, 2, rank.saturating_sub(2))?;
    let columns = importer.view(node, 1)?.rank().saturating_sub(1);
    let (b, other) = exact(importer, node, 1, 3, columns)?;
    check_exact(a.shape().last().copied().unwrap_or(1), largest, other)?;
    let y = matmul::product(importer, &a, &b)?;
    let y = cast(importer, &y, TensorType::Int32)?;
    importer.bind(node, 0, y)
}

/// `ConvInteger`: the convolution in float32, where it is exact.
pub(super) fn conv_integer<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let (x, largest) = exact(importer, node, 0, 2, 1)?;
    let (w, other) = exact(importer, node, 1, 3, 0)?;
    check_exact(w.shape().iter().skip(1).product(), largest, other)?;
    let y = conv(importer, node, &x, &Filters::computed(w), Bias::None)?;
    let y = cast(importer, &y, TensorType::Int32)?;
    importer.bind(node, 0, y)
}

/// `com.microsoft`'s `QLinearAdd` and `QLinearMul`.
pub(super) fn qlinear_binary<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let (a, b) = (operand(importer, node, 0)?, operand(importer, node, 3)?);
    let y = binary(importer, if node.op() == "QLinearAdd" { ADD } else { MUL }, &a, &b)?;
    bind_stored(importer, node, &y, 6)
}

/// `com.microsoft`'s `QLinearSigmoid`, `QLinearLeakyRelu`, `QLinearAveragePool` and `QLinearGlobalAveragePool`.
pub(super) fn qlinear_unary<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    if node.flag("channels_last", false)? {
        return Err(unsupported("channels_last", "export it with channels first"));
    }
    let x = operand(importer, node, 0)?;
    let y = match node.op() {
        "QLinearSigmoid" => unary(importer, Op::Logistic, &x)?,
        "QLinearLeakyRelu" => unary(importer, Op::LeakyRelu { alpha: node.float("alpha", 0.01)? }, &x)?,
        "QLinearAveragePool" => pool::pool(importer, node, &x)?,
        "QLinearGlobalAveragePool" => {
            let axes: Vec<usize> = (2..x.rank()).collect();
            over(importer, Reduction::Mean, &x, &axes, true)?
        }
        other => return Err(invalid("an operator on stored integers", other)),
    };
    bind_stored(importer, node, &y, 3)
}

/// `com.microsoft`'s `QLinearConcat`: the result's scale and zero point come first, then each part with its own.
pub(super) fn qlinear_concat<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let parts = (2..node.inputs()).step_by(3).map(|k| operand(importer, node, k)).collect::<Outcome<Vec<_>>>()?;
    let first = parts.first().ok_or_else(|| invalid("at least one part", "none"))?;
    let axis = super::super::node::axis_of(node.int("axis", 1)?, first.rank())?;
    let y = concat::join(importer, &parts, axis)?;
    bind_stored(importer, node, &y, 0)
}

/// `DynamicQuantizeLinear`: uint8 by the range of the tensor itself, in float arithmetic.
pub(super) fn dynamic<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let axes: Vec<usize> = (0..x.rank()).collect();
    let largest = over(importer, Reduction::Max, &x, &axes, false)?;
    let high = unary(importer, Op::Relu, &largest)?;
    let negative = unary(importer, Op::Neg, &x)?;
    let least = over(importer, Reduction::Max, &negative, &axes, false)?;
    let low = unary(importer, Op::Relu, &least)?;
    let span = binary(importer, ADD, &high, &low)?;
    let scale = with_number(importer, super::elementwise::DIV, &span, 255.0)?;
    let steps = binary(importer, super::elementwise::DIV, &low, &scale)?;
    let kept = super::activation::clamp(importer, &steps, Some(0.0), Some(255.0))?;
    let zero = super::rounding::rounded(importer, &kept)?;
    let steps = binary(importer, super::elementwise::DIV, &x, &scale)?;
    let whole = super::rounding::rounded(importer, &steps)?;
    let raised = binary(importer, ADD, &whole, &zero)?;
    let kept = super::activation::clamp(importer, &raised, Some(0.0), Some(255.0))?;
    let y = cast(importer, &kept, TensorType::UInt8)?;
    let zero = cast(importer, &zero, TensorType::UInt8)?;
    importer.bind(node, 0, y)?;
    importer.bind(node, 1, scale)?;
    importer.bind(node, 2, zero)
}
