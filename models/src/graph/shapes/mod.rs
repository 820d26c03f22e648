//! Shapes and types of an operator's outputs, from its inputs.
//!
//! - `layers`: operators that sum products, and windows over images.
//! - `elements`: operators on elements, and sums over axes.
//! - `movement`: operators that only move elements.
//! - `operands`: a node's inputs as these read them.

mod elements;
mod layers;
mod movement;
mod operands;

use std::fmt;

pub(crate) use elements::broadcast;
use elements::reduce;
use layers::{batch_matmul, conv_2d, depthwise_conv_2d, fully_connected, lstm, pool_2d, svdf, transpose_conv};
use movement::{
    concatenation, depth_to_space, expand_dims, gather, pack, pad, reshape, resize, slice, space_to_depth, split,
    split_v, squeeze, strided_slice, transpose, unpack,
};
use operands::Operands;
pub(crate) use operands::axis;

use super::{Graph, Node, Op, TensorType};

/// Why a node's outputs have no shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeError {
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl ShapeError {
    fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for ShapeError {}

type Shape = Vec<usize>;

/// The shape of each output of a node, in order. What a graph's file says of its outputs is not looked at.
///
/// Shapes, axes and the like that the operator reads from an input must be constants there.
///
/// # Errors
/// When inputs are missing or do not fit the operator.
pub fn infer(graph: &Graph, node: &Node) -> Result<Vec<Shape>, ShapeError> {
    let node = Operands { graph, node };
    match &node.node.op {
        Op::Conv2d(conv) => conv_2d(&node, conv).map(one),
        Op::DepthwiseConv2d { conv, multiplier } => depthwise_conv_2d(&node, conv, *multiplier).map(one),
        Op::TransposeConv { .. } => transpose_conv(&node).map(one),
        Op::FullyConnected { keep_num_dims, .. } => fully_connected(&node, *keep_num_dims).map(one),
        Op::BatchMatMul { adj_x, adj_y } => batch_matmul(&node, *adj_x, *adj_y).map(one),
        Op::AveragePool2d(pool) | Op::MaxPool2d(pool) => pool_2d(&node, pool).map(one),
        Op::Add { .. } | Op::Sub { .. } | Op::Mul { .. } | Op::Div { .. } | Op::Minimum | Op::Maximum | Op::Prelu => {
            broadcast(node.shape(0)?, node.shape(1)?).map(one)
        }
        Op::Mean { keep_dims } | Op::Sum { keep_dims } | Op::ReduceMax { keep_dims } => {
            reduce(&node, *keep_dims).map(one)
        }
        Op::ArgMax { .. } | Op::ArgMin { .. } => reduce(&node, false).map(one),
        Op::Softmax { .. }
        | Op::LogSoftmax
        | Op::Logistic
        | Op::Tanh
        | Op::Relu
        | Op::Relu6
        | Op::ReluN1To1
        | Op::LeakyRelu { .. }
        | Op::HardSwish
        | Op::Elu
        | Op::Gelu { .. }
        | Op::Abs
        | Op::Neg
        | Op::Exp
        | Op::Log
        | Op::Sqrt
        | Op::Rsqrt
        | Op::Cast { .. }
        | Op::Quantize
        | Op::Dequantize
        | Op::Densify => Ok(one(node.shape(0)?.to_vec())),
        Op::Reshape { shape } => reshape(&node, shape).map(one),
        Op::Squeeze { axes } => squeeze(&node, axes).map(one),
        Op::ExpandDims => expand_dims(&node).map(one),
        Op::Shape { .. } => Ok(one(vec![node.shape(0)?.len()])),
        Op::Transpose => transpose(&node).map(one),
        Op::Pad | Op::PadV2 | Op::MirrorPad { .. } => pad(&node).map(one),
        Op::Concatenation { axis, .. } => concatenation(&node, *axis).map(one),
        Op::Split { count } => split(&node, *count),
        Op::SplitV { count } => split_v(&node, *count),
        Op::Slice => slice(&node).map(one),
        Op::StridedSlice(masks) => strided_slice(&node, *masks).map(one),
        Op::Pack { axis, .. } => pack(&node, *axis).map(one),
        Op::Unpack { count, axis } => unpack(&node, *count, *axis),
        Op::Gather { axis, batch_dims } => gather(&node, *axis, *batch_dims).map(one),
        Op::DepthToSpace { block } => depth_to_space(&node, *block).map(one),
        Op::SpaceToDepth { block } => space_to_depth(&node, *block).map(one),
        Op::ResizeNearestNeighbor { .. } | Op::ResizeBilinear { .. } => resize(&node).map(one),
        Op::Svdf { rank, .. } => svdf(&node, *rank).map(one),
        Op::UnidirectionalSequenceLstm { .. } => lstm(&node).map(one),
        // Their outputs are as the file says.
        Op::VarHandle { .. } | Op::ReadVariable | Op::AssignVariable | Op::CallOnce { .. } | Op::Custom { .. } => {
            Ok(node.node.outputs.iter().map(|&output| graph.value(output).shape.clone()).collect())
        }
    }
}

fn one(shape: Shape) -> Vec<Shape> {
    vec![shape]
}

/// The type of a node's outputs, where its inputs settle it. Quantized results may have another type than their inputs (the
/// softmax of int8 is int16 in some models), and what the options of `CAST`, `ARG_MAX` and `SHAPE` say is often wrong in
/// files: interpreters follow the tensor.
#[must_use]
pub(super) fn settled_dtype(graph: &Graph, node: &Node) -> Option<TensorType> {
    match &node.op {
        Op::Cast { .. }
        | Op::ArgMax { .. }
        | Op::ArgMin { .. }
        | Op::Shape { .. }
        | Op::Quantize
        | Op::VarHandle { .. }
        | Op::ReadVariable
        | Op::AssignVariable
        | Op::CallOnce { .. }
        | Op::Custom { .. } => None,
        Op::Dequantize => Some(TensorType::Float32),
        Op::Split { .. } => Some(graph.input(node, 1)?.dtype).filter(|&dtype| dtype == TensorType::Float32),
        _ => Some(graph.input(node, 0)?.dtype).filter(|&dtype| dtype == TensorType::Float32),
    }
}
