//! The rounding rules of quantized arithmetic.
//!
//! A quantized value stands for `scale * (stored - zero_point)`. Products are summed in integers and brought back to the output's
//! scale by a fixed-point [`Multiplier`]. Where the engines differ, Mote computes as TensorFlow Lite Micro does:
//!
//! | what | rule |
//! | --- | --- |
//! | 32-bit accumulators (convolutions, dense layers, elementwise) | [`Multiplier::apply`]: gemmlowp's double rounding |
//! | 32-bit accumulators of uint8 dense layers, which only LiteRT runs | [`Multiplier::apply_once`]: one rounding |
//! | 64-bit accumulators (int16 activations with int8 weights) | [`Multiplier::apply_wide`]: one rounding, multiplier cut to 16 bits |

use crate::real;

/// One scale and one zero point: real = scale * (stored - zero point).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerTensor {
    /// Finite and positive.
    pub scale: f32,
    /// In the range of the tensor's type.
    pub zero_point: i32,
}

/// A positive real factor in fixed point: `value * 2^(shift - 31)`, `value` in `[2^30, 2^31)` or 0.
///
/// Source: gemmlowp's `fixedpoint.h` and TensorFlow Lite's `QuantizeMultiplier`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Multiplier {
    /// The significand.
    pub value: i32,
    /// The exponent; positive shifts left.
    pub shift: i32,
}

impl Multiplier {
    /// The fixed-point number nearest to `factor`; too small ones become 0, too large ones the largest.
    #[must_use]
    #[inline]
    pub fn new(factor: f64) -> Self {
        if factor == 0.0 {
            return Self::default();
        }
        let (significand, mut shift) = libm::frexp(factor);
        let mut value = real::round(significand * (1i64 << 31) as f64) as i64;
        if value == 1 << 31 {
            value /= 2;
            shift += 1;
        }
        if shift < -31 {
            return Self::default();
        }
        if shift > 30 {
            return Self { value: i32::MAX, shift: 30 };
        }
        Self { value: value as i32, shift }
    }

    /// `x * factor`, rounded twice as gemmlowp does.
    #[must_use]
    pub fn apply(self, x: i32) -> i32 {
        let left = self.shift.max(0);
        let right = (-self.shift).max(0);
        rounding_divide_by_pot(rounding_doubling_high_mul(x.wrapping_shl(left as u32), self.value), right)
    }

    /// `x * factor`, rounded once, half away from zero.
    ///
    /// Source: what LiteRT 2.3.0 gives for sums that lie on ties.
    #[must_use]
    pub fn apply_once(self, x: i32) -> i32 {
        let total_shift = 31 - self.shift;
        let product = i64::from(x) * i64::from(self.value);
        ((product + (1 << (total_shift - 1)) - i64::from(product < 0)) >> total_shift) as i32
    }

    /// `x * factor` for an accumulator of up to 48 bits, rounded once, with the multiplier cut to 16 bits.
    ///
    /// Source: TensorFlow Lite's `MultiplyByQuantizedMultiplier(int64_t, ...)`.
    #[must_use]
    pub fn apply_wide(self, x: i64) -> i32 {
        let reduced = if self.value < 0x7FFF_0000 { (i64::from(self.value) + (1 << 15)) >> 16 } else { 0x7FFF };
        let total_shift = 15 - self.shift;
        let rounded = x.wrapping_mul(reduced).wrapping_add(1 << (total_shift - 1));
        (rounded >> total_shift) as i32
    }
}

/// Float values as int8 without a zero point, `largest magnitude / 127` apart; returns that scale. All zeros have scale 1.
///
/// Source: TensorFlow Lite's `PortableSymmetricQuantizeFloats`.
#[inline]
pub fn quantize_symmetric(x: &[f32], y: &mut [i8]) -> f32 {
    let range = x.iter().fold(0.0f32, |range, x| range.max(x.abs()));
    if range == 0.0 {
        y.fill(0);
        return 1.0;
    }
    let inverse = 127.0 / range;
    for (&x, y) in x.iter().zip(y) {
        *y = real::round_f32(x * inverse).clamp(-127.0, 127.0) as i8;
    }
    range / 127.0
}

/// The high half of `2 * a * b`, rounded half away from zero; `MIN * MIN` saturates.
///
/// Source: gemmlowp's `SaturatingRoundingDoublingHighMul`.
#[must_use]
#[inline]
pub fn rounding_doubling_high_mul(a: i32, b: i32) -> i32 {
    if a == i32::MIN && b == i32::MIN {
        return i32::MAX;
    }
    let product = i64::from(a) * i64::from(b);
    let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
    ((product + nudge) / (1 << 31)) as i32
}

/// `x / 2^exponent`, rounded half away from zero. `exponent` from 0 to 31.
///
/// Source: gemmlowp's `RoundingDivideByPOT`.
#[must_use]
#[inline]
pub fn rounding_divide_by_pot(x: i32, exponent: i32) -> i32 {
    let mask = ((1i64 << exponent) - 1) as i32;
    let remainder = x & mask;
    let threshold = (mask >> 1) + i32::from(x < 0);
    (x >> exponent) + i32::from(remainder > threshold)
}

/// The largest distance from the zero point that, multiplied by `2^left_shift`, still fits `integer_bits` of 31 bits.
///
/// Source: TensorFlow Lite's `CalculateInputRadius`.
#[must_use]
#[inline]
pub fn input_radius(integer_bits: u32, left_shift: i32) -> i32 {
    let largest = f64::from((1 << integer_bits) - 1) * f64::from(1 << (31 - integer_bits));
    real::floor(libm::ldexp(largest, -left_shift)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipliers_are_normalised() {
        assert_eq!(Multiplier::new(1.0), Multiplier { value: 1 << 30, shift: 1 });
        assert_eq!(Multiplier::new(0.5), Multiplier { value: 1 << 30, shift: 0 });
        assert_eq!(Multiplier::new(0.0), Multiplier::default());
        assert_eq!(Multiplier::new(1e-12), Multiplier::default());
        assert_eq!(Multiplier::new(1.0 - 1e-12), Multiplier { value: 1 << 30, shift: 1 });
    }

    #[test]
    fn division_by_a_power_of_two_rounds_half_away_from_zero() {
        let cases =
            [(5, 1, 3), (-5, 1, -3), (4, 1, 2), (6, 2, 2), (-6, 2, -2), (-7, 2, -2), (1, 31, 0), (i32::MIN, 31, -1)];
        for (x, exponent, expected) in cases {
            assert_eq!(rounding_divide_by_pot(x, exponent), expected, "{x} / 2^{exponent}");
        }
    }

    #[test]
    fn two_roundings_differ_from_one_where_they_must() {
        let half = Multiplier { value: 1 << 30, shift: -1 };
        assert_eq!(half.apply(1), 1, "1/4: high-mul rounds 0.5 up to 1, the division rounds 0.5 up to 1");
        assert_eq!(half.apply_wide(1), 0);
    }

    #[test]
    fn extremes_saturate() {
        assert_eq!(rounding_doubling_high_mul(i32::MIN, i32::MIN), i32::MAX);
        assert_eq!(rounding_doubling_high_mul(i32::MAX, i32::MAX), i32::MAX - 1);
    }
}
