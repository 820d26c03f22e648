//! `DEPTHWISE_CONV_2D`, eight output channels at a time.
//!
//! The rows of the image under the window are kept as int16, padded, in a ring: each is widened once. For each pixel, taps are taken in
//! pairs: their inputs are interleaved, so that `i32x4.dot_i16x8_s` multiplies and adds both for four channels.

use alloc::vec::Vec;
use core::arch::wasm32::{i16x8_shuffle, i16x8_splat, i16x8_sub, i32x4_add, i32x4_dot_i16x8};

use smallvec::SmallVec;

use super::Packed;
use super::lanes::{load, load_widened, store, up_to_8};
use super::requantize::{LANES, Requantize};
use crate::geometry::DepthwiseConv2d;
use crate::scalar::arithmetic::Quantized;

/// Pixels whose sums are gathered before they are requantized.
const TILE: usize = 16;

/// Eight channels of a pixel.
type Pixel = [i16; 8];

/// Weights of two taps for eight channels, interleaved: `[channels 0..4, channels 4..8]`.
type Pair = [[i16; 8]; 2];

/// An int8 depthwise convolution with packed weights.
#[derive(Debug)]
pub struct PackedDepthwise {
    conv: DepthwiseConv2d,
    /// `[block][pair of taps]`, taps in the order of the window; an odd last one has a partner of weight 0.
    weights: Vec<Pair>,
    /// `[block]`.
    bias: Vec<[[i32; 4]; 2]>,
    requantize: Requantize,
    zero_point: i32,
}

impl PackedDepthwise {
    /// Packs a depthwise convolution; none where the result would not be exact.
    #[must_use]
    pub fn pack(conv: &DepthwiseConv2d, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        let out_channels = conv.channels * conv.multiplier;
        let taps = w.len() / out_channels;
        let bias = |c: usize| q.bias.get(c).copied().unwrap_or(0);
        let bound = |c: usize| {
            let weights: i64 = (0..taps).map(|t| i64::from(w[t * out_channels + c]).abs()).sum();
            weights * 255 + i64::from(bias(c)).abs()
        };
        let requantize = Requantize::new(q, (0..out_channels).map(bound))?;
        let weight = |tap: usize, c: usize| {
            if tap < taps && c < out_channels { i16::from(w[tap * out_channels + c]) } else { 0 }
        };
        let quad = |c: usize, pair: usize| core::array::from_fn(|l| weight(2 * pair + l % 2, c + l / 2));
        let blocks = requantize.blocks();
        let pairs = (0..blocks).flat_map(|b| (0..taps.div_ceil(2)).map(move |p| (b * LANES, p)));
        Some(Self {
            conv: *conv,
            weights: pairs.map(|(c, p)| [quad(c, p), quad(c + 4, p)]).collect(),
            bias: (0..blocks)
                .map(|b| core::array::from_fn(|h| core::array::from_fn(|l| bias(b * LANES + 4 * h + l))))
                .collect(),
            requantize,
            zero_point: q.input_zero_point,
        })
    }

    /// Rows in the ring: all that the window reaches over.
    fn ring(&self) -> usize {
        let rows = self.conv.window.rows;
        (rows.taps - 1) * rows.dilation + 1
    }

    /// Pixels of a row in the ring: all that the window reaches over, padding included.
    fn row(&self) -> usize {
        let columns = self.conv.window.columns;
        (columns.output - 1) * columns.stride + (columns.taps - 1) * columns.dilation + 1
    }

    /// One block of channels of one image.
    fn block(&self, block: usize, x: &[i8], ring: &mut [Pixel], y: &mut [i8]) {
        let rows = self.conv.window.rows;
        let columns = self.conv.window.columns;
        let (row, slots) = (self.row(), self.ring());
        let taps = rows.taps * columns.taps;
        let weights = &self.weights[block * taps.div_ceil(2)..][..taps.div_ceil(2)];
        let in_row = columns.input * self.conv.channels;
        let out_row = columns.output * self.requantize.out_channels();
        // Rows are counted from the first row of padding.
        let mut filled = 0;
        for (oy, y) in y.chunks_exact_mut(out_row).enumerate() {
            let first = oy * rows.stride;
            filled = filled.max(first);
            while filled < first + slots {
                let image_row = filled.checked_sub(rows.padding).filter(|&iy| iy < rows.input);
                let image_row = image_row.map(|iy| &x[iy * in_row..][..in_row]);
                self.fill(block, image_row, &mut ring[filled % slots * row..][..row]);
                filled += 1;
            }
            let tap = |t: usize| {
                let t = t.min(taps - 1);
                let (ky, kx) = (t / columns.taps, t % columns.taps);
                (first + ky * rows.dilation) % slots * row + kx * columns.dilation
            };
            let offsets: SmallVec<[[usize; 2]; 16]> =
                (0..weights.len()).map(|p| [tap(2 * p), tap(2 * p + 1)]).collect();
            self.line(block, ring, &offsets, weights, y);
        }
    }

