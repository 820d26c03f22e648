//! Elements with a type and a shape.

use std::fmt;

use super::limits;

/// Why elements do not make an array of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShapeError {
    /// The shape's product is not the number of elements.
    Length {
        /// The product; none when it does not fit a `usize`.
        expected: Option<usize>,
        /// Elements given.
        found: usize,
    },
    /// More axes than [`limits::AXES`].
    Axes {
        /// Axes given.
        found: usize,
    },
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeError::Length { expected: Some(expected), found } => {
                write!(f, "the shape holds {expected} elements, {found} were given")
            }
            ShapeError::Length { expected: None, found } => {
                write!(f, "the shape holds more elements than can be counted, {found} were given")
            }
            ShapeError::Axes { found } => write!(f, "an array has at most {} axes, not {found}", limits::AXES),
        }
    }
}

impl std::error::Error for ShapeError {}

/// One row for each element type: variant, Rust's type, NumPy's name, NumPy's type string.
macro_rules! element_types {
    ($($variant:ident $ty:ident $name:literal $descr:literal;)*) => {
        /// Type of an array's elements.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum DType {
            $(#[doc = concat!("NumPy's `", $name, "`.")] $variant,)*
        }

        impl DType {
            /// All of them.
            pub const ALL: &[DType] = &[$(DType::$variant,)*];

            /// NumPy's name for it, which is also what a tensor's description says.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(DType::$variant => $name,)* }
            }

            /// Bytes of one element.
            #[must_use]
            pub fn size(self) -> usize {
                match self { $(DType::$variant => size_of::<$ty>(),)* }
            }

            /// NumPy's type string for little-endian elements, `<f4`, say.
            #[must_use]
            pub fn descr(self) -> &'static str {
                match self { $(DType::$variant => $descr,)* }
            }
        }

        /// Elements in C order.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Elements {
            $(#[doc = concat!("`", $name, "`.")] $variant(Vec<$ty>),)*
        }

        impl Elements {
            /// Their type.
            #[must_use]
            pub fn dtype(&self) -> DType {
                match self { $(Elements::$variant(_) => DType::$variant,)* }
            }

            /// How many.
            #[must_use]
            pub fn len(&self) -> usize {
                match self { $(Elements::$variant(v) => v.len(),)* }
            }

            /// The elements at `indices`, in that order. Each index must be in range.
            pub(crate) fn gather(&self, indices: impl Iterator<Item = usize>) -> Self {
                match self { $(Elements::$variant(v) => Elements::$variant(indices.map(|i| v[i]).collect()),)* }
            }

            /// Appends elements of the same type; `false`, and nothing done, when `other` has another type.
            pub(crate) fn append(&mut self, other: Self) -> bool {
                match (self, other) {
                    $((Elements::$variant(v), Elements::$variant(mut w)) => v.append(&mut w),)*
                    _ => return false,
                }
                true
            }
        }

        $(impl From<Vec<$ty>> for Elements {
            fn from(elements: Vec<$ty>) -> Self {
                Elements::$variant(elements)
            }
        })*
    };
}

element_types! {
    Bool bool "bool" "|b1";
    Int8 i8 "int8" "|i1";
    UInt8 u8 "uint8" "|u1";
    Int16 i16 "int16" "<i2";
    UInt16 u16 "uint16" "<u2";
    Int32 i32 "int32" "<i4";
    UInt32 u32 "uint32" "<u4";
    Int64 i64 "int64" "<i8";
    UInt64 u64 "uint64" "<u8";
    Float32 f32 "float32" "<f4";
    Float64 f64 "float64" "<f8";
}

