//! `TRANSPOSE_CONV`.

use super::Prepared;
use super::activation::Activation;
use super::weighted::{self, Places, Sums};
use super::window::{nhwc, transposed_window};
use crate::kernels::geometry::TransposeConv;
use crate::kernels::scalar::arithmetic::Arithmetic;
use crate::kernels::scalar::transpose_conv::transpose_conv;
use crate::node::{Node, Refused};
use crate::shape::List;

/// The output's shape, weights `[o, kh, kw, c]`, input `[n, h, w, c]`, bias `[o]`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(3..=4, 1)?;
    let x = nhwc(node, "an input", node.input(2)?)?;
    let y = nhwc(node, "an output", node.output(0)?)?;
    let [out_channels, kh, kw, in_channels] = nhwc(node, "weights", node.input(1)?)?;
    if node.input(0)?.constant.is_some() {
        let stated = node.constant_integers(0)?;
        if !stated.iter().map(|&d| usize::try_from(d).unwrap_or(0)).eq(y) {
            return Err(
                node.invalid(format_args!("an output of shape {}", List(&stated)), format_args!("{}", List(&y)))
            );
        }
    }
    if [in_channels, out_channels] != [x[3], y[3]] {
        let expected = format_args!("weights of {} output and {} input channels", y[3], x[3]);
        return Err(node.invalid(expected, format_args!("{out_channels} and {in_channels}")));
    }
    let window = transposed_window(node, x, y, [kh, kw])?;
    let conv = TransposeConv { window, in_channels, out_channels };
    let macs = conv.macs();
    Ok(weighted::step(node, conv, out_channels, Activation::of(node, 3)?)?.macs(macs))
}

impl Sums for TransposeConv {
    const PLACES: Places = Places { x: 2, weights: 1, bias: 3, channel_axis: 0, dense: false };
    const KERNELS: [&'static str; 5] = [
        "scalar transposed conv f32",
        "scalar transposed conv i8",
        "scalar transposed conv u8",
        "scalar transposed conv i16",
        "scalar transposed conv i16 (64-bit sums)",
    ];

    fn compute<A: Arithmetic>(&self, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
        transpose_conv(self, a, x, w, y);
    }
}
