//! Products of int8, eight elements at a time.
//!
//! `(a - a_zero) * (b - b_zero)` is exact in 32 bits, and scaled by the rule that sums of products are: [`super::requantize`].

use alloc::vec::Vec;
use core::arch::wasm32::{i16x8_splat, i16x8_sub, i32x4_extmul_high_i16x8, i32x4_extmul_low_i16x8};
use core::marker::PhantomData;

use super::in_blocks;
use super::lanes::{load_widened, store};
use super::requantize::{LANES, Requantize, Sums};
use crate::scalar::arithmetic::{Quantized, Rounding};

pub use crate::scalar::mul::Mul;

/// Blocks whose products are gathered before they are requantized.
const GATHERED: usize = 16;

/// A product whose scaling is exact in single precision, or is seen not to be.
#[derive(Debug)]
pub struct Product {
    zero_points: [i16; 2],
    requantize: Requantize,
}

impl Product {
    /// None for a factor of 1 or more. A product of two inputs is at most two of a weight by an input.
    #[must_use]
    #[inline]
    pub fn new(rule: &Mul) -> Option<Self> {
        let q = Quantized {
            input_zero_point: 0,
            weight_zero_point: 0,
            bias: Vec::new(),
            multipliers: alloc::vec![rule.multiplier; LANES],
            rounding: Rounding::Twice,
            output_zero_point: rule.output_zero_point,
            range: rule.range,
            stored: PhantomData,
        };
        let zero_points = rule.input_zero_points.map(|zero_point| zero_point as i16);
        Some(Self { zero_points, requantize: Requantize::new(&q, 2)? })
    }

    /// As the scalar kernel.
    pub fn run(&self, a: &[i8], b: &[i8], y: &mut [i8]) {
        in_blocks(a, b, y, &|a, b, y| {
            let mut products = [[[0; 4]; 2]; GATHERED];
            for ((a, b), y) in a.chunks(GATHERED).zip(b.chunks(GATHERED)).zip(y.chunks_mut(GATHERED)) {
                self.multiply(a, b, &mut products);
                self.requantize.pixels(0, &products, GATHERED, y.as_flattened_mut());
            }
        });
    }

    #[inline(never)]
    fn multiply(&self, a: &[[i8; LANES]], b: &[[i8; LANES]], products: &mut [Sums; GATHERED]) {
        let [a_zero, b_zero] = self.zero_points.map(|zero_point| i16x8_splat(zero_point));
        for ((a, b), [low, high]) in a.iter().zip(b).zip(products) {
            let (a, b) = (i16x8_sub(load_widened(a), a_zero), i16x8_sub(load_widened(b), b_zero));
            store(i32x4_extmul_low_i16x8(a, b), low);
            store(i32x4_extmul_high_i16x8(a, b), high);
        }
    }
}
