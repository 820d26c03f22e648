//! `CONV_2D`.

use super::Prepared;
use super::activation::Activation;
use super::hybrid::{self, is_hybrid};
use super::weighted::{self, Places, Sums};
use super::window::{Dilation, expect_result, nhwc, window};
use crate::kernels::geometry::Conv2d;
use crate::kernels::scalar::arithmetic::Arithmetic;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use crate::kernels::scalar::arithmetic::{Float, Quantized};
use crate::kernels::scalar::conv_2d::conv_2d;
use crate::node::{Node, Refused};

/// Input `[n, h, w, c]`, weights `[o, kh, kw, c / groups]`, bias `[o]`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=3, 1)?;
    let x = nhwc(node, "an input", node.input(0)?)?;
    let [out_channels, kh, kw, depth] = nhwc(node, "weights", node.input(1)?)?;
    if !x[3].is_multiple_of(depth) || !out_channels.is_multiple_of(x[3] / depth) {
        let expected = format_args!("weights whose groups divide {} input and {out_channels} output channels", x[3]);
        return Err(node.invalid(expected, format_args!("filters of {depth} channels")));
    }
    let window = window(node, x, [kh, kw], Some(Dilation(4)))?;
    expect_result(node, &window, out_channels)?;
    let conv = Conv2d { window, in_channels: x[3], out_channels, groups: x[3] / depth };
    let activation = Activation::of(node, 3)?;
    if is_hybrid(node)? {
        return hybrid::conv(node, conv, activation);
    }
    let macs = conv.macs();
    Ok(weighted::step(node, conv, out_channels, activation)?.macs(macs))
}

impl Sums for Conv2d {
    const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 0, dense: false };
    const KERNELS: [&'static str; 5] =
        ["scalar conv f32", "scalar conv i8", "scalar conv u8", "scalar conv i16", "scalar conv i16 (64-bit sums)"];

    fn compute<A: Arithmetic>(&self, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
        conv_2d(self, a, x, w, y);
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn packed(&self, a: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Prepared> {
        use crate::kernels::simd128::{conv_2d::PackedConv2d, pointwise::PackedPointwise, winograd::PackedWinograd};
        if let Some(packed) = PackedWinograd::pack(self, a, w) {
            return Some(weighted::packed_step("simd128 winograd i8", &Self::PLACES, packed));
        }
        if let Some(packed) = PackedPointwise::pack(self, a, w) {
            return Some(weighted::packed_step("simd128 sparse pointwise i8", &Self::PLACES, packed));
        }
        let packed = PackedConv2d::pack(self, a, w)?;
        Some(weighted::packed_step(packed.kernel(), &Self::PLACES, packed))
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn packed_float(&self, a: &Float, w: &[f32]) -> Option<Prepared> {
        let packed = crate::kernels::simd128::float::PackedFloatConv2d::pack(self, a, w)?;
        Some(weighted::packed_step("simd128 conv f32", &Self::PLACES, packed))
    }
}
