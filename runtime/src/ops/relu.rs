//! `RELU`, `RELU_N1_TO_1`, `RELU6`.

use super::Prepared;
use super::activation::Activation;
use super::elementwise::{map, map_stored, operands_of_one_type, quantization};
use crate::dtype::DType;
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// `max(x, 0)`.
pub(super) fn relu(node: &Node<'_>) -> Result<Prepared, Refused> {
    clamp(node, Activation::Relu)
}

/// `x` clamped to -1..1.
pub(super) fn relu_n1_to_1(node: &Node<'_>) -> Result<Prepared, Refused> {
    clamp(node, Activation::ReluN1To1)
}

/// `x` clamped to 0..6.
pub(super) fn relu6(node: &Node<'_>) -> Result<Prepared, Refused> {
    clamp(node, Activation::Relu6)
}

/// Quantized values are brought to the output's scale, then clamped.
///
/// Source: TensorFlow Lite's `QuantizedReluX`. (TensorFlow Lite Micro's `RELU6` leaves the rescaling out, which is the same where
/// the scales are.)
fn clamp(node: &Node<'_>, activation: Activation) -> Result<Prepared, Refused> {
    let (x, y) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => {
            let (low, high) = activation.range();
            Ok(map("scalar f32", move |x: f32| x.clamp(low, high)))
        }
        DType::I8 | DType::U8 | DType::I16 => {
            let (input, output) = quantization(node)?;
            let (low, high) = activation.quantized_range(output, y.dtype.quantized_range().unwrap_or_default());
            let multiplier = Multiplier::new(f64::from(input.scale) / f64::from(output.scale));
            Ok(map_stored(x.dtype, y.dtype, move |x| {
                multiplier.apply(x - input.zero_point).saturating_add(output.zero_point).clamp(low, high)
            }))
        }
        _ => Err(node.unsupported_types("int8, uint8, int16 or float32")),
    }
}
