//! The version of an operator that a file asks an interpreter for.
//!
//! An interpreter refuses a version above the highest that it knows, so each row gives the lowest version whose definition
//! covers what the node does. Source: `tflite/converter/tools/versioning/op_version.cc` of LiteRT, whose rows these are, but
//!
//! - operators with int16 activations over int8 weights: that source looks for int16 weights, which no kernel has, and so gives
//!   them version 1; here they get the version that brought int16 activations;
//! - int32 `ABS` and int8 `DEPTH_TO_SPACE`: LiteRT registers its reference kernels, which compute them, below the versions that
//!   the source asks for (5 and 2).

use TensorType::{Bool, Float32, Float64, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32};

use crate::graph::{Activation, Graph, Node, Op, TensorType, Value};

/// The lowest version whose definition covers what a node does.
pub(super) fn version(graph: &Graph, node: &Node) -> i32 {
    let call = Call { graph, node };
    match &node.op {
        Op::Conv2d(_) => match call.weighted() {
            _ if call.is_grouped() => 6,
            Arithmetic::Int16 => 4,
            Arithmetic::Int8 => 3,
            Arithmetic::Hybrid { per_channel: true } => 5,
            Arithmetic::Hybrid { per_channel: false } => 2,
            Arithmetic::Other => 1,
        },
        Op::DepthwiseConv2d { conv, .. } => match call.weighted() {
            Arithmetic::Int16 => 5,
            Arithmetic::Hybrid { per_channel: true } => 6,
            Arithmetic::Hybrid { per_channel: false } => 4,
            Arithmetic::Int8 => 3,
            Arithmetic::Other if conv.dilation != [1, 1] => 2,
            Arithmetic::Other => 1,
        },
        Op::FullyConnected { keep_num_dims, .. } => match call.weighted() {
            Arithmetic::Hybrid { per_channel: true } => 12,
            Arithmetic::Int16 => 7,
            _ if node.input(2).is_none() => 6,
            _ if *keep_num_dims => 5,
            Arithmetic::Int8 => 4,
            Arithmetic::Hybrid { per_channel: false } => 3,
            Arithmetic::Other => 1,
        },
        // Its inputs are the output's shape, the weights, the image and the bias.
        Op::TransposeConv { activation, .. } => match call.dtype(1) {
            _ if *activation != Activation::None => 4,
            _ if node.input(3).is_some() => 3,
            Some(Int8) => 2,
            _ => 1,
        },
        Op::BatchMatMul { .. } => call.by_type(0, &[(Int16, 3), (Int8, 2)]),
        Op::AveragePool2d(_) | Op::MaxPool2d(_) => call.by_type(0, &[(Int16, 3), (Int8, 2)]),

        Op::Add { pot_scale_int16, .. } => match call.dtype(0) {
            Some(Int16) if !call.is_quantized(0) => 5,
            Some(Int64) => 4,
            Some(Int16) if !pot_scale_int16 => 3,
            Some(Int8) => 2,
            _ => 1,
        },
        Op::Sub { pot_scale_int16, .. } => match call.dtype(0) {
            Some(Int16) if !pot_scale_int16 => 5,
            Some(Int64) => 4,
            _ if call.broadcasts_above_rank_4() => 3,
            Some(Int8) => 2,
            _ => 1,
        },
        Op::Mul { .. } => match call.dtype(0) {
            Some(Int16) if !call.is_quantized(0) => 7,
            Some(UInt32) => 7,
            Some(Int64) => 5,
            Some(Int16) => 4,
            _ if call.product_rescale().is_some_and(|rescale| rescale >= 1.0) => 3,
            Some(Int8) => 2,
            _ => 1,
        },
        Op::Div { .. } if call.broadcasts_above_rank_4() => 2,
        Op::Div { .. } => 1,
        Op::Minimum | Op::Maximum => match call.dtype(0) {
            Some(Int16) => 4,
            _ if call.broadcasts_above_rank_4() => 3,
            Some(Int8) => 2,
            _ => 1,
        },

        Op::Mean { .. } | Op::ReduceMax { .. } => call.by_type(0, &[(Int16, 3), (Int8, 2)]),
        Op::Sum { .. } => call.by_type(0, &[(Int8, 2)]),
        Op::ArgMax { .. } | Op::ArgMin { .. } => call.by_type(0, &[(Bool, 3), (Int8, 2)]),

        Op::Softmax { .. } => call.by_type(0, &[(Int16, 3), (Int8, 2)]),
        Op::LogSoftmax => call.by_type(0, &[(Int8, 2)]),
        Op::Logistic | Op::Tanh => call.by_type(0, &[(Int16, 3), (Int8, 2)]),
        Op::Relu => call.by_type(0, &[(Int16, 3), (Int8, 2), (UInt8, 2)]),
        Op::Relu6 => call.by_type(0, &[(Int16, 3), (Int8, 2)]),
        Op::LeakyRelu { .. } => call.by_type(0, &[(Int16, 2)]),
        Op::Gelu { .. } => call.by_type(0, &[(Int8, 2), (UInt8, 2)]),
        Op::Abs => match call.dtype(0) {
            Some(Int16) if !call.is_quantized(0) => 4,
            Some(Int16) => 3,
            Some(Int8 | UInt8) => 2,
            _ => 1,
        },
        Op::Exp | Op::Log | Op::Sqrt => call.by_type(0, &[(Int8, 2), (Int16, 2)]),
        Op::Rsqrt => call.by_type(0, &[(Int16, 3), (Int8, 2)]),
        Op::Densify | Op::ReluN1To1 | Op::Prelu | Op::HardSwish | Op::Elu | Op::Neg => 1,

        Op::Transpose => match (call.rank(0), call.dtype(0)) {
            (7.., _) => 8,
            (6, _) => 6,
            (_, Some(Int16)) => 5,
            (5, _) => 4,
            (_, Some(Bool)) => 3,
            (_, Some(Int8)) => 2,
            _ => 1,
        },
        Op::Pad | Op::PadV2 => match (call.rank(0), call.dtype(0)) {
            (_, Some(Bool)) => 5,
            (5.., _) => 4,
            (_, Some(Int16)) => 3,
            (_, Some(Int8)) => 2,
            _ => 1,
        },
        Op::MirrorPad { .. } => call.by_type(0, &[(Int16, 3), (Int8, 2)]),
        Op::Concatenation { .. } => call.by_type(0, &[(UInt32, 4), (Int16, 3), (Int8, 2)]),
        // Its first input is the axis.
        Op::Split { .. } => call.by_type(1, &[(Int16, 4), (Int32, 3), (Int8, 2)]),
        Op::SplitV { .. } => call.by_type(0, &[(Int8, 2)]),
        Op::Slice => match (call.rank(0), call.dtype(0)) {
            (_, Some(UInt32)) => 6,
            (5.., _) => 5,
            (_, Some(Int16)) => 4,
            (_, Some(Int8)) => 2,
            _ => 1,
        },
        Op::StridedSlice(masks) => match (call.rank(0), call.dtype(0)) {
            (_, Some(UInt32)) => 7,
            _ if masks.ellipsis_mask != 0 || masks.new_axis_mask != 0 => 6,
            (5.., _) => 4,
            (_, Some(Bool)) => 3,
            (_, Some(Int8)) => 2,
            _ => 1,
        },
        Op::Pack { .. } => call.by_type(0, &[(UInt32, 4), (Int16, 3), (Int8, 2)]),
        Op::Unpack { .. } => call.by_type(0, &[(Int16, 4), (Bool, 3), (Int8, 2), (UInt8, 2)]),
        Op::Gather { batch_dims, .. } => match call.dtype(0) {
            _ if call.dtype(1) == Some(Int16) => 6,
            _ if *batch_dims != 0 => 5,
            Some(Int16) => 4,
            Some(Bool) => 3,
            Some(Int8) => 2,
            _ => 1,
        },
        Op::SpaceToDepth { .. } => call.by_type(0, &[(Int8, 2)]),
        Op::ResizeNearestNeighbor { align_corners, half_pixel_centers } => match call.dtype(0) {
            Some(Int16) => 4,
            _ if *align_corners || *half_pixel_centers => 3,
            Some(Int8) => 2,
            _ => 1,
        },
        Op::ResizeBilinear { half_pixel_centers, .. } => match call.dtype(0) {
            Some(Int16) => 4,
            _ if *half_pixel_centers => 3,
            Some(Int8) => 2,
            _ => 1,
        },
        Op::DepthToSpace { .. } | Op::Reshape { .. } | Op::Squeeze { .. } | Op::ExpandDims | Op::Shape { .. } => 1,

        Op::Cast { from, to } => match [*from, *to] {
            pair if pair.contains(&Float64) => 5,
            pair if pair.contains(&UInt16) => 4,
            pair if pair.contains(&Int8) => 3,
            pair if pair.contains(&UInt32) => 2,
            _ => 1,
        },
        Op::Quantize if call.input(0).is_some_and(per_channel) || call.output().is_some_and(per_channel) => 3,
        Op::Quantize => i32::from(call.output_dtype() == Some(Int16)) + 1,
        Op::Dequantize => match call.dtype(0) {
            Some(Int8) if call.input(0).is_some_and(per_channel) => 5,
            Some(Int16) => 3,
            Some(Int8) => 2,
            _ => 1,
        },

        Op::Svdf { .. } => match (call.dtype(0), call.dtype(1)) {
            (Some(Int8), _) => 3,
            (Some(Float32), Some(Int8)) => 2,
            _ => 1,
        },
        Op::UnidirectionalSequenceLstm { .. } => match (call.dtype(0), call.dtype(2)) {
            (Some(Int16), Some(Int8)) => 5,
            (Some(Float32), Some(Int8)) => 2,
            _ => 1,
        },
        Op::VarHandle { .. } | Op::ReadVariable | Op::AssignVariable | Op::CallOnce { .. } | Op::Custom { .. } => 1,
    }
}

