//! `DEPTHWISE_CONV_2D`.

use super::arithmetic::Arithmetic;
use crate::geometry::DepthwiseConv2d;

/// `y[n, oy, ox, c * multiplier + m] = sum over ky, kx of x[n, oy * stride + ky * dilation - padding, ..., c] * w[ky, kx, c *
/// multiplier + m]`; taps in the padding count nothing.
pub fn depthwise_conv_2d<A: Arithmetic>(conv: &DepthwiseConv2d, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    let DepthwiseConv2d { window, channels, multiplier } = *conv;
    let (rows, columns) = (window.rows, window.columns);
    let out_channels = channels * multiplier;
    for n in 0..window.batches {
        for oy in 0..rows.output {
            for ox in 0..columns.output {
                for o in 0..out_channels {
                    let mut sum = a.zero();
                    for ky in 0..rows.taps {
                        let Some(iy) = rows.at(oy, ky) else { continue };
                        for kx in 0..columns.taps {
                            let Some(ix) = columns.at(ox, kx) else { continue };
                            let x = x[window.input_pixel(n, iy, ix) * channels + o / multiplier];
                            let w = w[(ky * columns.taps + kx) * out_channels + o];
                            sum = a.add_product(sum, x, w);
                        }
                    }
                    y[window.output_pixel(n, oy, ox) * out_channels + o] = a.finish(sum, o);
                }
            }
        }
    }
}
