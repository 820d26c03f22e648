//! `TRANSPOSE_CONV`.

use super::arithmetic::Arithmetic;
use crate::geometry::TransposeConv;

/// `y[n, oy, ox, o] = sum over iy, ix, c of x[n, iy, ix, c] * w[o, oy + padding - iy * stride, ..., c]`, where that tap exists.
///
/// The reference spreads each input over the result; gathering in the order of the input's rows, columns and channels adds the
/// same terms in the same order, and needs no memory for sums.
pub fn transpose_conv<A: Arithmetic>(conv: &TransposeConv, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    let TransposeConv { window, in_channels, out_channels } = *conv;
    window.for_each_pixel(&mut |pixel, taps| {
        for o in 0..out_channels {
            let mut sum = a.zero();
            for tap in taps {
                let x = &x[tap.pixel * in_channels..][..in_channels];
                let w = &w[(o * window.taps() + tap.index) * in_channels..][..in_channels];
                for (&x, &w) in x.iter().zip(w) {
                    sum = a.add_product(sum, x, w);
                }
            }
            y[pixel * out_channels + o] = a.finish(sum, o);
        }
    });
}
