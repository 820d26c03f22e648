//! `FULLY_CONNECTED`.

use alloc::format;

use super::Prepared;
use super::activation::Activation;
use super::weighted::{Places, Weighted, Weights, finish};
use crate::error::Error;
use crate::kernels::Backend;
use crate::kernels::geometry::Dense;
use crate::kernels::scalar::arithmetic::{Arithmetic, Quantized};
use crate::kernels::scalar::fully_connected::fully_connected;
use crate::node::Node;

const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 0, dense: true };

/// Input of any shape, seen as rows of `depth` elements; weights `[units, depth]`; bias `[units]`. The option `keep_num_dims`
/// only says how the output's extents before the last are written; they must hold as many rows either way.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Error> {
    node.arity(2..=3, 1)?;
    let (x, w, y) = (node.input(0)?, node.input(1)?, node.output(0)?);
    let &[units, depth] = &*w.shape else {
        return Err(node.invalid("weights of rank 2", format!("{}", w.shape)));
    };
    if node.option_i8(1)? != 0 {
        return Err(node.unsupported("weights in the default format", "shuffled weights"));
    }
    if !x.shape.elements().is_multiple_of(depth) {
        return Err(node.invalid(format!("an input of rows of {depth} elements"), format!("{}", x.shape)));
    }
    let dense = Dense { batches: x.shape.elements() / depth, depth, units };
    if y.shape.last() != Some(&units) || y.shape.elements() / units != dense.batches {
        return Err(node.invalid(format!("an output of {} rows of {units}", dense.batches), format!("{}", y.shape)));
    }

    let step = match Weighted::of(node, PLACES, units, Activation::of(node, 0)?)? {
        Weighted::F32(a, w) => step("scalar dense f32", dense, a, w),
        Weighted::I8(a, w) => int8(node.backend, dense, a, w),
        Weighted::U8(a, w) => step("scalar dense u8", dense, a, w),
        Weighted::I16(a, w) => step("scalar dense i16", dense, a, w),
        Weighted::I16Wide(a, w) => step("scalar dense i16 (64-bit sums)", dense, a, w),
    };
    Ok(finish(node, PLACES.bias, dense.macs(), step))
}

/// The int8 step with the best kernel.
fn int8(backend: Backend, dense: Dense, a: Quantized<i8, i8, i32>, w: Weights<i8>) -> Prepared {
    match backend {
        Backend::Scalar => {}
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Backend::Simd128 => {
            if let Some(step) = w.kept().and_then(|w| simd128(&dense, &a, w)) {
                return step;
            }
        }
    }
    step("scalar dense i8", dense, a, w)
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn simd128(dense: &Dense, a: &Quantized<i8, i8, i32>, w: &[i8]) -> Option<Prepared> {
    use crate::kernels::simd128::fully_connected::PackedDense;
    let packed = PackedDense::pack(dense, a, w)?;
    Some(super::weighted::packed_step("simd128 dense i8", [PLACES.x, PLACES.weights], packed))
}

fn step<A: Arithmetic + 'static>(kernel: &'static str, dense: Dense, a: A, w: Weights<A::W>) -> Prepared {
    w.step(kernel, PLACES.weights, move |io, w| {
        let x = io.input(PLACES.x)?;
        fully_connected(&dense, &a, x, w, io.output(0)?);
        Ok(())
    })
}
