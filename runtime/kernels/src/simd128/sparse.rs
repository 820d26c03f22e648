//! Weights of which whole blocks are 0: only the others are kept, each with the place of its inputs, and only they are multiplied.
//!
//! A block is some outputs by two neighbouring inputs, what `i32x4.dot_i16x8_s` multiplies at once. A product with a weight of 0 adds
//! nothing to a sum, as inputs are less their zero point and weights have none: what is left out leaves every bit as it was.
//!
//! From which share of blocks it pays stands at the kernels that choose, and what it gives in `../../README.md`.

use alloc::vec::Vec;
use core::arch::wasm32::{i32x4_add, i32x4_dot_i16x8, v128};

use super::gemm::{Panel, put};
use super::lanes::{load, load_splat, load_widened, store};
use super::requantize::{Quad, Sums};

/// Rows whose sums stay in registers.
pub(super) const TILE: usize = 4;

/// Two inputs.
pub(super) type Pair = [i16; 2];

/// The weights of a pair of inputs: of eight outputs, four at a time, or as bytes of sixteen.
type Block = [[i16; 8]; 2];

/// Weights of `[outputs, depth]`, cut into blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix<'a> {
    pub(super) weights: &'a [i8],
    pub(super) depth: usize,
    /// Outputs of a block: 8, or 16 whose weights stay bytes.
    pub(super) outputs: usize,
}

impl Matrix<'_> {
    /// The weights of the outputs from `first` on, for the inputs `k` and `k + 1`; none where all are 0.
    fn block(self, first: usize, k: usize) -> Option<[[i8; 2]; 16]> {
        let mut block = [[0; 2]; 16];
        let rows = self.weights.chunks_exact(self.depth).skip(first).take(self.outputs);
        for (block, row) in block.iter_mut().zip(rows) {
            block.iter_mut().zip(&row[k..]).for_each(|(to, weight)| *to = *weight);
        }
        (block != [[0; 2]; 16]).then_some(block)
    }

    /// Whether at most so many percent of the blocks are other than 0.
    #[inline]
    pub(super) fn is_sparse(self, percent: usize) -> bool {
        let (mut all, mut present) = (0, 0);
        for rows in self.weights.chunks(self.depth * self.outputs) {
            for k in (0..self.depth).step_by(2) {
                all += 1;
                present += usize::from(rows.chunks(self.depth).any(|row| row[k..].iter().take(2).any(|&w| w != 0)));
            }
        }
        present * 100 <= all * percent
    }
}

/// The blocks that are other than 0, in stretches of the same outputs.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    weights: Vec<Block>,
    /// For each block, the place of its pair.
    places: Vec<u16>,
    /// For each stretch, where it ends.
    ends: Vec<usize>,
}

impl Blocks {
    /// Adds a stretch: of the outputs from `first` on, for the inputs in `depth`, at most 2^17. Places count from its start.
    #[inline]
    pub(super) fn push(&mut self, matrix: Matrix<'_>, first: usize, depth: core::ops::Range<usize>) {
        for (place, k) in (0..).zip(depth.step_by(2)) {
            if let Some(block) = matrix.block(first, k) {
                self.places.push(place);
                self.weights.push(if matrix.outputs == 16 { bytemuck::cast(block) } else { widened(&block) });
            }
        }
        self.ends.push(self.places.len());
    }

    /// Bytes of weights and places.
    #[inline]
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.weights) + size_of_val(&*self.places) + size_of_val(&*self.ends)
    }

    #[inline(always)]
    fn stretch(&self, index: usize) -> impl Iterator<Item = (&u16, &Block)> + Clone {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = self.ends[index];
        self.places[begin..end].iter().zip(&self.weights[begin..end])
    }
}

/// The weights of the first eight outputs.
#[inline]
fn widened(block: &[[i8; 2]; 16]) -> Block {
    let mut wide = [[0; 8]; 2];
    for (to, &weight) in wide.as_flattened_mut().iter_mut().zip(block.as_flattened()) {
        *to = i16::from(weight);
    }
    wide
}

/// The sums of a panel's rows, for each block of outputs from `first` on, `pitch` apart.
#[inline(never)]
pub(super) fn multiply(
    panel: &Panel<'_>,
    blocks: &Blocks,
    first: usize,
    bias: &[Sums],
    sums: &mut [Sums],
    pitch: usize,
) {
    let values: &[Pair] = panel.values.as_flattened().as_chunks().0;
    let row = 2 * panel.pitch;
    for (b, (bias, sums)) in bias.iter().zip(sums.chunks_exact_mut(pitch)).enumerate() {
        let stretch = blocks.stretch(first + b);
        let bias = [load(&bias[0]), load(&bias[1])];
        let tiles = values.chunks_exact(TILE * row).take(panel.rows.div_ceil(TILE));
        for (rows, sums) in tiles.zip(sums.as_chunks_mut().0) {
            let rows: [&[Pair]; TILE] = core::array::from_fn(|r| &rows[r * row..][..row]);
            let mut tile = [bias; TILE];
            for (&place, w) in stretch.clone() {
                let w = [load(&w[0]), load(&w[1])];
                for (sums, row) in tile.iter_mut().zip(rows) {
                    let x = load_splat(&row[usize::from(place)]);
                    sums[0] = i32x4_add(sums[0], i32x4_dot_i16x8(x, w[0]));
                    sums[1] = i32x4_add(sums[1], i32x4_dot_i16x8(x, w[1]));
                }
            }
            put(tile, sums);
        }
    }
}

/// Adds the products of one row of inputs, for each block of outputs from stretch `first` on.
#[inline(never)]
pub(super) fn add_products(x: &[Pair], blocks: &Blocks, first: usize, sums: &mut [[Quad; 4]]) {
    for (b, sums) in sums.iter_mut().enumerate() {
        // Looked up before sums are loaded, which then stay in registers.
        let stretch = blocks.stretch(first + b);
        let mut local: [v128; 4] = core::array::from_fn(|j| load(&sums[j]));
        for (&place, w) in stretch {
            let x = load_splat(&x[usize::from(place)]);
            let w: &[[i8; 8]; 4] = bytemuck::cast_ref(w);
            for (sum, w) in local.iter_mut().zip(w) {
                *sum = i32x4_add(*sum, i32x4_dot_i16x8(x, load_widened(w)));
            }
        }
        for (sum, to) in local.into_iter().zip(sums) {
            store(sum, to);
        }
    }
}
