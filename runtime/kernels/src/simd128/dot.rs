//! The relaxed dot product: sixteen products an instruction, where the engine has one that is exact.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, c)` adds four products of int8 to each lane of `c`. Its results are fixed only where
//! `b` is in 0..=127; beyond that engines differ, by what their processor has:
//!
//! | answer | instruction | what is multiplied |
//! | --- | --- | --- |
//! | [`Dot::Signed`] | `sdot` (Arm), `vpdpbssd` (AVX-VNNI-INT8) | weights by inputs |
//! | [`Dot::Unsigned`] | `vpdpbusd` (AVX-VNNI) | weights by inputs plus 128 |
//! | none | `pmaddubsw` and others, which saturate | nothing here: the other kernels are exact |
//!
//! [`probe`] asks the engine at hand. Inputs are not less their zero point; that is folded into the bias, modulo 2^32 as all sums:
//!
//! ```text
//! bias'[o] = bias[o] - (zero_point + 128 if unsigned) * sum over k of w[o][k]
//! ```
//!
//! Weights of -128 are left to the other kernels: engines that add pairs of products in 16 bits would wrap.

use alloc::vec::Vec;
use core::arch::wasm32::{
    i8x16_narrow_i16x8, i8x16_splat, i32x4_extract_lane, i32x4_relaxed_dot_i8x16_i7x16_add, i32x4_shuffle, v128_xor,
};

use super::Packing;
use super::lanes::{load, load_low, load_quad, store};
use super::requantize::{Quad, Sums};
use super::sparse::Matrix;
use crate::Dot;

/// Rows whose sums stay in registers.
pub(super) const TILE: usize = 4;

/// The weights of 64 products of one row: eight outputs by eight inputs, or sixteen by four. Four outputs by four inputs a vector.
type Turn = [[i8; 16]; 4];

/// What the engine at hand computes, asked with the operands that tell its ways apart and reach furthest.
#[inline(never)]
pub(crate) fn probe() -> Option<Dot> {
    // Through memory that the compiler may not look into: the answer is the engine's.
    let ask = |a: i8, b: u8| {
        let [a, b] = core::hint::black_box([a, b as i8]);
        let sums = i32x4_relaxed_dot_i8x16_i7x16_add(i8x16_splat(a), i8x16_splat(b), i8x16_splat(0));
        i32x4_extract_lane::<3>(sums)
    };
    let (a, b) = ([127, -127, -127, 127], [255, 128, 255, 127]);
    let found: [i32; 4] = core::array::from_fn(|k| ask(a[k], b[k]));
    let signed = core::array::from_fn(|k| 4 * i32::from(a[k]) * i32::from(b[k] as i8));
    let unsigned = core::array::from_fn(|k| 4 * i32::from(a[k]) * i32::from(b[k]));
    if found == signed {
        Some(Dot::Signed)
    } else if found == unsigned {
        Some(Dot::Unsigned)
    } else {
        None
    }
}

/// Of so many percent of blocks that are worth leaving out the others beside kernels without it, how many are beside the dot product:
/// on a Cortex-A76 it takes an eighth of their instructions.
#[inline]
pub(super) fn share(percent: usize) -> usize {
    if probe().is_some() { percent / 8 } else { percent }
}

/// Packed weights.
#[derive(Debug)]
pub(super) struct Turns {
    /// `[block][turn]`.
    weights: Vec<Turn>,
    /// Turns of a block.
    pitch: usize,
    /// What inputs are combined with by exclusive or.
    flip: i8,
}

impl Turns {
    /// Packs a matrix, and folds the inputs' zero point into the bias; none where the engine has no dot product, or it would not be exact.
    #[inline]
    #[expect(clippy::manual_contains, reason = "it is a search of core's own, a quarter of a kilobyte of the guest")]
    pub(super) fn pack(matrix: Matrix<'_>, zero_point: i32, bias: &mut [i32]) -> Option<Self> {
        let dot = probe()?;
        let Matrix { weights, depth, outputs } = matrix;
        if weights.iter().any(|&w| w == i8::MIN) {
            return None;
        }
        let (flip, shift) = match dot {
            Dot::Signed => (0, 0),
            Dot::Unsigned => (i8::MIN, 128),
        };
        for (bias, row) in bias.iter_mut().zip(weights.chunks_exact(depth)) {
            let sum: i32 = row.iter().map(|&w| i32::from(w)).sum();
            *bias = bias.wrapping_sub(sum.wrapping_mul(zero_point + shift));
        }
        let inputs = 64 / outputs;
        let packing = Packing { outputs, inputs, step: 4 };
        let turns = packing.turns(weights.len() / depth, depth, &|o, k| weights[o * depth + k]);
        Some(Self { weights: turns, pitch: depth.div_ceil(inputs), flip })
    }

