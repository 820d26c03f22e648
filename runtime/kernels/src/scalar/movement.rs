//! Moving elements: each goes to another place as it is, so these loops know bytes and no types.

use alloc::vec::Vec;

/// One axis of a [`Walk`]: its extent, and the distance in elements from one index to the next where elements are read and
/// where they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Number of indexes.
    pub extent: usize,
    /// Distance in the source; negative when it is read backwards.
    pub from: isize,
    /// Distance in the destination.
    pub to: isize,
}

/// A box of elements that is read with one set of strides and written with another.
///
/// `y[to + sum(i_d * axes[d].to)] = x[from + sum(i_d * axes[d].from)]` for all indexes `i` of the box.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Bytes that lie together on both sides.
    block: usize,
    from: usize,
    to: usize,
    /// Outermost first, in bytes.
    axes: Vec<Axis>,
}

impl Walk {
    /// A walk over elements of `bytes` each, beginning at elements `from` and `to`, along `axes`, outermost first.
    #[must_use]
    #[inline]
    pub fn new(bytes: usize, from: usize, to: usize, axes: &[Axis]) -> Self {
        let mut walk = Self { block: bytes, from: from * bytes, to: to * bytes, axes: Vec::new() };
        let in_bytes = |stride: isize| stride * bytes.cast_signed();
        for axis in axes.iter().rev().filter(|a| a.extent != 1) {
            let (from, to) = (in_bytes(axis.from), in_bytes(axis.to));
            if walk.axes.is_empty() && from == walk.block.cast_signed() && from == to {
                walk.block *= axis.extent;
            } else {
                walk.axes.insert(0, Axis { extent: axis.extent, from, to });
            }
        }
        walk
    }

    /// Moves the elements of `x` to their places in `y`.
    pub fn run(&self, x: &[u8], y: &mut [u8]) {
        self.along(&self.axes, self.from, self.to, x, y);
    }

    fn along(&self, axes: &[Axis], mut from: usize, mut to: usize, x: &[u8], y: &mut [u8]) {
        let Some((axis, inner)) = axes.split_first() else {
            y[to..to + self.block].copy_from_slice(&x[from..from + self.block]);
            return;
        };
        for _ in 0..axis.extent {
            self.along(inner, from, to, x, y);
            from = from.wrapping_add_signed(axis.from);
            to = to.wrapping_add_signed(axis.to);
        }
    }
}

/// Fills `y` with one element's bytes over and over.
pub fn fill(element: &[u8], y: &mut [u8]) {
    for y in y.chunks_exact_mut(element.len()) {
        y.copy_from_slice(element);
    }
}

/// For each axis of the output and each index along it: where in the input, in bytes, that index begins.
///
/// `y[i_0, .., i_n] = x[sum(sources[d][i_d])]`, `block` bytes at a time.
#[derive(Debug, Clone)]
pub struct Pick {
    /// Bytes of what is picked.
    pub block: usize,
    /// One table an axis, outermost first.
    pub sources: alloc::vec::Vec<alloc::vec::Vec<usize>>,
}

impl Pick {
    /// Writes all of `y` in order.
    pub fn run(&self, x: &[u8], y: &mut [u8]) {
        self.along(&self.sources, 0, x, &mut y.chunks_exact_mut(self.block));
    }

    fn along<'y>(
        &self,
        sources: &[alloc::vec::Vec<usize>],
        from: usize,
        x: &[u8],
        y: &mut impl Iterator<Item = &'y mut [u8]>,
    ) {
        match sources.split_first() {
            Some((table, inner)) => table.iter().for_each(|source| self.along(inner, from + source, x, y)),
            None => {
                if let Some(y) = y.next() {
                    y.copy_from_slice(&x[from..from + self.block]);
                }
            }
        }
    }
}

/// Shape of a gather: `x` is `[batch, outer, extent, inner bytes]`, the indexes are `[batch, count]`.
#[derive(Debug, Clone, Copy)]
pub struct Gather {
    /// Batches that `x` and the indexes share.
    pub batch: usize,
    /// Elements of `x` before the gathered axis.
    pub outer: usize,
    /// Extent of the gathered axis.
    pub extent: usize,
    /// Bytes of what one index takes.
    pub inner: usize,
}

/// `y[b, o, i] = x[b, o, indexes[b, i]]`.
///
/// # Errors
/// The first index that is not below the extent.
pub fn gather<I: Copy + Into<i64>>(x: &[u8], indexes: &[I], y: &mut [u8], shape: Gather) -> Result<(), i64> {
    let Gather { batch, outer, extent, inner } = shape;
    let count = indexes.len() / batch;
    let mut y = y.chunks_exact_mut(inner);
    for b in 0..batch {
        for o in 0..outer {
            for &index in &indexes[b * count..][..count] {
                let index = index.into();
                let k = usize::try_from(index).ok().filter(|&k| k < extent).ok_or(index)?;
                let from = ((b * outer + o) * extent + k) * inner;
                if let Some(y) = y.next() {
                    y.copy_from_slice(&x[from..from + inner]);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_joins_what_lies_together() {
        let dense = [Axis { extent: 2, from: 3, to: 3 }, Axis { extent: 3, from: 1, to: 1 }];
        let walk = Walk::new(4, 0, 0, &dense);
        assert_eq!((walk.block, walk.axes.len()), (24, 0));
    }

    #[test]
    fn a_walk_reads_backwards() {
        let walk = Walk::new(2, 2, 0, &[Axis { extent: 3, from: -1, to: 1 }]);
        let mut y = [0; 6];
        walk.run(&[1, 2, 3, 4, 5, 6], &mut y);
        assert_eq!(y, [5, 6, 3, 4, 1, 2]);
    }

    #[test]
    fn a_gather_names_the_index_that_is_out_of_range() {
        let shape = Gather { batch: 1, outer: 1, extent: 2, inner: 1 };
        assert_eq!(gather(&[7, 9], &[1i32, 0], &mut [0; 2], shape), Ok(()));
        assert_eq!(gather(&[7, 9], &[1i32, 2], &mut [0; 2], shape), Err(2));
        assert_eq!(gather(&[7, 9], &[-1i32, 0], &mut [0; 2], shape), Err(-1));
    }
}
