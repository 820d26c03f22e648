//! `CONV_2D` as a matrix product: each position of the window becomes a row of the inputs under it.
//!
//! Where the window reaches into the padding, the rows of the image under it are first copied into a ring, with stored zeros
//! around them: so every row of the product is gathered in the same way, from contiguous stretches.

use core::arch::wasm32::i16x8_splat;

use super::gemm::Gemm;
use super::lanes::{each_pair, fitting, load, up_to};
use super::requantize::LANES;
use super::sparse::Matrix;
use super::widen::{widen, widen_blocks};
use super::{Images, Packed};
use crate::geometry::{Axis, Conv2d, DepthwiseConv2d, Window};
use crate::scalar::arithmetic::Quantized;

/// An int8 convolution with packed weights.
#[derive(Debug)]
pub struct PackedConv2d {
    gemm: Gemm,
    window: Window,
    channels: usize,
    zero_point: i8,
    /// Elements of a stretch that lies contiguous in a row of the image.
    stretch: usize,
}

impl PackedConv2d {
    /// Packs a convolution without groups; none where the result would not be exact.
    #[must_use]
    #[inline]
    pub fn pack(conv: &Conv2d, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        if conv.groups != 1 {
            return None;
        }
        let depth = w.len() / conv.out_channels;
        let matrix = Matrix { weights: w, depth, outputs: LANES };
        Self::new(conv.window, conv.in_channels, q, depth, &|o, k| w[o * depth + k], Some(matrix))
    }

    /// Packs a depthwise convolution of one channel, which is a convolution.
    #[must_use]
    #[inline]
    pub fn pack_depthwise(conv: &DepthwiseConv2d, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        if conv.channels != 1 {
            return None;
        }
        Self::new(conv.window, 1, q, w.len() / conv.multiplier, &|o, k| w[k * conv.multiplier + o], None)
    }

    #[inline]
    fn new(
        window: Window,
        channels: usize,
        q: &Quantized<i8, i8, i32>,
        depth: usize,
        weight: &dyn Fn(usize, usize) -> i8,
        matrix: Option<Matrix<'_>>,
    ) -> Option<Self> {
        let columns = window.columns;
        let stretch = if columns.dilation == 1 { columns.taps * channels } else { channels };
        // The last stretch is written in whole vectors too.
        let room = depth - stretch + stretch.next_multiple_of(if (9..=16).contains(&stretch) { 16 } else { 8 });
        let pixels = window.batches * window.rows.input * columns.input;
        let activations = pixels * channels + window.positions() * q.multipliers.len();
        let gemm = Gemm::pack(q, depth, room, activations, weight, matrix)?;
        Some(Self { gemm, window: flat(window), channels, zero_point: q.input_zero_point as i8, stretch })
    }

    /// The name of the kernel that was chosen.
    #[must_use]
    pub fn kernel(&self) -> &'static str {
        self.gemm.kernel(["simd128 conv i8", "simd128 sparse conv i8", "simd128 dot conv i8"])
    }

    /// What is taken from each input before it is multiplied.
    fn less(&self) -> i8 {
        if self.gemm.is_centred() { self.zero_point } else { 0 }
    }

    /// Whether some position of the window sees padding.
    fn is_padded(&self) -> bool {
        let beyond = |axis: Axis| axis.padding > 0 || axis.span() > axis.input;
        beyond(self.window.rows) || beyond(self.window.columns)
    }

    /// Elements of a row in the ring.
    fn ring_row(&self) -> usize {
        self.window.columns.span() * self.channels
    }

    /// Bytes of the ring: as many rows as the window reaches over.
    fn ring(&self) -> usize {
        if self.is_padded() { self.window.rows.reach() * self.ring_row() } else { 0 }
    }

    /// Rows up to `end`, counted from the first row of padding, into the ring.
    fn fill_ring(&self, x: &[i8], filled: &mut usize, end: usize, ring: &mut [i8]) {
        let slots = self.window.rows.reach();
        *filled = (*filled).max(end - slots);
        while *filled < end {
            let ring = &mut ring[*filled % slots * self.ring_row()..][..self.ring_row()];
            padded_row(&self.window, self.channels, self.zero_point, x, *filled, ring);
            *filled += 1;
        }
    }
}

impl Packed for PackedConv2d {
    type X = i8;
    type Scratch = i16;

    fn bytes(&self) -> usize {
        self.gemm.bytes()
    }

    fn scratch(&self) -> usize {
        2 * self.gemm.panel() + self.ring().next_multiple_of(2)
    }

    /// Inputs are copied before outputs are written: those of a pixel with its row of the panel, those of a larger window with its
    /// row of the ring, and no position sees a row of the image above those in it.
    fn in_place(&self) -> bool {
        self.window.keeps_extents() && self.channels == self.gemm.out_channels()
    }

