//! `CONV_2D` of 1x1 whose weights are 0 wherever they please: only the others are kept, and only they are multiplied.
//!
//! ```text
//! planes[k][p] = x[p][k] - zero_point
//! sums[o][p]   = bias[o] + sum over the weights that are kept, a pair (k, l) at a time,
//!                of dot((planes[k][p], planes[l][p]), splat(w[o][k], w[o][l]))
//! ```
//!
//! Lanes go over pixels, so that a pair of weights is one splat for all pixels of a tile, and any two weights of an output are a pair.
//! Both ends are transposed: eight pixels by eight inputs, four outputs by four pixels. Why it is exact stands in [`super::sparse`].

use alloc::vec::Vec;
use core::arch::wasm32::{i16x8_splat, i16x8_sub, i32x4_add, i32x4_dot_i16x8, i32x4_shuffle, i32x4_splat, v128};

use super::lanes::{every, interleaved, load, load_splat, load_widened, store};
use super::requantize::{LANES, Quad, Requantize, Sums};
use super::sparse::{Matrix, Pair};
use super::{Images, Packed, dot, padded};
use crate::geometry::Conv2d;
use crate::scalar::arithmetic::Quantized;

/// Vectors of eight pixels whose sums stay in registers.
const VECTORS: usize = 3;

/// Pixels of a tile.
const PIXELS: usize = 8 * VECTORS;

/// Inputs from which there are products enough to pay for transposing, and up to which a tile's planes stay in the first cache.
const DEPTH: core::ops::RangeInclusive<usize> = 32..=512;

/// Weights in a hundred up to which leaving out the others pays, where all tiles are whole.
const SPARSE: usize = 44;

/// By how many in a hundred they must be fewer than the blocks of eight outputs that are not all 0, which need no transposing.
const FEWER: usize = 8;

/// An input of a tile's pixels.
type Plane = [[i16; 8]; VECTORS];

/// An int8 convolution of 1x1, of whose weights those that are 0 are left out.
#[derive(Debug)]
pub struct PackedPointwise {
    depth: usize,
    pairs: Vec<Pair>,
    /// Of each pair, the places of its inputs.
    places: Vec<[u16; 2]>,
    /// Of each output, up to a whole block, where its pairs end.
    ends: Vec<usize>,
    /// `[block]`; zeros beyond the last output.
    bias: Vec<Sums>,
    requantize: Requantize,
    zero_point: i8,
}

impl PackedPointwise {
    /// Packs a convolution of 1x1; none where few weights are 0, or the result would not be exact.
    #[must_use]
    #[inline]
    pub fn pack(conv: &Conv2d, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        let depth = conv.in_channels;
        if conv.groups != 1 || !conv.window.is_pointwise() || !depth.is_multiple_of(8) || !DEPTH.contains(&depth) {
            return None;
        }
        let present = w.iter().filter(|&&w| w != 0).count() * 100 / w.len();
        let pixels = conv.window.positions();
        if pixels < PIXELS
            || present * pixels.next_multiple_of(PIXELS) > dot::share(SPARSE) * pixels
            || (Matrix { weights: w, depth, outputs: LANES }).is_sparse(present + FEWER)
        {
            return None;
        }
        let requantize = Requantize::new(q, depth)?;
        let blocks = requantize.blocks();
        let (mut pairs, mut places, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for output in 0..blocks * LANES {
            let row = w.chunks_exact(depth).nth(output).unwrap_or_default();
            let mut kept = (0..).zip(row).filter(|&(_, &w)| w != 0);
            while let Some((place, &w)) = kept.next() {
                // The last may be alone.
                let (other, &v) = kept.next().unwrap_or((place, &0));
                pairs.push([i16::from(w), i16::from(v)]);
                places.push([place, other]);
            }
            ends.push(pairs.len());
        }
        let bias = padded(&q.bias, blocks);
        Some(Self { depth, pairs, places, ends, bias, requantize, zero_point: q.input_zero_point as i8 })
    }

    /// The inputs of a tile's pixels.
    #[inline(never)]
    fn spread(&self, x: &[i8], planes: &mut [Plane]) {
        let zero = i16x8_splat(i16::from(self.zero_point));
        for v in 0..VECTORS {
            for (k, planes) in planes.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                let mut pixels = every(&x[8 * (v * self.depth + k)..], self.depth, 8);
                let centred = |pixel: &[i8; 8]| i16x8_sub(load_widened(pixel), zero);
                let mut rows: [v128; 8] = core::array::from_fn(|_| pixels.next().map_or(zero, centred));
                // Three times each row and the one four further on, in turns, make columns of eight rows.
                for _ in 0..3 {
                    let halves: [_; 4] = core::array::from_fn(|k| interleaved(rows[k], rows[k + 4]));
                    rows = core::array::from_fn(|k| halves[k / 2][k % 2]);
                }
                for (row, plane) in rows.into_iter().zip(planes) {
                    store(row, &mut plane[v]);
                }
            }
        }
    }

