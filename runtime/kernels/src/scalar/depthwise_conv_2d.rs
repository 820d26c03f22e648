//! `DEPTHWISE_CONV_2D`.

use super::arithmetic::Arithmetic;
use crate::geometry::DepthwiseConv2d;

/// `y[n, oy, ox, c * multiplier + m] = sum over ky, kx of x[n, oy * stride + ky * dilation - padding, ..., c] * w[ky, kx, c *
/// multiplier + m]`; taps in the padding count nothing.
pub fn depthwise_conv_2d<A: Arithmetic>(conv: &DepthwiseConv2d, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    let DepthwiseConv2d { window, channels, multiplier } = *conv;
    let out_channels = channels * multiplier;
    window.for_each_position(&mut |position, taps| {
        for o in 0..out_channels {
            let mut sum = a.zero();
            for tap in taps {
                sum = a.add_product(sum, x[tap.pixel * channels + o / multiplier], w[tap.index * out_channels + o]);
            }
            y[position * out_channels + o] = a.finish(sum, o);
        }
    });
}
