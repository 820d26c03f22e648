//! `SignalPCAN`: per-channel automatic gain by the noise in the channel.

use super::Prepared;
use crate::dtype::DType;
use crate::error::Error;
use crate::kernels::scalar::signal::{PCAN_GAINS, pcan};
use crate::node::{Node, Refused};

/// Inputs: the signal, the noise estimate, and the table of gains. Option `snr_shift`: bits that the product is shifted down by.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(3..=3, 1)?;
    let (x, noise, gains, y) = (node.input(0)?, node.input(1)?, node.input(2)?, node.output(0)?);
    node.expect_dtype("a signal", x, DType::U32)?;
    node.expect_dtype("a noise estimate", noise, DType::U32)?;
    node.expect_dtype("an output", y, DType::U32)?;
    node.expect_shape("a noise estimate", &noise.shape, &x.shape)?;
    node.expect_shape("an output", &y.shape, &x.shape)?;
    node.expect_shape("a table of gains", &gains.shape, &[PCAN_GAINS])?;
    let gains: [i16; PCAN_GAINS] =
        node.noted(node.constant(2)?.try_into().map_err(|_| Error::internal("a table has the elements of its shape")))?;
    let shift = node.custom_integer("snr_shift", 0..=63)?;
    let step = Prepared::new("scalar pcan", move |io| {
        let (x, noise) = (io.input(0), io.input(1));
        pcan(x, noise, io.output(0), &gains, shift);
        Ok(())
    });
    Ok(step.keeps(2, 2 * PCAN_GAINS))
}
