//! float32: convolutions, depthwise convolutions and dense layers, several output channels at a time.
//!
//! Each output is summed in the scalar kernels' order, so its bits are theirs: lanes go over channels, never over the terms of a sum,
//! and there is no fused multiply-add. What those leave out, the products with the padding, is here `0 * w`, which does not change a
//! sum that began with 0; weights that are not finite are left to the scalar kernels.

use alloc::vec::Vec;
use core::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, i32x4_shuffle, v128};

use super::gemm::panel_rows;
use super::lanes::{copy_few, load, load_pair, store};
use super::{Images, Packed, Packing, padded};
use crate::geometry::{Conv2d, Dense, DepthwiseConv2d, Tap, Window};
use crate::scalar::arithmetic::Float;

/// Rows whose sums stay in registers.
const TILE: usize = 3;

/// Floats from which on a call that copies them is faster than copying them one by one.
const FEW: usize = 64;

/// Outputs of a block.
const LANES: usize = 8;

/// The weights of two inputs for eight outputs.
type Turn = [[[f32; 4]; 2]; 2];

/// How weights become [`Turn`]s.
const PACKING: Packing = Packing { outputs: LANES, inputs: 2, step: 1 };

/// Weights of `[out_channels, depth]`, or transposed, in blocks of eight outputs.
#[derive(Debug)]
struct Weights {
    /// `[block][turn]`.
    turns: Vec<Turn>,
    /// `[block]`.
    bias: Vec<[[f32; 4]; 2]>,
    range: (f32, f32),
    depth: usize,
    out_channels: usize,
}

impl Weights {
    #[inline]
    fn pack(float: &Float, out_channels: usize, w: &[f32], transposed: bool) -> Option<Self> {
        if !w.iter().all(|w| w.is_finite()) {
            return None;
        }
        let depth = w.len() / out_channels;
        let [by_output, by_input] = if transposed { [1, out_channels] } else { [depth, 1] };
        Some(Self {
            turns: PACKING.turns(out_channels, depth, &|o, k| w[o * by_output + k * by_input]),
            bias: padded(&float.bias, out_channels.div_ceil(LANES)),
            range: float.range,
            depth,
            out_channels,
        })
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.turns)
    }

    /// Elements of a row of the panel: the depth, made even.
    fn row(&self) -> usize {
        self.depth.next_multiple_of(2)
    }

    /// The outputs of a panel's first rows; rows after them, up to a whole tile, are computed too and dropped.
    #[inline]
    fn multiply(&self, panel: &[f32], y: &mut [f32]) {
        let turns = self.row() / 2;
        let mut sums = [[[0.0; 4]; 2]; TILE];
        for (rows, y) in panel.as_chunks().0.chunks_exact(TILE * turns).zip(y.chunks_mut(TILE * self.out_channels)) {
            for (b, (w, bias)) in self.turns.chunks_exact(turns).zip(&self.bias).enumerate() {
                tile(rows, w, bias, self.range, &mut sums);
                for (sums, y) in sums.iter().zip(y.chunks_mut(self.out_channels)) {
                    copy_some(sums, &mut y[b * LANES..]);
                }
            }
        }
    }
}

/// Three rows by eight outputs.
#[inline(never)]
fn tile(rows: &[[f32; 2]], w: &[Turn], bias: &[[f32; 4]; 2], range: (f32, f32), sums: &mut [[[f32; 4]; 2]; TILE]) {
    let (first, rest) = rows.split_at(w.len());
    let (second, third) = rest.split_at(w.len());
    let mut tile = [[f32x4_splat(0.0); 2]; TILE];
    for (((x0, x1), x2), w) in first.iter().zip(second).zip(third).zip(w) {
        let x = [load_pair(x0), load_pair(x1), load_pair(x2)];
        let w = w.map(|w| [load(&w[0]), load(&w[1])]);
        for (sums, x) in tile.iter_mut().zip(x) {
            let each = [i32x4_shuffle::<0, 0, 0, 0>(x, x), i32x4_shuffle::<1, 1, 1, 1>(x, x)];
            for (x, w) in each.into_iter().zip(w) {
                sums[0] = f32x4_add(sums[0], f32x4_mul(x, w[0]));
                sums[1] = f32x4_add(sums[1], f32x4_mul(x, w[1]));
            }
        }
    }
    // By their places: iterators over arrays of vectors stay loops in memory.
    for row in 0..TILE {
        for half in 0..2 {
            store(finish(tile[row][half], &bias[half], range), &mut sums[row][half]);
        }
    }
}

