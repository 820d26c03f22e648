//! From 32-bit sums to int8, with TensorFlow Lite's double rounding.
//!
//! The scalar rule, for a sum `s`, a multiplier `m * 2^(-31 - e)` with `m < 2^31` and `e >= 0`, is
//!
//! ```text
//! h = floor((s * m + 2^30) / 2^31)            rounding doubling high multiplication
//! r = h / 2^e, rounded half away from zero    rounding shift
//! y = clamp(r + zero_point, low, high)
//! ```
//!
//! Here `h` is the high half of the 64-bit `2 s * m + 2^31`, exactly. wasm has no shift with a count for each lane, so the second
//! step is done in single precision:
//!
//! ```text
//! p = f32(h) * (2^-e * (1 + 2^-23))           rounded
//! q = clamp(p, low - zero_point, high - zero_point)
//! y = bits(q + 1.5 * 2^23) - bits(1.5 * 2^23) + zero_point
//! ```
//!
//! The addition rounds `q` to an integer, half to even. It equals the rule:
//!
//! - If `|h| < 2^22`, then `f32(h)` is exact, and `|h| * 2^-23` is at least one and less than two units in its last place, so that
//!   `2^e |p| = |h| + d` with `0 < d <= 1/2`. For `e >= 1` the real `|h| / 2^e` rounds up from thresholds `t = (j - 1/2) * 2^e`,
//!   which are integers, and `|h| + d > t` just when `|h| >= t`; ties do not arise, as `|h| + d` is no integer. For `e = 0` and
//!   `|h| < 2^21`, `d <= 1/4`, and the sum rounds back to `h`; larger `h` are clamped either way.
//! - Clamping before rounding to integers is clamping after it, as the bounds are integers.
//! - If `|h| >= 2^22` and `e <= 13`, then both `|h| / 2^e` and `|p|` are at least 512, beyond the bounds, which lie within 255.
//! - If `|h| >= 2^22` and `e > 13` (channels that are all but dead, whose biases are large), `h` is first shortened by 10 bits, any
//!   of them that was set leaving the last one set, and `e` by 10. The thresholds, multiples of `2^13`, stay even integers, so
//!   `h` is as much above, at or below them as before.
//!
//! Sums whose double would overflow, and such channels, take a longer way ([`Requantize::round_any`]) for the whole block of eight.
//! Multipliers of 1 and more are left to the scalar kernels; so are sums so near the ends of 32 bits that adding the zero point
//! wraps, where clamping first would hide it.

use core::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_mul, f32x4_splat, i8x16_narrow_i16x8, i16x8_narrow_i32x4, i32x4_ne,
    i32x4_shl, i32x4_shr, i32x4_shuffle, i32x4_splat, i32x4_sub, i64x2_add, i64x2_extmul_high_i32x4,
    i64x2_extmul_low_i32x4, i64x2_shl, i64x2_splat, u32x4_shr, v128, v128_and, v128_bitselect, v128_or,
};

use alloc::vec::Vec;

use super::lanes::{load, store_some};
use crate::scalar::arithmetic::Quantized;

/// Channels that are requantized together.
pub(super) const LANES: usize = 8;

/// `1.5 * 2^23`: a single whose last place is 1, in the middle of those that have that place.
const ROUND: f32 = 12_582_912.0;

/// The largest shift at which large `h` are clamped by themselves.
const FREE_SHIFT: u32 = 13;

/// Bits by which larger ones are shortened.
const SHORTENED: u32 = 10;

/// Constants of eight output channels; those beyond the last are zero.
#[derive(Debug, Clone, Copy, Default)]
struct Channels {
    multiplier: [[i32; 4]; 2],
    scale: [[f32; 4]; 2],
    /// -1 where `h` is shortened.
    shortened: [[i32; 4]; 2],
    /// Whether the long way is taken.
    any: bool,
}

/// The requantization of a tensor's channels.
#[derive(Debug)]
pub(super) struct Requantize {
    channels: Vec<Channels>,
    low: f32,
    high: f32,
    /// What turns the bits of a rounded single into the stored value.
    base: i32,
    out_channels: usize,
}

