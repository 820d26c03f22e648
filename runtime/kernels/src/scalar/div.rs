//! Quotients of quantized values.

use super::arithmetic::Stored;
use crate::fixed_point::{reciprocal, saturating_shift_left};
use crate::quant::{Multiplier, rounding_divide_by_pot, rounding_doubling_high_mul};

/// A quotient of quantized values: `y = clamp((a - a_zero) / (b - b_zero) * multiplier + output_zero, range)`.
#[derive(Debug, Clone)]
pub struct Div {
    /// Of each input.
    pub input_zero_points: [i32; 2],
    /// From the quotient's scale to the output's.
    pub multiplier: Multiplier,
    /// Of the output.
    pub output_zero_point: i32,
    /// The activation's range, in stored values.
    pub range: (i32, i32),
}

impl Div {
    /// `a / b * multiplier` of values without their zero points, by the reciprocal of `b`. No `b` is 0.
    ///
    /// Source: TensorFlow Lite's `DivElementwise`.
    #[inline]
    fn quotient(&self, a: i32, b: i32) -> i32 {
        let (a, b) = if b < 0 { (-a, -b) } else { (a, b) };
        let (inverse, exponent) = reciprocal(b, 31);
        let headroom = if a < 0 { a.leading_ones() } else { a.leading_zeros() } - 1;
        let quotient = rounding_doubling_high_mul(a << headroom, inverse);
        let shift = self.multiplier.shift - exponent - headroom as i32;
        match shift {
            // A rounding shift by more bits than there are, which C++ leaves undefined, as microcontrollers (Arm) do it.
            ..-31 => {
                if quotient < 0 {
                    -1
                } else {
                    1
                }
            }
            -31..=0 => rounding_divide_by_pot(rounding_doubling_high_mul(quotient, self.multiplier.value), -shift),
            _ => {
                rounding_doubling_high_mul(saturating_shift_left(quotient, shift.min(31) as u32), self.multiplier.value)
            }
        }
    }
}

/// `y = a / b`, element by element.
pub fn div<T: Stored>(div: &Div, a: &[T], b: &[T], y: &mut [T]) {
    for ((&a, &b), y) in a.iter().zip(b).zip(y) {
        let (a, b): (i32, i32) = (a.into(), b.into());
        let quotient = div.quotient(a - div.input_zero_points[0], b - div.input_zero_points[1]);
        *y = T::of(quotient.saturating_add(div.output_zero_point).clamp(div.range.0, div.range.1));
    }
}
