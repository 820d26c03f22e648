//! A model file as read: tensors and operators of its subgraphs, indexes checked, constants still in the file's bytes.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Arguments;

use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Place};
use crate::read::flatbuf::Table;
use crate::shape::Shape;

/// A model file.
#[derive(Debug, Default)]
pub struct Model<'a> {
    /// The file's own description.
    pub description: String,
    /// Subgraphs; the first is the one that runs.
    pub subgraphs: Vec<Subgraph<'a>>,
}

/// A subgraph.
#[derive(Debug, Default)]
pub struct Subgraph<'a> {
    /// Tensors.
    pub tensors: Vec<Tensor<'a>>,
    /// Operators in the order in which they run.
    pub operators: Vec<Operator<'a>>,
    /// Tensors that the caller writes.
    pub inputs: Vec<usize>,
    /// Tensors that the caller reads.
    pub outputs: Vec<usize>,
}

/// A tensor.
#[derive(Debug, Clone, Default)]
pub struct Tensor<'a> {
    /// Its index in the subgraph.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Its element type; none for one that Mote does not carry (its code is `type_code`).
    pub dtype: Option<DType>,
    /// The schema's code of the element type.
    pub type_code: i8,
    /// Its extents; none for a tensor without elements.
    pub shape: Option<Shape>,
    /// Its scales and zero points.
    pub quant: Option<Quant>,
    /// Its value, if it is a constant of the file: exactly as many bytes as shape and type need. Owned where the file has it in
    /// the sparse encoding.
    pub constant: Option<Cow<'a, [u8]>>,
    /// Whether it keeps its value between runs.
    pub is_variable: bool,
}

/// Scales and zero points: real = scale * (stored - zero point).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quant {
    /// One scale, or one for each index of `axis`. Finite and positive.
    pub scales: Vec<f32>,
    /// As many zero points, each in the range of the tensor's type.
    pub zero_points: Vec<i32>,
    /// The axis that several scales go along.
    pub axis: usize,
}

/// An operator.
#[derive(Debug, Default)]
pub struct Operator<'a> {
    /// Its index in the subgraph.
    pub index: usize,
    /// Built-in operator code; 32 is `CUSTOM`.
    pub code: i32,
    /// Name of a custom operator, else empty.
    pub custom_name: String,
    /// Version of the operator's definition.
    pub version: i32,
    /// Input tensors; none for optional ones that are left out.
    pub inputs: Vec<Option<usize>>,
    /// Output tensors.
    pub outputs: Vec<usize>,
    /// Tensors that carry only quantization parameters (of an LSTM's inner values).
    pub intermediates: Vec<usize>,
    /// The built-in options table.
    pub options: Option<Table<'a>>,
    /// The options of a custom operator.
    pub custom_options: &'a [u8],
}

impl Tensor<'_> {
    /// Where errors about it point to.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::Tensor { index: self.index, name: self.name.clone() }
    }

    /// An error about it.
    #[must_use]
    pub fn error(&self, kind: ErrorKind, expected: Arguments<'_>, found: Arguments<'_>) -> Error {
        Error::new(kind, self.place(), expected, found)
    }

    /// Its element type.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for a type that Mote does not carry.
    pub fn dtype(&self) -> Result<DType, Error> {
        self.dtype.ok_or_else(|| {
            self.error(
                ErrorKind::Unsupported,
                format_args!("float32, int8, uint8, int16, int32, int64, uint32, uint64, bool or (constant) float16"),
                format_args!("tensor type {}", self.type_code),
            )
        })
    }

    /// Its extents.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when there are no elements.
    pub fn shape(&self) -> Result<Shape, Error> {
        self.shape.ok_or_else(|| {
            self.error(
                ErrorKind::Invalid,
                format_args!("extents of at least 1: convert the model with fixed shapes"),
                format_args!("an extent of 0"),
            )
        })
    }

    /// Bytes of its value.
    ///
    /// # Errors
    /// As [`Tensor::dtype`] and [`Tensor::shape`].
    pub fn bytes(&self) -> Result<usize, Error> {
        Ok(self.shape()?.elements() * self.dtype()?.size())
    }
}
