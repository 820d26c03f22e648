//! `TRANSPOSE_CONV`.

use super::arithmetic::Arithmetic;
use super::conv_2d::filters;
use crate::geometry::{Conv2d, TransposeConv};

/// `y[n, oy, ox, o] = sum over iy, ix, c of x[n, iy, ix, c] * w[o, oy + padding - iy * stride, ..., c]`, where that tap exists.
///
/// The reference spreads each input over the result; gathering in the order of the input's rows, columns and channels adds the
/// same terms in the same order, and needs no memory for sums.
pub fn transpose_conv<A: Arithmetic>(conv: &TransposeConv, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    let TransposeConv { window, in_channels, out_channels } = *conv;
    window.for_each_pixel(&mut filters(&Conv2d { window, in_channels, out_channels, groups: 1 }, a, x, w, y));
}
