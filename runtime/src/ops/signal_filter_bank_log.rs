//! `SignalFilterBankLog`: the logarithm of each band.

use super::Prepared;
use crate::dtype::DType;
use crate::kernels::scalar::signal::{filter_bank_log, log_table};
use crate::node::{Node, Refused};

/// Options `output_scale`: what the logarithm is multiplied by; `input_correction_bits`: bits that the input is shifted up by.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_dtype("a signal", x, DType::U32)?;
    node.expect_dtype("an output", y, DType::I16)?;
    node.expect_shape("an output", &y.shape, &x.shape)?;
    let scale = node.custom_integer("output_scale", 0..=i32::MAX as u32)?;
    let bits = node.custom_integer("input_correction_bits", 0..=31)?;
    let table = log_table();
    Ok(Prepared::new("scalar log", move |io| {
        let x = io.input(0);
        filter_bank_log(x, io.output(0), scale, bits, &table);
        Ok(())
    }))
}