    /// A row of the image as the block's channels, or padding where there is none.
    fn fill(&self, block: usize, x: Option<&[i8]>, row: &mut [Pixel]) {
        let DepthwiseConv2d { window, channels, multiplier } = self.conv;
        let Some(x) = x else {
            row.fill([0; 8]);
            return;
        };
        let zero = i16x8_splat(self.zero_point as i16);
        let (before, row) = row.split_at_mut(window.columns.padding.min(row.len()));
        before.fill([0; 8]);
        let (inside, after) = row.split_at_mut(window.columns.input.min(row.len()));
        after.fill([0; 8]);
        let first = block * LANES;
        for (x, pixel) in x.chunks_exact(channels).zip(inside) {
            let lanes = if multiplier == 1 {
                up_to_8(&x[first..])
            } else {
                core::array::from_fn(|l| x.get((first + l) / multiplier).copied().unwrap_or(0))
            };
            store(i16x8_sub(load_widened(&lanes), zero), pixel);
        }
    }

    /// One row of the output.
    fn line(&self, block: usize, ring: &[Pixel], offsets: &[[usize; 2]], weights: &[Pair], y: &mut [i8]) {
        let stride = self.conv.window.columns.stride;
        let bias = &self.bias[block];
        let mut sums = [[[0; 4]; 2]; TILE];
        for (t, y) in y.chunks_mut(TILE * self.requantize.out_channels()).enumerate() {
            let pixels = y.len() / self.requantize.out_channels();
            let first = t * TILE * stride;
            let sums = &mut sums[..pixels];
            // Windows of 3x3, the usual ones, with a count that the compiler knows.
            match (<&[_; 5]>::try_from(offsets), <&[_; 5]>::try_from(weights)) {
                (Ok(offsets), Ok(weights)) => tile(&ring[first..], stride, offsets, weights, bias, sums),
                _ => tile(&ring[first..], stride, offsets, weights, bias, sums),
            }
            self.requantize.pixels(block, sums.iter(), y);
        }
    }
}

impl Packed for PackedDepthwise {
    fn bytes(&self) -> usize {
        size_of_val(&*self.weights)
    }

    fn scratch(&self) -> usize {
        self.ring() * self.row() * size_of::<Pixel>()
    }

    fn run(&self, x: &[i8], scratch: &mut [i16], y: &mut [i8]) {
        let ring = scratch.as_chunks_mut().0;
        let window = self.conv.window;
        let images = x.chunks_exact(window.rows.input * window.columns.input * self.conv.channels);
        let out_image = window.rows.output * window.columns.output * self.requantize.out_channels();
        for (x, y) in images.zip(y.chunks_exact_mut(out_image)) {
            for block in 0..self.requantize.blocks() {
                self.block(block, x, ring, y);
            }
        }
    }
}

/// The sums of some pixels of a row.
#[inline(always)]
fn tile(
    ring: &[Pixel],
    stride: usize,
    offsets: &[[usize; 2]],
    weights: &[Pair],
    bias: &[[i32; 4]; 2],
    sums: &mut [[[i32; 4]; 2]],
) {
    for (p, sums) in sums.iter_mut().enumerate() {
        let ring = &ring[p * stride..];
        let (mut low, mut high) = (load(&bias[0]), load(&bias[1]));
        for (&[a, b], w) in offsets.iter().zip(weights) {
            let (a, b) = (load(&ring[a]), load(&ring[b]));
            let first = i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b);
            let second = i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b);
            low = i32x4_add(low, i32x4_dot_i16x8(first, load(&w[0])));
            high = i32x4_add(high, i32x4_dot_i16x8(second, load(&w[1])));
        }
        store(low, &mut sums[0]);
        store(high, &mut sums[1]);
    }
}