/// What an operator with weights computes in, by the types of its input, weights and output.
#[derive(Clone, Copy)]
enum Arithmetic {
    /// int8 over int8.
    Int8,
    /// int16 over int8.
    Int16,
    /// float32 over int8.
    Hybrid { per_channel: bool },
    /// One type for everything.
    Other,
}

/// A node with what it reads and writes.
struct Call<'g> {
    graph: &'g Graph,
    node: &'g Node,
}

impl<'g> Call<'g> {
    fn input(&self, k: usize) -> Option<&'g Value> {
        self.node.input(k).map(|id| self.graph.value(id))
    }

    fn output(&self) -> Option<&'g Value> {
        self.node.outputs.first().map(|&id| self.graph.value(id))
    }

    fn dtype(&self, k: usize) -> Option<TensorType> {
        self.input(k).map(|value| value.dtype)
    }

    fn output_dtype(&self) -> Option<TensorType> {
        self.output().map(|value| value.dtype)
    }

    fn rank(&self, k: usize) -> usize {
        self.input(k).map_or(0, |value| value.shape.len())
    }

    fn is_quantized(&self, k: usize) -> bool {
        self.input(k).is_some_and(|value| value.quantization.is_some())
    }

    /// The version that the type of input `k` stands beside; 1 where it is not listed.
    fn by_type(&self, k: usize, versions: &[(TensorType, i32)]) -> i32 {
        let row = versions.iter().find(|(dtype, _)| self.dtype(k) == Some(*dtype));
        row.map_or(1, |&(_, version)| version)
    }

    fn weighted(&self) -> Arithmetic {
        match (self.dtype(0), self.dtype(1), self.output_dtype()) {
            (Some(Int8), Some(Int8), Some(Int8)) => Arithmetic::Int8,
            (Some(Int16), Some(Int8), Some(Int16)) => Arithmetic::Int16,
            (Some(Float32), Some(Int8), Some(Float32)) => {
                Arithmetic::Hybrid { per_channel: self.input(1).is_some_and(per_channel) }
            }
            _ => Arithmetic::Other,
        }
    }

    /// Whether a convolution's filters are narrower than its image.
    fn is_grouped(&self) -> bool {
        let channels = |k: usize| self.input(k).and_then(|value| value.shape.last().copied());
        matches!((channels(0), channels(1)), (Some(image), Some(filter)) if image != filter)
    }

    fn broadcasts_above_rank_4(&self) -> bool {
        let shape = |k: usize| self.input(k).map(|value| &value.shape);
        shape(0) != shape(1) && self.rank(0).max(self.rank(1)) > 4
    }

    /// What the product of the stored inputs is scaled by to give the stored output.
    fn product_rescale(&self) -> Option<f32> {
        let scale = |value: Option<&Value>| value?.quantization.as_ref()?.scales.first().copied();
        Some(scale(self.input(0))? * scale(self.input(1))? / scale(self.output())?)
    }
}

fn per_channel(value: &Value) -> bool {
    value.quantization.as_ref().is_some_and(|q| q.scales.len() > 1)
}
