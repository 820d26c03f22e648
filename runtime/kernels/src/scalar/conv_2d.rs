//! `CONV_2D`.

use super::arithmetic::Arithmetic;
use crate::geometry::Conv2d;

/// `y[n, oy, ox, o] = sum over ky, kx, c of x[n, oy * stride + ky * dilation - padding, ..., group(o) + c] * w[o, ky, kx, c]`;
/// taps in the padding count nothing.
pub fn conv_2d<A: Arithmetic>(conv: &Conv2d, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    let Conv2d { window, in_channels, out_channels, groups } = *conv;
    let depth = conv.filter_channels();
    window.for_each_position(&mut |position, taps| {
        for o in 0..out_channels {
            let group = o / (out_channels / groups);
            let mut sum = a.zero();
            for tap in taps {
                let x = &x[tap.pixel * in_channels + group * depth..][..depth];
                let w = &w[(o * window.taps() + tap.index) * depth..][..depth];
                for (&x, &w) in x.iter().zip(w) {
                    sum = a.add_product(sum, x, w);
                }
            }
            y[position * out_channels + o] = a.finish(sum, o);
        }
    });
}
