//! Why data does not suit a model.

use std::fmt;

use mote_abi::Tensor;
use serde::{Deserialize, Serialize};

use crate::data::DataError;

/// What does not suit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleErrorKind {
    /// The numbers of elements differ.
    Shape,
    /// The element types cannot be brought together.
    DType,
    /// One value cannot be given to the model.
    Value,
    /// Two things that belong together differ in number: samples and labels, arrays and inputs.
    Count,
    /// Something the model or the evaluation needs is not there.
    Missing,
}

/// Why data was not given to a model, or a model's output not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleError {
    /// What does not suit.
    pub kind: SampleErrorKind,
    /// Where: `input 0 (image)`, `input 0 (image), sample 3, element 7`, `labels`.
    pub place: String,
    /// What the model takes.
    pub expected: String,
    /// What the data has.
    pub found: String,
    /// What can be done about it.
    pub remedy: String,
}

impl SampleError {
    /// Something that is needed is not there.
    pub(crate) fn missing(place: &str, expected: &str, found: &str, remedy: &str) -> Self {
        let [place, expected, found, remedy] = [place, expected, found, remedy].map(str::to_owned);
        Self { kind: SampleErrorKind::Missing, place, expected, found, remedy }
    }
}

impl fmt::Display for SampleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind: _, place, expected, found, remedy } = self;
        write!(f, "{place}: expected {expected}, found {found}; {remedy}")
    }
}

impl std::error::Error for SampleError {}

/// Why a file gave no samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputError {
    /// The file could not be read.
    Data(DataError),
    /// What it holds does not suit the model.
    Sample(SampleError),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::Data(error) => error.fmt(f),
            InputError::Sample(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for InputError {}

impl From<DataError> for InputError {
    fn from(error: DataError) -> Self {
        InputError::Data(error)
    }
}

impl From<SampleError> for InputError {
    fn from(error: SampleError) -> Self {
        InputError::Sample(error)
    }
}

/// `input 0 (image)`.
pub(super) fn place(role: &str, k: usize, tensor: &Tensor) -> String {
    if tensor.name.is_empty() { format!("{role} {k}") } else { format!("{role} {k} ({})", tensor.name) }
}

/// `1x49x10x1`, or `one element` without axes.
pub(super) fn extents<T: fmt::Display>(shape: &[T]) -> String {
    if shape.is_empty() {
        return "one element".into();
    }
    shape.iter().map(T::to_string).collect::<Vec<_>>().join("x")
}
