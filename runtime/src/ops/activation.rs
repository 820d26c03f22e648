//! Activations that are fused into an operator.

use crate::node::{Node, Refused};
use crate::quant::PerTensor;
use crate::real;

/// An activation that clamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    /// None.
    None,
    /// `max(x, 0)`.
    Relu,
    /// `x` clamped to -1..1.
    ReluN1To1,
    /// `x` clamped to 0..6.
    Relu6,
}

impl Activation {
    /// From option `id`, the schema's `ActivationFunctionType`.
    pub(super) fn of(node: &Node<'_>, id: u16) -> Result<Self, Refused> {
        match node.option_i8(id)? {
            0 => Ok(Activation::None),
            1 => Ok(Activation::Relu),
            2 => Ok(Activation::ReluN1To1),
            3 => Ok(Activation::Relu6),
            other => Err(node.unsupported(
                format_args!("a fused activation NONE, RELU, RELU_N1_TO_1 or RELU6"),
                format_args!("activation {other}"),
            )),
        }
    }

    /// The real values that it clamps to.
    pub(super) fn range(self) -> (f32, f32) {
        match self {
            Activation::None => (f32::MIN, f32::MAX),
            Activation::Relu => (0.0, f32::MAX),
            Activation::ReluN1To1 => (-1.0, 1.0),
            Activation::Relu6 => (0.0, 6.0),
        }
    }

    /// The stored values that it clamps to, for an output of the given quantization and stored range.
    ///
    /// Source: TensorFlow Lite's `CalculateActivationRangeQuantized`.
    pub(super) fn quantized_range(self, output: PerTensor, (low, high): (i32, i32)) -> (i32, i32) {
        let quantize = |real: f32| {
            let stored = real::round_f32(real / output.scale) as i32;
            stored.saturating_add(output.zero_point)
        };
        match self {
            Activation::None => (low, high),
            Activation::Relu => (low.max(quantize(0.0)), high),
            Activation::ReluN1To1 => (low.max(quantize(-1.0)), high.min(quantize(1.0))),
            Activation::Relu6 => (low.max(quantize(0.0)), high.min(quantize(6.0))),
        }
    }
}