/// Sixteen outputs of one row, which begins at the block's first turn.
#[inline(never)]
fn one_row(x: &[f32], blocks: [&[Turn]; 2], sums: &mut [[[f32; 4]; 2]; 2]) {
    let mut local = [f32x4_splat(0.0); 4];
    for (x, (a, b)) in x.chunks(2).zip(blocks[0].iter().zip(blocks[1])) {
        for (&x, (a, b)) in x.iter().zip(a.iter().zip(b)) {
            let x = f32x4_splat(x);
            for (sum, w) in local.iter_mut().zip([&a[0], &a[1], &b[0], &b[1]]) {
                *sum = f32x4_add(*sum, f32x4_mul(x, load(w)));
            }
        }
    }
    for (k, sum) in local.iter().enumerate() {
        store(*sum, &mut sums[k / 2][k % 2]);
    }
}

/// `clamp(sum + bias)`, as the scalar kernels have it: what is not a number stays.
#[inline(always)]
fn finish(sum: v128, bias: &[f32; 4], (low, high): (f32, f32)) -> v128 {
    let y = f32x4_add(sum, load(bias));
    f32x4_pmin(f32x4_pmax(y, f32x4_splat(low)), f32x4_splat(high))
}

/// As many as there is room for.
#[inline]
fn copy_some(from: &[[f32; 4]; 2], to: &mut [f32]) {
    match to.first_chunk_mut::<LANES>().map(|to| to.as_chunks_mut().0) {
        Some([low, high]) => {
            store(load(&from[0]), low);
            store(load(&from[1]), high);
        }
        Some(_) | None => copy_few(from.as_flattened(), to),
    }
}

/// A float32 convolution with packed weights.
#[derive(Debug)]
pub struct PackedFloatConv2d {
    weights: Weights,
    window: Window,
    channels: usize,
    /// Of the panel.
    rows: usize,
}

impl PackedFloatConv2d {
    /// Packs a convolution without groups, of finite weights.
    #[must_use]
    #[inline]
    pub fn pack(conv: &Conv2d, float: &Float, w: &[f32]) -> Option<Self> {
        if conv.groups != 1 {
            return None;
        }
        let weights = Weights::pack(float, conv.out_channels, w, false)?;
        Some(Self::new(weights, conv.window, conv.in_channels))
    }

    /// Packs a depthwise convolution of one channel, which is a convolution, of finite weights.
    #[must_use]
    #[inline]
    pub fn pack_depthwise(conv: &DepthwiseConv2d, float: &Float, w: &[f32]) -> Option<Self> {
        if conv.channels != 1 {
            return None;
        }
        let weights = Weights::pack(float, conv.multiplier, w, true)?;
        Some(Self::new(weights, conv.window, 1))
    }

    #[inline]
    fn new(weights: Weights, window: Window, channels: usize) -> Self {
        let pixels = window.batches * window.rows.input * window.columns.input;
        let activations = pixels * channels + window.positions() * weights.out_channels;
        let rows = panel_rows(4 * weights.row(), 4 * activations, TILE);
        Self { weights, window, channels, rows }
    }

    /// Whether the image's pixels, one after the other, are the panel's rows.
    fn is_panel(&self) -> bool {
        self.window.is_pointwise() && self.channels == self.weights.row()
    }

    /// The inputs under a position, and zeros.
    #[inline]
    fn fill(&self, x: &[f32], taps: &[Tap], row: &mut [f32]) {
        let channels = self.channels;
        if taps.len() * channels < row.len() {
            row.fill(0.0);
        }
        let is_next = |a: &Tap, b: &Tap| b.index == a.index + 1 && b.pixel == a.pixel + 1;
        for run in taps.chunk_by(is_next) {
            let length = run.len() * channels;
            let (from, to) = (&x[run[0].pixel * channels..][..length], &mut row[run[0].index * channels..][..length]);
            if length < FEW { copy_few(from, to) } else { to.copy_from_slice(from) }
        }
    }
}

impl Packed for PackedFloatConv2d {
    type X = f32;
    type Scratch = f32;

    fn bytes(&self) -> usize {
        self.weights.bytes()
    }

    fn scratch(&self) -> usize {
        self.rows * self.weights.row() * 4
    }

    #[inline]
    fn run(&self, images: Images<'_, f32>, panel: &mut [f32]) {
        let (x, y) = images.apart();
        let (row, rows, channels) = (self.weights.row(), self.rows, self.weights.out_channels);
        let positions = self.window.positions();
        if self.is_panel() {
            let tiles = positions / TILE * TILE;
            let ((x, x_rest), (y, y_rest)) = (x.split_at(tiles * row), y.split_at_mut(tiles * channels));
            self.weights.multiply(x, y);
            panel[..x_rest.len()].copy_from_slice(x_rest);
            self.weights.multiply(&panel[..TILE * row], y_rest);
            return;
        }
        let mut y = y;
        self.window.for_each_position(&mut |position, taps| {
            let r = position % rows;
            self.fill(x, taps, &mut panel[r * row..][..row]);
            if r + 1 == rows || position + 1 == positions {
                let (done, rest) = core::mem::take(&mut y).split_at_mut((r + 1) * channels);
                self.weights.multiply(panel, done);
                y = rest;
            }
        });
    }
}