    /// The sums of a block of outputs.
    #[inline(never)]
    fn multiply(&self, block: usize, planes: &[Plane], to: &mut [[Quad; 2 * VECTORS]; LANES]) {
        for ((output, &bias), to) in (block * LANES..).zip(self.bias[block].as_flattened()).zip(to) {
            let begin = output.checked_sub(1).map_or(0, |before| self.ends[before]);
            let end = self.ends[output];
            let (pairs, places) = (&self.pairs[begin..end], &self.places[begin..end]);
            let mut sums = [[i32x4_splat(bias); 2]; VECTORS];
            for (w, &[a, b]) in pairs.iter().zip(places) {
                let (Some(a), Some(b)) = (planes.get(usize::from(a)), planes.get(usize::from(b))) else { break };
                let w = load_splat(w);
                for (v, sums) in sums.iter_mut().enumerate() {
                    let [low, high] = interleaved(load(&a[v]), load(&b[v]));
                    sums[0] = i32x4_add(sums[0], i32x4_dot_i16x8(low, w));
                    sums[1] = i32x4_add(sums[1], i32x4_dot_i16x8(high, w));
                }
            }
            for (&sum, to) in sums.as_flattened().iter().zip(to) {
                store(sum, to);
            }
        }
    }
}

/// From pixels of each output to outputs of each pixel.
#[inline(never)]
fn gather(from: &[[Quad; 2 * VECTORS]; LANES], to: &mut [Sums; PIXELS]) {
    for (half, from) in from.as_chunks::<4>().0.iter().enumerate() {
        for (v, to) in to.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let mut rows: [v128; 4] = core::array::from_fn(|o| load(&from[o][v]));
            for _ in 0..2 {
                let low = |k| i32x4_shuffle::<0, 4, 1, 5>(rows[k], rows[k + 2]);
                let high = |k| i32x4_shuffle::<2, 6, 3, 7>(rows[k], rows[k + 2]);
                rows = [low(0), high(0), low(1), high(1)];
            }
            for (row, to) in rows.into_iter().zip(to) {
                store(row, &mut to[half]);
            }
        }
    }
}

impl Packed for PackedPointwise {
    type X = i8;
    type Scratch = i16;

    fn bytes(&self) -> usize {
        size_of_val(&*self.pairs) + size_of_val(&*self.places) + size_of_val(&*self.ends)
    }

    fn scratch(&self) -> usize {
        self.depth * size_of::<Plane>()
    }

    #[inline]
    fn run(&self, images: Images<'_, i8>, scratch: &mut [i16]) {
        let (x, y) = images.apart();
        let planes = scratch.as_chunks_mut().0.as_chunks_mut().0;
        let mut outputs = [[[0; 4]; 2 * VECTORS]; LANES];
        let mut sums = [[[0; 4]; 2]; PIXELS];
        let (depth, channels) = (self.depth, self.requantize.out_channels());
        let pixels = x.len() / depth;
        for first in (0..pixels).step_by(PIXELS) {
            // The last tile begins before the end of the one before, if need be, and reads some pixels again: not in place.
            let first = first.min(pixels - PIXELS);
            self.spread(&x[first * depth..], planes);
            let y = &mut y[first * channels..][..PIXELS * channels];
            for block in 0..self.requantize.blocks() {
                self.multiply(block, planes, &mut outputs);
                gather(&outputs, &mut sums);
                self.requantize.pixels(block, &sums, PIXELS, y);
            }
        }
    }
}