impl DType {
    /// The type with this name, if it is one of ours.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|d| d.name() == name)
    }

    /// Whether its values are real numbers rather than integers or truth values.
    #[must_use]
    pub fn is_real(self) -> bool {
        matches!(self, DType::Float32 | DType::Float64)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Elements {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads little-endian elements; bytes after the last whole element are left out. A truth value is any byte but 0.
    pub(crate) fn from_le_bytes(dtype: DType, bytes: &[u8]) -> Self {
        fn numbers<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
            bytes.as_chunks::<N>().0.iter().map(|&chunk| read(chunk)).collect()
        }
        match dtype {
            DType::Bool => Elements::Bool(bytes.iter().map(|&b| b != 0).collect()),
            DType::Int8 => Elements::Int8(numbers(bytes, i8::from_le_bytes)),
            DType::UInt8 => Elements::UInt8(bytes.to_vec()),
            DType::Int16 => Elements::Int16(numbers(bytes, i16::from_le_bytes)),
            DType::UInt16 => Elements::UInt16(numbers(bytes, u16::from_le_bytes)),
            DType::Int32 => Elements::Int32(numbers(bytes, i32::from_le_bytes)),
            DType::UInt32 => Elements::UInt32(numbers(bytes, u32::from_le_bytes)),
            DType::Int64 => Elements::Int64(numbers(bytes, i64::from_le_bytes)),
            DType::UInt64 => Elements::UInt64(numbers(bytes, u64::from_le_bytes)),
            DType::Float32 => Elements::Float32(numbers(bytes, f32::from_le_bytes)),
            DType::Float64 => Elements::Float64(numbers(bytes, f64::from_le_bytes)),
        }
    }

    /// Their little-endian bytes.
    #[must_use]
    pub fn to_le_bytes(&self) -> Vec<u8> {
        match self {
            Elements::Bool(v) => v.iter().map(|&x| u8::from(x)).collect(),
            Elements::UInt8(v) => v.clone(),
            Elements::Int8(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Elements::Int16(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Elements::UInt16(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Elements::Int32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Elements::UInt32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Elements::Int64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Elements::UInt64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Elements::Float32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Elements::Float64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        }
    }

    /// Element `i` as a real number; 64-bit integers beyond 2^53 are rounded.
    #[must_use]
    pub fn real(&self, i: usize) -> Option<f64> {
        match self {
            Elements::Bool(v) => v.get(i).map(|&x| u8::from(x).into()),
            Elements::Int8(v) => v.get(i).map(|&x| x.into()),
            Elements::UInt8(v) => v.get(i).map(|&x| x.into()),
            Elements::Int16(v) => v.get(i).map(|&x| x.into()),
            Elements::UInt16(v) => v.get(i).map(|&x| x.into()),
            Elements::Int32(v) => v.get(i).map(|&x| x.into()),
            Elements::UInt32(v) => v.get(i).map(|&x| x.into()),
            Elements::Float32(v) => v.get(i).map(|&x| x.into()),
            Elements::Int64(v) => v.get(i).map(|&x| x as f64),
            Elements::UInt64(v) => v.get(i).map(|&x| x as f64),
            Elements::Float64(v) => v.get(i).copied(),
        }
    }

    /// All as real numbers, as [`Elements::real`] gives each.
    #[must_use]
    pub fn reals(&self) -> Vec<f64> {
        (0..self.len()).filter_map(|i| self.real(i)).collect()
    }

    /// All as integers; none when [`Elements::integer`] gives none for one.
    #[must_use]
    pub fn integers(&self) -> Option<Vec<i64>> {
        (0..self.len()).map(|i| self.integer(i)).collect()
    }

    /// Element `i` as an integer; none when it is a real number, or beyond 2^63.
    #[must_use]
    pub fn integer(&self, i: usize) -> Option<i64> {
        match self {
            Elements::Bool(v) => v.get(i).map(|&x| x.into()),
            Elements::Int8(v) => v.get(i).map(|&x| x.into()),
            Elements::UInt8(v) => v.get(i).map(|&x| x.into()),
            Elements::Int16(v) => v.get(i).map(|&x| x.into()),
            Elements::UInt16(v) => v.get(i).map(|&x| x.into()),
            Elements::Int32(v) => v.get(i).map(|&x| x.into()),
            Elements::UInt32(v) => v.get(i).map(|&x| x.into()),
            Elements::Int64(v) => v.get(i).copied(),
            Elements::UInt64(v) => v.get(i).and_then(|&x| x.try_into().ok()),
            Elements::Float32(_) | Elements::Float64(_) => None,
        }
    }
}

/// Elements with a shape, in C order.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    elements: Elements,
}

impl Array {
    /// Puts elements into a shape.
    pub fn new(shape: impl Into<Vec<usize>>, elements: impl Into<Elements>) -> Result<Self, ShapeError> {
        let (shape, elements) = (shape.into(), elements.into());
        if shape.len() > limits::AXES {
            return Err(ShapeError::Axes { found: shape.len() });
        }
        let expected = count(&shape);
        if expected != Some(elements.len()) {
            return Err(ShapeError::Length { expected, found: elements.len() });
        }
        Ok(Self { shape, elements })
    }

    /// One axis of elements.
    #[must_use]
    pub fn vector(elements: impl Into<Elements>) -> Self {
        let elements = elements.into();
        Self { shape: vec![elements.len()], elements }
    }

    /// Extents.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Elements in C order.
    #[must_use]
    pub fn elements(&self) -> &Elements {
        &self.elements
    }

    /// Elements' type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.elements.dtype()
    }

    /// Its rows at `indices` of the first axis, in that order; all of it when it has no axis.
    ///
    /// # Panics
    /// When an index is not below the extent of the first axis.
    #[must_use]
    pub fn rows(&self, indices: &[usize]) -> Self {
        let [_, rest @ ..] = &self.shape[..] else { return self.clone() };
        let width: usize = rest.iter().product();
        let elements = self.elements.gather(indices.iter().flat_map(|&i| i * width..(i + 1) * width));
        Self { shape: [&[indices.len()], rest].concat(), elements }
    }

    /// Takes it apart.
    #[must_use]
    pub fn into_parts(self) -> (Vec<usize>, Elements) {
        (self.shape, self.elements)
    }
}

/// Product of the extents; none when it does not fit.
pub(crate) fn count(shape: &[usize]) -> Option<usize> {
    // A zero anywhere makes the product zero, whatever the others are.
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_must_hold_exactly_the_elements() {
        assert!(Array::new([2, 3], vec![0i8; 6]).is_ok());
        assert!(Array::new([], vec![0i8; 1]).is_ok(), "no axis: one element");
        assert!(Array::new([usize::MAX, 0, 2], Vec::<f32>::new()).is_ok());
        assert_eq!(Array::new([2, 3], vec![0i8; 5]), Err(ShapeError::Length { expected: Some(6), found: 5 }));
        assert_eq!(Array::new([usize::MAX, 2], vec![0i8; 5]), Err(ShapeError::Length { expected: None, found: 5 }));
        assert_eq!(Array::new([1; 65], vec![0i8]), Err(ShapeError::Axes { found: 65 }));
    }

    #[test]
    fn bytes_of_every_type_come_back_as_they_went() {
        let bytes: Vec<u8> = (0..64).map(|i| i * 3 + 1).collect();
        for &dtype in DType::ALL {
            let elements = Elements::from_le_bytes(dtype, &bytes);
            assert_eq!(elements.dtype(), dtype);
            assert_eq!(elements.len(), bytes.len() / dtype.size());
            let expected = if dtype == DType::Bool { vec![1; 64] } else { bytes.clone() };
            assert_eq!(elements.to_le_bytes(), expected, "{dtype}");
            assert_eq!(DType::from_name(dtype.name()), Some(dtype));
        }
    }
}
