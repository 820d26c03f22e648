//! `FULLY_CONNECTED`.

use alloc::format;
use alloc::vec::Vec;

use super::Prepared;
use super::activation::Activation;
use super::weighted::{Places, Weighted};
use crate::error::Error;
use crate::kernels::geometry::Dense;
use crate::kernels::scalar::arithmetic::Arithmetic;
use crate::kernels::scalar::fully_connected::fully_connected;
use crate::node::Node;

const PLACES: Places = Places { x: 0, weights: 1, bias: 2, channel_axis: 0 };

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

    match Weighted::of(node, PLACES, units, Activation::of(node, 0)?)? {
        Weighted::F32(a, w) => Ok(step("scalar dense f32", dense, a, w)),
        Weighted::I8(a, w) => Ok(step("scalar dense i8", dense, a, w)),
        Weighted::U8(a, w) => Ok(step("scalar dense u8", dense, a, w)),
        Weighted::I16(a, w) => Ok(step("scalar dense i16", dense, a, w)),
        Weighted::I16Wide(a, w) => Ok(step("scalar dense i16 (64-bit sums)", dense, a, w)),
    }
}

fn step<A: Arithmetic>(kernel: &'static str, dense: Dense, a: A, w: Vec<A::W>) -> Prepared {
    let bytes = size_of_val(w.as_slice());
    let macs = dense.batches as u64 * w.len() as u64;
    Prepared::new(kernel, move |io| {
        let x = io.input::<A::X>(0)?;
        fully_connected(&dense, &a, x, &w, io.output(0)?);
        Ok(())
    })
    .keeps(1, bytes)
    .keeps(2, 4 * dense.units)
    .macs(macs)
}
