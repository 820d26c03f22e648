//! `DEPTHWISE_CONV_2D`, eight output channels at a time.
//!
//! The rows of the image under a strip of output rows are kept as int16, padded. Two rows lie interleaved, so that
//! `i32x4.dot_i16x8_s` multiplies and adds a column of both for four channels:
//!
//! ```text
//! rows[pair][half][x] = [x[2 pair][x][c], x[2 pair + 1][x][c] for c in the half's four channels]
//! sums[x]             = bias + sum over pairs and columns of dot(rows[pair][half][x * stride + kx], w[parity][pair][kx])
//! ```
//!
//! A window that begins on an odd row sees the same pairs with its weights one row further down; hence the parity.

use alloc::vec::Vec;
use core::arch::wasm32::{i16x8_splat, i16x8_sub, i32x4_add, i32x4_dot_i16x8, i32x4_splat, v128, v128_and};
use core::ops::Range;

use super::lanes::{Steps, each, fitting, interleaved, load, load_widened, store, up_to};
use super::requantize::{LANES, Quad, Requantize, Sums};
use super::{Images, Packed, Packing, padded};
use crate::geometry::DepthwiseConv2d;
use crate::scalar::arithmetic::Quantized;

/// Pixels whose sums are gathered before they are requantized.
const TILE: usize = 160;

/// Bytes of the rows under a strip, if that leaves one.
const RING_BYTES: usize = 8192;

/// A column of two rows for four channels, or the weights for it.
type Column = [i16; 8];

/// How the weights of four channels, for a pair of rows and then another, become [`Column`]s.
const PACKING: Packing = Packing { outputs: 4, inputs: 2, step: 2 };

/// An int8 depthwise convolution with packed weights.
#[derive(Debug)]
pub struct PackedDepthwise {
    conv: DepthwiseConv2d,
    /// `[block][half][parity][pair][column]`; where the stride is even, only parity 0.
    weights: Vec<Column>,
    /// From the first column of the rows under a window to each of the weights'.
    offsets: Vec<usize>,
    /// `[block]`.
    bias: Vec<Sums>,
    requantize: Requantize,
    zero_point: i8,
}

