//! From 32-bit sums to int8, with TensorFlow Lite's double rounding.
//!
//! The scalar rule, for a sum `x`, a multiplier `m * 2^(-31 - e)` with `m < 2^31` and `e >= 0`, is
//!
//! ```text
//! h = floor(x * m / 2^31 + 1/2)               rounding doubling high multiplication
//! r = h / 2^e, rounded half away from zero    rounding shift
//! y = clamp(r + zero_point, low, high)
//! ```
//!
//! In one step: `r = floor(v + 1/2)` where `v = x * m * 2^(-31 - e) + c`, and `c = 2^(-e - 1)` with the sign of `x`, or 0 for
//! `e = 0`. For `h >= 0` this is `floor((floor(a) + b) / 2^e) = floor((a + b) / 2^e)`, `b` an integer; for `h < 0` the same after
//! `-floor(-h / 2^e + 1/2) = floor((h + 2^(e - 1) - 1) / 2^e)`; and where `x < 0` but `h = 0`, `v` is at least `-2^-e`, and `r` is
//! 0 by both.
//!
//! Here `v` is computed in single precision, so near that it can be wrong only where it lies next to a tie, and there
//! it is seen and computed again by the scalar rule:
//!
//! ```text
//! p = f32(x) * f32(m * 2^(-31 - e)) (+ c)
//! t = p + (256 - (low - zero_point) + 1/2 + 3 * 2^-15)
//! ```
//!
//! - Results that are not clamped have `t` in `[256, 512)`, whose singles are `2^-15` apart, and `|p| <= 256`. Conversion, factor
//!   and product are each off by at most `2^-24` of `p`, together `3 * 2^-16`; adding `c`, rounding the constant and adding it by
//!   at most `2^-16` each, of which no more than two occur. So `t` lies above its ideal by `2^-15` to `5 * 2^-15`, more than 0 and
//!   less than 6 of its last places. It reaches an integer too early just when the fraction of `t` is below that.
//! - `t` never falls where `x` grows, and the bits of a single, as an integer, grow with it across all exponents. Larger and
//!   smaller sums hence end beyond the bounds and are clamped, as the rule would clamp them.
//! - The bits of `t`, shifted right by 15, are `34560 = bits(256) >> 15` plus what is to be added to `low`; from `-65536` up to
//!   `65278` for all finite `t`. Narrowing with unsigned saturation clamps at both ends.
//!
//! Where `low = zero_point`, as after a rectifier, results are `low` for all negative sums, so that `c` is a constant.
//!
//! Multipliers of 1 and more are left to the scalar kernels; so are sums so near the ends of 32 bits that adding the zero point
//! wraps, where clamping first would hide it.

use core::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_mul, f32x4_splat, i8x16_max, i8x16_min, i8x16_narrow_i16x8,
    i16x8_narrow_i32x4, i32x4_all_true, i32x4_shr, i32x4_sub, u32x4_min, v128, v128_and, v128_or,
};

use alloc::vec::Vec;

use super::lanes::{each_pair, load, store_low};
use crate::quant::Multiplier;
use crate::scalar::arithmetic::Quantized;

/// Channels that are requantized together.
pub(super) const LANES: usize = 8;

/// Sums of four channels.
pub(super) type Quad = [i32; 4];

/// Sums of eight channels.
pub(super) type Sums = [Quad; 2];

/// Places after the point of singles in `[256, 512)`.
const FRACTION: u32 = 15;

/// By how many of the last places `t` is raised, a power of two: more than it can be off.
const RAISED: u32 = 4;

/// Constants of eight output channels; those beyond the last are zero.
#[derive(Debug, Clone, Copy, Default)]
struct Channels {
    scale: [[f32; 4]; 2],
    /// `c`.
    nudge: [[f32; 4]; 2],
    /// What is added last.
    offset: [[f32; 4]; 2],
}

/// [`Channels`] in registers.
#[derive(Clone, Copy)]
struct Loaded {
    scale: [v128; 2],
    nudge: [v128; 2],
    offset: [v128; 2],
}

impl Channels {
    #[inline(always)]
    fn load(&self) -> Loaded {
        let both = |halves: &[[f32; 4]; 2]| [load(&halves[0]), load(&halves[1])];
        Loaded { scale: both(&self.scale), nudge: both(&self.nudge), offset: both(&self.offset) }
    }
}

