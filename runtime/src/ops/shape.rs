//! `SHAPE`: a tensor's extents, known when the model is loaded.

use alloc::vec::Vec;

use super::Prepared;
use crate::dtype::DType;
use crate::node::{Node, Refused};

/// The extents of `x`, outermost first.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_shape("an output", &y.shape, &[x.shape.len()])?;
    if !matches!(y.dtype, DType::I32 | DType::I64) {
        return Err(node.unsupported_types("an output of int32 or int64"));
    }
    let mut extents: Vec<u8> = Vec::new();
    for &extent in &*x.shape {
        extents.extend_from_slice(&(extent as u64).to_le_bytes()[..y.dtype.size()]);
    }
    Ok(Prepared::new("constant", move |io| {
        io.output::<u8>(0).copy_from_slice(&extents);
        Ok(())
    })
    .keeps(0, 0))
}
