//! A quantized network as ONNX.
//!
//! Images are NCHW, as ONNX has them: the input is to be transposed by whoever feeds it, so that no form pays for it.
//! The output is float32, and a softmax is computed in float32: tract answers the highest integer everywhere where an
//! int8 model ends in a quantized softmax.
//!
//! - `wire`: ONNX's messages.
//! - `operators`: what each operator of the graph becomes.

mod operators;
mod wire;

use mote_models::graph::{Graph, Quantization, Value, ValueId};

use operators::Exporter;

/// How integers are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Real operators between `DequantizeLinear` and `QuantizeLinear`, which a runtime is to fuse. int8 activations.
    Qdq,
    /// The same with uint8 activations: ONNX Runtime's documentation advises them on x86-64.
    QdqUnsigned,
    /// `QLinearConv` with int8 activations.
    QLinear,
    /// `ConvInteger` and `MatMulInteger` on uint8 activations, scaled to real numbers and quantized again.
    Integer,
    /// No integers: the weights' real values, float32 throughout.
    Float,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Qdq, Self::QdqUnsigned, Self::QLinear, Self::Integer, Self::Float];

    /// Its name in files and figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Qdq => "qdq",
            Self::QdqUnsigned => "qdq-u8",
            Self::QLinear => "qlinear",
            Self::Integer => "integer",
            Self::Float => "float",
        }
    }

    /// What the network takes in.
    #[must_use]
    pub fn input(self) -> InputType {
        match self {
            Self::Qdq | Self::QLinear => InputType::Int8,
            Self::QdqUnsigned | Self::Integer => InputType::UInt8,
            Self::Float => InputType::Float32,
        }
    }
}

/// Elements of a form's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputType {
    /// The network's own integers.
    Int8,
    /// The same, 128 higher.
    UInt8,
    /// The real numbers that they stand for.
    Float32,
}

impl InputType {
    /// Its name, as peers are told it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::UInt8 => "uint8",
            Self::Float32 => "float32",
        }
    }
}

/// Why a network has no such form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoForm {
    /// The node, with its operator.
    pub node: String,
    /// What about it.
    pub what: String,
}

impl std::fmt::Display for NoForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.node, self.what)
    }
}

impl std::error::Error for NoForm {}

/// The file of an int8 network in a form.
///
/// # Errors
/// [`NoForm`] for operators that MLPerf Tiny's networks and the zoo's do not have.
pub fn onnx(graph: &Graph, form: Form) -> Result<Vec<u8>, NoForm> {
    Exporter::new(graph, form).file()
}

/// The input's bytes in a form: `stored` are the network's own integers, rows before columns before channels.
///
/// # Panics
/// When `stored` has not the input's length.
#[must_use]
pub fn input(value: &Value, stored: &[u8], form: Form) -> Vec<u8> {
    assert_eq!(stored.len(), value.len(), "bytes of {}", value.name);
    let [scale, zero_point] = scale_of(value);
    let planar = planar(&value.shape, stored);
    match form.input() {
        InputType::Int8 => planar,
        InputType::UInt8 => planar.iter().map(|&q| q ^ 0x80).collect(),
        InputType::Float32 => {
            planar.iter().flat_map(|&q| ((f32::from(q.cast_signed()) - zero_point) * scale).to_le_bytes()).collect()
        }
    }
}

/// The real numbers that int8 `stored` stand for.
#[must_use]
pub fn real(value: &Value, stored: &[u8]) -> Vec<f32> {
    let [scale, zero_point] = scale_of(value);
    stored.iter().map(|&q| (f32::from(q.cast_signed()) - zero_point) * scale).collect()
}

/// Scale and zero point of a tensor with one of each.
fn scale_of(value: &Value) -> [f32; 2] {
    match &value.quantization {
        Some(Quantization { scales, zero_points, .. }) => [scales[0], zero_points[0] as f32],
        None => [1.0, 0.0],
    }
}

/// An image's channels apart; other shapes as they are.
fn planar(shape: &[usize], stored: &[u8]) -> Vec<u8> {
    match *shape {
        [1, h, w, c] => (0..c).flat_map(|c_at| (0..h * w).map(move |at| stored[at * c + c_at])).collect(),
        _ => stored.to_vec(),
    }
}

/// The extents as ONNX has them.
fn extents(shape: &[usize]) -> Vec<usize> {
    match *shape {
        [n, h, w, c] => vec![n, c, h, w],
        _ => shape.to_vec(),
    }
}

/// The name of a value's tensor of a kind.
fn name(kind: &str, id: ValueId) -> String {
    format!("{kind}{}", id.index())
}