/// A float32 dense layer with packed weights.
#[derive(Debug)]
pub struct PackedFloatDense {
    weights: Weights,
}

impl PackedFloatDense {
    /// Packs a dense layer of finite weights.
    #[must_use]
    #[inline]
    pub fn pack(dense: &Dense, float: &Float, w: &[f32]) -> Option<Self> {
        Some(Self { weights: Weights::pack(float, dense.units, w, false)? })
    }
}

impl Packed for PackedFloatDense {
    type X = f32;
    type Scratch = f32;

    fn bytes(&self) -> usize {
        self.weights.bytes()
    }

    fn scratch(&self) -> usize {
        0
    }

    #[inline]
    fn run(&self, images: Images<'_, f32>, _: &mut [f32]) {
        let (x, y) = images.apart();
        let Weights { turns, bias, range, depth, out_channels } = &self.weights;
        let pitch = depth.div_ceil(2);
        for (x, y) in x.chunks_exact(*depth).zip(y.chunks_exact_mut(*out_channels)) {
            for (b, bias) in bias.chunks(2).enumerate() {
                let first = &turns[2 * b * pitch..][..pitch];
                let second = turns.get((2 * b + 1) * pitch..).filter(|turns| !turns.is_empty()).unwrap_or(first);
                let mut sums = [[[0.0; 4]; 2]; 2];
                one_row(x, [first, second], &mut sums);
                for (sums, bias) in sums.as_flattened_mut().iter_mut().zip(bias.as_flattened()) {
                    store(finish(load(sums), bias, *range), sums);
                }
                let to = &mut y[2 * b * LANES..];
                let sums = &sums.as_flattened().as_flattened()[..bias.len() * LANES];
                copy_few(sums, to);
            }
        }
    }
}

/// A float32 depthwise convolution, four channels at a time.
#[derive(Debug)]
pub struct PackedFloatDepthwise {
    conv: DepthwiseConv2d,
    /// `[tap][channel]`, the channels made a multiple of four.
    weights: Vec<[f32; 4]>,
    bias: Vec<[f32; 4]>,
    range: (f32, f32),
}

impl PackedFloatDepthwise {
    /// Packs a depthwise convolution of a multiple of four channels, each of which gives one, of finite weights.
    #[must_use]
    #[inline]
    pub fn pack(conv: &DepthwiseConv2d, float: &Float, w: &[f32]) -> Option<Self> {
        if conv.multiplier != 1 || !conv.channels.is_multiple_of(4) || !w.iter().all(|w| w.is_finite()) {
            return None;
        }
        Some(Self {
            conv: *conv,
            weights: w.as_chunks().0.to_vec(),
            bias: padded(&float.bias, conv.channels / 4),
            range: float.range,
        })
    }
}

impl Packed for PackedFloatDepthwise {
    type X = f32;
    type Scratch = f32;

    fn bytes(&self) -> usize {
        size_of_val(&*self.weights)
    }

    fn scratch(&self) -> usize {
        0
    }

    #[inline]
    fn run(&self, images: Images<'_, f32>, _: &mut [f32]) {
        let (x, y) = images.apart();
        let quads = self.conv.channels / 4;
        let (x, y) = (x.as_chunks::<4>().0, y.as_chunks_mut::<4>().0);
        self.conv.window.for_each_position(&mut |position, taps| {
            pixel(x, taps, &self.weights, &self.bias, self.range, &mut y[position * quads..][..quads]);
        });
    }
}

/// All channels of a depthwise convolution at one position.
#[inline(never)]
fn pixel(x: &[[f32; 4]], taps: &[Tap], w: &[[f32; 4]], bias: &[[f32; 4]], range: (f32, f32), y: &mut [[f32; 4]]) {
    let quads = y.len();
    for (q, (y, bias)) in y.iter_mut().zip(bias).enumerate() {
        let sum = taps.iter().fold(f32x4_splat(0.0), |sum, tap| {
            let (x, w) = (load(&x[tap.pixel * quads + q]), load(&w[tap.index * quads + q]));
            f32x4_add(sum, f32x4_mul(x, w))
        });
        store(finish(sum, bias, range), y);
    }
}
