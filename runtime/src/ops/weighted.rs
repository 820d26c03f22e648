//! The scheme of numbers of an operator that sums products with constant weights: types, scales, bias and weights checked and
//! turned into what the kernels compute with.
//!
//! | activations | weights | bias | sum |
//! | --- | --- | --- | --- |
//! | float32 | float32 | float32 | float32 |
//! | int8 | int8 | int32 | int32 |
//! | uint8 | uint8 | int32 | int32 |
//! | int16 | int8 | int32 | int32 |
//! | int16 | int8 | int64 | int64 |
//!
//! The factor from the sum's scale to the output's is `x_scale * w_scale / y_scale` in double precision. Where the reference has
//! one multiplier for the whole tensor (uint8, and dense layers without a scale for each unit), its first product is rounded
//! to single precision. Source: `PopulateConvolutionQuantizationParams` and `GetQuantizedConvolutionMultipler`.

use alloc::format;
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::activation::Activation;
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::kernels::scalar::arithmetic::{Float, Quantized};
use crate::node::{Node, Operand, PerTensor};
use crate::quant::Multiplier;

/// Which operand is what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// The input that holds activations.
    pub(super) x: usize,
    /// The input that holds weights.
    pub(super) weights: usize,
    /// The input that holds the bias, if any.
    pub(super) bias: usize,
    /// The axis of the weights that goes along output channels.
    pub(super) channel_axis: usize,
}

/// A scheme of numbers with its weights.
pub(super) enum Weighted {
    F32(Float, Vec<f32>),
    I8(Quantized<i8, i8, i32>, Vec<i8>),
    U8(Quantized<u8, u8, i32>, Vec<u8>),
    I16(Quantized<i16, i8, i32>, Vec<i8>),
    I16Wide(Quantized<i16, i8, i64>, Vec<i8>),
}

impl Weighted {
    /// Of a node with `channels` output channels.
    pub(super) fn of(node: &Node<'_>, places: Places, channels: usize, activation: Activation) -> Result<Self, Error> {
        let (x, w, y) = (node.input(places.x)?, node.input(places.weights)?, node.output(0)?);
        let bias = node.optional_input(places.bias);
        node.expect_dtype("an output", y, x.dtype)?;
        if let Some(bias) = bias.filter(|b| b.shape.elements() != channels) {
            return Err(node.invalid(format!("a bias of {channels} elements"), format!("{}", bias.shape)));
        }
        let unsupported = || {
            node.unsupported_types(
                "float32, int8 with int32 bias, uint8 with int32 bias, or int16 with int8 weights and int32 or int64 bias",
            )
        };
        Ok(match (x.dtype, w.dtype, bias.map(|b| b.dtype)) {
            (DType::F32, DType::F32, None | Some(DType::F32)) => {
                let bias = bias_of(node, places)?;
                Weighted::F32(Float { bias, range: activation.range() }, node.constant(places.weights)?)
            }
            (DType::I8, DType::I8, None | Some(DType::I32)) => {
                Weighted::I8(quantized(node, places, channels, activation)?, node.constant(places.weights)?)
            }
            (DType::U8, DType::U8, None | Some(DType::I32)) => {
                Weighted::U8(quantized(node, places, channels, activation)?, node.constant(places.weights)?)
            }
            (DType::I16, DType::I8, None | Some(DType::I32)) => {
                Weighted::I16(quantized(node, places, channels, activation)?, node.constant(places.weights)?)
            }
            (DType::I16, DType::I8, Some(DType::I64)) => {
                Weighted::I16Wide(quantized(node, places, channels, activation)?, node.constant(places.weights)?)
            }
            _ => return Err(unsupported()),
        })
    }
}

fn bias_of<S: Element>(node: &Node<'_>, places: Places) -> Result<Vec<S>, Error> {
    node.optional_input(places.bias).map_or(Ok(Vec::new()), |_| node.constant(places.bias))
}

fn quantized<X, W, S: Element>(
    node: &Node<'_>,
    places: Places,
    channels: usize,
    activation: Activation,
) -> Result<Quantized<X, W, S>, Error> {
    let (x, w, y) = (node.input(places.x)?, node.input(places.weights)?, node.output(0)?);
    let (x_quant, y_quant) = (activations(node, "an input", x)?, activations(node, "an output", y)?);
    let one_multiplier = w.dtype == DType::U8
        || places.channel_axis == 0
            && w.shape.len() == 2
            && w.tensor.quant.as_ref().is_some_and(|q| q.scales.len() == 1);
    let (weight_zero_point, multipliers) = if one_multiplier {
        let w_quant = node.per_tensor("weights", w)?;
        let product = f64::from(x_quant.scale * w_quant.scale);
        let multiplier = multiplier(node, product / f64::from(y_quant.scale), wide::<S>())?;
        (w_quant.zero_point, alloc::vec![multiplier; channels])
    } else {
        let scales = node.channel_scales(w, channels, places.channel_axis)?;
        let factor = |w: &f32| f64::from(x_quant.scale) * f64::from(*w) / f64::from(y_quant.scale);
        let multipliers = scales.iter().map(|w| multiplier(node, factor(w), wide::<S>()));
        (0, multipliers.collect::<Result<_, _>>()?)
    };
    Ok(Quantized {
        input_zero_point: x_quant.zero_point,
        weight_zero_point,
        bias: bias_of(node, places)?,
        multipliers,
        output_zero_point: y_quant.zero_point,
        range: activation.quantized_range(y_quant, y.dtype.quantized_range().unwrap_or_default()),
        stored: PhantomData,
    })
}

fn wide<S: Element>() -> bool {
    S::DTYPE == DType::I64
}

/// Scale and zero point of activations; int16 ones are symmetric.
pub(super) fn activations(node: &Node<'_>, what: &str, operand: &Operand<'_>) -> Result<PerTensor, Error> {
    let quant = node.per_tensor(what, operand)?;
    if operand.dtype == DType::I16 && quant.zero_point != 0 {
        return Err(node.invalid(format!("{what} of int16 with zero point 0"), format!("{}", quant.zero_point)));
    }
    Ok(quant)
}

/// The multiplier for a factor. One of a 64-bit sum must be below 128, where the reference's arithmetic ends.
pub(super) fn multiplier(node: &Node<'_>, factor: f64, wide: bool) -> Result<Multiplier, Error> {
    let multiplier = Multiplier::new(factor);
    if wide && multiplier.shift > 7 {
        let found = format!("about 2^{}", multiplier.shift);
        return Err(node.unsupported("input and weight scales below 128 times the output's", found));
    }
    Ok(multiplier)
}
