//! How much an ONNX file may ask for: what the runtime takes, so that nothing is imported in vain.

use mote_runtime::limits;

const MIB: usize = 1 << 20;

/// Bytes of the file.
pub(super) const FILE_BYTES: usize = 16 * MIB;
/// Bytes of one tensor.
pub(super) const TENSOR_BYTES: usize = 64 * MIB;
/// Bytes of all constants that are computed while importing.
pub(super) const FOLDED_BYTES: usize = 256 * MIB;
/// Nodes of the file, and of the graph made from it.
pub(super) const NODES: usize = 10_000;
/// Nodes, names, attributes and tensors of the file together.
pub(super) const ENTRIES: usize = 100_000;
/// Axes of a tensor.
pub(super) const RANK: usize = limits::MAX_RANK;
/// The operator sets whose definitions are known here. Set 6 is 7 with another way to say what stretches; those from 23 on add
/// element types to operators that are imported, and attributes, of which unknown ones are refused.
pub(super) const OPSETS: std::ops::RangeInclusive<i64> = 6..=28;

#[cfg(test)]
mod tests {
    use mote_runtime::Limits;

    use super::*;

    #[test]
    fn they_are_the_runtimes() {
        let runtime = Limits::default();
        assert_eq!((FILE_BYTES, TENSOR_BYTES, NODES), (runtime.file_bytes, runtime.tensor_bytes, runtime.operators));
        assert_eq!(ENTRIES, runtime.tables);
    }
}
