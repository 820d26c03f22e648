//! `FULLY_CONNECTED`.

use super::arithmetic::Arithmetic;
use super::conv_2d::conv_2d;
use crate::geometry::Dense;

/// `y[b, u] = sum over k of x[b, k] * w[u, k]`: a convolution of 1x1, whose pixels are the rows of `x`.
pub fn fully_connected<A: Arithmetic>(dense: &Dense, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    conv_2d(&dense.as_conv(), a, x, w, y);
}