    /// Bytes of packed weights.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.weights)
    }

    /// Makes a panel's values bytes, in place: those of element `e` are then byte `e`. A multiple of 16 of them.
    #[inline(never)]
    pub(super) fn narrow(&self, panel: &mut [i16]) {
        let flip = i8x16_splat(self.flip);
        for at in (0..panel.len() / 2).step_by(8) {
            let Some([low, high]) = panel[2 * at..].as_chunks().0.first_chunk() else { return };
            let bytes = v128_xor(i8x16_narrow_i16x8(load::<[i16; 8]>(low), load::<[i16; 8]>(high)), flip);
            if let Some(to) = panel[at..].first_chunk_mut::<8>() {
                store(bytes, to);
            }
        }
    }

    /// Copies inputs of one row, as they are multiplied.
    pub(super) fn copy(&self, x: &[i8], to: &mut [i8]) {
        to.iter_mut().zip(x).for_each(|(to, x)| *to = x ^ self.flip);
    }

    /// The sums of a panel's rows, of so many stretches of eight bytes, for each block of eight outputs from `first` on, `pitch` apart.
    #[inline(never)]
    pub(super) fn multiply(
        &self,
        rows: &[[i8; 8]],
        stretches: usize,
        first: usize,
        bias: &[Sums],
        sums: &mut [Sums],
        pitch: usize,
    ) {
        let blocks = self.weights[first * self.pitch..].chunks_exact(self.pitch).zip(bias);
        for ((w, bias), sums) in blocks.zip(sums.chunks_exact_mut(pitch)) {
            let bias = [load(&bias[0]), load(&bias[1])];
            for (rows, sums) in rows.chunks_exact(TILE * stretches).zip(sums.as_chunks_mut().0) {
                let row = |r: usize| &rows[r * stretches..][..self.pitch];
                let mut tile = [bias; TILE];
                for ((((x0, x1), x2), x3), w) in row(0).iter().zip(row(1)).zip(row(2)).zip(row(3)).zip(w) {
                    let w = [[load(&w[0]), load(&w[1])], [load(&w[2]), load(&w[3])]];
                    let x = [load_low(x0), load_low(x1), load_low(x2), load_low(x3)];
                    for (sums, &x) in tile.iter_mut().zip(&x) {
                        let [low, high] = [i32x4_shuffle::<0, 0, 0, 0>(x, x), i32x4_shuffle::<1, 1, 1, 1>(x, x)];
                        sums[0] = i32x4_relaxed_dot_i8x16_i7x16_add(w[0][0], low, sums[0]);
                        sums[1] = i32x4_relaxed_dot_i8x16_i7x16_add(w[0][1], low, sums[1]);
                        sums[0] = i32x4_relaxed_dot_i8x16_i7x16_add(w[1][0], high, sums[0]);
                        sums[1] = i32x4_relaxed_dot_i8x16_i7x16_add(w[1][1], high, sums[1]);
                    }
                }
                super::gemm::put(tile, sums);
            }
        }
    }

    /// Adds the products of one row of inputs, for each block of sixteen outputs from `first` on, its inputs from `turn` on.
    #[inline(never)]
    pub(super) fn add_products(&self, x: &[[i8; 4]], first: usize, turn: usize, sums: &mut [[Quad; 4]]) {
        let blocks = self.weights[first * self.pitch..].chunks_exact(self.pitch);
        for (w, sums) in blocks.zip(sums) {
            let mut local = [load(&sums[0]), load(&sums[1]), load(&sums[2]), load(&sums[3])];
            for (x, w) in x.iter().zip(&w[turn..]) {
                let x = load_quad(x);
                for (sum, w) in local.iter_mut().zip(w) {
                    *sum = i32x4_relaxed_dot_i8x16_i7x16_add(load(w), x, *sum);
                }
            }
            for (sum, to) in local.into_iter().zip(sums) {
                store(sum, to);
            }
        }
    }
}
