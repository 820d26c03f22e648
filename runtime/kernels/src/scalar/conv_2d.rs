//! `CONV_2D`.

use super::arithmetic::Arithmetic;
use crate::geometry::{Conv2d, Tap};

/// `y[n, oy, ox, o] = sum over ky, kx, c of x[n, oy * stride + ky * dilation - padding, ..., group(o) + c] * w[o, ky, kx, c]`;
/// taps in the padding count nothing.
pub fn conv_2d<A: Arithmetic>(conv: &Conv2d, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    conv.window.for_each_position(&mut filters(conv, a, x, w, y));
}

/// What computes the channels of one pixel of `y`, from its index and the taps there.
pub(super) fn filters<A: Arithmetic>(
    conv: &Conv2d,
    a: &A,
    x: &[A::X],
    w: &[A::W],
    y: &mut [A::Y],
) -> impl FnMut(usize, &[Tap]) {
    let Conv2d { window, in_channels, out_channels, groups } = *conv;
    let depth = conv.filter_channels();
    move |pixel, taps| {
        for o in 0..out_channels {
            let group = o / (out_channels / groups);
            let mut sum = a.zero();
            for tap in taps {
                let x = &x[tap.pixel * in_channels + group * depth..][..depth];
                let w = &w[(o * window.taps() + tap.index) * depth..][..depth];
                sum = a.add_products(sum, x, w);
            }
            y[pixel * out_channels + o] = a.finish(sum, o);
        }
    }
}
