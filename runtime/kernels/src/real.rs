//! Elementary functions of real numbers, the same bits on every target.
//!
//! Those of `f32` are computed as `f64` and rounded once: the nearest number but in the rarest cases, as the C libraries of today give
//! it. What `libm` has in several hundred bytes of tables, and could be had from its exponential and logarithm, is had from those.

use core::f64::consts::{FRAC_2_PI, FRAC_2_SQRT_PI, LOG2_E};

/// From here on every `f64` is whole.
const WHOLE: f64 = (1u64 << 52) as f64;

/// `e^x`.
#[must_use]
pub fn exp(x: f32) -> f32 {
    libm::exp(f64::from(x)) as f32
}

/// `e^x - 1`.
#[must_use]
pub fn exp_m1(x: f32) -> f32 {
    exp_m1_f64(f64::from(x)) as f32
}

/// `e^x - 1`, to 33 bits: near 0 as the series' first terms, since the difference would have few digits left.
fn exp_m1_f64(x: f64) -> f64 {
    const SMALL: f64 = 1.0 / (1u64 << 20) as f64;
    if x.abs() < SMALL { x + 0.5 * x * x } else { libm::exp(x) - 1.0 }
}

/// Natural logarithm.
#[must_use]
pub fn log(x: f32) -> f32 {
    libm::log(f64::from(x)) as f32
}

/// Logarithm to the base of 2.
#[must_use]
pub fn log2(x: f64) -> f64 {
    libm::log(x) * LOG2_E
}

/// Hyperbolic tangent.
#[must_use]
pub fn tanh(x: f32) -> f32 {
    /// From here on it is 1 in `f64`.
    const ONE: f64 = 20.0;
    let twice = exp_m1_f64(2.0 * f64::from(x).clamp(-ONE, ONE));
    (twice / (twice + 2.0)) as f32
}

/// The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to `x`.
///
/// By the series `e^(-x^2) * sum of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1))`, whose terms all have one sign.
/// Source: NIST Digital Library of Mathematical Functions, 7.6.2.
#[must_use]
pub fn erf(x: f32) -> f32 {
    /// From here on it is 1 in `f32`.
    const ONE: f32 = 4.0;
    if x.abs() >= ONE {
        return 1f32.copysign(x);
    }
    let x = f64::from(x);
    let (mut sum, mut term, mut odd) = (x, x, 1.0);
    while term.abs() > sum.abs() * 1e-12 {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    (FRAC_2_SQRT_PI * libm::exp(-x * x) * sum) as f32
}

/// `1 / (1 + e^-x)`.
#[must_use]
pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Square root, correctly rounded.
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        use core::arch::wasm32::{f64x2_extract_lane, f64x2_splat, f64x2_sqrt};
        f64x2_extract_lane::<0>(f64x2_sqrt(f64x2_splat(x)))
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    libm::sqrt(x)
}

/// Square root, correctly rounded: `f64` has more than twice the digits of `f32`, so that the second rounding changes nothing.
#[must_use]
pub fn sqrt_f32(x: f32) -> f32 {
    sqrt(f64::from(x)) as f32
}

/// The nearest whole number; halves go away from 0.
#[must_use]
#[inline(never)]
pub fn round(x: f64) -> f64 {
    let whole = truncate(x);
    if (x - whole).abs() < 0.5 { whole } else { whole + 1f64.copysign(x) }
}

/// As [`round`], of a single number.
#[must_use]
pub fn round_f32(x: f32) -> f32 {
    round(f64::from(x)) as f32
}

/// The largest whole number that is not above `x`.
#[must_use]
pub fn floor(x: f64) -> f64 {
    let whole = truncate(x);
    if whole > x { whole - 1.0 } else { whole }
}

/// `x` without its fraction.
fn truncate(x: f64) -> f64 {
    if x.abs() < WHOLE { x as i64 as f64 } else { x }
}

