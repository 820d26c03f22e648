//! `CONV_2D` as a matrix product: each position of the window becomes a row of the inputs under it.

use super::Packed;
use super::gemm::Gemm;
use super::widen::widen;
use crate::geometry::{Conv2d, DepthwiseConv2d, Window};
use crate::scalar::arithmetic::Quantized;

/// An int8 convolution with packed weights.
#[derive(Debug)]
pub struct PackedConv2d {
    gemm: Gemm,
    window: Window,
    channels: usize,
    zero_point: i32,
}

impl PackedConv2d {
    /// Packs a convolution without groups; none where the result would not be exact.
    #[must_use]
    pub fn pack(conv: &Conv2d, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        if conv.groups != 1 {
            return None;
        }
        let depth = w.len() / conv.out_channels;
        let gemm = Gemm::pack(q, depth, |o, k| w[o * depth + k])?;
        Some(Self { gemm, window: conv.window, channels: conv.in_channels, zero_point: q.input_zero_point })
    }

    /// Packs a depthwise convolution of one channel, which is a convolution.
    #[must_use]
    pub fn pack_depthwise(conv: &DepthwiseConv2d, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        if conv.channels != 1 {
            return None;
        }
        let gemm = Gemm::pack(q, w.len() / conv.multiplier, |o, k| w[k * conv.multiplier + o])?;
        Some(Self { gemm, window: conv.window, channels: 1, zero_point: q.input_zero_point })
    }

    /// The inputs under the window at a position, in the order of the weights; zeros in the padding.
    fn fill(&self, x: &[i8], position: usize, row: &mut [i16]) {
        let Window { rows, columns, .. } = self.window;
        let (line, ox) = (position / columns.output, position % columns.output);
        let (n, oy) = (line / rows.output, line % rows.output);
        let span = columns.taps * self.channels;
        let (taps, rest) = row.split_at_mut(rows.taps * span);
        rest.fill(0);
        for (ky, taps) in taps.chunks_exact_mut(span).enumerate() {
            match rows.at(oy, ky) {
                None => taps.fill(0),
                Some(iy) => self.fill_line(&x[self.window.input_pixel(n, iy, 0) * self.channels..], ox, taps),
            }
        }
    }

    /// The inputs under one row of the window, from the row of the image that begins `x`.
    fn fill_line(&self, x: &[i8], ox: usize, taps: &mut [i16]) {
        let columns = self.window.columns;
        let channels = self.channels;
        if columns.dilation != 1 {
            for (kx, tap) in taps.chunks_exact_mut(channels).enumerate() {
                match columns.at(ox, kx) {
                    None => tap.fill(0),
                    Some(ix) => widen(&x[ix * channels..][..channels], self.zero_point, tap),
                }
            }
            return;
        }
        let begin = ox * columns.stride;
        let before = columns.padding.saturating_sub(begin).min(columns.taps);
        let end = (columns.input + columns.padding).saturating_sub(begin).clamp(before, columns.taps);
        taps[..before * channels].fill(0);
        taps[end * channels..].fill(0);
        if before < end {
            let first = begin + before - columns.padding;
            let x = &x[first * channels..][..(end - before) * channels];
            widen(x, self.zero_point, &mut taps[before * channels..end * channels]);
        }
    }
}

impl Packed for PackedConv2d {
    fn bytes(&self) -> usize {
        self.gemm.bytes()
    }

    fn scratch(&self) -> usize {
        self.gemm.scratch()
    }

    fn run(&self, x: &[i8], scratch: &mut [i16], y: &mut [i8]) {
        self.gemm.run(scratch, y, |position, row| self.fill(x, position, row));
    }
}
