//! Sums and differences of int8, eight elements at a time.
//!
//! The scalar rule rounds four times, but three of its roundings are far below the output's last place: with `A` and `B` the real
//! factors of the inputs, its result is `floor(v + 1/2)` for a `v` within `3 * output_multiplier` of
//!
//! ```text
//! A * (a - a_zero) +- B * (b - b_zero)
//! ```
//!
//! (the inputs' scalings are each off by at most 1 of the sum's units, the last one's first rounding by at most `2^(-e - 1)` of
//! the output's, which is no more than one unit of the sum). As in [`super::requantize`] this is computed in single precision,
//!
//! ```text
//! t = a * A + (b * +-B + constant)
//! ```
//!
//! raised by more than it can be off, so that only fractions next to 0 leave the result in doubt; those are computed by the rule.
//! What `t` can be off by, the roundings of both factors, both products, the constant and both sums, is bounded when the step is
//! prepared.

use core::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_mul, i32x4_extend_high_i16x8, i32x4_extend_low_i16x8, v128,
};

use super::lanes::{load, load_widened, store_low, up_to};
use super::requantize::{Bounds, FRACTION};
use crate::quant::Multiplier;
use crate::scalar;

pub use scalar::add::Add;

/// Elements of a turn.
const LANES: usize = 8;

/// By how many of its last places `t` is raised.
const RAISED: u32 = 8;

/// A sum or difference in single precision.
#[derive(Debug)]
pub struct Sum {
    rule: Add,
    factors: [[f32; 4]; 2],
    constant: [f32; 4],
    bounds: Bounds,
}

impl Sum {
    /// None where the result could be off by more than `t` is raised.
    #[must_use]
    #[inline]
    pub fn new(rule: Add) -> Option<Self> {
        let (low, high) = rule.range;
        let real = |m: Multiplier| libm::ldexp(f64::from(m.value), m.shift - 31);
        let is_small = |m: Multiplier| (-31..=0).contains(&m.shift);
        if !(rule.input_multipliers.iter().all(|&m| is_small(m)) && is_small(rule.output_multiplier)) || low > high {
            return None;
        }
        let unit = real(rule.output_multiplier);
        let raise = libm::ldexp(unit, rule.left_shift as i32);
        let [a, b] = rule.input_multipliers.map(|m| raise * real(m));
        let b = b * f64::from(rule.second_sign);
        let zero = a * f64::from(rule.input_zero_points[0]) + b * f64::from(rule.input_zero_points[1]);
        let raised = f64::from(RAISED) / f64::from(1u32 << FRACTION);
        let constant = 256.5 + raised - f64::from(low - rule.output_zero_point) - zero;
        // Each rounding is at most 2^-24 of what is rounded.
        let terms = 128.0 * (a.abs() + b.abs());
        let rounded = 2.0 * terms + constant.abs() + (128.0 * b.abs() + constant.abs()) + 512.0;
        if rounded * libm::ldexp(1.0, -24) + 3.0 * unit >= raised {
            return None;
        }
        let bounds = Bounds::new(rule.range, RAISED);
        Some(Self { rule, factors: [[a as f32; 4], [b as f32; 4]], constant: [constant as f32; 4], bounds })
    }

    /// As the scalar kernel.
    pub fn run(&self, a: &[i8], b: &[i8], y: &mut [i8]) {
        let (a_blocks, a_rest) = a.as_chunks();
        let (b_blocks, b_rest) = b.as_chunks();
        let (y_blocks, y_rest) = y.as_chunks_mut();
        self.blocks(a_blocks, b_blocks, y_blocks);
        if !y_rest.is_empty() {
            let mut last = [[0; LANES]];
            self.blocks(&[up_to(a_rest)], &[up_to(b_rest)], &mut last);
            y_rest.iter_mut().zip(last[0]).for_each(|(y, last)| *y = last);
        }
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
        let bounds = self.bounds.load();
        let [a_factor, b_factor, constant] = [load(&self.factors[0]), load(&self.factors[1]), load(&self.constant)];
        let count = y.len();
        for (done, ((a, b), y)) in a.iter().zip(b).zip(y).enumerate() {
            let (a, b) = (singles(a), singles(b));
            let t = [0, 1].map(|h| {
                let b = f32x4_add(f32x4_mul(b[h], b_factor), constant);
                f32x4_add(f32x4_mul(a[h], a_factor), b)
            });
            let Some(stored) = bounds.stored(t) else { return done };
            store_low(stored, y);
        }
        count
    }
}

#[inline(always)]
fn singles(x: &[i8; LANES]) -> [v128; 2] {
    let x = load_widened(x);
    [i32x4_extend_low_i16x8(x), i32x4_extend_high_i16x8(x)].map(|x| f32x4_convert_i32x4(x))
}