impl PackedDepthwise {
    /// Packs a depthwise convolution; none where the result would not be exact.
    #[must_use]
    #[inline]
    pub fn pack(conv: &DepthwiseConv2d, q: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Self> {
        let (rows, columns) = (conv.window.rows, conv.window.columns);
        let out_channels = conv.out_channels();
        let requantize = Requantize::new(q, conv.window.taps())?;
        let taps = pairs(conv) * columns.taps;
        let mut weights = Vec::new();
        for k in 0..2 * requantize.blocks() * parities(conv) {
            let (first, parity) = (k / parities(conv) * PACKING.outputs, k % parities(conv));
            let weight = |o: usize, k: usize| {
                let (pair, kx) = (k / 2 / columns.taps, k / 2 % columns.taps);
                let row = (2 * pair + k % 2).checked_sub(parity).filter(|row| row.is_multiple_of(rows.dilation));
                let ky = row.map(|row| row / rows.dilation).filter(|&ky| ky < rows.taps && first + o < out_channels);
                ky.map_or(0, |ky| i16::from(w[(ky * columns.taps + kx) * out_channels + first + o]))
            };
            weights.extend(PACKING.turns::<_, Column>(PACKING.outputs, 2 * taps, &weight));
        }
        let offset = |t: usize| t / columns.taps * 2 * columns.span() + t % columns.taps * columns.dilation;
        Some(Self {
            conv: *conv,
            weights,
            offsets: (0..taps).map(offset).collect(),
            bias: padded(&q.bias, requantize.blocks()),
            requantize,
            zero_point: q.input_zero_point as i8,
        })
    }

    /// Pixels of a row as it is kept: all that the window reaches over, padding included.
    fn row(&self) -> usize {
        self.conv.window.columns.span()
    }

    /// Rows of the output that are computed together.
    fn lines(&self) -> usize {
        let (rows, columns) = (self.conv.window.rows, self.conv.window.columns);
        let fitting = RING_BYTES / (2 * size_of::<Column>() * self.row());
        let more = 2 * fitting.saturating_sub(pairs(&self.conv) + 1) / rows.stride;
        (TILE / columns.output).min(1 + more).clamp(1, rows.output)
    }

    /// Pairs of rows that a strip sees.
    fn ring(&self) -> usize {
        // One more where it begins on an odd row.
        (self.lines() - 1) * self.conv.window.rows.stride / 2 + 1 + pairs(&self.conv)
    }

    /// The pairs of rows under some rows of the output, for one block of channels, into the ring. Of those that it holds from the
    /// rows above, `filled`, it keeps what is seen here too: an output in place has overwritten them.
    fn gather(&self, block: usize, lines: &Range<usize>, x: &[i8], ring: &mut [Column], filled: &mut Range<usize>) {
        let (stride, pitch) = (self.conv.window.rows.stride, 2 * self.row());
        // Rows are counted from the first row of padding.
        let first = lines.start * stride / 2;
        let end = (lines.end - 1) * stride / 2 + pairs(&self.conv);
        let kept = filled.end.max(first);
        // None is, where windows are further apart than they reach.
        if kept > first {
            ring.copy_within((first - filled.start) * pitch..(kept - filled.start) * pitch, 0);
        }
        for (pair, ring) in (kept..end).zip(ring.chunks_exact_mut(pitch).skip(kept - first)) {
            self.fill(block, pair, x, ring);
        }
        *filled = first..end;
    }

    /// Some rows of the output, for one block of channels.
    fn strip(&self, block: usize, lines: &Range<usize>, ring: &[Column], sums: &mut [Sums; TILE], y: &mut [i8]) {
        let (oy, count) = (lines.start, lines.len());
        let (rows, columns) = (self.conv.window.rows, self.conv.window.columns);
        let (pairs, parities, pitch) = (pairs(&self.conv), parities(&self.conv), 2 * self.row());
        let first = oy * rows.stride / 2;
        let taps = pairs * columns.taps;
        let weights = &self.weights[2 * block * parities * taps..][..2 * parities * taps];
        for ox in (0..columns.output).step_by(TILE) {
            let across = (columns.output - ox).min(TILE);
            for k in 0..2 * parities.min(count) {
                let (half, r) = (k % 2, k / 2);
                let parity = (oy + r) * rows.stride % 2;
                let pair = (oy + r) * rows.stride / 2 - first;
                let strip = Strip {
                    ring: &ring[pair * pitch + half * self.row() + ox * columns.stride..],
                    pitch,
                    advance: parities * rows.stride / 2 * pitch,
                    stride: columns.stride,
                    weights: &weights[(half * parities + parity) * taps..][..taps],
                    bias: &self.bias[block][half],
                    across,
                    rows: parities,
                    half,
                };
                let sums = &mut sums[r * across..count * across];
                if (pairs, columns.taps, columns.dilation) == (2, 3, 1) {
                    strip.three_by_three(sums);
                } else {
                    strip.any_window(&self.offsets, sums);
                }
            }
            let channels = self.requantize.out_channels();
            let begin = (oy * columns.output + ox) * channels;
            let y = &mut y[begin..][..count * across * channels];
            self.requantize.pixels(block, sums, TILE, y);
        }
    }

    /// A pair of rows of the image as the block's channels, with padding around.
    fn fill(&self, block: usize, pair: usize, x: &[i8], ring: &mut [Column]) {
        let DepthwiseConv2d { window, channels, multiplier } = self.conv;
        let in_row = window.columns.input * channels;
        let image_row = |row: usize| row.checked_sub(window.rows.padding).filter(|&row| row < window.rows.input);
        let rows = [0, 1].map(|l| image_row(2 * pair + l));
        let present = rows.map(|row| i32x4_splat(if row.is_some() { -1 } else { 0 }));
        let rows = rows.map(|row| &x[row.unwrap_or(0) * in_row..][..in_row]);
        let first = block * LANES;
        let width = ring.len() / 2;
        // What lies around is padding for every row, and has been 0 from the start.
        let begin = window.columns.padding.min(width);
        let count = window.columns.input.min(width - begin);
        let to = &mut ring[begin..];
        let zero = i16x8_splat(i16::from(self.zero_point));
        if multiplier == 1 {
            let rows = rows.map(|row| &row[first..]);
            Rows { rows, step: channels, zero, present }.interleave((to, width), count);
            return;
        }
        let pixels = rows[0].chunks_exact(channels).zip(rows[1].chunks_exact(channels));
        for (x, pixels) in pixels.take(count).enumerate() {
            let (even, odd) = (repeated(pixels.0, multiplier, first), repeated(pixels.1, multiplier, first));
            let rows = [&even[..], &odd];
            Rows { rows, step: LANES, zero, present }.interleave_whole((&mut to[x..], width), 1);
        }
    }
}

/// Rows that a window spreads over, in pairs, wherever it begins.
fn pairs(conv: &DepthwiseConv2d) -> usize {
    (conv.window.rows.reach() + 1).div_ceil(2)
}

/// How many parities the first row of a window can have.
fn parities(conv: &DepthwiseConv2d) -> usize {
    if conv.window.rows.stride.is_multiple_of(2) { 1 } else { 2 }
}

impl Packed for PackedDepthwise {
    type X = i8;
    type Scratch = i16;

