//! Products of quantized values.

use super::arithmetic::Stored;
use crate::quant::Multiplier;

/// A product of quantized values: `y = clamp((a - a_zero) * (b - b_zero) * multiplier + output_zero, range)`.
#[derive(Debug, Clone)]
pub struct Mul {
    /// Of each input.
    pub input_zero_points: [i32; 2],
    /// From the product's scale to the output's.
    pub multiplier: Multiplier,
    /// Of the output.
    pub output_zero_point: i32,
    /// The activation's range, in stored values.
    pub range: (i32, i32),
}

/// `y = a * b`, element by element.
pub fn mul<T: Stored>(mul: &Mul, a: &[T], b: &[T], y: &mut [T]) {
    for ((&a, &b), y) in a.iter().zip(b).zip(y) {
        let (a, b): (i32, i32) = (a.into(), b.into());
        let product = (a - mul.input_zero_points[0]).wrapping_mul(b - mul.input_zero_points[1]);
        let product = mul.multiplier.apply(product).saturating_add(mul.output_zero_point);
        *y = T::of(product.clamp(mul.range.0, mul.range.1));
    }
}
