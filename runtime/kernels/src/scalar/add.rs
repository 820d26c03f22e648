//! Sums and differences of quantized values.

use super::arithmetic::Stored;
use crate::quant::Multiplier;

/// A sum or difference of quantized values, in fixed point.
///
/// ```text
/// a' = (a - a_zero) * 2^left_shift * a_multiplier          and so b'
/// y  = clamp((a' +- b') * output_multiplier + output_zero, range)
/// ```
#[derive(Debug, Clone)]
pub struct Add {
    /// Of each input.
    pub input_zero_points: [i32; 2],
    /// Bits that the inputs are raised by, so that their scaling loses none.
    pub left_shift: u32,
    /// From each input's scale to twice the larger of them.
    pub input_multipliers: [Multiplier; 2],
    /// 1 for sums, -1 for differences.
    pub second_sign: i32,
    /// From the sum's scale to the output's.
    pub output_multiplier: Multiplier,
    /// Of the output.
    pub output_zero_point: i32,
    /// The activation's range, in stored values.
    pub range: (i32, i32),
}

/// `y = a +- b`, element by element.
pub fn add<T: Stored>(add: &Add, a: &[T], b: &[T], y: &mut [T]) {
    let scaled = |k: usize, x: T| {
        let x: i32 = x.into() - add.input_zero_points[k];
        add.input_multipliers[k].apply(x.wrapping_shl(add.left_shift))
    };
    for ((&a, &b), y) in a.iter().zip(b).zip(y) {
        let sum = scaled(0, a).wrapping_add(add.second_sign * scaled(1, b));
        let sum = add.output_multiplier.apply(sum).saturating_add(add.output_zero_point);
        *y = T::of(sum.clamp(add.range.0, add.range.1));
    }
}
