//! `SOFTMAX`: `exp(beta * x) / sum(exp(beta * x))` over the last axis.

use alloc::boxed::Box;

use super::arithmetic::Stored;
use crate::fixed_point::{exp_of_negative, reciprocal};
use crate::lookup::Interpolated;
use crate::quant::{Multiplier, rounding_divide_by_pot, rounding_doubling_high_mul};
use crate::real;

/// Integer bits of a scaled difference to the row's largest value: below -31 its exponential is nothing.
pub const DIFFERENCE_BITS: u32 = 5;
/// Integer bits of a sum of exponentials: rows of up to 4095 values.
const SUM_BITS: u32 = 12;

/// Differences of 8-bit values to the largest of their row, scaled to `Q5.26`.
#[derive(Debug, Clone)]
pub struct Differences {
    /// From the input's scale (and beta) to `Q5.26`.
    pub multiplier: Multiplier,
    /// Smaller differences do not count.
    pub least: i32,
    /// The exponential of each of the 256 differences there are, from 0 down, in `Q0.31`; 0 for those that do not count.
    exponentials: Box<[i32; 256]>,
}

impl Differences {
    /// With the exponentials.
    #[must_use]
    #[inline]
    pub fn new(multiplier: Multiplier, least: i32) -> Self {
        let mut exponentials = Box::new([0; 256]);
        for (difference, exponential) in (least.max(-255)..=0).rev().zip(exponentials.iter_mut()) {
            *exponential = exp_of_negative(multiplier.apply(difference), DIFFERENCE_BITS);
        }
        Self { multiplier, least, exponentials }
    }

    /// The exponential of a value's difference.
    fn exponential<T: Stored>(&self, x: T, largest: i32) -> i32 {
        self.exponentials[(largest - x.into()) as usize % 256]
    }

    /// The sum of exponentials of a row, in `Q12.19`.
    pub(super) fn sum_of_exponentials<T: Stored>(&self, row: &[T], largest: i32) -> i32 {
        row.iter().fold(0i32, |sum, &x| {
            sum.saturating_add(rounding_divide_by_pot(self.exponential(x, largest), SUM_BITS as i32))
        })
    }
}

/// The largest value of a row.
pub(super) fn largest<T: Stored>(row: &[T]) -> i32 {
    row.iter().map(|&x| x.into()).max().unwrap_or(0)
}

/// Rows of 8-bit values. The output's step is `2^-bits` of its type and its zero point the least value `low`.
pub fn softmax<T: Stored, Y: Stored>(differences: &Differences, depth: usize, low: i32, x: &[T], y: &mut [Y]) {
    let bits = 8 * size_of::<Y>() as i32;
    let high = low + ((1 << bits) - 1);
    for (x, y) in x.chunks(depth).zip(y.chunks_mut(depth)) {
        let largest = largest(x);
        let (scale, exponent) = reciprocal(differences.sum_of_exponentials(x, largest), SUM_BITS as i32);
        let exponent = exponent + 31 - bits;
        for (&x, y) in x.iter().zip(y) {
            let share = rounding_doubling_high_mul(scale, differences.exponential(x, largest));
            // Past 31 bits every share rounds to nothing.
            let share = if exponent > 31 { 0 } else { rounding_divide_by_pot(share, exponent) };
            *y = Y::of((share + low).clamp(low, high));
        }
    }
}

/// Tables and scaling of rows of int16 values.
#[derive(Debug, Clone)]
pub struct Softmax16 {
    /// From the input's scale (and beta) to steps of 10/65535.
    pub multiplier: Multiplier,
    /// `exp` over -10..0, in `Q0.15`.
    pub exp: Interpolated,
    /// `1 / (1 + x)` over 0..1, in `Q0.15`.
    pub one_over_one_plus: Interpolated,
}

/// Rows of int16 values; the output's step is `2^-15`.
#[inline]
pub fn softmax16(tables: &Softmax16, depth: usize, x: &[i16], y: &mut [i16]) {
    for (x, y) in x.chunks(depth).zip(y.chunks_mut(depth)) {
        let largest = largest(x);
        let mut sum = 0i32;
        for (&x, y) in x.iter().zip(&mut *y) {
            let difference = tables.multiplier.apply(i32::from(x) - largest);
            *y = tables.exp.at(difference.saturating_add(32767));
            sum = sum.saturating_add(i32::from(*y));
        }
        let headroom = sum.leading_zeros();
        // The largest value's own exponential is 32767: the sum has 15 bits at least.
        let shift = 31 - headroom;
        let mantissa = (((i64::from(sum) << (headroom - 1)) + (1 << 13)) >> 14) as i32;
        let reciprocal = i64::from(tables.one_over_one_plus.at(mantissa - (1 << 15) - (1 << 16)));
        for y in y {
            let share = (i64::from(*y) * reciprocal + (1 << (shift - 1))) >> shift;
            *y = share.clamp(0, 32767) as i16;
        }
    }
}

/// Rows of real values.
#[inline]
pub fn softmax_f32(beta: f32, depth: usize, x: &[f32], y: &mut [f32]) {
    for (x, y) in x.chunks(depth).zip(y.chunks_mut(depth)) {
        let largest = x.iter().copied().fold(f32::MIN, f32::max);
        let mut sum = 0.0;
        for (&x, y) in x.iter().zip(&mut *y) {
            *y = real::exp((x - largest) * beta);
            sum += *y;
        }
        for y in y {
            *y /= sum;
        }
    }
}
