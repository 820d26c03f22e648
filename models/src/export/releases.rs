//! From which release of TensorFlow Lite on a file can be run.

use crate::tflite::{Model, Op};

/// A release: major, minor, patch.
type Release = (u8, u8, u8);

/// The oldest release that knows all operators of a file in their versions.
pub(super) fn min_runtime_version(model: &Model) -> String {
    let operators = model.subgraphs.iter().flat_map(|subgraph| &subgraph.operators);
    let (major, minor, patch) = operators.filter_map(|o| since(&o.op, o.version)).max().unwrap_or((1, 5, 0));
    format!("{major}.{minor}.{patch}")
}

/// The release that brought a version of an operator; none for operators that no release has.
fn since(op: &Op, version: i32) -> Option<Release> {
    let place = usize::try_from(version).ok()?.checked_sub(1)?;
    releases(op).get(place).copied()
}

/// The releases that brought version 1, 2, ... of an operator, as far as they are written here.
///
/// Source: `tflite/converter/tools/versioning/runtime_version.cc` of LiteRT. What it leaves out has the release before it.
fn releases(op: &Op) -> &'static [Release] {
    match op {
        Op::Conv2d(_) => &[(1, 5, 0), (1, 14, 0), (1, 14, 0), (2, 3, 0), (2, 4, 0), (2, 9, 0)],
        Op::DepthwiseConv2d { .. } => &[(1, 5, 0), (1, 12, 0), (1, 14, 0), (2, 2, 0), (2, 3, 0), (2, 3, 0)],
        Op::TransposeConv { .. } => &[(1, 9, 0), (2, 2, 0), (2, 3, 0), (2, 13, 0)],
        Op::FullyConnected { .. } => &[
            (1, 5, 0),
            (1, 10, 0),
            (1, 14, 0),
            (1, 14, 0),
            (2, 0, 0),
            (2, 1, 0),
            (2, 3, 0),
            (2, 3, 0),
            (2, 3, 0),
            (2, 11, 0),
            (2, 15, 0),
            (2, 17, 0),
        ],
        Op::BatchMatMul { .. } => &[(2, 3, 0), (2, 3, 0), (2, 4, 0)],
        Op::AveragePool2d(_) | Op::MaxPool2d(_) => &[(1, 5, 0), (1, 14, 0), (2, 3, 0)],
        Op::Add { .. } => &[(1, 5, 0), (1, 14, 0), (2, 4, 0), (2, 6, 0), (2, 13, 0)],
        Op::Sub { .. } => &[(1, 6, 0), (1, 14, 0), (2, 3, 0), (2, 4, 0), (2, 4, 0)],
        Op::Mul { .. } => &[(1, 5, 0), (1, 14, 0), (1, 15, 0), (2, 3, 0), (2, 6, 0), (2, 11, 0), (2, 13, 0)],
        Op::Div { .. } => &[(1, 6, 0), (2, 3, 0)],
        Op::Minimum | Op::Maximum => &[(1, 14, 0), (1, 14, 0), (2, 3, 0), (2, 3, 0)],
        Op::Mean { .. } => &[(1, 6, 0), (1, 14, 0), (2, 4, 0)],
        Op::Sum { .. } => &[(1, 10, 0), (1, 15, 0)],
        Op::ReduceMax { .. } => &[(1, 11, 0), (1, 14, 0), (2, 5, 0)],
        Op::ArgMax { .. } | Op::ArgMin { .. } => &[(1, 9, 0), (1, 14, 0), (2, 9, 0)],
        Op::Softmax { .. } => &[(1, 5, 0), (1, 14, 0), (2, 3, 0)],
        Op::LogSoftmax => &[(1, 14, 0), (1, 14, 0)],
        Op::Logistic | Op::Tanh => &[(1, 14, 0), (1, 14, 0), (2, 3, 0)],
        Op::Relu => &[(1, 5, 0), (2, 1, 0), (2, 5, 0)],
        Op::Relu6 => &[(1, 5, 0), (1, 14, 0), (2, 5, 0)],
        Op::ReluN1To1 => &[(1, 5, 0)],
        Op::LeakyRelu { .. } => &[(1, 13, 1), (2, 3, 0)],
        Op::Prelu => &[(1, 8, 0)],
        Op::HardSwish => &[(1, 15, 0)],
        Op::Elu => &[(1, 14, 0)],
        Op::Gelu { .. } => &[(2, 9, 0), (2, 9, 0)],
        Op::Abs => &[(1, 13, 0), (2, 4, 0), (2, 5, 0), (2, 6, 0)],
        Op::Neg => &[(1, 9, 0)],
        Op::Exp => &[(1, 7, 0), (2, 12, 0)],
        Op::Log => &[(1, 14, 0), (2, 15, 0)],
        Op::Sqrt => &[(1, 10, 0), (2, 21, 0)],
        Op::Rsqrt => &[(1, 10, 0), (2, 5, 0), (2, 15, 0)],
        Op::Reshape { .. } => &[(1, 5, 0)],
        Op::Squeeze { .. } => &[(1, 6, 0)],
        Op::ExpandDims | Op::Shape { .. } => &[(1, 10, 0)],
        Op::Transpose => &[(1, 6, 0), (1, 14, 0), (1, 15, 0), (2, 3, 0), (2, 4, 0), (2, 12, 0), (2, 14, 4), (2, 22, 0)],
        Op::Pad => &[(1, 5, 0), (1, 14, 0), (2, 4, 0), (2, 6, 0), (2, 20, 0)],
        Op::PadV2 => &[(1, 9, 0), (1, 14, 0), (2, 4, 0), (2, 6, 0), (2, 20, 0)],
        Op::MirrorPad { .. } => &[(1, 13, 1), (2, 3, 0), (2, 12, 0)],
        Op::Concatenation { .. } => &[(1, 5, 0), (1, 14, 0), (2, 3, 0), (2, 14, 0)],
        Op::Split { .. } => &[(1, 5, 0), (1, 14, 0), (1, 14, 0), (2, 3, 0)],
        Op::SplitV { .. } => &[(1, 13, 1), (2, 3, 0)],
        Op::Slice => &[(1, 14, 0), (1, 14, 0), (1, 14, 0), (2, 4, 0), (2, 5, 0), (2, 14, 0)],
        Op::StridedSlice(_) => &[(1, 6, 0), (1, 14, 0), (2, 1, 0), (2, 2, 0), (2, 5, 0), (2, 6, 0), (2, 14, 0)],
        Op::Pack { .. } => &[(1, 11, 0), (1, 14, 0), (2, 3, 0), (2, 13, 0)],
        Op::Unpack { .. } => &[(1, 11, 0), (1, 14, 0), (2, 2, 0), (2, 3, 0)],
        Op::Gather { .. } => &[(1, 6, 0), (1, 14, 0), (1, 15, 0), (2, 4, 0), (2, 5, 0), (2, 13, 0)],
        Op::DepthToSpace { .. } => &[(2, 1, 0)],
        Op::SpaceToDepth { .. } => &[(1, 5, 0), (1, 14, 0)],
        Op::ResizeNearestNeighbor { .. } => &[(1, 13, 1), (1, 14, 0), (2, 3, 0), (2, 4, 0)],
        Op::ResizeBilinear { .. } => &[(1, 7, 0), (1, 14, 0), (2, 2, 0), (2, 5, 0)],
        Op::Cast { .. } => &[(1, 5, 0), (2, 7, 0), (2, 8, 0), (2, 9, 0), (2, 12, 0)],
        Op::Quantize => &[(1, 14, 0), (1, 15, 0), (2, 7, 0)],
        Op::Dequantize => &[(1, 13, 1), (1, 14, 0), (1, 15, 0), (2, 2, 0), (2, 7, 0)],
        Op::Densify => &[(2, 2, 0)],
        Op::Svdf { .. } => &[(1, 5, 0), (1, 14, 0), (2, 2, 0)],
        Op::UnidirectionalSequenceLstm { .. } => &[(1, 13, 1), (1, 14, 0), (2, 3, 0), (2, 12, 0), (2, 12, 0)],
        Op::VarHandle { .. } | Op::ReadVariable | Op::AssignVariable => &[(2, 6, 0)],
        Op::CallOnce { .. } => &[(2, 5, 0)],
        Op::Custom { .. } => &[],
    }
}
