//! `TRANSPOSE_CONV`.

use super::arithmetic::Arithmetic;
use crate::geometry::TransposeConv;

/// `y[n, oy, ox, o] = sum over iy, ix, c of x[n, iy, ix, c] * w[o, oy + padding - iy * stride, ..., c]`, where that tap exists.
///
/// The reference spreads each input over the result; gathering in the order of the input's rows, columns and channels adds the
/// same terms in the same order, and needs no memory for sums.
pub fn transpose_conv<A: Arithmetic>(conv: &TransposeConv, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    let TransposeConv { window, in_channels, out_channels } = *conv;
    let (rows, columns) = (window.rows, window.columns);
    for n in 0..window.batches {
        for oy in 0..rows.input {
            for ox in 0..columns.input {
                for o in 0..out_channels {
                    let mut sum = a.zero();
                    for iy in 0..rows.output {
                        let Some(ky) = rows.tap_at(iy, oy) else { continue };
                        for ix in 0..columns.output {
                            let Some(kx) = columns.tap_at(ix, ox) else { continue };
                            let x = &x[window.output_pixel(n, iy, ix) * in_channels..][..in_channels];
                            let w = &w[((o * rows.taps + ky) * columns.taps + kx) * in_channels..][..in_channels];
                            for (&x, &w) in x.iter().zip(w) {
                                sum = a.add_product(sum, x, w);
                            }
                        }
                    }
                    y[window.input_pixel(n, oy, ox) * out_channels + o] = a.finish(sum, o);
                }
            }
        }
    }
}
