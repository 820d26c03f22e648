//! `CONV_2D` of 3x3 at stride 1 with 16 products where 36 are asked for: Winograd's F(2x2, 3x3), in integers and hence exact.
//!
//! Four outputs in a square, from the 4x4 inputs `d` under their windows:
//!
//! ```text
//! 4 * outputs = A^T [ sum over channels of (G g G^T) * (B^T d B) ] A           (* element by element)
//!
//!       [ 2  0  0 ]           [ 1  0 -1  0 ]
//!   G = [ 1  1  1 ]     B^T = [ 0  1  1  0 ]     A^T = [ 1  1  1  0 ]
//!       [ 1 -1  1 ]           [ 0 -1  1  0 ]           [ 0  1 -1 -1 ]
//!       [ 0  0  2 ]           [ 0  1  0 -1 ]
//! ```
//!
//! `G` is twice the usual one, so that all numbers are integers, and the result four times the sums. Weights become at most
//! `9 * 128`, inputs at most `4 * 255`: both fit int16. All is computed modulo 2^32, and a sum below 2^29, as all of so few channels
//! are, comes out of its fourfold by a shift. The 16 sums over channels are products of matrices, one row a square:
//! [`super::gemm`]'s.
//!
//! Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.

use alloc::vec::Vec;
use core::arch::wasm32::{i16x8_add, i16x8_splat, i16x8_sub, i32x4_add, i32x4_shr, i32x4_sub, v128};

use super::conv_2d::padded_row;
use super::gemm::{PACKING, Panel, Turn, multiply};
use super::lanes::{every, every_mut, load, load_widened, store};
use super::requantize::{LANES, Requantize, Sums};
use super::sparse::Matrix;
use super::{Images, Packed, dot, padded};
use crate::geometry::{Conv2d, Window};
use crate::scalar::arithmetic::Quantized;

/// Squares that are computed together.
const SQUARES: usize = 9;

/// Rows of squares whose inputs are kept together: whole rows of three are whole tiles of [`multiply`], however many stand in one.
const LINES: usize = 3;

/// Products of a square.
const POSITIONS: usize = 16;

/// Channels from which transforming pays, and up to which the transformed inputs of [`SQUARES`] stay small.
const CHANNELS: core::ops::RangeInclusive<usize> = 16..=64;

/// Blocks of 8x2 in a hundred up to which leaving out the others pays more than transforming: transforms have no zeros.
const SPARSE: usize = 40;

/// An int8 convolution of 3x3 with transformed weights.
#[derive(Debug)]
pub struct PackedWinograd {
    window: Window,
    channels: usize,
    /// `[block of 8 outputs][position][turn]`.
    weights: Vec<Turn>,
    /// `[block]`; zeros beyond the last output.
    bias: Vec<Sums>,
    requantize: Requantize,
    zero_point: i8,
}

impl PackedWinograd {
    /// Packs a convolution of this kind; none where it is of another, where that would not pay, or would not be exact.
    #[must_use]
    #[inline]
    pub fn pack(conv: &Conv2d, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        let Conv2d { window, in_channels: channels, out_channels, groups } = *conv;
        let is_3x3 = [window.rows, window.columns].iter().all(|a| (a.taps, a.stride, a.dilation) == (3, 1, 1));
        if groups != 1 || !is_3x3 || !channels.is_multiple_of(8) || !CHANNELS.contains(&channels) {
            return None;
        }
        // The dot product is faster than what a transform saves.
        if dot::probe().is_some() || (Matrix { weights: w, depth: 9 * channels, outputs: LANES }).is_sparse(SPARSE) {
            return None;
        }
        const { assert!(9 * *CHANNELS.end() * 128 * 255 < 1 << 29) };
        let requantize = Requantize::new(q, 9 * channels)?;
        let blocks = requantize.blocks();
        let mut weights = Vec::with_capacity(blocks * POSITIONS * channels / 4);
        for k in 0..blocks * POSITIONS {
            let (block, position) = (k / POSITIONS, k % POSITIONS);
            let weight = |o: usize, k: usize| {
                let w = &w[(block * LANES + o) * 9 * channels + k..];
                transformed(position, |ky, kx| i16::from(w[(ky * 3 + kx) * channels]))
            };
            let outputs = LANES.min(out_channels - block * LANES);
            weights.extend(PACKING.turns::<_, Turn>(outputs, channels, &weight));
        }
        Some(Self {
            window,
            channels,
            weights,
            bias: padded(&q.bias, blocks),
            requantize,
            zero_point: q.input_zero_point as i8,
        })
    }

