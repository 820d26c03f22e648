//! Elementary functions of `f32`, computed as `f64` and rounded once: the nearest number but in the rarest cases, as the C
//! libraries of today give it, and the same bits on every target.

/// `e^x`.
#[must_use]
pub fn exp(x: f32) -> f32 {
    libm::exp(f64::from(x)) as f32
}

/// `e^x - 1`.
#[must_use]
pub fn exp_m1(x: f32) -> f32 {
    libm::expm1(f64::from(x)) as f32
}

/// Natural logarithm.
#[must_use]
pub fn log(x: f32) -> f32 {
    libm::log(f64::from(x)) as f32
}

/// Hyperbolic tangent.
#[must_use]
pub fn tanh(x: f32) -> f32 {
    libm::tanh(f64::from(x)) as f32
}

/// The error function.
#[must_use]
pub fn erf(x: f32) -> f32 {
    libm::erf(f64::from(x)) as f32
}

/// `1 / (1 + e^-x)`.
#[must_use]
pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}
