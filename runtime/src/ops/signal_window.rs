//! `SignalWindow`: samples weighted by a window function.

use super::Prepared;
use crate::dtype::DType;
use crate::kernels::scalar::signal::window;
use crate::node::{Node, Refused};

/// Inputs: samples `[.., n]` and the window `[n]`, both `int16`. Option `shift`: bits behind the window's point.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, weights, y) = (node.input(0)?, node.input(1)?, node.output(0)?);
    node.expect_dtype("samples", x, DType::I16)?;
    node.expect_dtype("a window", weights, DType::I16)?;
    node.expect_dtype("an output", y, DType::I16)?;
    node.expect_shape("an output", &y.shape, &x.shape)?;
    if weights.shape.len() != 1 || x.shape.last() != weights.shape.last() {
        let expected = format_args!("a window as long as the last axis of {}", x.shape);
        return Err(node.invalid(expected, format_args!("{}", weights.shape)));
    }
    let shift = node.custom_integer("shift", 0..=31)?;
    Ok(Prepared::new("scalar window", move |io| {
        let (x, weights) = (io.input(0), io.input(1));
        window(x, weights, io.output(0), shift);
        Ok(())
    }))
}
