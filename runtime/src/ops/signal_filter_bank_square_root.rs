//! `SignalFilterBankSquareRoot`: from energies to magnitudes, scaled down again.

use super::Prepared;
use crate::dtype::DType;
use crate::kernels::scalar::signal::square_root;
use crate::node::{Node, Refused};

/// Inputs: energies, and the bits that `SignalFftAutoScale` shifted up by: `y = sqrt(x) >> bits`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, bits, y) = (node.input(0)?, node.input(1)?, node.output(0)?);
    node.expect_dtype("energies", x, DType::U64)?;
    node.expect_dtype("a shift", bits, DType::I32)?;
    node.expect_dtype("an output", y, DType::U32)?;
    node.expect_shape("an output", &y.shape, &x.shape)?;
    if bits.shape.elements() != 1 {
        return Err(node.invalid(format_args!("one shift"), format_args!("shape {}", bits.shape)));
    }
    Ok(Prepared::new("scalar square root", move |io| {
        let (x, bits) = (io.input::<u64>(0), io.input::<i32>(1)[0]);
        let shift = u32::try_from(bits)
            .ok()
            .filter(|&s| s < 32)
            .ok_or_else(|| io.error(format_args!("a shift from 0 to 31"), format_args!("{bits}")))?;
        for (y, &x) in io.output::<u32>(0).iter_mut().zip(x) {
            *y = square_root(x) >> shift;
        }
        Ok(())
    }))
}
