//! `DEPTHWISE_CONV_2D`.

use super::Prepared;
use super::activation::Activation;
use super::weighted::{self, Places, Sums};
use super::window::{Dilation, expect_result, nhwc, window};
use crate::kernels::geometry::DepthwiseConv2d;
use crate::kernels::scalar::arithmetic::Arithmetic;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use crate::kernels::scalar::arithmetic::{Float, Quantized};
use crate::kernels::scalar::depthwise_conv_2d::depthwise_conv_2d;
use crate::node::{Node, Refused};

/// Input `[n, h, w, c]`, weights `[1, kh, kw, c * multiplier]`, bias `[c * multiplier]`. The option `depth_multiplier` only repeats
/// what the shapes say, and is 0 in some files.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=3, 1)?;
    let x = nhwc(node, "an input", node.input(0)?)?;
    let [one, kh, kw, out_channels] = nhwc(node, "weights", node.input(1)?)?;
    let channels = x[3];
    if one != 1 || !out_channels.is_multiple_of(channels) {
        let expected = format_args!("weights [1, h, w, a multiple of {channels}]");
        return Err(node.invalid(expected, format_args!("{}", node.input(1)?.shape)));
    }
    let window = window(node, x, [kh, kw], Some(Dilation(5)))?;
    expect_result(node, &window, out_channels)?;
    let conv = DepthwiseConv2d { window, channels, multiplier: out_channels / channels };
    let macs = conv.macs();
    Ok(weighted::step(node, conv, out_channels, Activation::of(node, 4)?)?.macs(macs))
}

impl Sums for DepthwiseConv2d {
    const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 3, dense: false };
    const KERNELS: [&'static str; 5] = [
        "scalar depthwise f32",
        "scalar depthwise i8",
        "scalar depthwise u8",
        "scalar depthwise i16",
        "scalar depthwise i16 (64-bit sums)",
    ];

    fn compute<A: Arithmetic>(&self, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
        depthwise_conv_2d(self, a, x, w, y);
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn packed(&self, a: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Prepared> {
        use crate::kernels::simd128::{conv_2d::PackedConv2d, depthwise_conv_2d::PackedDepthwise};
        if let Some(packed) = PackedConv2d::pack_depthwise(self, a, w) {
            return Some(weighted::packed_step("simd128 conv i8", &Self::PLACES, packed));
        }
        let packed = PackedDepthwise::pack(self, a, w)?;
        Some(weighted::packed_step("simd128 depthwise i8", &Self::PLACES, packed))
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn packed_float(&self, a: &Float, w: &[f32]) -> Option<Prepared> {
        use crate::kernels::simd128::float::{PackedFloatConv2d, PackedFloatDepthwise};
        if let Some(packed) = PackedFloatConv2d::pack_depthwise(self, a, w) {
            return Some(weighted::packed_step("simd128 conv f32", &Self::PLACES, packed));
        }
        let packed = PackedFloatDepthwise::pack(self, a, w)?;
        Some(weighted::packed_step("simd128 depthwise f32", &Self::PLACES, packed))
    }
}
