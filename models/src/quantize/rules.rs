//! What quantization means for each operator.
//!
//! Source: TensorFlow Lite's 8-bit quantization specification, and what the runtime and TensorFlow Lite Micro ask of
//! stored operands.

use super::options::Scheme;
use crate::graph::Op;
use crate::weighted::{Weighted, weighted};

/// What quantization means for an operator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// It sums products with weights; its output has a scale of its own.
    Weighted(Weighted),
    /// Each operand has a scale of its own.
    Free,
    /// All operands share one scale and zero point.
    Same,
    /// Its output's scale and zero point are prescribed, its input has its own.
    Fixed {
        /// The output's.
        scale: f32,
        /// The output's.
        zero_point: i64,
    },
    /// It reads stored values of any scale, and its output is an integer.
    Reads,
    /// It stays float32, for this reason.
    Float(&'static str),
}

/// What quantization means for an operator on real numbers.
#[must_use]
pub fn rule(op: &Op, scheme: Scheme) -> Rule {
    let wide = match scheme {
        Scheme::Int8 => false,
        Scheme::Int16x8 => true,
        Scheme::WeightOnly => return Rule::Float("only weights are quantized"),
    };
    let fixed = |inverse: f32, zero_point: i64| match wide {
        true => Rule::Fixed { scale: 1.0 / 32768.0, zero_point: 0 },
        false => Rule::Fixed { scale: 1.0 / inverse, zero_point },
    };
    let narrow = |rule: Rule| if wide { Rule::Float("the runtime has no int16 kernel for it") } else { rule };
    match op {
        Op::Conv2d(_) | Op::DepthwiseConv2d { .. } | Op::FullyConnected { .. } | Op::TransposeConv { .. } => {
            weighted(op).map_or(Rule::Free, Rule::Weighted)
        }
        Op::Add { .. }
        | Op::Sub { .. }
        | Op::Mul { .. }
        | Op::BatchMatMul { .. }
        | Op::Mean { .. }
        | Op::Sum { .. }
        | Op::Relu
        | Op::ReluN1To1
        | Op::LeakyRelu { .. }
        | Op::Abs
        | Op::Exp => Rule::Free,
        Op::Prelu | Op::HardSwish | Op::Elu | Op::Gelu { .. } => narrow(Rule::Free),
        // TensorFlow Lite Micro's RELU6 clamps stored values as they are.
        Op::Relu6
        | Op::AveragePool2d(_)
        | Op::MaxPool2d(_)
        | Op::Minimum
        | Op::Maximum
        | Op::ReduceMax { .. }
        | Op::Reshape { .. }
        | Op::Squeeze { .. }
        | Op::ExpandDims
        | Op::Transpose
        | Op::Pad
        | Op::PadV2
        | Op::MirrorPad { .. }
        | Op::Concatenation { .. }
        | Op::Split { .. }
        | Op::SplitV { .. }
        | Op::Slice
        | Op::StridedSlice(_)
        | Op::Pack { .. }
        | Op::Unpack { .. }
        | Op::Gather { .. }
        | Op::DepthToSpace { .. }
        | Op::SpaceToDepth { .. }
        | Op::ResizeNearestNeighbor { .. }
        | Op::ResizeBilinear { .. } => Rule::Same,
        Op::Softmax { .. } | Op::Logistic => fixed(256.0, -128),
        Op::Tanh => fixed(128.0, 0),
        Op::LogSoftmax => narrow(Rule::Fixed { scale: 1.0 / 16.0, zero_point: 127 }),
        Op::ArgMax { .. } | Op::ArgMin { .. } | Op::Shape { .. } => Rule::Reads,
        Op::Div { .. } => Rule::Float("quotients of stored values are too coarse, and a divisor may be stored as zero"),
        Op::Neg => Rule::Float("interpreters negate stored values only without a zero point"),
        Op::Log | Op::Sqrt | Op::Rsqrt => Rule::Float("near zero a step of its input is all of its output's range"),
        Op::Cast { .. } => Rule::Float("it takes plain numbers"),
        Op::Quantize | Op::Dequantize => Rule::Float("it changes between stored and real values"),
        Op::Densify => Rule::Float("it reads a sparse constant, which only files have"),
        Op::Svdf { .. } | Op::UnidirectionalSequenceLstm { .. } => {
            Rule::Float("the ranges of its state are not observed")
        }
        Op::VarHandle { .. } | Op::ReadVariable | Op::AssignVariable | Op::CallOnce { .. } => {
            Rule::Float("variables stay as they are")
        }
        Op::Custom { .. } => Rule::Float("what a custom operator computes is not known here"),
    }
}
