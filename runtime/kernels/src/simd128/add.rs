//! Sums and differences of int8, eight elements at a time.
//!
//! The scalar rule rounds four times, but three of its roundings are far below the output's last place: with `A` and `B` the real
//! factors of the inputs, its result is `floor(v + 1/2)` for a `v` within `3 * output_multiplier` of
//!
//! ```text
//! A * (a - a_zero) +- B * (b - b_zero) + zero_point
//! ```
//!
//! (the inputs' scalings are each off by at most 1 of the sum's units, the last one's first rounding by at most `2^(-e - 1)` of
//! the output's, which is no more than one unit of the sum). Here this is computed with [`FRACTION`] binary places,
//!
//! ```text
//! t = a * A + b * +-B + constant
//! ```
//!
//! raised by more than it can be off, so that only fractions next to 0 leave the result in doubt; those are computed by the rule.
//! What `t` can be off by is half a unit for each unit of `a` and `b`, half a unit of the constant, and what the rule is. Factors
//! have up to 23 bits, so each is two of 16: the pairs `a, b` are multiplied by the pair of the upper parts and by that of the
//! lower ones, two exact dot products. No sum of them wraps; that too is known when the step is prepared.

use core::arch::wasm32::{
    i8x16_max, i8x16_min, i8x16_narrow_i16x8, i16x8_narrow_i32x4, i32x4_add, i32x4_all_true, i32x4_dot_i16x8,
    i32x4_shl, i32x4_shr, u32x4_min, v128_and,
};

use super::in_blocks;
use super::lanes::{interleaved, load, load_widened, store_low};
use crate::quant::Multiplier;
use crate::scalar;

pub use scalar::add::Add;

/// Elements of a turn.
const LANES: usize = 8;

/// Places after the point of `t`, whose magnitude is below 1024.
const FRACTION: u32 = 21;

/// By how many of its last places `t` is raised, a power of two.
const RAISED: i32 = 256;

/// Bits of a factor's lower part, which has a sign.
const LOWER: u32 = 8;

/// A sum or difference by fixed-point dot products.
#[derive(Debug)]
pub struct Sum {
    rule: Add,
    /// The upper parts of the factors of `a` and `b`, in turns, and the lower ones.
    factors: [[i16; LANES]; 2],
    constant: [i32; 4],
    /// The bits of the fraction of `t` of which some are set where the result is not in doubt.
    sure: [i32; 4],
    bounds: [[i8; 16]; 2],
}

impl Sum {
    /// None where the result could be off by more than `t` is raised, or `t` is too large.
    #[must_use]
    #[inline]
    pub fn new(rule: Add) -> Option<Self> {
        let (low, high) = rule.range;
        let real = |m: Multiplier| libm::ldexp(f64::from(m.value), m.shift - 31);
        let is_small = |m: Multiplier| (-31..=0).contains(&m.shift);
        if !(rule.input_multipliers.iter().all(|&m| is_small(m)) && is_small(rule.output_multiplier)) || low > high {
            return None;
        }
        // Of the sum, in places of `t`.
        let unit = libm::ldexp(real(rule.output_multiplier), FRACTION as i32);
        let raise = libm::ldexp(unit, rule.left_shift as i32);
        let [a, b] = rule.input_multipliers.map(|m| raise * real(m));
        let b = b * f64::from(rule.second_sign);
        let zero = a * f64::from(rule.input_zero_points[0]) + b * f64::from(rule.input_zero_points[1]);
        let one = libm::ldexp(1.0, FRACTION as i32);
        let constant = (f64::from(rule.output_zero_point) + 0.5) * one + f64::from(RAISED) - zero;
        let largest = 128.0 * (a.abs() + b.abs()) + constant.abs();
        if largest + f64::from(RAISED) >= f64::from(i32::MAX) || 129.0 + 3.0 * unit >= f64::from(RAISED) {
            return None;
        }
        let [a, b] = [a, b].map(libm::round).map(|factor| factor as i32);
        let upper = |factor: i32| (factor + (1 << (LOWER - 1))) >> LOWER;
        let lower = |factor: i32| factor - (upper(factor) << LOWER);
        let pairs = |part: &dyn Fn(i32) -> i32| {
            let [a, b] = [a, b].map(|factor| i16::try_from(part(factor)).ok());
            Some([a?, b?, a?, b?, a?, b?, a?, b?])
        };
        Some(Self {
            rule,
            factors: [pairs(&upper)?, pairs(&lower)?],
            constant: [libm::round(constant) as i32; 4],
            sure: [(1 << FRACTION) - 2 * RAISED; 4],
            bounds: [[low as i8; 16], [high as i8; 16]],
        })
    }

    /// As the scalar kernel.
    pub fn run(&self, a: &[i8], b: &[i8], y: &mut [i8]) {
        in_blocks(a, b, y, &|a, b, y| self.blocks(a, b, y));
    }

    fn blocks(&self, a: &[[i8; LANES]], b: &[[i8; LANES]], y: &mut [[i8; LANES]]) {
        let mut done = self.sure_blocks(a, b, y);
        while done < y.len() {
            scalar::add::add(&self.rule, &a[done], &b[done], &mut y[done]);
            done += 1;
            done += self.sure_blocks(&a[done..], &b[done..], &mut y[done..]);
        }
    }

    /// Blocks up to the first of which some element is in doubt; returns how many.
    #[inline(never)]
    fn sure_blocks(&self, a: &[[i8; LANES]], b: &[[i8; LANES]], y: &mut [[i8; LANES]]) -> usize {
        let [upper, lower] = [load(&self.factors[0]), load(&self.factors[1])];
        let [constant, sure] = [load(&self.constant), load(&self.sure)];
        let [low, high] = [load(&self.bounds[0]), load(&self.bounds[1])];
        let count = y.len();
        for (done, ((a, b), y)) in a.iter().zip(b).zip(y).enumerate() {
            let t = interleaved(load_widened(a), load_widened(b)).map(|pair| {
                let upper = i32x4_shl(i32x4_dot_i16x8(pair, upper), LOWER);
                i32x4_add(upper, i32x4_add(i32x4_dot_i16x8(pair, lower), constant))
            });
            if !i32x4_all_true(u32x4_min(v128_and(t[0], sure), v128_and(t[1], sure))) {
                return done;
            }
            let stored = t.map(|t| i32x4_shr(t, FRACTION));
            let stored = i16x8_narrow_i32x4(stored[0], stored[1]);
            store_low(i8x16_min(i8x16_max(i8x16_narrow_i16x8(stored, stored), low), high), y);
        }
        count
    }
}
