//! `SignalEnergy`: the energy of each bin of a spectrum.

use super::Prepared;
use crate::dtype::DType;
use crate::kernels::scalar::signal::energy;
use crate::node::{Node, Refused};

/// Options `start_index` and `end_index`: the bins that are computed. The others are zero (TensorFlow Lite Micro leaves there
/// what was in memory).
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_dtype("a spectrum", x, DType::I16)?;
    node.expect_dtype("an output", y, DType::U32)?;
    let bins = x.shape.elements() / 2;
    node.expect_shape("a spectrum of pairs", &x.shape, &[2 * bins])?;
    node.expect_shape("an output", &y.shape, &[bins])?;
    let end = node.custom_integer("end_index", 0..=bins as u32)?;
    let start = node.custom_integer("start_index", 0..=end)?;
    let range = start as usize..end as usize;
    Ok(Prepared::new("scalar energy", move |io| {
        let x = io.input(0);
        energy(x, io.output(0), range.clone());
        Ok(())
    }))
}
