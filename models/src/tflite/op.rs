//! The operators and their options. Rows before columns, as in tensors.

use super::TensorType;

/// What is added around an image before a window slides over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Padding {
    /// As much as keeps the extent, divided by the stride.
    #[default]
    Same,
    /// Nothing.
    Valid,
}

/// What an operator does to its result at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activation {
    /// Nothing.
    #[default]
    None,
    /// From 0.
    Relu,
    /// From -1 to 1.
    ReluN1To1,
    /// From 0 to 6.
    Relu6,
    /// Hyperbolic tangent.
    Tanh,
}

/// Options of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv2d {
    /// Around the image.
    pub padding: Padding,
    /// Rows, columns from one place of the window to the next.
    pub stride: [i32; 2],
    /// Rows, columns from one weight to the next.
    pub dilation: [i32; 2],
    /// At once.
    pub activation: Activation,
}

/// Options of a pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool2d {
    /// Around the image.
    pub padding: Padding,
    /// Rows, columns from one place of the window to the next.
    pub stride: [i32; 2],
    /// Rows, columns of the window.
    pub window: [i32; 2],
    /// At once.
    pub activation: Activation,
}

/// Bit masks of a strided slice, one bit an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "tf.strided_slice documents each")]
pub struct StridedSlice {
    pub begin_mask: i32,
    pub end_mask: i32,
    pub ellipsis_mask: i32,
    pub new_axis_mask: i32,
    pub shrink_axis_mask: i32,
}

/// An operator with its options, under its TFLite name.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "TensorFlow Lite's schema documents each")]
pub enum Op {
    Conv2d(Conv2d),
    DepthwiseConv2d {
        conv: Conv2d,
        multiplier: i32,
    },
    TransposeConv {
        padding: Padding,
        stride: [i32; 2],
        activation: Activation,
    },
    FullyConnected {
        activation: Activation,
        keep_num_dims: bool,
    },
    BatchMatMul {
        adj_x: bool,
        adj_y: bool,
    },
    AveragePool2d(Pool2d),
    MaxPool2d(Pool2d),

    Add {
        activation: Activation,
        pot_scale_int16: bool,
    },
    Sub {
        activation: Activation,
        pot_scale_int16: bool,
    },
    Mul {
        activation: Activation,
    },
    Div {
        activation: Activation,
    },
    Minimum,
    Maximum,

    Mean {
        keep_dims: bool,
    },
    Sum {
        keep_dims: bool,
    },
    ReduceMax {
        keep_dims: bool,
    },
    ArgMax {
        output: TensorType,
    },
    ArgMin {
        output: TensorType,
    },

    Softmax {
        beta: f32,
    },
    LogSoftmax,
    Logistic,
    Tanh,
    Relu,
    Relu6,
    ReluN1To1,
    LeakyRelu {
        alpha: f32,
    },
    Prelu,
    HardSwish,
    Elu,
    Gelu {
        approximate: bool,
    },
    Abs,
    Neg,
    Exp,
    Log,
    Sqrt,
    Rsqrt,

    Reshape {
        shape: Vec<i32>,
    },
    Squeeze {
        axes: Vec<i32>,
    },
    ExpandDims,
    Shape {
        output: TensorType,
    },
    Transpose,
    Pad,
    PadV2,
    MirrorPad {
        symmetric: bool,
    },
    Concatenation {
        axis: i32,
        activation: Activation,
    },
    Split {
        count: i32,
    },
    SplitV {
        count: i32,
    },
    Slice,
    StridedSlice(StridedSlice),
    Pack {
        count: i32,
        axis: i32,
    },
    Unpack {
        count: i32,
        axis: i32,
    },
    Gather {
        axis: i32,
        batch_dims: i32,
    },
    DepthToSpace {
        block: i32,
    },
    SpaceToDepth {
        block: i32,
    },
    ResizeNearestNeighbor {
        align_corners: bool,
        half_pixel_centers: bool,
    },
    ResizeBilinear {
        align_corners: bool,
        half_pixel_centers: bool,
    },

    Cast {
        from: TensorType,
        to: TensorType,
    },
    Quantize,
    Dequantize,
    /// Makes a sparse constant dense. Only files have it: what a graph holds is dense.
    Densify,

    Svdf {
        rank: i32,
        activation: Activation,
    },
    UnidirectionalSequenceLstm {
        activation: Activation,
        cell_clip: f32,
        proj_clip: f32,
        time_major: bool,
    },
    VarHandle {
        container: String,
        shared_name: String,
    },
    ReadVariable,
    AssignVariable,
    CallOnce {
        init_subgraph: i32,
    },

    /// An operator outside the schema, with options of its own.
    Custom {
        code: String,
        options: Vec<u8>,
    },
}
