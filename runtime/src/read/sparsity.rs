//! Constants in TensorFlow Lite's sparse encoding, made dense.
//!
//! The encoding is a tree with a level for each dimension, in the order of `traversal_order`: those of the tensor (an extent in
//! blocks where `block_map` names it), and those inside a block. A dense level has all indices of its dimension; a sparse one
//! lists, for each node of the level above, those below which something is stored (compressed sparse rows). The leaves, in
//! order, are the stored elements; all others are 0. A leaf lies at the sum of index x stride along its path.
//!
//! Indices ascend and stay inside their dimension, and no dimension has two levels: so no leaf is met twice, and the walk, which
//! is as deep as there are levels, is no longer than the dense tensor for each of them.
//!
//! Source: `SparsityParameters` in `schema.fbs`; Chou et al., Format Abstraction for Sparse Tensor Algebra Compilers, 2018.

use super::flatbuf::Table;
use crate::limits::MAX_RANK;

/// `DimensionType` of a level with all indices of its dimension; the other is `SPARSE_CSR`.
const DENSE: i8 = 0;

/// Fills `dense`, zeros of `size` bytes each in a tensor of these extents, with what is stored; none when the encoding
/// contradicts itself, the tensor, or the number of stored elements.
///
/// Nothing overflows: strides and offsets stay below the elements of the tensor, which its bytes have been checked against.
pub(super) fn densify(
    sparsity: &Table<'_>,
    extents: &[usize],
    size: usize,
    stored: &[u8],
    dense: &mut [u8],
) -> Option<()> {
    let (order, map) = (Numbers::of(sparsity, 0, 4)?, Numbers::of(sparsity, 1, 4)?);
    let tables = sparsity.tables(2).ok()?;
    let blocks = extents.len()..extents.len().checked_add(map.len())?;
    if tables.len() != blocks.end || order.len() != blocks.end {
        return None;
    }
    // The dimensions of the tensor, then those of its blocks: extents, and elements from one index to the next.
    let mut dimensions = [(0, 0); 2 * MAX_RANK];
    let mut stride = 1usize;
    for (dimension, &extent) in dimensions.get_mut(..extents.len())?.iter_mut().zip(extents).rev() {
        *dimension = (extent, stride);
        stride = stride.wrapping_mul(extent);
    }
    let level = |k: usize| -> Option<(Table<'_>, usize)> {
        let table = tables.table(k).ok()?;
        let dense_size = table.i32(1, 0).ok()?;
        Some((table, usize::try_from(dense_size).unwrap_or(0)))
    };
    for block in blocks.clone() {
        let k = (0..blocks.end).find(|&k| order.get(k) == Some(block))?;
        let (_, inside) = level(k)?;
        let whole = map.get(block.wrapping_sub(blocks.start)).filter(|&whole| whole < blocks.start)?;
        let (extent, stride) = dimensions.get_mut(whole)?;
        let within = (inside, *stride);
        if extent.checked_rem(inside)? != 0 {
            return None;
        }
        (*extent, *stride) = (extent.checked_div(inside)?, stride.wrapping_mul(inside));
        *dimensions.get_mut(block)? = within;
    }
    let mut walk = Walk { levels: [Level::default(); 2 * MAX_RANK], depth: blocks.end, size, stored, dense };
    for (k, to) in walk.levels.get_mut(..blocks.end)?.iter_mut().enumerate() {
        // Taken: what is met again has no extent.
        (to.extent, to.stride) = core::mem::take(dimensions.get_mut(order.get(k)?)?);
        let (table, dense_size) = level(k)?;
        if table.i8(0, 0).ok()? != DENSE {
            to.sparse = Some((Numbers::of_union(&table, 2)?, Numbers::of_union(&table, 4)?));
        } else if dense_size != to.extent {
            return None;
        }
    }
    walk.down(0, 0, 0)?;
    walk.stored.is_empty().then_some(())
}

#[derive(Clone, Copy, Default)]
struct Level<'a> {
    extent: usize,
    /// Elements from one index to the next.
    stride: usize,
    /// Segments and indices of a sparse level.
    sparse: Option<(Numbers<'a>, Numbers<'a>)>,
}

struct Walk<'a, 'd> {
    levels: [Level<'a>; 2 * MAX_RANK],
    depth: usize,
    size: usize,
    /// What is left of the stored elements.
    stored: &'a [u8],
    dense: &'d mut [u8],
}

impl Walk<'_, '_> {
    /// Goes through what is below a node, the `node`-th of the level above `level`, whose first element lies at `offset`.
    fn down(&mut self, level: usize, node: usize, offset: usize) -> Option<()> {
        if level == self.depth {
            let (element, rest) = self.stored.split_at_checked(self.size)?;
            let place = self.dense.get_mut(offset.wrapping_mul(self.size)..)?;
            place.get_mut(..self.size)?.copy_from_slice(element);
            self.stored = rest;
            return Some(());
        }
        let &Level { extent, stride, sparse } = self.levels.get(level)?;
        let (mut child, end) = match sparse {
            Some((segments, _)) => (segments.get(node)?, segments.get(node.wrapping_add(1))?),
            None => (node.wrapping_mul(extent), node.wrapping_add(1).wrapping_mul(extent)),
        };
        let mut least = 0;
        while child != end {
            let index = match sparse {
                Some((_, indices)) => indices.get(child)?,
                None => least,
            };
            if !(least..extent).contains(&index) {
                return None;
            }
            self.down(level.wrapping_add(1), child, offset.wrapping_add(index.wrapping_mul(stride)))?;
            least = index.wrapping_add(1);
            child = child.wrapping_add(1);
        }
        Some(())
    }
}

/// A list of numbers of 4, 2 or 1 bytes.
#[derive(Clone, Copy, Default)]
struct Numbers<'a> {
    bytes: &'a [u8],
    width: usize,
}

impl<'a> Numbers<'a> {
    /// Field `id`, a vector; a negative number is as good as one that is too large.
    fn of(table: &Table<'a>, id: u16, width: usize) -> Option<Self> {
        Some(Self { bytes: table.vector(id, width).ok()?.bytes(), width })
    }

    /// Field `id + 1`, a `SparseIndexVector`, a union whose type is field `id`.
    fn of_union(table: &Table<'a>, id: u16) -> Option<Self> {
        let width = match table.u8(id, 0).ok()? {
            1 => 4,
            2 => 2,
            _ => 1,
        };
        Self::of(&table.table(id.wrapping_add(1)).ok()??, 0, width)
    }

    fn len(&self) -> usize {
        self.bytes.len().checked_div(self.width).unwrap_or(0)
    }

    fn get(&self, k: usize) -> Option<usize> {
        let bytes = self.bytes.get(k.checked_mul(self.width)?..)?.get(..self.width)?;
        Some(bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte)))
    }
}
