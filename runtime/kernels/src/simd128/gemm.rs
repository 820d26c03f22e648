//! Rows of int16 activations times packed int16 weights, requantized: what convolutions and dense layers over many rows share.
//!
//! ```text
//! sums[r][n] = bias[n] + sum over pairs (k, k + 1) of dot(splat(x[r][k], x[r][k + 1]), w[k / 2][n])
//! ```
//!
//! `i32x4.dot_i16x8_s` multiplies four outputs by a pair of inputs at once. The sums of three rows by eight outputs stay in registers,
//! with two pairs a turn: Cranelift loads all of a turn's vectors before it uses any, and more of either would not fit into 16
//! registers.

use alloc::vec::Vec;
use core::arch::wasm32::{i32x4_add, i32x4_dot_i16x8, i32x4_shuffle, v128};

use super::dot::{self, Turns};
use super::lanes::{load, load_half, store};
use super::requantize::{LANES, Requantize, Sums};
use super::sparse::{self, Blocks, Matrix};
use super::{Images, Packing, padded};
use crate::scalar::arithmetic::Quantized;

/// Rows whose sums stay in registers.
const TILE: usize = 3;

/// Rows that are computed together at most.
const ROWS: usize = 30;

/// Rows that are computed together at least, where activations are [`LARGE`]: weights are read again for each panel.
const ROWS_OF_LARGE: usize = 9;

/// Bytes of activations beside which a panel is small in any case.
const LARGE: usize = 8192;

/// Bytes of a panel, if that leaves as many rows as at least: they and some weights share the first cache. A sixth of the activations
/// at most, so that small models keep small arenas.
const PANEL_BYTES: usize = 4096;

/// Sums that are gathered before they are requantized, by eight.
const GATHERED: usize = 128;

/// Blocks in a hundred up to which leaving out the others pays.
const SPARSE: usize = 74;

/// Inputs of a filter whose pairs have places of 16 bits.
const MOST_DEPTH: usize = 1 << 17;

/// Four inputs of a row.
pub(super) type Four = [i16; 4];

/// The weights of four inputs for eight outputs: for each pair of inputs, `[outputs 0..4, outputs 4..8]`.
pub(super) type Turn = [[[i16; 8]; 2]; 2];

/// How weights become [`Turn`]s.
pub(super) const PACKING: Packing = Packing { outputs: LANES, inputs: 4, step: 2 };

/// Packed weights.
#[derive(Debug)]
enum Weights {
    /// `[block of 8 outputs][turn]`.
    Dense(Vec<Turn>),
    /// `[block of 8 outputs]`.
    Sparse(Blocks),
    /// `[block of 8 outputs]`, for inputs that are not less their zero point.
    Dot(Turns),
}

/// Weights of `[out_channels, depth]`, packed for [`Gemm::run`].
#[derive(Debug)]
pub(super) struct Gemm {
    weights: Weights,
    /// `[block]`; zeros beyond the last output.
    bias: Vec<Sums>,
    requantize: Requantize,
    /// Of four inputs each.
    turns: usize,
    /// Fours from one row of the panel to the next.
    pitch: usize,
    /// Of the panel.
    rows: usize,
}

impl Gemm {
    /// `weight(o, k)` of `depth` inputs, whose rows are filled with up to `room` elements; none where the result would not be exact.
    /// Activations are so many bytes of inputs and outputs together. `matrix` are the same weights, if they are stored like that:
    /// only then some are left out where that pays, or the relaxed dot product taken.
    #[inline]
    pub(super) fn pack(
        q: &Quantized<i8, i8, i32>,
        depth: usize,
        room: usize,
        activations: usize,
        weight: &dyn Fn(usize, usize) -> i8,
        matrix: Option<Matrix<'_>>,
    ) -> Option<Self> {
        let out_channels = q.multipliers.len();
        let requantize = Requantize::new(q, depth)?;
        let blocks = requantize.blocks();
        // Whole turns of whichever kernel.
        let pitch = room.max(depth).div_ceil(8) * 2;
        let mut bias = padded::<i32, Sums>(&q.bias, blocks);
        let (weights, tile) = match matrix {
            Some(matrix) if depth <= MOST_DEPTH && matrix.is_sparse(dot::share(SPARSE)) => {
                let mut present = Blocks::default();
                (0..blocks).for_each(|b| present.push(matrix, b * LANES, 0..depth));
                (Weights::Sparse(present), sparse::TILE)
            }
            Some(matrix)
                if let Some(turns) =
                    Turns::pack(matrix, q.input_zero_point, bias.as_flattened_mut().as_flattened_mut()) =>
            {
                (Weights::Dot(turns), dot::TILE)
            }
            Some(_) | None => {
                (Weights::Dense(PACKING.turns(out_channels, depth, &|o, k| i16::from(weight(o, k)))), TILE)
            }
        };
        Some(Self {
            weights,
            bias,
            requantize,
            turns: depth.div_ceil(4),
            pitch,
            rows: panel_rows(size_of::<Four>() * pitch, activations, tile),
        })
    }

    /// Output channels.
    pub(super) fn out_channels(&self) -> usize {
        self.requantize.out_channels()
    }

    /// Bytes of packed weights.
    pub(super) fn bytes(&self) -> usize {
        match &self.weights {
            Weights::Dense(turns) => size_of_val(&**turns),
            Weights::Sparse(blocks) => blocks.bytes(),
            Weights::Dot(turns) => turns.bytes(),
        }
    }

