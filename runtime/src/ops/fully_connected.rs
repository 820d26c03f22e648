//! `FULLY_CONNECTED`.

use super::Prepared;
use super::activation::Activation;
use super::weighted::{self, Places, Sums};
use crate::kernels::geometry::Dense;
use crate::kernels::scalar::arithmetic::Arithmetic;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use crate::kernels::scalar::arithmetic::{Float, Quantized};
use crate::kernels::scalar::fully_connected::fully_connected;
use crate::node::{Node, Refused};

/// Rows from which on a layer is faster as a convolution, whose tiles use each weight for two rows at once; with fewer, weights that
/// stay bytes in memory are.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
const ROWS: usize = 8;

/// Input of any shape, seen as rows of `depth` elements; weights `[units, depth]`; bias `[units]`. The option `keep_num_dims`
/// only says how the output's extents before the last are written; they must hold as many rows either way.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=3, 1)?;
    let (x, w, y) = (node.input(0)?, node.input(1)?, node.output(0)?);
    let &[units, depth] = &*w.shape else {
        return Err(node.invalid(format_args!("weights of rank 2"), format_args!("{}", w.shape)));
    };
    if node.option_i8(1)? != 0 {
        return Err(node.unsupported(format_args!("weights in the default format"), format_args!("shuffled weights")));
    }
    if !x.shape.elements().is_multiple_of(depth) {
        return Err(node.invalid(format_args!("an input of rows of {depth} elements"), format_args!("{}", x.shape)));
    }
    let dense = Dense { batches: x.shape.elements() / depth, depth, units };
    if y.shape.last() != Some(&units) || y.shape.elements() / units != dense.batches {
        return Err(
            node.invalid(format_args!("an output of {} rows of {units}", dense.batches), format_args!("{}", y.shape))
        );
    }
    let macs = dense.macs();
    Ok(weighted::step(node, dense, units, Activation::of(node, 0)?)?.macs(macs))
}

impl Sums for Dense {
    const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 0, dense: true };
    const KERNELS: [&'static str; 5] = [
        "scalar dense f32",
        "scalar dense i8",
        "scalar dense u8",
        "scalar dense i16",
        "scalar dense i16 (64-bit sums)",
    ];

    fn compute<A: Arithmetic>(&self, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
        fully_connected(self, a, x, w, y);
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn packed(&self, a: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Prepared> {
        use crate::kernels::simd128::{conv_2d::PackedConv2d, fully_connected::PackedDense};
        if self.batches >= ROWS {
            let packed = PackedConv2d::pack(&self.as_conv(), a, w)?;
            return Some(weighted::packed_step(packed.kernel(), &Self::PLACES, packed));
        }
        let packed = PackedDense::pack(self, a, w)?;
        Some(weighted::packed_step(packed.kernel(), &Self::PLACES, packed))
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn packed_float(&self, a: &Float, w: &[f32]) -> Option<Prepared> {
        use crate::kernels::simd128::float::{PackedFloatConv2d, PackedFloatDense};
        if self.batches >= ROWS {
            let packed = PackedFloatConv2d::pack(&self.as_conv(), a, w)?;
            return Some(weighted::packed_step("simd128 conv f32", &Self::PLACES, packed));
        }
        let packed = PackedFloatDense::pack(self, a, w)?;
        Some(weighted::packed_step("simd128 dense f32", &Self::PLACES, packed))
    }
}