/// The requantization of a tensor's channels.
#[derive(Debug)]
pub(super) struct Requantize {
    channels: Vec<Channels>,
    multipliers: Vec<Multiplier>,
    range: (i32, i32),
    zero_point: i32,
    bounds: Bounds,
}

/// What all channels have in common, as vectors: loads stay outside of loops, where Cranelift moves splats into them.
#[derive(Debug)]
struct Bounds {
    low: [i8; 16],
    high: [i8; 16],
    /// `bits(256.0)`, shifted, less the lowest stored value.
    base: [i32; 4],
    /// The bits of the fraction of `t` of which some are set where it is at least twice what `t` is raised by.
    sure: [i32; 4],
}

impl Bounds {
    /// Of results in `range`.
    #[inline]
    fn new((low, high): (i32, i32)) -> Self {
        let base = (256.0f32.to_bits() >> FRACTION) as i32 - low;
        let sure = (1 << FRACTION) - 2 * RAISED as i32;
        Self { low: [low as i8; 16], high: [high as i8; 16], base: [base; 4], sure: [sure; 4] }
    }

    #[inline(always)]
    fn load(&self) -> LoadedBounds {
        LoadedBounds { low: load(&self.low), high: load(&self.high), base: load(&self.base), sure: load(&self.sure) }
    }
}

/// [`Bounds`] in registers.
#[derive(Clone, Copy)]
struct LoadedBounds {
    low: v128,
    high: v128,
    base: v128,
    sure: v128,
}

impl LoadedBounds {
    /// The stored values that eight `t` stand for, in the low half; none if one is in doubt.
    #[inline(always)]
    fn stored(self, t: [v128; 2]) -> Option<v128> {
        if !i32x4_all_true(u32x4_min(v128_and(t[0], self.sure), v128_and(t[1], self.sure))) {
            return None;
        }
        let stored = t.map(|t| i32x4_sub(i32x4_shr(t, FRACTION), self.base));
        let stored = i16x8_narrow_i32x4(stored[0], stored[1]);
        Some(i8x16_min(i8x16_max(i8x16_narrow_i16x8(stored, stored), self.low), self.high))
    }
}

impl Requantize {
    /// Of sums of so many products, of weights by inputs less their zero point; none where a multiplier is 1 or more, or a zero point
    /// added to a scaled sum could wrap.
    #[inline]
    pub(super) fn new(q: &Quantized<i8, i8, i32>, products: usize) -> Option<Self> {
        let (zero_point, range) = (q.output_zero_point, q.range);
        // What every activation's range holds for; `t` is made for it.
        if range.0 > zero_point {
            return None;
        }
        let mut channels = alloc::vec![Channels::default(); q.multipliers.len().div_ceil(LANES)];
        let raised = 0.5 + RAISED as f32 / (1 << FRACTION) as f32;
        for (c, multiplier) in q.multipliers.iter().enumerate() {
            let shift = u32::try_from(-multiplier.shift).ok()?;
            let bias = q.bias.get(c).copied().unwrap_or(0);
            let bound = products as i64 * 128 * 255 + i64::from(bias).abs();
            // Sums wrap, so they are at most 2^31.
            let high = ((bound.min(1 << 31) * i64::from(multiplier.value)) >> 31) + 1;
            if shift == 0 && high + i64::from(zero_point).abs() > i64::from(i32::MAX) {
                return None;
            }
            let block = &mut channels[c / LANES];
            let (half, lane) = (c % LANES / 4, c % 4);
            let power = |exponent: u32| f32::from_bits((127 - exponent) << 23);
            block.scale[half][lane] = multiplier.value as f32 * power(31) * power(shift);
            block.nudge[half][lane] = if shift == 0 { 0.0 } else { power(shift + 1) };
            block.offset[half][lane] = (256 - (range.0 - zero_point)) as f32 + raised;
            if range.0 == zero_point {
                block.offset[half][lane] += block.nudge[half][lane];
            }
        }
        Some(Self { channels, multipliers: q.multipliers.clone(), range, zero_point, bounds: Bounds::new(range) })
    }

    /// Blocks of eight channels.
    pub(super) fn blocks(&self) -> usize {
        self.channels.len()
    }

