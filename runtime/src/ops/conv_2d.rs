//! `CONV_2D`.

use alloc::format;

use super::Prepared;
use super::activation::Activation;
use super::hybrid::{self, is_hybrid};
use super::weighted::{Places, Weighted, Weights, finish};
use super::window::{Dilation, expect_result, nhwc, window};
use crate::error::Error;
use crate::kernels::Backend;
use crate::kernels::geometry::Conv2d;
use crate::kernels::scalar::arithmetic::{Arithmetic, Quantized};
use crate::kernels::scalar::conv_2d::conv_2d;
use crate::node::Node;

const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 0, dense: false };

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

    let activation = Activation::of(node, 3)?;
    if is_hybrid(node)? {
        return hybrid::conv(node, conv, activation);
    }
    let step = match Weighted::of(node, PLACES, out_channels, activation)? {
        Weighted::F32(a, w) => step("scalar conv f32", conv, a, w),
        Weighted::I8(a, w) => int8(node.backend, conv, a, w),
        Weighted::U8(a, w) => step("scalar conv u8", conv, a, w),
        Weighted::I16(a, w) => step("scalar conv i16", conv, a, w),
        Weighted::I16Wide(a, w) => step("scalar conv i16 (64-bit sums)", conv, a, w),
    };
    Ok(finish(node, PLACES.bias, conv.macs(), step))
}

/// The int8 step with the best kernel.
fn int8(backend: Backend, conv: Conv2d, a: Quantized<i8, i8, i32>, w: Weights<i8>) -> Prepared {
    match backend {
        Backend::Scalar => {}
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Backend::Simd128 => {
            if let Some(step) = w.kept().and_then(|w| simd128(&conv, &a, w)) {
                return step;
            }
        }
    }
    step("scalar conv i8", conv, a, w)
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn simd128(conv: &Conv2d, a: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Prepared> {
    use crate::kernels::simd128::conv_2d::PackedConv2d;
    let packed = PackedConv2d::pack(conv, a, w)?;
    Some(super::weighted::packed_step("simd128 conv i8", [PLACES.x, PLACES.weights], packed))
}

fn step<A: Arithmetic + 'static>(kernel: &'static str, conv: Conv2d, a: A, w: Weights<A::W>) -> Prepared {
    w.step(kernel, PLACES.weights, move |io, w| {
        let x = io.input(PLACES.x)?;
        conv_2d(&conv, &a, x, w, io.output(0)?);
        Ok(())
    })
}
