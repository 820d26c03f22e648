//! `UNIDIRECTIONAL_SEQUENCE_LSTM`: long short-term memory over sequences.

use alloc::boxed::Box;

use super::Prepared;
use super::lstm::{self, AFTER, BEFORE, place};
use super::weighted::multiplier;
use crate::dtype::DType;
use crate::kernels::scalar::arithmetic::{Stored, Sum};
use crate::kernels::scalar::logistic::LogisticTable;
use crate::kernels::scalar::lstm::{Lstm, Quantized, lstm_quantized};
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// As TensorFlow Lite Micro where that runs it, else (with layer normalization or a projection) as TensorFlow Lite.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let shape = lstm::geometry(node, true)?;
    let dtypes = (node.input(place::X)?.dtype, node.input(place::OF_INPUT)?.dtype);
    // In single precision both forms are one, and what is absent costs nothing.
    if lstm::has_extras(node) || dtypes == (DType::F32, DType::F32) {
        return lstm::full(node, shape);
    }
    let step = match dtypes {
        (DType::I8, DType::I8) => quantized::<i8, i32>(node, shape)?,
        (DType::I16, DType::I8) => quantized::<i16, i64>(node, shape)?,
        _ => return Err(node.unsupported_types("float32, or int8 or int16 with weights of int8")),
    };
    Ok(step.macs(lstm::macs(node, shape)))
}

fn quantized<X: Stored, S: Sum>(node: &Node<'_>, shape: Lstm) -> Result<Prepared, Refused> {
    let wide = S::DTYPE == DType::I64;
    lstm::expect_types(node, X::DTYPE, DType::I8, S::DTYPE, DType::I16)?;
    let q = parameters(node, wide)?;
    let kernel = if wide { "scalar lstm i16" } else { "scalar lstm i8" };
    Ok(Prepared::new(kernel, move |io| {
        lstm_quantized::<X, S>(lstm::operands::<_, _, _, _, i16>(io).0, shape, &q);
        Ok(())
    }))
}

fn parameters(node: &Node<'_>, wide: bool) -> Result<Box<Quantized>, Refused> {
    let x = node.per_tensor("an input", node.input(place::X)?)?;
    let hidden = node.per_tensor("the last output", node.input(place::HIDDEN)?)?;
    let cell = node.per_tensor("the cells", node.input(place::CELL)?)?;
    let y = node.per_tensor("an output", node.output(0)?)?;
    if y != hidden {
        return Err(node.invalid(
            format_args!("an output quantized as the last output"),
            format_args!("another scale or zero point"),
        ));
    }
    let exponent = lstm::cell_exponent(node, cell, -30..=0)?;
    let mut to_gates = [(Multiplier::default(), Multiplier::default()); 4];
    for (k, (from_input, from_hidden)) in to_gates.iter_mut().enumerate() {
        let factor = |activations: f32, place: usize| {
            let weights = node.channel_scales(node.input(place)?, 1, 0)?[0];
            multiplier(node, f64::from(activations * weights) / f64::from(BEFORE), wide)
        };
        *from_input = factor(x.scale, place::OF_INPUT + k)?;
        *from_hidden = factor(hidden.scale, place::OF_HIDDEN + k)?;
    }
    let product = |a: f32, b: f32, to: f32| Multiplier::new(f64::from(a) * f64::from(b) / f64::from(to));
    let clip = (f64::from(node.option_f32(1)?) / f64::from(cell.scale)).min(f64::from(i16::MAX));
    Ok(Box::new(Quantized {
        input_zero: x.zero_point,
        output_zero: hidden.zero_point,
        output_range: node.output(0)?.dtype.quantized_range().unwrap_or((0, 0)),
        to_gates,
        forget: product(AFTER, cell.scale, cell.scale),
        input: product(AFTER, AFTER, cell.scale),
        output: product(AFTER, AFTER, hidden.scale),
        clip: clip as i16,
        shift: exponent + 12,
        table: LogisticTable::new(),
    }))
}