    fn bytes(&self) -> usize {
        size_of_val(&*self.weights)
    }

    fn scratch(&self) -> usize {
        self.ring() * 2 * self.row() * size_of::<Column>()
    }

    fn in_place(&self) -> bool {
        self.conv.window.keeps_extents() && self.conv.multiplier == 1
    }

    fn run(&self, mut images: Images<'_, i8>, scratch: &mut [i16]) {
        let ring = scratch.as_chunks_mut().0;
        ring.fill([0; 8]);
        let window = self.conv.window;
        let in_image = window.rows.input * window.columns.input * self.conv.channels;
        let out_image = window.rows.output * window.columns.output * self.requantize.out_channels();
        let strip = self.lines();
        let mut sums = [[[0; 4]; 2]; TILE];
        for n in 0..window.batches {
            for block in 0..self.requantize.blocks() {
                let mut filled = 0..0;
                for oy in (0..window.rows.output).step_by(strip) {
                    let lines = oy..(oy + strip).min(window.rows.output);
                    self.gather(block, &lines, &images.input()[n * in_image..][..in_image], ring, &mut filled);
                    self.strip(block, &lines, ring, &mut sums, &mut images.output()[n * out_image..][..out_image]);
                }
            }
        }
    }
}

/// The eight output channels of a pixel from `first` on, of which each is there `multiplier` times.
#[inline(never)]
fn repeated(pixel: &[i8], multiplier: usize, first: usize) -> [i8; LANES] {
    core::array::from_fn(|l| pixel.get((first + l) / multiplier).copied().unwrap_or(0))
}

/// Two rows of the image.
#[derive(Clone, Copy)]
struct Rows<'a> {
    rows: [&'a [i8]; 2],
    /// From one pixel to the next.
    step: usize,
    zero: v128,
    /// All bits are set for a row that is there.
    present: [v128; 2],
}

impl Rows<'_> {
    /// Eight channels of `count` pixels, less the zero point where a row is present: four of them to the beginning of `to` and the
    /// others `gap` further on.
    fn interleave(self, (to, gap): (&mut [Column], usize), count: usize) {
        let Self { rows, step, .. } = self;
        let whole = count.min(fitting(rows[0].len().min(rows[1].len()), LANES, step));
        self.interleave_whole((&mut *to, gap), whole);
        for x in whole..count {
            let pixels: [[i8; LANES]; 2] = rows.map(|row| up_to(&row[x * step..]));
            Rows { rows: [&pixels[0], &pixels[1]], ..self }.interleave_whole((&mut to[x..], gap), 1);
        }
    }

