//! The logistic function and the hyperbolic tangent of 16-bit fixed-point numbers, as gemmlowp computes them.
//!
//! The same series and steps as in [`crate::fixed_point`], every intermediate result in 16 bits, so with other roundings. A number
//! in `Qm.n` counts steps of `2^-n`, with `m + n = 15`. Sums wrap.
//!
//! Source: gemmlowp's `fixedpoint/fixedpoint.h`.

use crate::quant::rounding_divide_by_pot;

/// 1 in `Q0.15`, as near as it gets.
const ONE: i16 = i16::MAX;

/// The high half of `2 * a * b`, rounded half away from zero; `MIN * MIN` saturates.
#[inline]
fn mul(a: i16, b: i16) -> i16 {
    let product = i32::from(a) * i32::from(b);
    let nudge = if product >= 0 { 1 << 14 } else { 1 - (1 << 14) };
    ((product + nudge) / (1 << 15)).min(ONE.into()) as i16
}

#[inline]
fn divide_by_pot(x: i16, exponent: i32) -> i16 {
    rounding_divide_by_pot(x.into(), exponent) as i16
}

/// A constant, which gemmlowp writes with 32 bits.
#[inline]
fn constant(wide: i32) -> i16 {
    rounding_divide_by_pot(wide, 16) as i16
}

#[inline]
fn shift_left(x: i16, exponent: u32) -> i16 {
    (i32::from(x) << exponent).clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

/// `exp(x)` in `Q0.15` of `x` from -1/4 to 0, in `Q0.15`: a Taylor series around -1/8.
#[inline]
fn exp_of_last_quarter(x: i16) -> i16 {
    let (exp_of_minus_eighth, third) = (constant(1_895_147_668), constant(715_827_883));
    let x = x.wrapping_add(1 << 12);
    let x2 = mul(x, x);
    let x3 = mul(x2, x);
    let x4 = mul(x2, x2);
    let thirds = mul(divide_by_pot(x4, 2).wrapping_add(x3), third);
    let tail = divide_by_pot(thirds.wrapping_add(x2), 1);
    exp_of_minus_eighth.wrapping_add(mul(exp_of_minus_eighth, x.wrapping_add(tail)))
}

/// `exp(x)` in `Q0.15` of `x <= 0` with `integer_bits` from 1 to 5.
#[inline]
fn exp_of_negative(x: i16, integer_bits: u32) -> i16 {
    /// exp(-2^k), k from -2 to 4, in `Q0.31`.
    const EXP_OF_MINUS_POWERS: [i32; 7] =
        [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242];
    if x == 0 {
        return ONE;
    }
    let quarter_bit = 13 - integer_bits;
    let quarter = 1 << quarter_bit;
    let fraction = (x & (quarter - 1)) - quarter;
    let rest = fraction.wrapping_sub(x);
    let powers = EXP_OF_MINUS_POWERS.iter().zip(quarter_bit..15);
    powers.fold(exp_of_last_quarter(shift_left(fraction, integer_bits)), |y, (&power, bit)| {
        if rest >> bit & 1 == 1 { mul(y, constant(power)) } else { y }
    })
}

/// `2 / (1 + x)` in `Q2.13` of `x` from 0 to 1 in `Q0.15`: three Newton steps from `48/17 - 32/17 * d`.
#[inline]
fn two_over_one_plus(x: i16) -> i16 {
    let half_denominator = ((i32::from(x) + i32::from(ONE) + 1) / 2) as i16;
    let start = constant(1_515_870_810).wrapping_add(mul(half_denominator, constant(-1_010_580_540)));
    (0..3).fold(start, |y, _| {
        let missing = (1i16 << 13).wrapping_sub(mul(half_denominator, y));
        y.wrapping_add(shift_left(mul(y, missing), 2))
    })
}

/// `1 / (1 + exp(-x))` in `Q0.15` of `x` in `Q3.12`.
#[must_use]
#[inline]
pub fn logistic(x: i16) -> i16 {
    let negative = if x > 0 { x.wrapping_neg() } else { x };
    let of_positive = shift_left(two_over_one_plus(exp_of_negative(negative, 3)), 1);
    match x {
        0 => 1 << 14,
        1.. => of_positive,
        _ => ONE.wrapping_sub(of_positive),
    }
}

/// `tanh(x)` in `Q0.15` of `x` with `integer_bits` up to 4.
#[must_use]
#[inline]
pub fn tanh(x: i16, integer_bits: u32) -> i16 {
    let negative = if x > 0 { x.wrapping_neg() } else { x };
    let ratio = two_over_one_plus(exp_of_negative(negative, integer_bits + 1));
    let of_positive = shift_left(ratio.wrapping_sub(1 << 13), 2);
    match x {
        0 => 0,
        1.. => of_positive,
        _ => of_positive.wrapping_neg(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps of `2^-15` that the functions may be off by.
    const STEPS: f64 = 16.0;

    fn check(name: &str, x: i16, integer_bits: u32, y: i16, expected: fn(f64) -> f64) {
        let real = f64::from(x) / f64::from(1 << (15 - integer_bits));
        let off = f64::from(y) - expected(real) * 32768.0;
        assert!(off.abs() <= STEPS, "{name}({real}) is off by {off} steps");
    }

    #[test]
    fn functions_are_near_the_real_ones() {
        for x in i16::MIN..=i16::MAX {
            check("logistic", x, 3, logistic(x), |v| 1.0 / (1.0 + libm::exp(-v)));
            for bits in 0..=4 {
                check("tanh", x, bits, tanh(x, bits), libm::tanh);
            }
        }
    }
}
