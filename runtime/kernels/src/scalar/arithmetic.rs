//! What a sum of products is in each scheme of numbers, so that each operator has one loop.
//!
//! | scheme | sum | result |
//! | --- | --- | --- |
//! | float32 | `sum(x * w)`, in the order of the loops, then `+ bias` | clamped to the activation's range |
//! | quantized | `sum((x - x_zero) * (w - w_zero)) + bias`, wrapping | scaled, `+ y_zero`, clamped to the activation's range |
//!
//! | hybrid | `sum(x * w)` of int8 | `* scale + bias` in float32, clamped to the activation's range |
//!
//! The integer sum wraps at 32 bits as the reference's does on every machine; 64-bit sums (int16 activations) cannot get there.

use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::dtype::Element;
use crate::quant::Multiplier;

/// A scheme of numbers.
pub trait Arithmetic: Send + Sync {
    /// Activations.
    type X: Element;
    /// Weights.
    type W: Element;
    /// Sums.
    type Sum: Copy;
    /// Results.
    type Y: Element;

    /// The empty sum.
    fn zero(&self) -> Self::Sum;

    /// `sum + x * w`.
    fn add_product(&self, sum: Self::Sum, x: Self::X, w: Self::W) -> Self::Sum;

    /// `sum` and the products of each `x` with its `w`, in order.
    fn add_products(&self, sum: Self::Sum, x: &[Self::X], w: &[Self::W]) -> Self::Sum {
        x.iter().zip(w).fold(sum, |sum, (&x, &w)| self.add_product(sum, x, w))
    }

    /// The value of an output channel, from its sum.
    fn finish(&self, sum: Self::Sum, channel: usize) -> Self::Y;
}

/// IEEE single.
#[derive(Debug, Clone)]
pub struct Float {
    /// For each output channel; empty for none.
    pub bias: Vec<f32>,
    /// The activation's range.
    pub range: (f32, f32),
}

impl Arithmetic for Float {
    type X = f32;
    type W = f32;
    type Sum = f32;
    type Y = f32;

    fn zero(&self) -> f32 {
        0.0
    }

    fn add_product(&self, sum: f32, x: f32, w: f32) -> f32 {
        sum + x * w
    }

    fn finish(&self, sum: f32, channel: usize) -> f32 {
        (sum + self.bias.get(channel).copied().unwrap_or(0.0)).clamp(self.range.0, self.range.1)
    }
}

/// Quantized: activations `X`, weights `W`, sums `S` (whose type also says how they are scaled).
#[derive(Debug, Clone)]
pub struct Quantized<X, W, S> {
    /// Of the activations.
    pub input_zero_point: i32,
    /// Of the weights.
    pub weight_zero_point: i32,
    /// For each output channel; empty for none.
    pub bias: Vec<S>,
    /// From the sum's scale to the output's, for each output channel.
    pub multipliers: Vec<Multiplier>,
    /// How that scaling rounds.
    pub rounding: Rounding,
    /// Of the output.
    pub output_zero_point: i32,
    /// The activation's range, in stored values.
    pub range: (i32, i32),
    /// Activations and weights as stored.
    pub stored: PhantomData<(X, W)>,
}

/// Hybrid: activations quantized as they come, without a zero point, weights int8, results float32.
#[derive(Debug, Clone, Copy)]
pub struct Hybrid<'a> {
    /// Of the sum: that of the activations times that of the weights.
    pub scale: f32,
    /// For each output channel; empty for none.
    pub bias: &'a [f32],
    /// The activation's range.
    pub range: (f32, f32),
}

impl Arithmetic for Hybrid<'_> {
    type X = i8;
    type W = i8;
    type Sum = i32;
    type Y = f32;

    fn zero(&self) -> i32 {
        0
    }

    fn add_product(&self, sum: i32, x: i8, w: i8) -> i32 {
        sum.wrapping_add(i32::from(x) * i32::from(w))
    }

    fn finish(&self, sum: i32, channel: usize) -> f32 {
        let y = sum as f32 * self.scale + self.bias.get(channel).copied().unwrap_or(0.0);
        y.clamp(self.range.0, self.range.1)
    }
}

/// How sums are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// [`Sum::scaled`].
    Twice,
    /// [`Sum::scaled_once`].
    Once,
}

/// An integer that quantized tensors store.
pub trait Stored: Element + Into<i32> {
    /// `value`, which is in range: it was clamped to a range within the type's.
    fn of(value: i32) -> Self;
}

macro_rules! stored {
    ($($t:ty),*) => { $(impl Stored for $t {
        fn of(value: i32) -> Self {
            value as $t
        }
    })* };
}

stored!(i8, u8, i16);

/// A sum of products of quantized values.
pub trait Sum: Element + Default {
    /// `self + x * w`.
    fn add_product(self, x: i32, w: i32) -> Self;

    /// `self + other`.
    fn plus(self, other: Self) -> Self;

    /// `self`, scaled: 32-bit sums with two roundings, 64-bit ones with one.
    fn scaled(self, by: Multiplier) -> i32;

    /// `self`, scaled with one rounding.
    fn scaled_once(self, by: Multiplier) -> i32;
}

impl Sum for i32 {
    fn add_product(self, x: i32, w: i32) -> i32 {
        self.wrapping_add(x.wrapping_mul(w))
    }

    fn plus(self, other: i32) -> i32 {
        self.wrapping_add(other)
    }

    fn scaled(self, by: Multiplier) -> i32 {
        by.apply(self)
    }

    fn scaled_once(self, by: Multiplier) -> i32 {
        by.apply_once(self)
    }
}

impl Sum for i64 {
    fn add_product(self, x: i32, w: i32) -> i64 {
        self.wrapping_add(i64::from(x) * i64::from(w))
    }

    fn plus(self, other: i64) -> i64 {
        self.wrapping_add(other)
    }

    fn scaled(self, by: Multiplier) -> i32 {
        by.apply_wide(self)
    }

    fn scaled_once(self, by: Multiplier) -> i32 {
        by.apply_wide(self)
    }
}

impl<X: Stored, W: Stored, S: Sum> Arithmetic for Quantized<X, W, S> {
    type X = X;
    type W = W;
    type Sum = S;
    type Y = X;

    fn zero(&self) -> S {
        S::default()
    }

    fn add_product(&self, sum: S, x: X, w: W) -> S {
        sum.add_product(x.into() - self.input_zero_point, w.into() - self.weight_zero_point)
    }

    fn finish(&self, sum: S, channel: usize) -> X {
        let sum = sum.plus(self.bias.get(channel).copied().unwrap_or_default());
        let by = self.multipliers[channel];
        let scaled = match self.rounding {
            Rounding::Twice => sum.scaled(by),
            Rounding::Once => sum.scaled_once(by),
        };
        let y = scaled.wrapping_add(self.output_zero_point);
        X::of(y.clamp(self.range.0, self.range.1))
    }
}
