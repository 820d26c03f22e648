//! `FULLY_CONNECTED`: few rows, so that each weight is read once or a few times, and stays int8 in memory.
//!
//! The sums of sixteen outputs stay in registers; weights are widened as they are read.

use alloc::vec::Vec;
use core::arch::wasm32::{i32x4_add, i32x4_dot_i16x8};

use super::Packed;
use super::lanes::{load, load_widened, splat_pair, store};
use super::requantize::{LANES, Requantize};
use super::widen::widen;
use crate::kernels::geometry::Dense;
use crate::kernels::scalar::arithmetic::Quantized;

/// Outputs of a block.
const BLOCK: usize = 16;

/// Four outputs by a pair of inputs.
type Quad = [i8; 8];

/// An int8 dense layer with packed weights.
#[derive(Debug)]
pub struct PackedDense {
    dense: Dense,
    /// `[block of 16 outputs][pair][4 quads]`.
    weights: Vec<[Quad; 4]>,
    /// In blocks; zeros beyond the last.
    bias: Vec<[[i32; 4]; 4]>,
    requantize: Requantize,
    zero_point: i32,
}

impl PackedDense {
    /// Packs a dense layer; none where the result would not be exact, or its weights have a zero point.
    #[must_use]
    pub fn pack(dense: &Dense, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        if q.weight_zero_point != 0 {
            return None;
        }
        let Dense { depth, units, .. } = *dense;
        let bias = |u: usize| q.bias.get(u).copied().unwrap_or(0);
        let rows = w.chunks_exact(depth).enumerate();
        let bounds = rows.map(|(u, row)| {
            let weights: i64 = row.iter().map(|&w| i64::from(w).abs()).sum();
            weights * 255 + i64::from(bias(u)).abs()
        });
        let requantize = Requantize::new(q, bounds)?;
        let lane = |u: usize, k: usize| if u < units && k < depth { w[u * depth + k] } else { 0 };
        let quad = |u: usize, pair: usize| core::array::from_fn(|l| lane(u + l / 2, 2 * pair + l % 2));
        let blocks = units.div_ceil(BLOCK);
        let turns = (0..blocks).flat_map(|b| (0..depth.div_ceil(2)).map(move |p| (b * BLOCK, p)));
        Some(Self {
            dense: *dense,
            weights: turns.map(|(u, p)| core::array::from_fn(|j| quad(u + 4 * j, p))).collect(),
            bias: (0..blocks)
                .map(|b| core::array::from_fn(|j| core::array::from_fn(|l| bias(b * BLOCK + 4 * j + l))))
                .collect(),
            requantize,
            zero_point: q.input_zero_point,
        })
    }
}

impl Packed for PackedDense {
    fn bytes(&self) -> usize {
        size_of_val(&*self.weights)
    }

    fn scratch(&self) -> usize {
        self.dense.depth.next_multiple_of(2) * 2
    }

    fn run(&self, x: &[i8], scratch: &mut [i16], y: &mut [i8]) {
        for (x, y) in x.chunks_exact(self.dense.depth).zip(y.chunks_exact_mut(self.dense.units)) {
            scratch[self.dense.depth..].fill(0);
            widen(x, self.zero_point, scratch);
            let pairs = scratch.as_chunks().0;
            for (b, (w, bias)) in self.weights.chunks_exact(pairs.len()).zip(&self.bias).enumerate() {
                let sums = block(pairs, w, bias);
                let halves = [[sums[0], sums[1]], [sums[2], sums[3]]];
                for (half, sums) in halves.iter().enumerate() {
                    let at = b * (BLOCK / LANES) + half;
                    if at < self.requantize.blocks() {
                        self.requantize.pixels(at, core::iter::once(sums), y);
                    }
                }
            }
        }
    }
}

/// The sums of sixteen outputs.
#[inline]
fn block(x: &[[i16; 2]], w: &[[Quad; 4]], bias: &[[i32; 4]; 4]) -> [[i32; 4]; 4] {
    let mut sums = bias.map(|b| load(&b));
    for (x, w) in x.iter().zip(w) {
        let x = splat_pair(x);
        for (sum, w) in sums.iter_mut().zip(w) {
            *sum = i32x4_add(*sum, i32x4_dot_i16x8(x, load_widened(w)));
        }
    }
    sums.map(|sum| {
        let mut lanes = [0; 4];
        store(sum, &mut lanes);
        lanes
    })
}
