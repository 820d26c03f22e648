//! `LOG_SOFTMAX`: `x - log(sum(exp(x)))` over the last axis.

use super::arithmetic::Stored;
use super::softmax::{DIFFERENCE_BITS, Differences, largest};
use crate::fixed_point::log_of_one_or_more;
use crate::quant::{Multiplier, rounding_divide_by_pot};
use crate::real;

/// Integer bits of the output's range, -16 to 0.
const OUTPUT_BITS: u32 = 4;

/// Rows of 8-bit values. The output's step is 1/16 and its zero point the largest value `high`.
///
/// `to_input` brings `Q5.26` back to the input's scale.
pub fn log_softmax<T: Stored>(
    differences: &Differences,
    to_input: Multiplier,
    depth: usize,
    high: i32,
    x: &[T],
    y: &mut [T],
) {
    for (x, y) in x.chunks(depth).zip(y.chunks_mut(depth)) {
        let largest = largest(x);
        let log_sum = log_of_one_or_more(differences.sum_of_exponentials(x, largest));
        // Below it, the difference minus the sum leaves Q5.26.
        let least = to_input.apply(log_sum.wrapping_add(i32::MIN)).max(differences.least - 1);
        for (&x, y) in x.iter().zip(y) {
            let difference: i32 = x.into() - largest;
            let steps = if difference > least {
                let log = differences.multiplier.apply(difference).wrapping_sub(log_sum);
                rounding_divide_by_pot(log, (31 - DIFFERENCE_BITS - OUTPUT_BITS) as i32)
            } else {
                i32::MIN
            };
            *y = T::of(steps.saturating_add(high).clamp(high - 255, high));
        }
    }
}

/// Rows of real values.
#[inline]
pub fn log_softmax_f32(depth: usize, x: &[f32], y: &mut [f32]) {
    for (x, y) in x.chunks(depth).zip(y.chunks_mut(depth)) {
        let largest = x.iter().copied().fold(f32::MIN, f32::max);
        let sum = x.iter().fold(0.0, |sum, &x| sum + real::exp(x - largest));
        let log_sum = real::log(sum);
        for (&x, y) in x.iter().zip(y) {
            *y = x - largest - log_sum;
        }
    }
}