    /// The same of pixels all of whose channels are there. Without calls, so that what a turn needs stays in registers.
    #[inline(never)]
    fn interleave_whole(self, (to, gap): (&mut [Column], usize), count: usize) {
        let Self { rows, step, zero, present } = self;
        let (from, to) = ((rows, Steps { row: 0, column: step }), (to, gap, Steps { row: 0, column: 1 }));
        each(from, to, [1, count], |rows: [&[i8; LANES]; 2], [[low], [high]]: [&mut [Column; 1]; 2]| {
            let [a, b] = [0, 1].map(|row| v128_and(i16x8_sub(load_widened(rows[row]), zero), present[row]));
            let [first, second] = interleaved(a, b);
            store(first, low);
            store(second, high);
            true
        });
    }
}

/// Every so many-th output row of a strip, for four channels.
struct Strip<'a> {
    /// From the first pair of rows under the window on.
    ring: &'a [Column],
    /// From one pair of rows to the next.
    pitch: usize,
    /// From the pairs under one of the rows to those under the next.
    advance: usize,
    stride: usize,
    weights: &'a [Column],
    bias: &'a Quad,
    /// Pixels of a row.
    across: usize,
    /// How many rows on the next one lies.
    rows: usize,
    /// Which four of a block's channels.
    half: usize,
}

impl Strip<'_> {
    #[inline(never)]
    fn three_by_three(&self, sums: &mut [Sums]) {
        let Some(weights) = self.weights.first_chunk::<6>() else { return };
        let w = [0, 1, 2, 3, 4, 5].map(|t| load(&weights[t]));
        let bias = load(self.bias);
        let sum = |columns: [v128; 6]| {
            columns.into_iter().zip(w).fold(bias, |sum, (x, w)| i32x4_add(sum, i32x4_dot_i16x8(x, w)))
        };
        let rows = sums.len().div_ceil(self.rows * self.across);
        let to = sums.as_flattened_mut().get_mut(self.half..).unwrap_or_default();
        let from = |done: usize| [0, self.pitch].map(|row| self.ring.get(row + done..).unwrap_or_default());
        let to_row = 2 * self.rows * self.across;
        let mut done = 0;
        if self.stride == 1 && self.across > 4 {
            // Two pixels a turn, which see two columns together.
            let steps = [(self.advance, 2), (to_row, 4)].map(|(row, column)| Steps { row, column });
            let two = |[[a, b, c, d], [e, f, g, h]]: [&[Column; 4]; 2], [[first], [second]]: [&mut [Quad; 1]; 2]| {
                let [a, b, c, d, e, f, g, h] = [a, b, c, d, e, f, g, h].map(load);
                store(sum([a, b, c, e, f, g]), first);
                store(sum([b, c, d, f, g, h]), second);
                true
            };
            done = self.across & !1;
            each((from(0), steps[0]), (&mut *to, 2, steps[1]), [rows, done / 2], two);
        }
        let steps = [(self.advance, self.stride), (to_row, 2)].map(|(row, column)| Steps { row, column });
        let to = to.get_mut(2 * done..).unwrap_or_default();
        let one = |[[a, b, c], [d, e, f]]: [&[Column; 3]; 2], [[to]]: [&mut [Quad; 1]; 1]| {
            store(sum([a, b, c, d, e, f].map(load)), to);
            true
        };
        each((from(done), steps[0]), (to, 0, steps[1]), [rows, self.across - done], one);
    }

    /// By any window, whose columns lie at these offsets.
    #[inline(never)]
    fn any_window(&self, offsets: &[usize], sums: &mut [Sums]) {
        let mut ring = self.ring;
        for sums in sums.chunks_mut(self.rows * self.across) {
            for (p, sums) in sums[..self.across].iter_mut().enumerate() {
                let ring = &ring[p * self.stride..];
                let columns = offsets.iter().zip(self.weights);
                let add = |sum, (&at, w): (&usize, &Column)| i32x4_add(sum, i32x4_dot_i16x8(load(&ring[at]), load(w)));
                store(columns.fold(load(self.bias), add), &mut sums[self.half]);
            }
            ring = ring.get(self.advance..).unwrap_or_default();
        }
    }
}
