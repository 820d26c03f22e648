//! `SignalFftAutoScale`: samples shifted up to use all bits before a Fourier transform in 16 bits.

use super::Prepared;
use crate::dtype::DType;
use crate::kernels::scalar::signal::fft_auto_scale;
use crate::node::{Node, Refused};

/// Outputs: the shifted samples, and by how many bits.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 2)?;
    let (x, y, shift) = (node.input(0)?, node.output(0)?, node.output(1)?);
    node.expect_dtype("samples", x, DType::I16)?;
    node.expect_dtype("an output", y, DType::I16)?;
    node.expect_dtype("a shift", shift, DType::I32)?;
    node.expect_shape("an output", &y.shape, &x.shape)?;
    if shift.shape.elements() != 1 {
        return Err(node.invalid(format_args!("one shift"), format_args!("shape {}", shift.shape)));
    }
    Ok(Prepared::new("scalar auto scale", |io| {
        let x = io.input(0);
        let shift = fft_auto_scale(x, io.output(0));
        io.output::<i32>(1).fill(shift);
        Ok(())
    }))
}
