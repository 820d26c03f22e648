//! `SignalFilterBank`: energies of bins summed into overlapping bands.

use alloc::vec::Vec;

use super::Prepared;
use crate::dtype::DType;
use crate::kernels::scalar::signal::{FilterBank, filter_bank};
use crate::node::{Node, Refused};

/// Inputs: energies, weights, unweights, and for each band and one before the first: its first bin, its first weight, its number
/// of bins. Option `num_channels`: the number of bands.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(6..=6, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_dtype("energies", x, DType::U32)?;
    node.expect_dtype("an output", y, DType::U64)?;
    let channels = node.custom_integer("num_channels", 1..=i16::MAX as u32)? as usize;
    node.expect_shape("an output", &y.shape, &[channels])?;
    let (weights, unweights) = (node.constant::<i16>(1)?, node.constant::<i16>(2)?);
    let (bins, count) = (x.shape.elements(), weights.len().min(unweights.len()));
    let mut bands = Vec::with_capacity(channels + 1);
    let table = |k: usize| -> Result<Vec<i16>, Refused> {
        node.expect_shape("a table of bands", &node.input(k)?.shape, &[channels + 1])?;
        node.constant(k)
    };
    for ((bin, weight), width) in table(3)?.into_iter().zip(table(4)?).zip(table(5)?) {
        // A width below zero is an empty band.
        let [first, from, width] = [i32::from(bin), i32::from(weight), i32::from(width).max(0)].map(usize::try_from);
        let band = first.ok().zip(from.ok()).zip(width.ok()).map(|((bin, weight), width)| (bin, weight, width));
        let fits = |&(bin, weight, width): &(usize, usize, usize)| bin + width <= bins && weight + width <= count;
        bands.push(band.filter(fits).ok_or_else(|| {
            let expected = format_args!("bands inside {bins} bins and {count} weights");
            node.invalid(expected, format_args!("bin {bin}, weight {weight}, width {}", width.unwrap_or(0)))
        })?);
    }
    let bytes = 2 * (weights.len() + unweights.len()) + 6 * bands.len();
    let bank = FilterBank { bands, weights, unweights };
    let step = Prepared::new("scalar filter bank", move |io| {
        let x = io.input(0);
        filter_bank(x, io.output(0), &bank);
        Ok(())
    });
    Ok((2..=5).fold(step.keeps(1, bytes), |step, k| step.keeps(k, 0)))
}
