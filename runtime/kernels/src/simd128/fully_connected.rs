//! `FULLY_CONNECTED`: few rows, so that each weight is read once or a few times, and stays int8 in memory.
//!
//! The sums of sixteen outputs stay in registers; weights are widened as they are read.

use alloc::vec::Vec;
use core::arch::wasm32::{i32x4_add, i32x4_dot_i16x8, v128};

use super::Packed;
use super::lanes::{load, load_widened, splat_pair, store};
use super::requantize::{LANES, Requantize};
use super::widen::widen;
use crate::geometry::Dense;
use crate::scalar::arithmetic::Quantized;

/// Outputs of a block.
const BLOCK: usize = 16;

/// Inputs that are widened at once.
const CHUNK: usize = 1024;

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
        self.dense.depth.next_multiple_of(2).min(CHUNK) * 2
    }

    fn run(&self, x: &[i8], scratch: &mut [i16], y: &mut [i8]) {
        let chunks = self.dense.depth.div_ceil(CHUNK);
        for (x, y) in x.chunks_exact(self.dense.depth).zip(y.chunks_exact_mut(self.dense.units)) {
            for (b, bias) in self.bias.iter().enumerate() {
                let pairs = self.dense.depth.div_ceil(2);
                let weights = self.weights[b * pairs..][..pairs].chunks(CHUNK / 2);
                let mut sums = bias.map(|quad| load(&quad));
                for (k, (x, weights)) in x.chunks(CHUNK).zip(weights).enumerate() {
                    // A row of one chunk stays widened for all blocks.
                    if (b, k) == (0, 0) || chunks > 1 {
                        widen(x, self.zero_point, scratch);
                        scratch[x.len()..x.len().next_multiple_of(2)].fill(0);
                    }
                    add_products(&mut sums, scratch.as_chunks().0, weights);
                }
                self.finish(b, sums, y);
            }
        }
    }
}

impl PackedDense {
    /// Requantizes the sums of block `b`.
    fn finish(&self, b: usize, sums: [v128; 4], y: &mut [i8]) {
        for (half, quads) in sums.as_chunks::<2>().0.iter().enumerate() {
            let block = b * (BLOCK / LANES) + half;
            if block < self.requantize.blocks() {
                let mut sums = [[0; 4]; 2];
                store(quads[0], &mut sums[0]);
                store(quads[1], &mut sums[1]);
                self.requantize.pixels(block, core::iter::once(&sums), y);
            }
        }
    }
}

/// Adds the products of the inputs with the weights of sixteen outputs.
#[inline]
fn add_products(sums: &mut [v128; 4], x: &[[i16; 2]], w: &[[Quad; 4]]) {
    let mut local = *sums;
    for (x, w) in x.iter().zip(w) {
        let x = splat_pair(x);
        for (sum, w) in local.iter_mut().zip(w) {
            *sum = i32x4_add(*sum, i32x4_dot_i16x8(x, load_widened(w)));
        }
    }
    *sums = local;
}