    /// Squares in a row.
    fn across(&self) -> usize {
        self.window.columns.output.div_ceil(2)
    }

    /// Elements of a row of the image as it is kept, with padding around.
    fn ring_row(&self) -> usize {
        2 * (self.across() + 1) * self.channels
    }

    /// The rows of an image under up to [`LINES`] rows of squares. Two of them are seen by the next ones, too, and kept for those: an
    /// output in place overwrites them.
    fn fill_ring(&self, x: &[i8], lines: core::ops::Range<usize>, ring: &mut [i8]) {
        let row = self.ring_row();
        let kept = if lines.start == 0 { 0 } else { 2 };
        ring.copy_within((2 * LINES + 2 - kept) * row.., 0);
        let rows = (2 * lines.start..2 * lines.end + 2).zip(ring.chunks_exact_mut(row));
        for (r, to) in rows.skip(kept) {
            padded_row(&self.window, self.channels, self.zero_point, x, r, to);
        }
    }

    /// The inputs of some squares, transformed: `[position][square][channel]`. Squares count from the first in the ring.
    fn transform(&self, ring: &[i8], squares: core::ops::Range<usize>, inputs: &mut [i16]) {
        let (channels, row, across) = (self.channels, self.ring_row(), self.across());
        let zero = i16x8_splat(i16::from(self.zero_point));
        for (square, at) in squares.zip((0..).step_by(channels)) {
            let first = 2 * (square / across * row + square % across * channels);
            transform_square(&ring[first..], row, channels, zero, &mut inputs[at..], SQUARES * channels);
        }
    }
}

impl Packed for PackedWinograd {
    type X = i8;
    type Scratch = i16;

    fn bytes(&self) -> usize {
        size_of_val(&*self.weights)
    }

    fn scratch(&self) -> usize {
        POSITIONS * SQUARES * self.channels * 2 + (2 * LINES + 2) * self.ring_row()
    }

    fn in_place(&self) -> bool {
        self.window.keeps_extents() && self.channels == self.requantize.out_channels()
    }

    fn run(&self, mut images: Images<'_, i8>, scratch: &mut [i16]) {
        let Window { batches, rows, columns } = self.window;
        let channels = self.requantize.out_channels();
        let (across, down) = (self.across(), rows.output.div_ceil(2));
        let (inputs, ring) = scratch.split_at_mut(POSITIONS * SQUARES * self.channels);
        let ring = &mut bytemuck::cast_slice_mut(ring)[..(2 * LINES + 2) * self.ring_row()];
        ring.fill(self.zero_point);
        let mut products = [[[0; 4]; 2]; POSITIONS * SQUARES];
        let mut sums = [[[[0; 4]; 2]; 2 * SQUARES]; 2];
        let turns = self.channels / 4;
        let (in_image, out_row) = (rows.input * columns.input * self.channels, columns.output * channels);
        for k in 0..batches * down.div_ceil(LINES) {
            let (n, line) = (k / down.div_ceil(LINES), k % down.div_ceil(LINES) * LINES);
            let lines = LINES.min(down - line);
            self.fill_ring(&images.input()[n * in_image..][..in_image], line..line + lines, ring);
            let y = &mut images.output()[n * rows.output * out_row..][..rows.output * out_row];
            let squares = lines * across;
            for first in (0..squares).step_by(SQUARES) {
                let these = first..(first + SQUARES).min(squares);
                self.transform(ring, these.clone(), inputs);
                let values = inputs.as_chunks().0;
                let panel = Panel { values, pitch: turns, rows: these.len(), step: SQUARES * turns };
                for (block, weights) in self.weights.chunks_exact(POSITIONS * turns).enumerate() {
                    multiply(&panel, turns, weights, &[[[0; 4]; 2]; POSITIONS], &mut products, SQUARES);
                    // Squares beside one another give two stretches of neighbouring pixels.
                    let mut square = these.start;
                    while square < these.end {
                        let (ty, tx) = (line + square / across, square % across);
                        let count = (across - tx).min(these.end - square);
                        outputs(&products, square - these.start, count, &self.bias[block], &mut sums);
                        let pixels = (2 * count).min(columns.output - 2 * tx);
                        for (oy, sums) in (2 * ty..rows.output).zip(&sums) {
                            let y = &mut y[oy * out_row + 2 * tx * channels..][..pixels * channels];
                            self.requantize.pixels(block, sums, 2 * SQUARES, y);
                        }
                        square += count;
                    }
                }
            }
        }
    }
}