    fn run(&self, images: Images<'_, i8>, scratch: &mut [i16]) {
        let Window { rows, columns, .. } = self.window;
        let (panel, ring) = scratch.split_at_mut(self.gemm.panel());
        let ring: &mut [i8] = bytemuck::cast_slice_mut(ring);
        ring.fill(self.zero_point);
        let image = rows.input * columns.input * self.channels;
        let padded = self.is_padded();
        let (slots, row) =
            if padded { (rows.reach(), self.ring_row()) } else { (usize::MAX, columns.input * self.channels) };
        let taps = if columns.dilation == 1 { 1 } else { columns.taps };
        let mut stretches = alloc::vec![0; rows.taps * taps];
        let (mut filled, mut current) = (0, usize::MAX);
        self.gemm.run(images, panel, |x, mut position, mut panel| {
            while !panel.is_empty() {
                let (line, ox) = (position / columns.output, position % columns.output);
                let (n, oy) = (line / rows.output, line % rows.output);
                let x = &x[n * image..][..image];
                if current != line {
                    current = line;
                    let first = oy * rows.stride;
                    if padded {
                        if oy == 0 {
                            filled = 0;
                        }
                        self.fill_ring(x, &mut filled, first + slots, ring);
                    }
                    for (s, stretch) in stretches.iter_mut().enumerate() {
                        let (ky, kx) = (s / taps, s % taps);
                        *stretch = (first + ky * rows.dilation) % slots * row + kx * columns.dilation * self.channels;
                    }
                }
                let row = self.gemm.row();
                let count = (panel.len() / row).min(columns.output - ox);
                let (these, rest) = panel.split_at_mut(count * row);
                let step = columns.stride * self.channels;
                let gather = Gather {
                    from: if padded { ring } else { x },
                    first: ox * step,
                    step,
                    stretches: &stretches,
                    length: self.stretch,
                    less: self.less(),
                };
                if stretches.len() == 1 && step == self.stretch && step == row {
                    // Rows that lie behind one another in the image are one stretch.
                    let from = &gather.from[gather.first + stretches[0]..][..count * step];
                    widen(from, gather.less, these);
                } else {
                    gather.rows(these, row);
                }
                panel = rest;
                position += count;
            }
        });
    }
}

/// Row `row` of an image, counted from the first row of padding, with stored zeros around. What lies at its sides is padding for every
/// row, and has been zeros from the start.
#[inline(never)]
pub(super) fn padded_row(
    Window { rows, columns, .. }: &Window,
    channels: usize,
    zero_point: i8,
    x: &[i8],
    row: usize,
    to: &mut [i8],
) {
    let Some(iy) = row.checked_sub(rows.padding).filter(|&iy| iy < rows.input) else { return to.fill(zero_point) };
    let inside = &mut to[columns.padding * channels..];
    let elements = columns.input * channels;
    let count = elements.min(inside.len());
    inside[..count].copy_from_slice(&x[iy * elements..][..count]);
}

/// Inputs under neighbouring positions.
struct Gather<'a> {
    from: &'a [i8],
    /// Of the first position.
    first: usize,
    /// From one position to the next.
    step: usize,
    /// Where each stretch begins, for a position at 0.
    stretches: &'a [usize],
    length: usize,
    /// What is taken from each.
    less: i8,
}

impl Gather<'_> {
    /// The stretches of each position behind one another in a row, less what is taken from them; behind them anything.
    #[inline(never)]
    fn rows(&self, to: &mut [i16], row: usize) {
        if self.length > 2 * 8 {
            let zero = i16x8_splat(i16::from(self.less));
            for (p, to) in to.chunks_exact_mut(row).enumerate() {
                for (s, stretch) in self.stretches.iter().enumerate() {
                    let whole = self.length.next_multiple_of(8);
                    let begin = self.first + p * self.step + stretch;
                    let at = s * self.length;
                    // Whole vectors, whose ends the next stretch overwrites.
                    match (self.from.get(begin..begin + whole), to.get_mut(at..at + whole)) {
                        (Some(from), Some(to)) => widen_blocks(from.as_chunks().0, zero, to.as_chunks_mut().0),
                        _ => widen(&self.from[begin..][..self.length], self.less, &mut to[at..]),
                    }
                }
            }
            return;
        }
        let zero = [i16::from(self.less); 8];
        for (s, stretch) in self.stretches.iter().enumerate() {
            let from = &self.from[self.first + stretch..];
            let to = &mut to[s * self.length..];
            if self.length > 8 {
                column::<16>(from, self.step, &zero, to, row);
            } else {
                column::<8>(from, self.step, &zero, to, row);
            }
        }
    }
}

/// `N` elements every `step`, widened, to `N` every `row`. The last of a stretch overwrite what behind it is not yet written, or
/// never read.
fn column<const N: usize>(from: &[i8], step: usize, zero: &[i16; 8], to: &mut [i16], row: usize) {
    let count = to.len().div_ceil(row);
    let whole = count.min(fitting(from.len(), N, step));
    whole_column::<N>(from, step, zero, (to, row), whole);
    for p in whole..count {
        if let Some(to) = to[p * row..].first_chunk_mut::<N>() {
            let from: [i8; N] = up_to(&from[p * step..]);
            widen_blocks(from.as_chunks().0, load(zero), to.as_chunks_mut().0);
        }
    }
}

/// So many of them, all of whose elements are there. Without calls, so that what a turn needs stays in registers.
#[inline(never)]
fn whole_column<const N: usize>(
    from: &[i8],
    step: usize,
    zero: &[i16; 8],
    (to, row): (&mut [i16], usize),
    count: usize,
) {
    let zero = load(zero);
    each_pair((from, step), (to, row), count, |from: &[i8; N], to: &mut [i16; N]| {
        widen_blocks(from.as_chunks().0, zero, to.as_chunks_mut().0);
        true
    });
}

/// Images that are seen pixel by pixel are one row of pixels.
fn flat(window: Window) -> Window {
    if !window.is_pointwise() {
        return window;
    }
    let pixels = window.positions();
    let columns = Axis { input: pixels, output: pixels, ..window.columns };
    Window { batches: 1, rows: Axis { input: 1, output: 1, ..window.rows }, columns }
}
