//! `CONV_2D`.

use super::arithmetic::Arithmetic;
use crate::geometry::Conv2d;

/// `y[n, oy, ox, o] = sum over ky, kx, c of x[n, oy * stride + ky * dilation - padding, ..., group(o) + c] * w[o, ky, kx, c]`;
/// taps in the padding count nothing.
pub fn conv_2d<A: Arithmetic>(conv: &Conv2d, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    let Conv2d { window, in_channels, out_channels, groups } = *conv;
    let (rows, columns) = (window.rows, window.columns);
    let depth = conv.filter_channels();
    for n in 0..window.batches {
        for oy in 0..rows.output {
            for ox in 0..columns.output {
                for o in 0..out_channels {
                    let group = o / (out_channels / groups);
                    let mut sum = a.zero();
                    for ky in 0..rows.taps {
                        let Some(iy) = rows.at(oy, ky) else { continue };
                        for kx in 0..columns.taps {
                            let Some(ix) = columns.at(ox, kx) else { continue };
                            let x = &x[window.input_pixel(n, iy, ix) * in_channels + group * depth..][..depth];
                            let w = &w[((o * rows.taps + ky) * columns.taps + kx) * depth..][..depth];
                            for (&x, &w) in x.iter().zip(w) {
                                sum = a.add_product(sum, x, w);
                            }
                        }
                    }
                    y[window.output_pixel(n, oy, ox) * out_channels + o] = a.finish(sum, o);
                }
            }
        }
    }
}