    /// Of the three kernels' names the one that runs.
    pub(super) fn kernel(&self, [dense, sparse, dot]: [&'static str; 3]) -> &'static str {
        match self.weights {
            Weights::Dense(_) => dense,
            Weights::Sparse(_) => sparse,
            Weights::Dot(_) => dot,
        }
    }

    /// Whether inputs come less their zero point.
    pub(super) fn is_centred(&self) -> bool {
        match self.weights {
            Weights::Dense(_) | Weights::Sparse(_) => true,
            Weights::Dot(_) => false,
        }
    }

    /// Elements of a row of the panel.
    pub(super) fn row(&self) -> usize {
        4 * self.pitch
    }

    /// Elements of the panel.
    pub(super) fn panel(&self) -> usize {
        self.rows * self.row()
    }

    /// All rows of the output; `fill(x, r, rows)` writes the inputs of some rows from `r` on, less their zero point where they are to
    /// be centred. What it leaves behind them in each row does not matter. Of `x`, what lies under rows before `r` may be overwritten.
    pub(super) fn run(
        &self,
        mut images: Images<'_, i8>,
        panel: &mut [i16],
        mut fill: impl FnMut(&[i8], usize, &mut [i16]),
    ) {
        let out_channels = self.requantize.out_channels();
        let rows = self.rows;
        let blocks = GATHERED / rows;
        let mut sums = [[[0; 4]; 2]; GATHERED];
        let all = images.output().len() / out_channels;
        for row in (0..all).step_by(rows) {
            let filled = rows.min(all - row);
            fill(images.input(), row, &mut panel[..filled * self.row()]);
            let y = &mut images.output()[row * out_channels..][..filled * out_channels];
            if let Weights::Dot(turns) = &self.weights {
                turns.narrow(&mut panel[..filled.next_multiple_of(dot::TILE) * self.row()]);
            }
            // Rows after the last, up to a whole tile, are computed too, from what is there, and dropped.
            let panel = Panel { values: panel.as_chunks().0, pitch: self.pitch, rows: filled, step: 0 };
            for (t, bias) in self.bias.chunks(blocks).enumerate() {
                let sums = &mut sums[..bias.len() * rows];
                let first = t * blocks;
                match &self.weights {
                    Weights::Dense(all) => multiply(&panel, self.turns, &all[first * self.turns..], bias, sums, rows),
                    Weights::Sparse(all) => sparse::multiply(&panel, all, first, bias, sums, rows),
                    Weights::Dot(all) => all.multiply(panel.bytes(), self.pitch / 2, first, bias, sums, rows),
                }
                self.requantize.pixels(first, sums, rows, y);
            }
        }
    }
}

/// Rows of so many bytes that a panel holds, beside so many bytes of activations; a multiple of `tile`.
pub(super) fn panel_rows(row: usize, activations: usize, tile: usize) -> usize {
    let least = if activations >= LARGE { ROWS_OF_LARGE } else { tile };
    (PANEL_BYTES.min(activations / 6) / row).clamp(least, ROWS) / tile * tile
}

/// Some rows of activations.
pub(super) struct Panel<'a> {
    pub(super) values: &'a [Four],
    /// From one row to the next.
    pub(super) pitch: usize,
    pub(super) rows: usize,
    /// From the rows for one block to those for the next; 0 where all blocks have the same.
    pub(super) step: usize,
}

impl Panel<'_> {
    /// Of rows that have become bytes, from the first on.
    fn bytes(&self) -> &[[i8; 8]] {
        let values: &[i8] = bytemuck::cast_slice(self.values);
        values[..4 * self.pitch * self.rows.next_multiple_of(dot::TILE)].as_chunks().0
    }
}

/// The sums of a panel's rows, for each of some blocks, `pitch` apart.
#[inline(never)]
pub(super) fn multiply(
    panel: &Panel<'_>,
    turns: usize,
    weights: &[Turn],
    bias: &[Sums],
    sums: &mut [Sums],
    pitch: usize,
) {
    let blocks = weights.chunks_exact(turns).zip(bias).zip(sums.chunks_exact_mut(pitch));
    let tiles = panel.rows.div_ceil(TILE);
    for (block, ((w, bias), sums)) in blocks.enumerate() {
        let bias = [load(&bias[0]), load(&bias[1])];
        let mut values = &panel.values[block * panel.step..];
        // No iterator over chunks: it divides to know how many there are, once for each block.
        for sums in sums.as_chunks_mut().0.iter_mut().take(tiles) {
            let Some((rows, after)) = values.split_at_checked(TILE * panel.pitch) else { break };
            values = after;
            let row = |r: usize| &rows[r * panel.pitch..][..turns];
            let mut tile = [bias; TILE];
            for (((x0, x1), x2), w) in row(0).iter().zip(row(1)).zip(row(2)).zip(w) {
                let x = [load_half(x0), load_half(x1), load_half(x2)];
                let w = w.map(|pair| [load(&pair[0]), load(&pair[1])]);
                for (sums, x) in tile.iter_mut().zip(x) {
                    let pairs = [i32x4_shuffle::<0, 0, 0, 0>(x, x), i32x4_shuffle::<1, 1, 1, 1>(x, x)];
                    for (x, w) in pairs.into_iter().zip(w) {
                        sums[0] = i32x4_add(sums[0], i32x4_dot_i16x8(x, w[0]));
                        sums[1] = i32x4_add(sums[1], i32x4_dot_i16x8(x, w[1]));
                    }
                }
            }
            put(tile, sums);
        }
    }
}

/// The sums of a tile.
#[inline(always)]
pub(super) fn put<const N: usize>(tile: [[v128; 2]; N], to: &mut [Sums; N]) {
    for (sums, to) in tile.into_iter().zip(to) {
        store(sums[0], &mut to[0]);
        store(sums[1], &mut to[1]);
    }
}