impl Requantize {
    /// Of sums whose magnitudes are at most `bounds`, for each channel; none where a multiplier is 1 or more, or a
    /// zero point added to a scaled sum could wrap.
    pub(super) fn new(q: &Quantized<i8, i8, i32>, bounds: impl Iterator<Item = i64>) -> Option<Self> {
        let out_channels = q.multipliers.len();
        let mut channels = alloc::vec![Channels::default(); out_channels.div_ceil(LANES)];
        for (c, (multiplier, bound)) in q.multipliers.iter().zip(bounds).enumerate() {
            let mut shift = u32::try_from(-multiplier.shift).ok()?;
            // Sums wrap, so they are at most 2^31.
            let high = ((bound.min(1 << 31) * i64::from(multiplier.value)) >> 31) + 1;
            if shift == 0 && high + i64::from(q.output_zero_point).abs() > i64::from(i32::MAX) {
                return None;
            }
            let shortened = shift > FREE_SHIFT && high >= 1 << 22;
            let block = &mut channels[c / LANES];
            let (half, lane) = (c % LANES / 4, c % 4);
            block.any |= shortened || bound >= 1 << 30;
            block.multiplier[half][lane] = multiplier.value;
            if shortened {
                block.shortened[half][lane] = -1;
                shift -= SHORTENED;
            }
            block.scale[half][lane] = f32::from_bits(((127 - shift) << 23) + 1);
        }
        let zero_point = q.output_zero_point;
        Some(Self {
            channels,
            low: (q.range.0 - zero_point) as f32,
            high: (q.range.1 - zero_point) as f32,
            base: ROUND.to_bits() as i32 - zero_point,
            out_channels,
        })
    }

    /// Blocks of eight channels.
    pub(super) fn blocks(&self) -> usize {
        self.channels.len()
    }

    /// Output channels.
    pub(super) fn out_channels(&self) -> usize {
        self.out_channels
    }

    /// The eight (at the end fewer) channels of `block` in each pixel of `y`, from a row of `sums` each.
    #[inline]
    pub(super) fn pixels<'s>(&self, block: usize, sums: impl Iterator<Item = &'s [[i32; 4]; 2]>, y: &mut [i8]) {
        let constants = self.channels[block];
        let first = block * LANES;
        let last = self.out_channels.min(first + LANES);
        let pixels = sums.zip(y.chunks_exact_mut(self.out_channels).map(|y| &mut y[first..last]));
        if constants.any {
            pixels.for_each(|(sums, y)| store_narrow([0, 1].map(|h| self.round_any(&sums[h], &constants, h)), y));
        } else {
            pixels.for_each(|(sums, y)| store_narrow([0, 1].map(|h| self.round(&sums[h], &constants, h)), y));
        }
    }

    #[inline(always)]
    fn round(&self, sums: &[i32; 4], constants: &Channels, half: usize) -> v128 {
        let doubled = i32x4_shl(load(sums), 1);
        let multiplier = load(&constants.multiplier[half]);
        let one_half = i64x2_splat(1 << 31);
        let low = i64x2_add(i64x2_extmul_low_i32x4(doubled, multiplier), one_half);
        let high = i64x2_add(i64x2_extmul_high_i32x4(doubled, multiplier), one_half);
        self.shift(i32x4_shuffle::<1, 3, 5, 7>(low, high), load(&constants.scale[half]))
    }

    /// As [`Self::round`], for any sum and shift.
    #[inline(always)]
    fn round_any(&self, sums: &[i32; 4], constants: &Channels, half: usize) -> v128 {
        let (sums, multiplier) = (load(sums), load(&constants.multiplier[half]));
        let one_half = i64x2_splat(1 << 30);
        let low = i64x2_shl(i64x2_add(i64x2_extmul_low_i32x4(sums, multiplier), one_half), 1);
        let high = i64x2_shl(i64x2_add(i64x2_extmul_high_i32x4(sums, multiplier), one_half), 1);
        let h = i32x4_shuffle::<1, 3, 5, 7>(low, high);
        let lost = i32x4_ne(v128_and(h, i32x4_splat((1 << SHORTENED) - 1)), i32x4_splat(0));
        let short = v128_or(i32x4_shr(h, SHORTENED), u32x4_shr(lost, 31));
        let h = v128_bitselect(short, h, load(&constants.shortened[half]));
        self.shift(h, load(&constants.scale[half]))
    }

    #[inline(always)]
    fn shift(&self, h: v128, scale: v128) -> v128 {
        let p = f32x4_mul(f32x4_convert_i32x4(h), scale);
        let q = clamp(p, f32x4_splat(self.low), f32x4_splat(self.high));
        i32x4_sub(f32x4_add(q, f32x4_splat(ROUND)), i32x4_splat(self.base))
    }
}

/// Eight stored values, or as many as `y` has.
#[inline(always)]
fn store_narrow(halves: [v128; 2], y: &mut [i8]) {
    let y16 = i16x8_narrow_i32x4(halves[0], halves[1]);
    store_some(i8x16_narrow_i16x8(y16, y16), y);
}

/// No lane is NaN, and it does not matter which zero comes out; so the relaxed instructions, which leave only these open, give
/// the same bits on every engine. They are one instruction on ARM, where the others are two.
#[inline(always)]
fn clamp(v: v128, low: v128, high: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    {
        use core::arch::wasm32::{f32x4_relaxed_max, f32x4_relaxed_min};
        f32x4_relaxed_min(f32x4_relaxed_max(v, low), high)
    }
    #[cfg(not(target_feature = "relaxed-simd"))]
    {
        use core::arch::wasm32::{f32x4_pmax, f32x4_pmin};
        f32x4_pmin(f32x4_pmax(v, low), high)
    }
}
