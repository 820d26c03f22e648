//! `DEPTHWISE_CONV_2D`.

use alloc::format;

use super::Prepared;
use super::activation::Activation;
use super::weighted::{Places, Weighted, Weights, finish};
use super::window::{Dilation, expect_result, nhwc, window};
use crate::error::Error;
use crate::kernels::Backend;
use crate::kernels::geometry::DepthwiseConv2d;
use crate::kernels::scalar::arithmetic::{Arithmetic, Quantized};
use crate::kernels::scalar::depthwise_conv_2d::depthwise_conv_2d;
use crate::node::Node;

const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 3, dense: false };

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

    let step = match Weighted::of(node, PLACES, out_channels, Activation::of(node, 4)?)? {
        Weighted::F32(a, w) => step("scalar depthwise f32", conv, a, w),
        Weighted::I8(a, w) => int8(node.backend, conv, a, w),
        Weighted::U8(a, w) => step("scalar depthwise u8", conv, a, w),
        Weighted::I16(a, w) => step("scalar depthwise i16", conv, a, w),
        Weighted::I16Wide(a, w) => step("scalar depthwise i16 (64-bit sums)", conv, a, w),
    };
    Ok(finish(node, PLACES.bias, conv.macs(), step))
}

/// The int8 step with the best kernel.
fn int8(backend: Backend, conv: DepthwiseConv2d, a: Quantized<i8, i8, i32>, w: Weights<i8>) -> Prepared {
    match backend {
        Backend::Scalar => {}
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Backend::Simd128 => {
            if let Some(step) = w.kept().and_then(|w| simd128(&conv, &a, w)) {
                return step;
            }
        }
    }
    step("scalar depthwise i8", conv, a, w)
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn simd128(conv: &DepthwiseConv2d, a: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Prepared> {
    use super::weighted::packed_step;
    use crate::kernels::simd128::{conv_2d::PackedConv2d, depthwise_conv_2d::PackedDepthwise};
    let places = [PLACES.x, PLACES.weights];
    if let Some(packed) = PackedConv2d::pack_depthwise(conv, a, w) {
        return Some(packed_step("simd128 conv i8", places, packed));
    }
    Some(packed_step("simd128 depthwise i8", places, PackedDepthwise::pack(conv, a, w)?))
}

fn step<A: Arithmetic + 'static>(kernel: &'static str, conv: DepthwiseConv2d, a: A, w: Weights<A::W>) -> Prepared {
    w.step(kernel, PLACES.weights, move |io, w| {
        let x = io.input(PLACES.x)?;
        depthwise_conv_2d(&conv, &a, x, w, io.output(0)?);
        Ok(())
    })
}
