//! `SignalFilterBankSpectralSubtraction`: a running estimate of the noise in each band, taken off the signal.

use super::Prepared;
use crate::dtype::DType;
use crate::kernels::scalar::signal::{SpectralSubtraction, spectral_subtraction};
use crate::node::{Node, Refused};

/// Outputs: the signal without the noise, and the estimate, which is kept between runs.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 2)?;
    let x = node.input(0)?;
    node.expect_dtype("magnitudes", x, DType::U32)?;
    for k in 0..2 {
        let y = node.output(k)?;
        node.expect_dtype("an output", y, DType::U32)?;
        node.expect_shape("an output", &y.shape, &x.shape)?;
    }
    let channels = x.shape.elements();
    node.custom_integer("num_channels", channels as u32..=channels as u32)?;
    let factor = |name| node.custom_integer(name, 0..=i32::MAX as u32);
    let by = SpectralSubtraction {
        smoothing: [
            (factor("smoothing")?, factor("one_minus_smoothing")?),
            (factor("alternate_smoothing")?, factor("alternate_one_minus_smoothing")?),
        ],
        bits: node.custom_integer("spectral_subtraction_bits", 0..=63)?,
        smoothing_bits: node.custom_integer("smoothing_bits", 0..=31)?,
        min_signal_remaining: factor("min_signal_remaining")?,
        clamping: node.custom_integer("clamping", 0..=1)? == 1,
    };
    let step = Prepared::new("scalar spectral subtraction", move |io| {
        let x = io.input(0);
        let (y, noise) = (io.take_output(0), io.take_state());
        spectral_subtraction(x, y, noise, by);
        io.output(1).copy_from_slice(noise);
        Ok(())
    });
    Ok(step.state(4 * channels))
}
