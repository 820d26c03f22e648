//! Element types of tensors.

/// An element type that Mote computes with or carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DType {
    /// IEEE single.
    F32,
    /// IEEE half; only as constants that a `DEQUANTIZE` widens when the model is loaded.
    F16,
    /// Quantized activations and weights.
    I8,
    /// Older quantized models, pictures.
    U8,
    /// Activations of the 16x8 scheme, audio samples.
    I16,
    /// Biases, indices, shapes.
    I32,
    /// Energies of the audio front end.
    U32,
    /// Biases of the 16x8 scheme, indices.
    I64,
    /// Filter-bank sums of the audio front end.
    U64,
    /// One byte, 0 or 1.
    Bool,
    /// A handle to a variable; it has no bytes in the arena.
    Resource,
}

impl DType {
    /// From the schema's `TensorType`; none for types that Mote does not carry.
    #[must_use]
    pub fn from_schema(code: i8) -> Option<Self> {
        Some(match code {
            0 => DType::F32,
            1 => DType::F16,
            2 => DType::I32,
            3 => DType::U8,
            4 => DType::I64,
            6 => DType::Bool,
            7 => DType::I16,
            9 => DType::I8,
            12 => DType::U64,
            13 => DType::Resource,
            15 => DType::U32,
            _ => return None,
        })
    }

    /// Bytes of one element.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            DType::I8 | DType::U8 | DType::Bool => 1,
            DType::I16 | DType::F16 => 2,
            DType::F32 | DType::I32 | DType::U32 => 4,
            DType::I64 | DType::U64 => 8,
            DType::Resource => 0,
        }
    }

    /// NumPy's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DType::F32 => "float32",
            DType::F16 => "float16",
            DType::I8 => "int8",
            DType::U8 => "uint8",
            DType::I16 => "int16",
            DType::I32 => "int32",
            DType::U32 => "uint32",
            DType::I64 => "int64",
            DType::U64 => "uint64",
            DType::Bool => "bool",
            DType::Resource => "resource",
        }
    }

    /// Smallest and largest zero point of a quantized type; none for types that are not quantized. int64 is the type of biases over
    /// int16 activations.
    #[must_use]
    pub fn quantized_range(self) -> Option<(i32, i32)> {
        match self {
            DType::I8 => Some((-128, 127)),
            DType::U8 => Some((0, 255)),
            DType::I16 => Some((-32768, 32767)),
            DType::I32 | DType::I64 => Some((i32::MIN, i32::MAX)),
            DType::F32 | DType::F16 | DType::U32 | DType::U64 | DType::Bool | DType::Resource => None,
        }
    }
}

/// A Rust type that stands for a [`DType`] in memory.
pub trait Element: bytemuck::Pod + Send + Sync + PartialOrd + core::fmt::Debug {
    /// Which one. `u8` also stands for bool.
    const DTYPE: DType;
}

macro_rules! element {
    ($($rust:ty => $dtype:ident),*) => { $(impl Element for $rust { const DTYPE: DType = DType::$dtype; })* };
}

element!(f32 => F32, i8 => I8, u8 => U8, i16 => I16, u16 => F16, i32 => I32, u32 => U32, i64 => I64, u64 => U64);
