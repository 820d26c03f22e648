//! Limits on what a model file may ask for.

const MIB: usize = 1 << 20;

pub use mote_kernels::shape::MAX_RANK;

/// Limits of one load. Over a limit a model is refused with an error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the model file.
    pub file_bytes: usize,
    /// Bytes of one tensor.
    pub tensor_bytes: usize,
    /// Bytes of the arena.
    pub arena_bytes: usize,
    /// Operators of all subgraphs.
    pub operators: usize,
    /// FlatBuffers tables read: tensors, buffers, operators, operator codes and subgraphs together.
    pub tables: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 16 * MIB, tensor_bytes: 64 * MIB, arena_bytes: 64 * MIB, operators: 10_000, tables: 100_000 }
    }
}
