//! `CONV_2D`.

use alloc::format;
use alloc::vec::Vec;

use super::Prepared;
use super::activation::Activation;
use super::weighted::{Places, Weighted};
use super::window::{Dilation, expect_result, nhwc, window};
use crate::error::Error;
use crate::kernels::geometry::Conv2d;
use crate::kernels::scalar::arithmetic::Arithmetic;
use crate::kernels::scalar::conv_2d::conv_2d;
use crate::node::Node;

const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 0 };

/// Input `[n, h, w, c]`, weights `[o, kh, kw, c / groups]`, bias `[o]`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Error> {
    node.arity(2..=3, 1)?;
    let x = nhwc(node, "an input", node.input(0)?)?;
    let [out_channels, kh, kw, depth] = nhwc(node, "weights", node.input(1)?)?;
    if !x[3].is_multiple_of(depth) || !out_channels.is_multiple_of(x[3] / depth) {
        let expected = format!("weights whose groups divide {} input and {out_channels} output channels", x[3]);
        return Err(node.invalid(expected, format!("filters of {depth} channels")));
    }
    let window = window(node, x, [kh, kw], Some(Dilation(4)))?;
    expect_result(node, &window, out_channels)?;
    let conv = Conv2d { window, in_channels: x[3], out_channels, groups: x[3] / depth };

    match Weighted::of(node, PLACES, out_channels, Activation::of(node, 3)?)? {
        Weighted::F32(a, w) => Ok(step("scalar conv f32", conv, a, w)),
        Weighted::I8(a, w) => Ok(step("scalar conv i8", conv, a, w)),
        Weighted::U8(a, w) => Ok(step("scalar conv u8", conv, a, w)),
        Weighted::I16(a, w) => Ok(step("scalar conv i16", conv, a, w)),
        Weighted::I16Wide(a, w) => Ok(step("scalar conv i16 (64-bit sums)", conv, a, w)),
    }
}

fn step<A: Arithmetic>(kernel: &'static str, conv: Conv2d, a: A, w: Vec<A::W>) -> Prepared {
    let bytes = size_of_val(w.as_slice());
    let macs = (conv.window.positions() * conv.out_channels) as u64 * (w.len() / conv.out_channels) as u64;
    Prepared::new(kernel, move |io| {
        let x = io.input::<A::X>(0)?;
        conv_2d(&conv, &a, x, &w, io.output(0)?);
        Ok(())
    })
    .keeps(1, bytes)
    .keeps(2, 4 * conv.out_channels)
    .macs(macs)
}