/// One element of `G g G^T`.
fn transformed(position: usize, g: impl Fn(usize, usize) -> i16) -> i16 {
    const G: [[i16; 3]; 4] = [[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]];
    let (rows, columns) = (G[position / 4], G[position % 4]);
    (0..9).map(|t| rows[t / 3] * columns[t % 3] * g(t / 3, t % 3)).sum()
}

/// `B^T d B` of each channel, its elements `step` apart. `x` begins with the first pixel, and `line` is how far on the first of the
/// next line is.
#[inline(never)]
fn transform_square(x: &[i8], line: usize, channels: usize, zero: v128, to: &mut [i16], step: usize) {
    for channel in (0..channels).step_by(8) {
        let across: [[v128; 4]; 4] = core::array::from_fn(|i| {
            let mut pixels = every(&x[i * line + channel..], channels, 4);
            let centred = |pixel: &[i8; 8]| i16x8_sub(load_widened(pixel), zero);
            differences(core::array::from_fn(|_| pixels.next().map_or(zero, centred)))
        });
        let columns: [[v128; 4]; 4] = core::array::from_fn(|j| differences(core::array::from_fn(|i| across[i][j])));
        for (p, to) in every_mut(&mut to[channel..], step, POSITIONS).enumerate() {
            store(columns[p % 4][p / 4], to);
        }
    }
}

/// `B^T` times a column.
#[inline(always)]
fn differences([a, b, c, d]: [v128; 4]) -> [v128; 4] {
    [i16x8_sub(a, c), i16x8_add(b, c), i16x8_sub(c, b), i16x8_sub(b, d)]
}

/// `A^T products A / 4 + bias` of some squares from `first` on: for each of the two rows of outputs, for each four of the block's
/// channels, the pixels' sums.
#[inline(never)]
fn outputs(products: &[Sums], first: usize, count: usize, bias: &Sums, sums: &mut [[Sums; 2 * SQUARES]; 2]) {
    let [upper, lower] = sums;
    for (half, bias) in bias.iter().enumerate() {
        let bias = load(bias);
        let upper = upper.as_chunks_mut::<2>().0.iter_mut();
        let lower = lower.as_chunks_mut::<2>().0.iter_mut();
        for (s, (upper, lower)) in upper.zip(lower).take(count).enumerate() {
            let mut columns = [[bias; 4]; 2];
            let products = every::<Sums, 1>(&products[first + s..], SQUARES, POSITIONS);
            let mut elements = [bias; POSITIONS];
            for (element, [sums]) in elements.iter_mut().zip(products) {
                *element = load(&sums[half]);
            }
            for j in 0..4 {
                let down = totals([elements[j], elements[4 + j], elements[8 + j], elements[12 + j]]);
                (columns[0][j], columns[1][j]) = (down[0], down[1]);
            }
            for (columns, to) in columns.into_iter().zip([upper, lower]) {
                for (sum, to) in totals(columns).into_iter().zip(to) {
                    store(i32x4_add(i32x4_shr(sum, 2), bias), &mut to[half]);
                }
            }
        }
    }
}

/// `A^T` times a column.
#[inline(always)]
fn totals([a, b, c, d]: [v128; 4]) -> [v128; 2] {
    [i32x4_add(i32x4_add(a, b), c), i32x4_sub(i32x4_sub(b, c), d)]
}
