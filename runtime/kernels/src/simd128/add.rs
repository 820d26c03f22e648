//! Sums and differences of int8, eight elements at a time.
//!
//! Each of the three scalings has one shift for all lanes, so that both of its roundings are done in integers: the high
//! multiplication as in [`super::requantize`], then `(h + 2^(e - 1) - (h < 0)) >> e`.

use core::arch::wasm32::{
    i8x16_max, i8x16_min, i8x16_narrow_i16x8, i8x16_splat, i16x8_narrow_i32x4, i16x8_splat, i16x8_sub, i32x4_add,
    i32x4_extend_high_i16x8, i32x4_extend_low_i16x8, i32x4_shl, i32x4_shr, i32x4_shuffle, i32x4_splat, i32x4_sub,
    i64x2_add, i64x2_extmul_high_i32x4, i64x2_extmul_low_i32x4, i64x2_splat, v128,
};

use super::lanes::{load_widened, store_some, up_to_8};
use crate::quant::Multiplier;
use crate::scalar::add::Add;

/// Elements of a turn.
const LANES: usize = 8;

/// Whether [`add`] is exact: all factors are below 1, and no intermediate value can overflow.
#[must_use]
pub fn is_exact(add: &Add) -> bool {
    let shift = |m: Multiplier| (-28..=0).contains(&m.shift);
    add.left_shift <= 20 && add.input_multipliers.into_iter().all(shift) && shift(add.output_multiplier)
}

/// As the scalar kernel, where [`is_exact`].
pub fn add(add: &Add, a: &[i8], b: &[i8], y: &mut [i8]) {
    for ((a, b), y) in a.chunks(LANES).zip(b.chunks(LANES)).zip(y.chunks_mut(LANES)) {
        let a = input(add, 0, a);
        let b = input(add, 1, b);
        let halves = [0, 1].map(|h| {
            let sum = if add.second_sign < 0 { i32x4_sub(a[h], b[h]) } else { i32x4_add(a[h], b[h]) };
            i32x4_add(scale(sum, add.output_multiplier), i32x4_splat(add.output_zero_point))
        });
        let y16 = i16x8_narrow_i32x4(halves[0], halves[1]);
        let y8 = i8x16_narrow_i16x8(y16, y16);
        let (low, high) = (add.range.0 as i8, add.range.1 as i8);
        store_some(i8x16_min(i8x16_max(y8, i8x16_splat(low)), i8x16_splat(high)), y);
    }
}

/// Eight elements of input `k`, less their zero point, raised and scaled.
#[inline(always)]
fn input(add: &Add, k: usize, x: &[i8]) -> [v128; 2] {
    let x = i16x8_sub(load_widened(&up_to_8(x)), i16x8_splat(add.input_zero_points[k] as i16));
    [i32x4_extend_low_i16x8(x), i32x4_extend_high_i16x8(x)]
        .map(|x| scale(i32x4_shl(x, add.left_shift), add.input_multipliers[k]))
}

/// [`Multiplier::apply`] for a factor below 1 and values below `2^30`.
#[inline(always)]
fn scale(x: v128, by: Multiplier) -> v128 {
    let (doubled, multiplier, half) = (i32x4_shl(x, 1), i32x4_splat(by.value), i64x2_splat(1 << 31));
    let low = i64x2_add(i64x2_extmul_low_i32x4(doubled, multiplier), half);
    let high = i64x2_add(i64x2_extmul_high_i32x4(doubled, multiplier), half);
    let h = i32x4_shuffle::<1, 3, 5, 7>(low, high);
    let shift = -by.shift as u32;
    if shift == 0 {
        return h;
    }
    let nudge = i32x4_add(i32x4_splat(1 << (shift - 1)), i32x4_shr(h, 31));
    i32x4_shr(i32x4_add(h, nudge), shift)
}
