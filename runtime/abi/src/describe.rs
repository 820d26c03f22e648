//! What a guest tells about a loaded model, and how it says no. The guest writes these as JSON.

use serde::{Deserialize, Serialize};

/// How a guest module was built, and what a relaxed one found out about its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Build {
    /// Scalar kernels only.
    Scalar,
    /// 128-bit SIMD.
    Simd128,
    /// 128-bit SIMD and relaxed SIMD, whose dot product saturates on this engine and is not used.
    RelaxedSimd,
    /// The same, by a dot product of signed numbers: Arm's, or AVX-VNNI-INT8's.
    RelaxedDotSigned,
    /// The same, by a dot product of unsigned and signed numbers: AVX-VNNI's.
    RelaxedDotUnsigned,
}

/// A loaded model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The model's own description, often empty.
    pub name: String,
    /// Inputs in the model's order.
    pub inputs: Vec<Tensor>,
    /// Outputs in the model's order.
    pub outputs: Vec<Tensor>,
    /// Bytes of the arena: activations, scratch and state.
    pub arena_bytes: u64,
    /// Bytes that are live at once at the worst step: no plan without recomputation can be smaller.
    pub arena_lower_bound: u64,
    /// Bytes of the arena that hold state between runs.
    pub state_bytes: u64,
    /// Bytes of weights and other constants as kept (packed).
    pub weight_bytes: u64,
    /// Bytes of the model file.
    pub file_bytes: u64,
    /// Steps in the order in which they run.
    pub ops: Vec<Op>,
}

/// One step of a loaded model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Op {
    /// Index of the operator in the file.
    pub node: u32,
    /// The operator's TFLite name, `CONV_2D`, say; a custom op's own name.
    pub op: String,
    /// The kernel that was chosen, `simd128 gemm`, say.
    pub kernel: String,
    /// Input tensors that are there, by their index in the file.
    pub inputs: Vec<u32>,
    /// Output tensors.
    pub outputs: Vec<Tensor>,
    /// Multiply-accumulates of one run, as the operator defines them: those that a kernel saves count too.
    pub macs: u64,
    /// Bytes of constants that this step keeps for itself (packed weights, biases, tables).
    pub weight_bytes: u64,
    /// Bytes of scratch that it takes from the arena while it runs.
    pub scratch_bytes: u64,
}

/// A tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tensor {
    /// Its index in the file.
    pub index: u32,
    /// Its name in the file, often empty.
    pub name: String,
    /// `int8`, `float32`, ...: NumPy's names.
    pub dtype: String,
    /// Extents.
    pub shape: Vec<u32>,
    /// Bits of its one float32 scale; none when it has no scale, or one for each channel.
    pub scale_bits: Option<u32>,
    /// Its zero point; none when there is no scale.
    pub zero_point: Option<i32>,
    /// Bytes.
    pub bytes: u64,
}

impl Tensor {
    /// Scale and zero point, where the tensor has one of each: real = scale * (stored - zero_point).
    #[must_use]
    pub fn quantization(&self) -> Option<(f32, i32)> {
        Some((f32::from_bits(self.scale_bits?), self.zero_point?))
    }

    /// Number of elements.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.shape.iter().map(|&d| d as usize).product()
    }
}

/// Why a guest refused a model or a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuestError {
    /// What kind: `malformed`, `unsupported`, `invalid`, `limit`, `memory`, `run`, `usage`, `internal`.
    pub kind: String,
    /// Where: `file`, `tensor 3 (conv/bias)`, `node 2 (CONV_2D)`.
    pub place: String,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl std::fmt::Display for GuestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, place, expected, found } = self;
        write!(f, "{kind}: {place}: expected {expected}, found {found}")
    }
}

impl std::error::Error for GuestError {}
