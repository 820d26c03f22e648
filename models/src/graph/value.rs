//! Values: what nodes read and write.

use ndarray::{ArrayD, ArrayViewD};

use super::{Quantization, TensorType};
use crate::data::{Array, Elements};

/// A value of one graph, by its place in [`Graph::values`](super::Graph::values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub(super) u32);

impl ValueId {
    /// Its place.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A tensor: fed, computed or constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Its name; unique where its file's names are.
    pub name: String,
    /// Type of its elements.
    pub dtype: TensorType,
    /// Its extents; empty for a scalar.
    pub shape: Vec<usize>,
    /// Its scales, where it has any.
    pub quantization: Option<Quantization>,
    /// Its elements, if they are known when the model is made; of `dtype` and `shape`.
    pub constant: Option<Array>,
    /// Whether it keeps its value between runs.
    pub is_variable: bool,
}

impl Value {
    /// A value that is fed or computed.
    #[must_use]
    pub fn new(name: impl Into<String>, dtype: TensorType, shape: impl Into<Vec<usize>>) -> Self {
        Self { name: name.into(), dtype, shape: shape.into(), quantization: None, constant: None, is_variable: false }
    }

    /// A constant.
    #[must_use]
    pub fn constant(name: impl Into<String>, array: Array) -> Self {
        let value = Self::new(name, array.dtype().into(), array.shape());
        Self { constant: Some(array), ..value }
    }

    /// A float32 constant.
    #[must_use]
    pub fn constant_f32(name: impl Into<String>, array: ArrayD<f32>) -> Self {
        Self::constant(name, Array::from(array))
    }

    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its elements as an array of float32; none unless it is a float32 constant.
    #[must_use]
    pub fn as_f32(&self) -> Option<ArrayViewD<'_, f32>> {
        match self.constant.as_ref()?.elements() {
            Elements::Float32(elements) => ArrayViewD::from_shape(self.shape.as_slice(), elements).ok(),
            _ => None,
        }
    }

    /// Its elements as integers (shapes, axes, permutations); none unless it is a constant of an integer type.
    #[must_use]
    pub fn as_integers(&self) -> Option<Vec<i64>> {
        self.constant.as_ref()?.elements().integers()
    }

    /// Puts other elements into a constant; type and shape follow them.
    pub fn set_constant(&mut self, array: impl Into<Array>) {
        let array = array.into();
        self.dtype = array.dtype().into();
        self.shape = array.shape().to_vec();
        self.constant = Some(array);
    }
}

impl From<ArrayD<f32>> for Array {
    fn from(array: ArrayD<f32>) -> Self {
        let shape = array.shape().to_vec();
        let elements: Vec<f32> = match array.is_standard_layout() {
            true => array.into_raw_vec_and_offset().0,
            false => array.iter().copied().collect(),
        };
        Array::new(shape, elements).expect("an array holds as many elements as its shape says")
    }
}
