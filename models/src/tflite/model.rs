//! What a `.tflite` file holds, as plain data.

use super::Op;
use crate::data::{DType, Elements};

/// A file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// A text for people.
    pub description: String,
    /// Subgraphs; the first is what runs.
    pub subgraphs: Vec<Subgraph>,
    /// Bytes that no interpreter needs, by name.
    pub metadata: Vec<(String, Vec<u8>)>,
}

impl Model {
    /// A file of one operator. Its inputs that are neither constants nor variables are the graph's.
    #[must_use]
    pub fn single(op: Op, version: i32, inputs: Vec<Tensor>, outputs: Vec<Tensor>) -> Self {
        let mut graph = Subgraph::default();
        let mut operator = Operator { version, ..Operator::new(op, &[], &[]) };
        for tensor in inputs {
            let fed = tensor.constant.is_none() && !tensor.is_variable;
            let place = graph.push(tensor);
            operator.inputs.push(Some(place));
            if fed {
                graph.inputs.push(place);
            }
        }
        for tensor in outputs {
            let place = graph.push(tensor);
            operator.outputs.push(place);
            graph.outputs.push(place);
        }
        graph.operators.push(operator);
        Self { subgraphs: vec![graph], ..Self::default() }
    }
}

/// A graph of operators over tensors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subgraph {
    /// Tensors; everything else names them by their place here.
    pub tensors: Vec<Tensor>,
    /// Operators in the order in which they run.
    pub operators: Vec<Operator>,
    /// Tensors fed from outside.
    pub inputs: Vec<u32>,
    /// Tensors handed out.
    pub outputs: Vec<u32>,
}

impl Subgraph {
    /// Adds a tensor and gives its place.
    pub fn push(&mut self, tensor: Tensor) -> u32 {
        self.tensors.push(tensor);
        u32::try_from(self.tensors.len() - 1).expect("fewer than 2^32 tensors")
    }
}

/// A tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its element type.
    pub dtype: TensorType,
    /// Its extents.
    pub shape: Vec<i32>,
    /// Its scales, where it has any.
    pub quantization: Option<Quantization>,
    /// A constant's elements in C order, little-endian; of a sparse one those that are stored, in the encoding's order.
    pub constant: Option<Vec<u8>>,
    /// How a sparse constant is stored.
    pub sparsity: Option<Sparsity>,
    /// Whether it keeps its value between runs.
    pub is_variable: bool,
}

impl Tensor {
    /// A tensor that is computed or fed.
    #[must_use]
    pub fn new(name: &str, dtype: TensorType, shape: &[i32]) -> Self {
        let (name, shape) = (name.to_owned(), shape.to_vec());
        Self { name, dtype, shape, quantization: None, constant: None, sparsity: None, is_variable: false }
    }

    /// A constant.
    #[must_use]
    pub fn constant(name: &str, shape: &[i32], elements: &Elements) -> Self {
        Self { constant: Some(elements.to_le_bytes()), ..Self::new(name, elements.dtype().into(), shape) }
    }

    /// The same tensor with one scale and zero point.
    #[must_use]
    pub fn quantized(self, scale: f32, zero_point: i64) -> Self {
        self.quantized_along(0, vec![scale], vec![zero_point])
    }

    /// The same tensor with a scale and zero point for each index of `axis`.
    #[must_use]
    pub fn quantized_along(self, axis: i32, scales: Vec<f32>, zero_points: Vec<i64>) -> Self {
        Self { quantization: Some(Quantization { scales, zero_points, axis }), ..self }
    }
}

/// Scales: real = scale * (stored - zero point).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quantization {
    /// One, or one for each index of `axis`.
    pub scales: Vec<f32>,
    /// As many.
    pub zero_points: Vec<i64>,
    /// The axis of several scales.
    pub axis: i32,
}

/// TensorFlow Lite's sparse encoding: a tree with a level for each dimension of the tensor, then for each inside a block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sparsity {
    /// The dimension of each level: those of the tensor from 0, then those of the blocks.
    pub traversal_order: Vec<i32>,
    /// For each dimension of a block the dimension of the tensor that it divides, ascending.
    pub block_map: Vec<i32>,
    /// The levels.
    pub levels: Vec<SparseLevel>,
}

/// A level of the encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SparseLevel {
    /// All indices from 0 to below this.
    Dense(i32),
    /// For node `k` of the level above, `indices[segments[k]..segments[k + 1]]`.
    Sparse {
        /// One more than nodes in the level above.
        segments: Vec<u32>,
        /// Ascending in each segment.
        indices: Vec<u32>,
    },
}

/// An operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    /// What it does, with its options.
    pub op: Op,
    /// The operator's version.
    pub version: i32,
    /// Input tensors; none for an optional one that is left out.
    pub inputs: Vec<Option<u32>>,
    /// Output tensors.
    pub outputs: Vec<u32>,
    /// Tensors that carry the scales of inner results, as LSTMs have them.
    pub intermediates: Vec<u32>,
}

impl Operator {
    /// An operator of version 1 whose inputs are all there.
    #[must_use]
    pub fn new(op: Op, inputs: &[u32], outputs: &[u32]) -> Self {
        let inputs = inputs.iter().map(|&t| Some(t)).collect();
        Self { op, version: 1, inputs, outputs: outputs.to_vec(), intermediates: Vec::new() }
    }
}

/// Type of a tensor's elements, with its number in the schema's `TensorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
#[repr(i8)]
pub enum TensorType {
    Float32 = 0,
    Int32 = 2,
    UInt8 = 3,
    Int64 = 4,
    Bool = 6,
    Int16 = 7,
    Int8 = 9,
    Float64 = 10,
    UInt64 = 12,
    /// A handle of a variable.
    Resource = 13,
    UInt32 = 15,
    UInt16 = 16,
}

impl TensorType {
    /// From the schema's number; none for a type that is not written.
    #[must_use]
    pub fn from_schema(number: i8) -> Option<Self> {
        use TensorType::{Bool, Float32, Float64, Int8, Int16, Int32, Int64, Resource, UInt8, UInt16, UInt32, UInt64};
        let all = [Float32, Int32, UInt8, Int64, Bool, Int16, Int8, Float64, UInt64, Resource, UInt32, UInt16];
        all.into_iter().find(|&dtype| dtype as i8 == number)
    }

    /// Bytes of an element; of a handle none that a model's file or its arena has.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            TensorType::Resource => 0,
            TensorType::Bool | TensorType::Int8 | TensorType::UInt8 => 1,
            TensorType::Int16 | TensorType::UInt16 => 2,
            TensorType::Float32 | TensorType::Int32 | TensorType::UInt32 => 4,
            TensorType::Float64 | TensorType::Int64 | TensorType::UInt64 => 8,
        }
    }

    /// The type of arrays that hold such elements; none for handles.
    #[must_use]
    pub fn element(self) -> Option<DType> {
        DType::ALL.iter().copied().find(|&dtype| Self::from(dtype) == self)
    }
}

impl From<DType> for TensorType {
    fn from(dtype: DType) -> Self {
        match dtype {
            DType::Bool => TensorType::Bool,
            DType::Int8 => TensorType::Int8,
            DType::UInt8 => TensorType::UInt8,
            DType::Int16 => TensorType::Int16,
            DType::UInt16 => TensorType::UInt16,
            DType::Int32 => TensorType::Int32,
            DType::UInt32 => TensorType::UInt32,
            DType::Int64 => TensorType::Int64,
            DType::UInt64 => TensorType::UInt64,
            DType::Float32 => TensorType::Float32,
            DType::Float64 => TensorType::Float64,
        }
    }
}
