//! `FULLY_CONNECTED`: few rows, so that each weight is read once or a few times, and stays int8 in memory.
//!
//! The sums of sixteen outputs stay in registers; weights are widened as they are read, those of two pairs of inputs a turn.

use alloc::vec::Vec;
use core::arch::wasm32::{i32x4_add, i32x4_dot_i16x8, i32x4_shuffle};

use super::dot::{self, Turns};
use super::lanes::{load, load_half, load_widened, store};
use super::requantize::{LANES, Quad, Requantize};
use super::sparse::{self, Blocks, Matrix};
use super::widen::widen;
use super::{Images, Packed, Packing, padded};
use crate::geometry::Dense;
use crate::scalar::arithmetic::Quantized;

/// Outputs of a block.
const BLOCK: usize = 16;

/// Blocks whose sums are gathered before they are requantized.
const BLOCKS: usize = 16;

/// Inputs that are widened at once.
const CHUNK: usize = 1024;

/// Four inputs.
type Four = [i16; 4];

/// The weights of four inputs for sixteen outputs: for each pair of inputs, four outputs at a time.
type Turn = [[[i8; 8]; 4]; 2];

/// How weights become [`Turn`]s.
const PACKING: Packing = Packing { outputs: BLOCK, inputs: 4, step: 2 };

/// Blocks in a hundred up to which leaving out the others pays.
const SPARSE: usize = 90;

/// Packed weights.
#[derive(Debug)]
enum Weights {
    /// `[block][turn]`.
    Dense(Vec<Turn>),
    /// `[BLOCKS blocks][CHUNK inputs][block]`.
    Sparse(Blocks),
    /// For inputs that are not less their zero point.
    Dot(Turns),
}

/// An int8 dense layer with packed weights.
#[derive(Debug)]
pub struct PackedDense {
    dense: Dense,
    weights: Weights,
    /// `[block]`; zeros beyond the last output.
    bias: Vec<[Quad; 4]>,
    requantize: Requantize,
    zero_point: i8,
}

impl PackedDense {
    /// Packs a dense layer; none where the result would not be exact, or its weights have a zero point.
    #[must_use]
    #[inline]
    pub fn pack(dense: &Dense, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        if q.weight_zero_point != 0 {
            return None;
        }
        let Dense { depth, units, .. } = *dense;
        let requantize = Requantize::new(q, depth)?;
        let blocks = units.div_ceil(BLOCK);
        let matrix = Matrix { weights: w, depth, outputs: BLOCK };
        let mut bias = padded::<i32, [Quad; 4]>(&q.bias, blocks);
        let weights = if matrix.is_sparse(dot::share(SPARSE)) {
            let mut present = Blocks::default();
            for t in (0..blocks).step_by(BLOCKS) {
                for k in (0..depth).step_by(CHUNK) {
                    for b in t..blocks.min(t + BLOCKS) {
                        present.push(matrix, b * BLOCK, k..depth.min(k + CHUNK));
                    }
                }
            }
            Weights::Sparse(present)
        } else if let Some(turns) = Turns::pack(matrix, q.input_zero_point, bias.as_flattened_mut().as_flattened_mut())
        {
            Weights::Dot(turns)
        } else {
            Weights::Dense(PACKING.turns(units, depth, &|u, k| w[u * depth + k]))
        };
        Some(Self { dense: *dense, weights, bias, requantize, zero_point: q.input_zero_point as i8 })
    }
}

impl PackedDense {
    /// The name of the kernel that was chosen.
    #[must_use]
    pub fn kernel(&self) -> &'static str {
        match self.weights {
            Weights::Dense(_) => "simd128 dense i8",
            Weights::Sparse(_) => "simd128 sparse dense i8",
            Weights::Dot(_) => "simd128 dot dense i8",
        }
    }
}

impl Packed for PackedDense {
    type X = i8;
    type Scratch = i16;

    fn bytes(&self) -> usize {
        match &self.weights {
            Weights::Dense(turns) => size_of_val(&**turns),
            Weights::Sparse(blocks) => blocks.bytes(),
            Weights::Dot(turns) => turns.bytes(),
        }
    }

    fn scratch(&self) -> usize {
        self.dense.depth.next_multiple_of(4).min(CHUNK) * 2
    }

    fn run(&self, images: Images<'_, i8>, scratch: &mut [i16]) {
        let (x, y) = images.apart();
        let Dense { depth, units, .. } = self.dense;
        let turns = depth.div_ceil(4);
        for (x, y) in x.chunks_exact(depth).zip(y.chunks_exact_mut(units)) {
            let mut sums = [[[0; 4]; 4]; BLOCKS];
            for (t, bias) in self.bias.chunks(BLOCKS).enumerate() {
                let sums = &mut sums[..bias.len()];
                sums.copy_from_slice(bias);
                for (c, x) in x.chunks(CHUNK).enumerate() {
                    // A row of one chunk stays widened for all blocks.
                    if let Weights::Dot(all) = &self.weights {
                        let bytes = bytemuck::cast_slice_mut(scratch);
                        all.copy(x, bytes);
                        all.add_products(&bytes.as_chunks().0[..x.len().div_ceil(4)], t * BLOCKS, c * CHUNK / 4, sums);
                        continue;
                    }
                    if t == 0 || depth > CHUNK {
                        widen(x, self.zero_point, scratch);
                        scratch[x.len()..x.len().next_multiple_of(4)].fill(0);
                    }
                    let fours = &scratch.as_chunks().0[..x.len().div_ceil(4)];
                    match &self.weights {
                        Weights::Dense(all) => {
                            add_products(fours, &all[t * BLOCKS * turns + c * CHUNK / 4..], turns, sums);
                        }
                        Weights::Sparse(all) => {
                            let first = t * BLOCKS * depth.div_ceil(CHUNK) + c * sums.len();
                            sparse::add_products(fours.as_flattened().as_chunks().0, all, first, sums);
                        }
                        Weights::Dot(_) => {}
                    }
                }
                let first = t * (BLOCKS * BLOCK / LANES);
                let blocks = (self.requantize.blocks() - first).min(sums.len() * 2);
                self.requantize.pixels(first, &sums.as_flattened().as_chunks().0[..blocks], 1, y);
            }
        }
    }
}

/// Adds the products of the inputs with the weights of some blocks, `pitch` turns from one to the next.
#[inline(never)]
fn add_products(x: &[Four], weights: &[Turn], pitch: usize, sums: &mut [[Quad; 4]]) {
    for (weights, sums) in weights.chunks(pitch).zip(sums) {
        let mut local = [load(&sums[0]), load(&sums[1]), load(&sums[2]), load(&sums[3])];
        for (x, w) in x.iter().zip(weights) {
            let x = load_half(x);
            let pairs = [i32x4_shuffle::<0, 0, 0, 0>(x, x), i32x4_shuffle::<1, 1, 1, 1>(x, x)];
            for (x, w) in pairs.into_iter().zip(w) {
                for (sum, w) in local.iter_mut().zip(w) {
                    *sum = i32x4_add(*sum, i32x4_dot_i16x8(x, load_widened(w)));
                }
            }
        }
        for (sum, to) in local.into_iter().zip(sums) {
            store(sum, to);
        }
    }
}