    /// Output channels.
    pub(super) fn out_channels(&self) -> usize {
        self.multipliers.len()
    }

    /// The channels of some blocks, from `first` on, in each pixel of `y`. `sums` holds those of a block for each pixel, then those of
    /// the next block `pitch` further on.
    pub(super) fn pixels(&self, first: usize, sums: &[Sums], pitch: usize, y: &mut [i8]) {
        let stride = self.out_channels();
        let pixels = y.len() / stride;
        let (mut first, mut sums) = (first, sums);
        if pitch == 1 {
            let whole = sums.len().min(stride / LANES - first);
            self.run::<true>(first, &sums[..whole], &mut y[first * LANES..], LANES);
            (first, sums) = (first + whole, &sums[whole..]);
        }
        for (block, sums) in (first..).zip(sums.chunks(pitch)) {
            let sums = &sums[..pixels];
            let channel = block * LANES;
            if channel + LANES <= stride {
                self.run::<false>(block, sums, &mut y[channel..], stride);
                continue;
            }
            for (sums, y) in sums.iter().zip(y.chunks_mut(stride)) {
                let mut all = [0; LANES];
                self.run::<false>(block, core::slice::from_ref(sums), &mut all, LANES);
                y[channel..].iter_mut().zip(all).for_each(|(y, all)| *y = all);
            }
        }
    }

    /// Pixels of one block, or blocks of a `ROW`: from `block` on, and `stride` apart.
    ///
    /// Always inlined: called for each block, it would cost whole convolutions 2 %.
    #[inline(always)]
    fn run<const ROW: bool>(&self, mut block: usize, mut sums: &[Sums], mut y: &mut [i8], stride: usize) {
        while !sums.is_empty() {
            let channels = &self.channels[block..];
            let done = if self.range.0 == self.zero_point {
                sure::<false, ROW>(channels, &self.bounds, sums, y, stride)
            } else {
                sure::<true, ROW>(channels, &self.bounds, sums, y, stride)
            };
            if done == sums.len() {
                return;
            }
            block += if ROW { done } else { 0 };
            self.by_the_rule(block * LANES, &sums[done], &mut y[done * stride..]);
            block += usize::from(ROW);
            sums = &sums[done + 1..];
            y = y.get_mut((done + 1) * stride..).unwrap_or_default();
        }
    }

    /// The block of channels from `first` on, at the beginning of `y`.
    #[cold]
    #[inline(never)]
    fn by_the_rule(&self, first: usize, sums: &Sums, y: &mut [i8]) {
        for ((&sum, multiplier), y) in sums.as_flattened().iter().zip(&self.multipliers[first..]).zip(y) {
            *y = (multiplier.apply(sum) + self.zero_point).clamp(self.range.0, self.range.1) as i8;
        }
    }
}

/// Pixels of one block, or blocks of a `ROW`, up to the first of which some channel is in doubt; returns how many.
///
/// A function of its own, without calls: so its constants stay in registers.
#[inline(never)]
fn sure<const SIGNED: bool, const ROW: bool>(
    channels: &[Channels],
    bounds: &Bounds,
    sums: &[Sums],
    y: &mut [i8],
    stride: usize,
) -> usize {
    let bounds = bounds.load();
    let mut blocks = channels.iter();
    let Some(mut constants) = blocks.next().map(Channels::load) else { return 0 };
    each_pair((sums, 1), (y, stride), sums.len(), |[sums]: &[Sums; 1], y| {
        let Loaded { scale, nudge, offset } = constants;
        let t = [0, 1].map(|h| {
            let p = f32x4_mul(f32x4_convert_i32x4(load(&sums[h])), scale[h]);
            let p = if SIGNED { f32x4_add(p, with_sign_of(p, nudge[h])) } else { p };
            f32x4_add(p, offset[h])
        });
        if ROW {
            constants = blocks.next().map_or(constants, Channels::load);
        }
        bounds.stored(t).map(|stored| store_low(stored, y)).is_some()
    })
}

/// `magnitude` with the sign of `of`.
#[inline(always)]
fn with_sign_of(of: v128, magnitude: v128) -> v128 {
    v128_or(v128_and(of, f32x4_splat(-0.0)), magnitude)
}
