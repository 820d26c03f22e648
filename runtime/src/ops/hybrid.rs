//! Dynamic-range layers: float32 activations that are quantized as they come, image by image, and int8 weights with one scale.
//!
//! Source: TensorFlow Lite's `EvalHybrid`. Weights with a scale for each channel, whose activations it quantizes with a zero point,
//! are not run.

use super::Prepared;
use super::activation::Activation;
use crate::dtype::DType;
use crate::kernels::geometry::{Conv2d, Window};
use crate::kernels::scalar::arithmetic::Hybrid;
use crate::kernels::scalar::conv_2d::conv_2d;
use crate::node::{Node, Refused};
use crate::quant::quantize_symmetric;

/// Whether a node with activations in input 0 and weights in input 1 is such a layer.
pub(super) fn is_hybrid(node: &Node<'_>) -> Result<bool, Refused> {
    Ok(node.input(0)?.dtype == DType::F32 && node.input(1)?.dtype == DType::I8)
}

/// `CONV_2D`, its operands' shapes checked.
pub(super) fn conv(node: &Node<'_>, conv: Conv2d, activation: Activation) -> Result<Prepared, Refused> {
    node.expect_dtype("an output", node.output(0)?, DType::F32)?;
    let quant = node.per_tensor("int8 weights of a float32 layer", node.input(1)?)?;
    if quant.zero_point != 0 {
        let found = format_args!("{}", quant.zero_point);
        return Err(node.invalid(format_args!("weights with zero point 0"), found));
    }
    let weights = node.constant::<i8>(1)?;
    let bias = match node.optional_input(2) {
        Some(bias) if bias.shape.elements() == conv.out_channels => node.constant::<f32>(2)?,
        Some(bias) => {
            let expected = format_args!("a bias of {} elements", conv.out_channels);
            return Err(node.invalid(expected, format_args!("{}", bias.shape)));
        }
        None => alloc::vec::Vec::new(),
    };
    let image = conv.window.rows.input * conv.window.columns.input * conv.in_channels;
    let one = Conv2d { window: Window { batches: 1, ..conv.window }, ..conv };
    let (bytes, bias_bytes) = (weights.len(), size_of_val(&*bias));
    Ok(Prepared::new("scalar conv f32 by i8", move |io| {
        let x = io.input::<f32>(0);
        let (y, quantized) = (io.take_output::<f32>(0), io.take_scratch::<i8>());
        let out_image = one.window.positions() * one.out_channels;
        for (x, y) in x.chunks_exact(image).zip(y.chunks_exact_mut(out_image)) {
            let scale = quantize_symmetric(x, quantized) * quant.scale;
            conv_2d(&one, &Hybrid { scale, bias: &bias, range: activation.range() }, quantized, &weights, y);
        }
        Ok(())
    })
    .keeps(1, bytes)
    .keeps(2, bias_bytes)
    .scratch(image)
    .macs(conv.macs()))
}
