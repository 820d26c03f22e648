//! The schema's numbers and the order of its fields.
//!
//! Source: `tensorflow/compiler/mlir/lite/schema/schema.fbs`, version 3. A member of a union is known by its place from 1,
//! a field of a table by its place from 0.

use super::{Activation, Conv2d, Op, Padding, Pool2d, StridedSlice, TensorType};

/// A field of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    /// Not written: its default counts.
    Absent,
    Bool(bool),
    /// A boolean that is true unless it is written.
    True(bool),
    Byte(i8),
    Int(i32),
    /// An integer whose default is 1.
    Factor(i32),
    Float(f32),
    Ints(Vec<i32>),
    Text(String),
}

impl Op {
    /// Its TFLite name; a custom operator's own.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Op::Conv2d(_) => "CONV_2D",
            Op::DepthwiseConv2d { .. } => "DEPTHWISE_CONV_2D",
            Op::TransposeConv { .. } => "TRANSPOSE_CONV",
            Op::FullyConnected { .. } => "FULLY_CONNECTED",
            Op::BatchMatMul { .. } => "BATCH_MATMUL",
            Op::AveragePool2d(_) => "AVERAGE_POOL_2D",
            Op::MaxPool2d(_) => "MAX_POOL_2D",
            Op::Add { .. } => "ADD",
            Op::Sub { .. } => "SUB",
            Op::Mul { .. } => "MUL",
            Op::Div { .. } => "DIV",
            Op::Minimum => "MINIMUM",
            Op::Maximum => "MAXIMUM",
            Op::Mean { .. } => "MEAN",
            Op::Sum { .. } => "SUM",
            Op::ReduceMax { .. } => "REDUCE_MAX",
            Op::ArgMax { .. } => "ARG_MAX",
            Op::ArgMin { .. } => "ARG_MIN",
            Op::Softmax { .. } => "SOFTMAX",
            Op::LogSoftmax => "LOG_SOFTMAX",
            Op::Logistic => "LOGISTIC",
            Op::Tanh => "TANH",
            Op::Relu => "RELU",
            Op::Relu6 => "RELU6",
            Op::ReluN1To1 => "RELU_N1_TO_1",
            Op::LeakyRelu { .. } => "LEAKY_RELU",
            Op::Prelu => "PRELU",
            Op::HardSwish => "HARD_SWISH",
            Op::Elu => "ELU",
            Op::Gelu { .. } => "GELU",
            Op::Abs => "ABS",
            Op::Neg => "NEG",
            Op::Exp => "EXP",
            Op::Log => "LOG",
            Op::Sqrt => "SQRT",
            Op::Rsqrt => "RSQRT",
            Op::Reshape { .. } => "RESHAPE",
            Op::Squeeze { .. } => "SQUEEZE",
            Op::ExpandDims => "EXPAND_DIMS",
            Op::Shape { .. } => "SHAPE",
            Op::Transpose => "TRANSPOSE",
            Op::Pad => "PAD",
            Op::PadV2 => "PADV2",
            Op::MirrorPad { .. } => "MIRROR_PAD",
            Op::Concatenation { .. } => "CONCATENATION",
            Op::Split { .. } => "SPLIT",
            Op::SplitV { .. } => "SPLIT_V",
            Op::Slice => "SLICE",
            Op::StridedSlice(_) => "STRIDED_SLICE",
            Op::Pack { .. } => "PACK",
            Op::Unpack { .. } => "UNPACK",
            Op::Gather { .. } => "GATHER",
            Op::DepthToSpace { .. } => "DEPTH_TO_SPACE",
            Op::SpaceToDepth { .. } => "SPACE_TO_DEPTH",
            Op::ResizeNearestNeighbor { .. } => "RESIZE_NEAREST_NEIGHBOR",
            Op::ResizeBilinear { .. } => "RESIZE_BILINEAR",
            Op::Cast { .. } => "CAST",
            Op::Quantize => "QUANTIZE",
            Op::Dequantize => "DEQUANTIZE",
            Op::Densify => "DENSIFY",
            Op::Svdf { .. } => "SVDF",
            Op::UnidirectionalSequenceLstm { .. } => "UNIDIRECTIONAL_SEQUENCE_LSTM",
            Op::VarHandle { .. } => "VAR_HANDLE",
            Op::ReadVariable => "READ_VARIABLE",
            Op::AssignVariable => "ASSIGN_VARIABLE",
            Op::CallOnce { .. } => "CALL_ONCE",
            Op::Custom { code, .. } => code,
        }
    }

    /// Its number in `BuiltinOperator`, and that of its options in `BuiltinOptions` (0: it has none).
    pub(super) fn codes(&self) -> (i32, u8) {
        match self {
            Op::Conv2d(_) => (3, 1),
            Op::DepthwiseConv2d { .. } => (4, 2),
            Op::TransposeConv { .. } => (67, 49),
            Op::FullyConnected { .. } => (9, 8),
            Op::BatchMatMul { .. } => (126, 101),
            Op::AveragePool2d(_) => (1, 5),
            Op::MaxPool2d(_) => (17, 5),
            Op::Add { .. } => (0, 11),
            Op::Sub { .. } => (41, 28),
            Op::Mul { .. } => (18, 21),
            Op::Div { .. } => (42, 29),
            Op::Minimum => (57, 39),
            Op::Maximum => (55, 39),
            Op::Mean { .. } => (40, 27),
            Op::Sum { .. } => (74, 27),
            Op::ReduceMax { .. } => (82, 27),
            Op::ArgMax { .. } => (56, 40),
            Op::ArgMin { .. } => (79, 57),
            Op::Softmax { .. } => (25, 9),
            Op::LogSoftmax => (50, 36),
            Op::Logistic => (14, 0),
            Op::Tanh => (28, 0),
            Op::Relu => (19, 0),
            Op::Relu6 => (21, 0),
            Op::ReluN1To1 => (20, 0),
            Op::LeakyRelu { .. } => (98, 75),
            Op::Prelu => (54, 0),
            Op::HardSwish => (117, 91),
            Op::Elu => (111, 0),
            Op::Gelu { .. } => (150, 116),
            Op::Abs => (101, 78),
            Op::Neg => (59, 42),
            Op::Exp => (47, 33),
            Op::Log => (73, 0),
            Op::Sqrt => (75, 0),
            Op::Rsqrt => (76, 0),
            Op::Reshape { .. } => (22, 17),
            Op::Squeeze { .. } => (43, 30),
            Op::ExpandDims => (70, 52),
            Op::Shape { .. } => (77, 55),
            Op::Transpose => (39, 26),
            Op::Pad => (34, 22),
            Op::PadV2 => (60, 43),
            Op::MirrorPad { .. } => (100, 77),
            Op::Concatenation { .. } => (2, 10),
            Op::Split { .. } => (49, 35),
            Op::SplitV { .. } => (102, 79),
            Op::Slice => (65, 48),
            Op::StridedSlice(_) => (45, 32),
            Op::Pack { .. } => (83, 59),
            Op::Unpack { .. } => (88, 64),
            Op::Gather { .. } => (36, 23),
            Op::DepthToSpace { .. } => (5, 94),
            Op::SpaceToDepth { .. } => (26, 19),
            Op::ResizeNearestNeighbor { .. } => (97, 74),
            Op::ResizeBilinear { .. } => (23, 15),
            Op::Cast { .. } => (53, 37),
            Op::Quantize => (114, 89),
            Op::Dequantize => (6, 38),
            Op::Densify => (124, 99),
            Op::Svdf { .. } => (27, 6),
            Op::UnidirectionalSequenceLstm { .. } => (44, 71),
            Op::VarHandle { .. } => (142, 111),
            Op::ReadVariable => (143, 112),
            Op::AssignVariable => (144, 113),
            Op::CallOnce { .. } => (129, 103),
            Op::Custom { .. } => (32, 0),
        }
    }

    /// The fields of its options, in the schema's order.
    pub(super) fn fields(&self) -> Vec<Field> {
        use Field::{Absent, Bool, Byte, Factor, Float, Int, Ints, Text, True};
        match self {
            Op::Conv2d(Conv2d { padding, stride: [h, w], dilation: [dh, dw], activation }) => {
                vec![padding.into(), Int(*w), Int(*h), activation.into(), Factor(*dw), Factor(*dh)]
            }
            Op::DepthwiseConv2d {
                conv: Conv2d { padding, stride: [h, w], dilation: [dh, dw], activation },
                multiplier,
            } => {
                vec![padding.into(), Int(*w), Int(*h), Int(*multiplier), activation.into(), Factor(*dw), Factor(*dh)]
            }
            Op::TransposeConv { padding, stride: [h, w], activation } => {
                vec![padding.into(), Int(*w), Int(*h), activation.into()]
            }
            Op::FullyConnected { activation, keep_num_dims } => {
                let default_weights_format = Absent;
                vec![activation.into(), default_weights_format, Bool(*keep_num_dims)]
            }
            Op::BatchMatMul { adj_x, adj_y } => vec![Bool(*adj_x), Bool(*adj_y)],
            Op::AveragePool2d(pool) | Op::MaxPool2d(pool) => {
                let Pool2d { padding, stride: [h, w], window: [rows, columns], activation } = pool;
                vec![padding.into(), Int(*w), Int(*h), Int(*columns), Int(*rows), activation.into()]
            }
            Op::Add { activation, pot_scale_int16 } | Op::Sub { activation, pot_scale_int16 } => {
                vec![activation.into(), True(*pot_scale_int16)]
            }
            Op::Mul { activation } | Op::Div { activation } => vec![activation.into()],
            Op::Mean { keep_dims } | Op::Sum { keep_dims } | Op::ReduceMax { keep_dims } => vec![Bool(*keep_dims)],
            Op::ArgMax { output } | Op::ArgMin { output } | Op::Shape { output } => vec![output.into()],
            Op::Softmax { beta } => vec![Float(*beta)],
            Op::LeakyRelu { alpha } => vec![Float(*alpha)],
            Op::Gelu { approximate } => vec![Bool(*approximate)],
            Op::Reshape { shape } => vec![Ints(shape.clone())],
            Op::Squeeze { axes } => vec![Ints(axes.clone())],
            Op::MirrorPad { symmetric } => vec![Byte(i8::from(*symmetric))],
            Op::Concatenation { axis, activation } => vec![Int(*axis), activation.into()],
            Op::Split { count } | Op::SplitV { count } => vec![Int(*count)],
            Op::StridedSlice(masks) => {
                let StridedSlice { begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask } = masks;
                [begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask].map(|mask| Int(*mask)).into()
            }
            Op::Pack { count, axis } | Op::Unpack { count, axis } => vec![Int(*count), Int(*axis)],
            Op::Gather { axis, batch_dims } => vec![Int(*axis), Int(*batch_dims)],
            Op::DepthToSpace { block } | Op::SpaceToDepth { block } => vec![Int(*block)],
            Op::ResizeNearestNeighbor { align_corners, half_pixel_centers } => {
                vec![Bool(*align_corners), Bool(*half_pixel_centers)]
            }
            Op::ResizeBilinear { align_corners, half_pixel_centers } => {
                let (deprecated_height, deprecated_width) = (Absent, Absent);
                vec![deprecated_height, deprecated_width, Bool(*align_corners), Bool(*half_pixel_centers)]
            }
            Op::Cast { from, to } => vec![from.into(), to.into()],
            Op::Svdf { rank, activation } => vec![Int(*rank), activation.into()],
            Op::UnidirectionalSequenceLstm { activation, cell_clip, proj_clip, time_major } => {
                vec![activation.into(), Float(*cell_clip), Float(*proj_clip), Bool(*time_major)]
            }
            Op::VarHandle { container, shared_name } => vec![Text(container.clone()), Text(shared_name.clone())],
            Op::CallOnce { init_subgraph } => vec![Int(*init_subgraph)],
            Op::Minimum
            | Op::Maximum
            | Op::LogSoftmax
            | Op::Logistic
            | Op::Tanh
            | Op::Relu
            | Op::Relu6
            | Op::ReluN1To1
            | Op::Prelu
            | Op::HardSwish
            | Op::Elu
            | Op::Abs
            | Op::Neg
            | Op::Exp
            | Op::Log
            | Op::Sqrt
            | Op::Rsqrt
            | Op::ExpandDims
            | Op::Transpose
            | Op::Pad
            | Op::PadV2
            | Op::Slice
            | Op::Quantize
            | Op::Dequantize
            | Op::Densify
            | Op::ReadVariable
            | Op::AssignVariable
            | Op::Custom { .. } => Vec::new(),
        }
    }
}

impl From<&Padding> for Field {
    fn from(padding: &Padding) -> Self {
        Field::Byte(match padding {
            Padding::Same => 0,
            Padding::Valid => 1,
        })
    }
}

impl From<&Activation> for Field {
    fn from(activation: &Activation) -> Self {
        Field::Byte(match activation {
            Activation::None => 0,
            Activation::Relu => 1,
            Activation::ReluN1To1 => 2,
            Activation::Relu6 => 3,
            Activation::Tanh => 4,
        })
    }
}

impl From<&TensorType> for Field {
    fn from(dtype: &TensorType) -> Self {
        Field::Byte(*dtype as i8)
    }
}
