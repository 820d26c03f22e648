//! Rows of int16 activations times packed int16 weights, requantized: what convolutions and dense layers over many rows share.
//!
//! ```text
//! sums[r][n] = bias[n] + sum over pairs (k, k + 1) of dot(splat(x[r][k], x[r][k + 1]), w[k / 2][n])
//! ```
//!
//! `i32x4.dot_i16x8_s` multiplies four outputs by a pair of inputs at once. Eight sums stay in registers: two rows by sixteen outputs,
//! or four rows by eight where no more are left. One pair a turn: a longer turn makes Cranelift keep more vectors than there are
//! registers.

use alloc::vec::Vec;
use core::arch::wasm32::{i32x4_add, i32x4_dot_i16x8, v128};

use super::lanes::{load, splat_pair, store};
use super::requantize::{LANES, Requantize};
use crate::scalar::arithmetic::Quantized;

/// Rows that are computed together at most.
const ROWS: usize = 8;

/// Bytes of rows that are computed together, if that leaves [`FEWEST_ROWS`]: they and a block of weights share the first cache.
const PANEL_BYTES: usize = 4096;

const FEWEST_ROWS: usize = 4;

/// Sums of eight channels.
type Sums = [[i32; 4]; 2];

/// Four outputs by a pair of inputs, as `dot` takes them.
type Quad = [i16; 8];

/// Weights of `[out_channels, depth]`, packed for [`Gemm::run`].
#[derive(Debug)]
pub(super) struct Gemm {
    /// `[block of 16 outputs][pair][4 quads]`.
    wide: Vec<[Quad; 4]>,
    /// `[pair][2 quads]`, for the last eight outputs if their blocks are odd in number.
    narrow: Vec<[Quad; 2]>,
    /// In blocks of eight; zeros beyond the last.
    bias: Vec<Sums>,
    requantize: Requantize,
    pairs: usize,
}

impl Gemm {
    /// `weight(o, k)` of `depth` inputs; none where the result would not be exact. Activations are less their zero point.
    pub(super) fn pack(q: &Quantized<i8, i8, i32>, depth: usize, weight: impl Fn(usize, usize) -> i8) -> Option<Self> {
        let out_channels = q.multipliers.len();
        let bias = |o: usize| q.bias.get(o).copied().unwrap_or(0);
        let bound = |o: usize| {
            let weights: i64 = (0..depth).map(|k| i64::from(weight(o, k)).abs()).sum();
            weights * 255 + i64::from(bias(o)).abs()
        };
        let requantize = Requantize::new(q, (0..out_channels).map(bound))?;
        let pairs = depth.div_ceil(2);
        let lane = |o: usize, k: usize| {
            if o < out_channels && k < depth { i16::from(weight(o, k)) } else { 0 }
        };
        let quad = |o: usize, pair: usize| core::array::from_fn(|l| lane(o + l / 2, 2 * pair + l % 2));
        let blocks = requantize.blocks();
        let wide = (0..blocks / 2).flat_map(|b| (0..pairs).map(move |p| (b * 16, p)));
        let narrow = (0..if blocks % 2 == 1 { pairs } else { 0 }).map(|p| ((blocks - 1) * LANES, p));
        Some(Self {
            wide: wide.map(|(o, p)| core::array::from_fn(|j| quad(o + 4 * j, p))).collect(),
            narrow: narrow.map(|(o, p)| core::array::from_fn(|j| quad(o + 4 * j, p))).collect(),
            bias: (0..blocks)
                .map(|b| core::array::from_fn(|h| core::array::from_fn(|l| bias(b * LANES + 4 * h + l))))
                .collect(),
            requantize,
            pairs,
        })
    }

    /// Bytes of packed weights.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.wide) + size_of_val(&*self.narrow)
    }

    /// Elements of a row in the panel: the depth, made even.
    fn row(&self) -> usize {
        2 * self.pairs
    }

    fn panel_rows(&self) -> usize {
        if ROWS * self.row() * 2 <= PANEL_BYTES { ROWS } else { FEWEST_ROWS }
    }

    /// Bytes of scratch: the panel.
    pub(super) fn scratch(&self) -> usize {
        self.panel_rows() * self.row() * 2
    }

    /// All rows of `y`; `fill(r, row)` writes the inputs of row `r`, less their zero point, and zeros in what is left of `row`.
    pub(super) fn run(&self, panel: &mut [i16], y: &mut [i8], fill: impl Fn(usize, &mut [i16])) {
        let panel_rows = self.panel_rows();
        let rows = y.chunks_mut(panel_rows * self.requantize.out_channels());
        for (p, y) in rows.enumerate() {
            let filled = y.len() / self.requantize.out_channels();
            for (r, row) in panel.chunks_exact_mut(self.row()).take(filled).enumerate() {
                fill(p * panel_rows + r, row);
            }
            self.panel(panel.as_chunks().0, filled, y);
        }
    }

    /// The rows of a panel. Rows after those that are filled are computed too, from what is there, and dropped.
    fn panel(&self, panel: &[[i16; 2]], filled: usize, y: &mut [i8]) {
        let row = |r: usize| &panel[r * self.pairs..][..self.pairs];
        let mut sums = [[[[0; 4]; 2]; ROWS]; 2];
        for (b, w) in self.wide.chunks_exact(self.pairs).enumerate() {
            let bias = [self.bias[2 * b][0], self.bias[2 * b][1], self.bias[2 * b + 1][0], self.bias[2 * b + 1][1]];
            for r in (0..filled).step_by(2) {
                let tile = tile([row(r), row(r + 1)], w, &bias);
                for (i, quads) in tile.iter().enumerate() {
                    for (j, &quad) in quads.iter().enumerate() {
                        store(quad, &mut sums[j / 2][r + i][j % 2]);
                    }
                }
            }
            for (half, sums) in sums.iter().enumerate() {
                self.requantize.pixels(2 * b + half, sums[..filled].iter(), y);
            }
        }
        if self.narrow.is_empty() {
            return;
        }
        let block = self.requantize.blocks() - 1;
        for r in (0..filled).step_by(4) {
            let tile = tile([row(r), row(r + 1), row(r + 2), row(r + 3)], &self.narrow, &self.bias[block]);
            for (i, quads) in tile.iter().enumerate() {
                for (j, &quad) in quads.iter().enumerate() {
                    store(quad, &mut sums[0][r + i][j]);
                }
            }
        }
        self.requantize.pixels(block, sums[0][..filled].iter(), y);
    }
}

/// `R` rows by `N` quads of outputs, from the bias.
#[inline(always)]
fn tile<const R: usize, const N: usize>(
    rows: [&[[i16; 2]]; R],
    w: &[[Quad; N]],
    bias: &[[i32; 4]; N],
) -> [[v128; N]; R] {
    let mut sums = [core::array::from_fn(|j| load(&bias[j])); R];
    let rows = rows.map(|row| &row[..w.len()]);
    for (k, w) in w.iter().enumerate() {
        let w: [v128; N] = core::array::from_fn(|j| load(&w[j]));
        for (sums, row) in sums.iter_mut().zip(rows) {
            let x = splat_pair(&row[k]);
            for (sum, &w) in sums.iter_mut().zip(&w) {
                *sum = i32x4_add(*sum, i32x4_dot_i16x8(x, w));
            }
        }
    }
    sums
}