/// Sine and cosine of an angle of a few turns, in radians.
///
/// Source: fdlibm's `__kernel_sin`, `__kernel_cos`, and the first step of its `__ieee754_rem_pio2`.
#[must_use]
pub fn sin_cos(x: f64) -> (f64, f64) {
    /// The first 33 bits of pi / 2, and the rest.
    const QUARTER: (f64, f64) = (1.570_796_326_734_125_6, 6.077_100_506_506_192e-11);
    let quarters = round(x * FRAC_2_PI);
    let (rest, low) = (x - quarters * QUARTER.0, quarters * QUARTER.1);
    let angle = rest - low;
    let (sin, cos) = sin_cos_of_eighth(angle, (rest - angle) - low);
    match quarters as i64 & 3 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// Sine and cosine of `x + y` from -pi/4 to pi/4, where `y` is what `x` has lost in rounding.
fn sin_cos_of_eighth(x: f64, y: f64) -> (f64, f64) {
    /// Coefficients of `x^3`, `x^5`, ...
    const SIN: [f64; 6] = [
        -1.666_666_666_666_663_2e-1,
        8.333_333_333_322_49e-3,
        -1.984_126_982_985_795e-4,
        2.755_731_370_707_006_8e-6,
        -2.505_076_025_340_686_3e-8,
        1.589_690_995_211_55e-10,
    ];
    /// Coefficients of `x^4`, `x^6`, ...
    const COS: [f64; 6] = [
        4.166_666_666_666_66e-2,
        -1.388_888_888_887_411e-3,
        2.480_158_728_947_673e-5,
        -2.755_731_435_139_066_3e-7,
        2.087_572_321_298_175e-9,
        -1.135_964_755_778_819_5e-11,
    ];
    let z = x * x;
    let polynomial = |coefficients: &[f64]| coefficients.iter().rev().fold(0.0, |sum, c| sum * z + c);
    let sin = x - ((z * (0.5 * y - z * x * polynomial(&SIN[1..])) - y) - z * x * SIN[0]);
    let half = 0.5 * z;
    let cos = 1.0 - half;
    let cos = cos + (((1.0 - cos) - half) + (z * z * polynomial(&COS) - x * y));
    (sin, cos)
}

#[cfg(test)]
mod tests {
    use core::f64::consts::PI;

    use super::*;

    /// Numbers of both signs and of many magnitudes.
    fn numbers() -> impl Iterator<Item = f32> {
        (-3000..=3000i16).map(f32::from).flat_map(|k| [k * 0.01, k * k * k * 1e-9, k * 1e-8])
    }

    #[test]
    fn what_is_had_from_exp_and_log_is_what_libm_gives() {
        type Pair = (&'static str, fn(f32) -> f32, fn(f64) -> f64);
        let pairs: [Pair; 3] = [("expm1", exp_m1, libm::expm1), ("tanh", tanh, libm::tanh), ("erf", erf, libm::erf)];
        for (name, ours, theirs) in pairs {
            for x in numbers() {
                let (found, expected) = (ours(x), theirs(f64::from(x)) as f32);
                let near = found.to_bits().abs_diff(expected.to_bits()) <= 1;
                assert!(found == expected || near, "{name}({x}): {found} for {expected}");
            }
        }
    }

    #[test]
    fn rounding_and_roots_are_exact() {
        for x in numbers().map(f64::from).chain([0.5, -0.5, 2.5, 0.499_999_999_999_999_94, 1e300, f64::INFINITY]) {
            assert_eq!((round(x), floor(x)), (libm::round(x), libm::floor(x)), "{x}");
            assert_eq!(sqrt_f32(x.abs() as f32), libm::sqrtf(x.abs() as f32), "{x}");
        }
        assert!(round(f64::NAN).is_nan() && floor(f64::NAN).is_nan() && sqrt(-1.0).is_nan());
    }

    #[test]
    fn angles_of_up_to_two_turns() {
        for k in -4096..=4096 {
            let x = 4.0 * PI * f64::from(k) / 4096.0;
            let (sin, cos) = sin_cos(x);
            assert!((sin - libm::sin(x)).abs() < 2e-16 && (cos - libm::cos(x)).abs() < 2e-16, "{x}: {sin} {cos}");
        }
    }

    #[test]
    fn powers_of_two_have_whole_logarithms() {
        for k in -100..100 {
            assert!((log2(libm::ldexp(1.0, k)) - f64::from(k)).abs() < 1e-13, "{k}");
        }
    }
}
