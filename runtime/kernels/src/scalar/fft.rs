//! The Fourier transform of real samples, in integers of 16 or 32 bits or in single precision.
//!
//! Mixed radix 4 and 2, decimated in time. In integers every stage divides by its radix first, so that nothing overflows.
//! Source: kissfft's `kiss_fft.c` and `kiss_fftr.c`, whose order of operations and roundings these are.

use crate::real;
use alloc::vec::Vec;
use core::f64::consts::PI;

/// A complex number: real and imaginary part.
pub type Complex<T> = [T; 2];

/// What samples are computed in.
pub trait Number: Copy {
    /// From -1..1.
    fn factor(real: f64) -> Self;
    /// `self + other`.
    fn plus(self, other: Self) -> Self;
    /// `self - other`.
    fn minus(self, other: Self) -> Self;
    /// `(self + other) / 2`.
    fn half_sum(self, other: Self) -> Self;
    /// `(self - other) / 2`.
    fn half_difference(self, other: Self) -> Self;
    /// The complex product.
    fn product(a: Complex<Self>, b: Complex<Self>) -> Complex<Self>;
    /// Room for a sum of `count`: `self / count` in integers.
    fn make_room(self, count: u8) -> Self;
}

macro_rules! fixed_point {
    ($narrow:ty, $wide:ty) => {
        impl Number for $narrow {
            fn factor(real: f64) -> Self {
                real::floor(0.5 + f64::from(<$narrow>::MAX) * real) as $narrow
            }

            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            fn half_sum(self, other: Self) -> Self {
                ((<$wide>::from(self) + <$wide>::from(other)) >> 1) as $narrow
            }

            fn half_difference(self, other: Self) -> Self {
                ((<$wide>::from(self) - <$wide>::from(other)) >> 1) as $narrow
            }

            fn product([a, b]: Complex<Self>, [c, d]: Complex<Self>) -> Complex<Self> {
                let times = |x: $narrow, y: $narrow| <$wide>::from(x) * <$wide>::from(y);
                let round = |x: $wide| (x.wrapping_add(1 << (<$narrow>::BITS - 2)) >> (<$narrow>::BITS - 1)) as $narrow;
                [round(times(a, c).wrapping_sub(times(b, d))), round(times(a, d).wrapping_add(times(b, c)))]
            }

            fn make_room(self, count: u8) -> Self {
                let part = <$wide>::from(<$narrow>::MAX / <$narrow>::from(i8::try_from(count).unwrap_or(1)));
                ((<$wide>::from(self) * part + (1 << (<$narrow>::BITS - 2))) >> (<$narrow>::BITS - 1)) as $narrow
            }
        }
    };
}

fixed_point!(i16, i32);
fixed_point!(i32, i64);

impl Number for f32 {
    fn factor(real: f64) -> Self {
        real as f32
    }

    fn plus(self, other: Self) -> Self {
        self + other
    }

    fn minus(self, other: Self) -> Self {
        self - other
    }

    fn half_sum(self, other: Self) -> Self {
        (self + other) * 0.5
    }

    fn half_difference(self, other: Self) -> Self {
        (self - other) * 0.5
    }

    fn product([a, b]: Complex<Self>, [c, d]: Complex<Self>) -> Complex<Self> {
        [a * c - b * d, a * d + b * c]
    }

    fn make_room(self, _count: u8) -> Self {
        self
    }
}

fn add<T: Number>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    [a[0].plus(b[0]), a[1].plus(b[1])]
}

fn subtract<T: Number>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    [a[0].minus(b[0]), a[1].minus(b[1])]
}

/// A transform of `2 * half` real samples.
#[derive(Debug, Clone)]
pub struct Rfft<T> {
    half: usize,
    /// `exp(-2 pi i k / half)`.
    twiddles: Vec<Complex<T>>,
    /// `exp(-pi i ((k + 1) / half + 1/2))`.
    last_twiddles: Vec<Complex<T>>,
}

impl<T: Number> Rfft<T> {
    /// For `length` samples, a power of two of at least 4.
    #[must_use]
    pub fn new(length: usize) -> Self {
        let half = length / 2;
        let turn = |phase: f64| {
            let (sin, cos) = real::sin_cos(phase);
            [T::factor(cos), T::factor(sin)]
        };
        let last = |k: usize| turn(-PI * ((k + 1) as f64 / half as f64 + 0.5));
        Self {
            half,
            twiddles: (0..half).map(|k| turn(-2.0 * PI * k as f64 / half as f64)).collect(),
            last_twiddles: (0..half / 2).map(last).collect(),
        }
    }

    /// The spectrum `y` of `length / 2 + 1` bins of the samples `x`, which are taken as `length / 2` complex ones; `work` is as
    /// long as `x`.
    pub fn run(&self, x: &[Complex<T>], work: &mut [Complex<T>], y: &mut [Complex<T>]) {
        self.transform(work, x, 1);
        let room = |c: Complex<T>| c.map(|v| v.make_room(2));
        let zero = T::factor(0.0);
        let [re, im] = room(work[0]);
        y[0] = [re.plus(im), zero];
        y[self.half] = [re.minus(im), zero];
        for k in 1..self.half / 2 + 1 {
            let a = room(work[k]);
            let [re, im] = work[self.half - k];
            let b = room([re, zero.minus(im)]);
            let sum = add(a, b);
            let turned = T::product(subtract(a, b), self.last_twiddles[k - 1]);
            y[k] = [sum[0].half_sum(turned[0]), sum[1].half_sum(turned[1])];
            y[self.half - k] = [sum[0].half_difference(turned[0]), turned[1].half_difference(sum[1])];
        }
    }

    /// The transform of every `stride`-th element of `x` into `y`.
    fn transform(&self, y: &mut [Complex<T>], x: &[Complex<T>], stride: usize) {
        let radix = if y.len().is_multiple_of(4) { 4 } else { 2 };
        let part = y.len() / radix;
        for (k, y) in y.chunks_exact_mut(part).enumerate() {
            let x = &x[k * stride..];
            if let [y] = y {
                *y = x[0];
            } else {
                self.transform(y, x, stride * radix);
            }
        }
        for k in 0..part {
            let turned = |y: &[Complex<T>], q: usize| {
                let value = y[k + q * part].map(|v| v.make_room(radix as u8));
                if q == 0 { value } else { T::product(value, self.twiddles[q * k * stride]) }
            };
            if radix == 2 {
                let (a, b) = (turned(y, 0), turned(y, 1));
                y[k] = add(a, b);
                y[k + part] = subtract(a, b);
            } else {
                let [a, b, c, d] = [0, 1, 2, 3].map(|q| turned(y, q));
                let (even, odd) = (add(a, c), add(b, d));
                let (even_difference, [re, im]) = (subtract(a, c), subtract(b, d));
                y[k] = add(even, odd);
                y[k + part] = [even_difference[0].plus(im), even_difference[1].minus(re)];
                y[k + 2 * part] = subtract(even, odd);
                y[k + 3 * part] = [even_difference[0].minus(im), even_difference[1].plus(re)];
            }
        }
    }
}
