//! Functions of fixed-point numbers, as gemmlowp computes them: the same bits everywhere, without a floating-point unit.
//!
//! A number in `Qm.n` is an `i32` that counts steps of `2^-n`, with `m` integer bits and `m + n = 31`. Sums wrap, as they do on
//! every machine that the reference runs on.
//!
//! Source: gemmlowp's `fixedpoint/fixedpoint.h`, and TensorFlow Lite's `kernels/internal/common.h`.

use crate::quant::{Multiplier, rounding_divide_by_pot, rounding_doubling_high_mul as mul};

/// 1 in `Q0.31`, as near as it gets.
const ONE: i32 = i32::MAX;

/// `x * 2^exponent`, saturating; the same number with `exponent` integer bits less.
#[must_use]
#[inline]
pub fn saturating_shift_left(x: i32, exponent: u32) -> i32 {
    (i64::from(x) << exponent).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

/// `(a + b) / 2`, rounded half away from zero.
#[inline]
fn half_sum(a: i32, b: i32) -> i32 {
    let sum = i64::from(a) + i64::from(b);
    ((sum + if sum >= 0 { 1 } else { -1 }) / 2) as i32
}

/// `exp(x)` in `Q0.31` of `x` from -1/4 to 0, in `Q0.31`: a Taylor series around -1/8.
#[inline]
fn exp_of_last_quarter(x: i32) -> i32 {
    const EXP_OF_MINUS_EIGHTH: i32 = 1_895_147_668;
    const THIRD: i32 = 715_827_883;
    let x = x.wrapping_add(1 << 28);
    let x2 = mul(x, x);
    let x3 = mul(x2, x);
    let x4 = mul(x2, x2);
    let thirds = mul(rounding_divide_by_pot(x4, 2).wrapping_add(x3), THIRD);
    let tail = rounding_divide_by_pot(thirds.wrapping_add(x2), 1);
    EXP_OF_MINUS_EIGHTH.wrapping_add(mul(EXP_OF_MINUS_EIGHTH, x.wrapping_add(tail)))
}

/// `exp(x)` in `Q0.31` of `x <= 0` with `integer_bits` from 1 to 5.
///
/// The part of `x` below 1/4 goes through a series; each bit above it multiplies the result by its own exponential.
#[must_use]
#[inline]
pub fn exp_of_negative(x: i32, integer_bits: u32) -> i32 {
    /// exp(-2^k), k from -2 to 4, in `Q0.31`.
    const EXP_OF_MINUS_POWERS: [i32; 7] =
        [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242];
    if x == 0 {
        return ONE;
    }
    let quarter_bit = 29 - integer_bits;
    let quarter = 1 << quarter_bit;
    let fraction = (x & (quarter - 1)) - quarter;
    let rest = fraction.wrapping_sub(x);
    let powers = EXP_OF_MINUS_POWERS.iter().zip(quarter_bit..31);
    powers.fold(exp_of_last_quarter(saturating_shift_left(fraction, integer_bits)), |y, (&power, bit)| {
        if rest >> bit & 1 == 1 { mul(y, power) } else { y }
    })
}

/// `2 / (1 + x)` in `Q2.29` of `x` from 0 to 1 in `Q0.31`: three Newton steps from `48/17 - 32/17 * d`.
#[inline]
fn two_over_one_plus(x: i32) -> i32 {
    const ONE_Q2: i32 = 1 << 29;
    const FORTY_EIGHT_SEVENTEENTHS: i32 = 1_515_870_810;
    const MINUS_THIRTY_TWO_SEVENTEENTHS: i32 = -1_010_580_540;
    let half_denominator = half_sum(x, ONE);
    let start = FORTY_EIGHT_SEVENTEENTHS.wrapping_add(mul(half_denominator, MINUS_THIRTY_TWO_SEVENTEENTHS));
    (0..3).fold(start, |y, _| {
        let error = ONE_Q2.wrapping_sub(mul(half_denominator, y));
        y.wrapping_add(saturating_shift_left(mul(y, error), 2))
    })
}

/// `1 / (1 + x)` in `Q0.31` of `x` from 0 to 1 in `Q0.31`.
#[inline]
fn one_over_one_plus(x: i32) -> i32 {
    saturating_shift_left(two_over_one_plus(x), 1)
}

/// `1 / (1 + exp(-x))` in `Q0.31` of any `x` in `Q4.27`.
#[must_use]
#[inline]
pub fn logistic(x: i32) -> i32 {
    if x == 0 {
        return 1 << 30;
    }
    let of_positive = one_over_one_plus(exp_of_negative(if x > 0 { x.wrapping_neg() } else { x }, 4));
    if x > 0 { of_positive } else { ONE.wrapping_sub(of_positive) }
}

/// `tanh(x)` in `Q0.31` of any `x` in `Q4.27`: `(1 - e) / (1 + e)` with `e = exp(-2|x|)`.
#[must_use]
#[inline]
pub fn tanh(x: i32) -> i32 {
    if x == 0 {
        return 0;
    }
    let minus_twice = if x < 0 { x } else { x.wrapping_neg() };
    let y = saturating_shift_left(two_over_one_plus(exp_of_negative(minus_twice, 5)).wrapping_sub(1 << 29), 2);
    if x < 0 { y.wrapping_neg() } else { y }
}

/// `1 / x` of a positive `x` with `integer_bits`: `(y, e)` with `1 / x = y * 2^-31 * 2^-e`, `y` in `(2^30, 2^31)`.
#[must_use]
#[inline]
pub fn reciprocal(x: i32, integer_bits: i32) -> (i32, i32) {
    let headroom = x.leading_zeros();
    let fraction = ((x as u32).wrapping_shl(headroom) as i32).wrapping_sub(i32::MIN);
    (one_over_one_plus(fraction), integer_bits - headroom as i32)
}

/// `1 / sqrt(x)` of an integer `x >= 1`: `y * 2^-31 * 2^shift`.
///
/// Five Newton steps from 1, on `x` scaled to `[1/4, 1)` in `Q3.28`.
#[must_use]
#[inline]
pub fn inverse_square_root(x: i32) -> Multiplier {
    const THREE_HALVES: i32 = 3 << 27;
    const HALF_SQRT_2: i32 = 1_518_500_250;
    if x <= 1 {
        return Multiplier { value: ONE, shift: 0 };
    }
    let mut right_shift = 11;
    let mut x = x;
    while x >= 1 << 29 {
        x /= 4;
        right_shift += 1;
    }
    let pairs = (x.leading_zeros() - 1) / 2 - 1;
    right_shift -= pairs as i32;
    let x = (x << (2 * pairs)) >> 1;
    let half = rounding_divide_by_pot(x, 1);
    let y = (0..5).fold(1 << 28, |y, _| {
        let cube = saturating_shift_left(mul(mul(y, y), y), 6);
        saturating_shift_left(mul(THREE_HALVES, y).wrapping_sub(mul(half, cube)), 3)
    });
    let y = mul(y, HALF_SQRT_2);
    Multiplier { value: y.wrapping_shl((-right_shift).max(0) as u32), shift: -right_shift.max(0) }
}

/// `log(x)` in `Q5.26` of `x >= 1` in `Q12.19`.
///
/// `x` is a power of two, halves and quarters counted, times a rest near 1, whose logarithm is a rational function of its distance
/// to `2^(-1/4)`.
#[must_use]
#[inline]
pub fn log_of_one_or_more(x: i32) -> i32 {
    const INPUT_BITS: i32 = 12;
    /// Integer bits of the sum: one more than of the result.
    const SUM_BITS: u32 = 6;
    const LOG_2: i32 = 1_488_522_236;
    const FOURTH_ROOT_OF_HALF: i32 = 1_805_811_301;
    const SQRT_HALF: i32 = 1_518_500_250;
    const QUARTER: i32 = 1 << (31 - SUM_BITS - 2);
    // Of the fourth root r of 2: 11/240 r, 1/20 r, 2/r - r, 1/4 r.
    const ALPHA_N: i32 = 117_049_297;
    const ALPHA_D: i32 = 127_690_142;
    const ALPHA_I: i32 = 1_057_819_769;
    const ALPHA_F: i32 = 638_450_708;

    let power = |bits: i32| saturating_shift_left(bits, 31 - SUM_BITS);
    let headroom = x.leading_zeros() as i32 - 1;
    let rest_a = saturating_shift_left(mul(saturating_shift_left(x, headroom.max(0) as u32), SQRT_HALF), 1);
    let power_a = power(INPUT_BITS - headroom - 1).saturating_add(QUARTER);
    let headroom_b = mul(x, SQRT_HALF).leading_zeros() as i32 - 1;
    let rest_b = saturating_shift_left(x, headroom_b.max(0) as u32);
    let power_b = power(INPUT_BITS - headroom_b).saturating_sub(QUARTER);
    let (rest, power) = (rest_a.min(rest_b), power_a.max(power_b));

    let p = half_sum(rest, FOURTH_ROOT_OF_HALF);
    let q = rest.wrapping_sub(FOURTH_ROOT_OF_HALF).wrapping_mul(2);
    let q2 = mul(q, q);
    let numerator = mul(q, rest).wrapping_add(mul(mul(q, q2), ALPHA_N));
    let denominator_minus_one =
        mul(p, ALPHA_I.wrapping_add(q).wrapping_add(mul(ALPHA_D, q2))).wrapping_add(mul(ALPHA_F, q));
    let rest_log = mul(rounding_divide_by_pot(numerator, SUM_BITS as i32), one_over_one_plus(denominator_minus_one));
    saturating_shift_left(mul(power, LOG_2).wrapping_add(rest_log), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest distance of `function` from `truth` over `points` numbers from `low` to `high`, of `input_bits` integer bits, in
    /// results of `output_bits`.
    fn largest_error(
        function: impl Fn(i32) -> i32,
        truth: impl Fn(f64) -> f64,
        (low, high): (f64, f64),
        (input_bits, output_bits): (i32, i32),
    ) -> f64 {
        let points = (0..=4096).map(|k| low + (high - low) * f64::from(k) / 4096.0);
        let errors = points.map(|x| {
            let raw = libm::round(libm::ldexp(x, 31 - input_bits)).min(f64::from(i32::MAX)) as i32;
            let x = libm::ldexp(f64::from(raw), input_bits - 31);
            (libm::ldexp(f64::from(function(raw)), output_bits - 31) - truth(x)).abs()
        });
        errors.fold(0.0, f64::max)
    }

    #[test]
    fn functions_are_near_the_true_ones() {
        let cases = [
            ("exp", largest_error(|x| exp_of_negative(x, 5), libm::exp, (-31.0, 0.0), (5, 0))),
            ("exp, fewer bits", largest_error(|x| exp_of_negative(x, 4), libm::exp, (-15.0, 0.0), (4, 0))),
            ("logistic", largest_error(logistic, |x| 1.0 / (1.0 + libm::exp(-x)), (-15.9, 15.9), (4, 0))),
            ("tanh", largest_error(tanh, libm::tanh, (-15.9, 15.9), (4, 0))),
            ("1 / (1 + x)", largest_error(one_over_one_plus, |x| 1.0 / (1.0 + x), (0.0, 1.0), (0, 0))),
            ("log", largest_error(log_of_one_or_more, libm::log, (1.0, 4095.0), (12, 5))),
        ];
        for (name, error) in cases {
            assert!(error < libm::ldexp(1.0, -22), "{name} is off by {error:e}");
        }
    }

    #[test]
    fn reciprocals_carry_their_exponent() {
        for x in [1, 2, 3, 255, 1 << 19, 511 << 19, i32::MAX] {
            let (y, exponent) = reciprocal(x, 12);
            let real = libm::ldexp(f64::from(x), -19);
            let found = libm::ldexp(f64::from(y), -31 - exponent);
            assert!((found * real - 1.0).abs() < libm::ldexp(1.0, -23), "1 / {real}");
        }
    }

    #[test]
    fn inverse_square_roots_carry_their_shift() {
        for x in [2, 3, 100, 255, 65535, 1 << 29, i32::MAX] {
            let Multiplier { value, shift } = inverse_square_root(x);
            let found = libm::ldexp(f64::from(value), shift - 31);
            assert!(
                (found * libm::sqrt(f64::from(x)) - 1.0).abs() < libm::ldexp(1.0, -19),
                "1 / sqrt({x}) is not {found}"
            );
        }
        assert_eq!(inverse_square_root(1), Multiplier { value: i32::MAX, shift: 0 });
    }
}
