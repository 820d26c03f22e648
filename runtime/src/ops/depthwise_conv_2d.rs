//! `DEPTHWISE_CONV_2D`.

use alloc::format;
use alloc::vec::Vec;

use super::Prepared;
use super::activation::Activation;
use super::weighted::{Places, Weighted};
use super::window::{Dilation, expect_result, nhwc, window};
use crate::error::Error;
use crate::kernels::geometry::DepthwiseConv2d;
use crate::kernels::scalar::arithmetic::Arithmetic;
use crate::kernels::scalar::depthwise_conv_2d::depthwise_conv_2d;
use crate::node::Node;

const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 3 };

/// Input `[n, h, w, c]`, weights `[1, kh, kw, c * multiplier]`, bias `[c * multiplier]`. The option `depth_multiplier` only repeats
/// what the shapes say, and is 0 in some files.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Error> {
    node.arity(2..=3, 1)?;
    let x = nhwc(node, "an input", node.input(0)?)?;
    let [one, kh, kw, out_channels] = nhwc(node, "weights", node.input(1)?)?;
    let channels = x[3];
    if one != 1 || !out_channels.is_multiple_of(channels) {
        let expected = format!("weights [1, h, w, a multiple of {channels}]");
        return Err(node.invalid(expected, format!("{}", node.input(1)?.shape)));
    }
    let window = window(node, x, [kh, kw], Some(Dilation(5)))?;
    expect_result(node, &window, out_channels)?;
    let conv = DepthwiseConv2d { window, channels, multiplier: out_channels / channels };

    match Weighted::of(node, PLACES, out_channels, Activation::of(node, 4)?)? {
        Weighted::F32(a, w) => Ok(step("scalar depthwise f32", conv, a, w)),
        Weighted::I8(a, w) => Ok(step("scalar depthwise i8", conv, a, w)),
        Weighted::U8(a, w) => Ok(step("scalar depthwise u8", conv, a, w)),
        Weighted::I16(a, w) => Ok(step("scalar depthwise i16", conv, a, w)),
        Weighted::I16Wide(a, w) => Ok(step("scalar depthwise i16 (64-bit sums)", conv, a, w)),
    }
}

fn step<A: Arithmetic>(kernel: &'static str, conv: DepthwiseConv2d, a: A, w: Vec<A::W>) -> Prepared {
    let bytes = size_of_val(w.as_slice());
    let macs = conv.window.positions() as u64 * w.len() as u64;
    Prepared::new(kernel, move |io| {
        let x = io.input::<A::X>(0)?;
        depthwise_conv_2d(&conv, &a, x, &w, io.output(0)?);
        Ok(())
    })
    .keeps(1, bytes)
    .keeps(2, 4 * conv.channels * conv.multiplier)
    .macs(macs)
}
