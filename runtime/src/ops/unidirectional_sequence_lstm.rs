//! `UNIDIRECTIONAL_SEQUENCE_LSTM`: long short-term memory over sequences, with its state in variables.

use alloc::format;

use super::Prepared;
use super::weighted::multiplier;
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::io::Io;
use crate::kernels::scalar::arithmetic::{Stored, Sum};
use crate::kernels::scalar::logistic::LogisticTable;
use crate::kernels::scalar::lstm::{Gate, Lstm, Operands, Quantized, lstm_f32, lstm_quantized};
use crate::node::Node;
use crate::quant::Multiplier;

/// Places of the operands, as in TensorFlow Lite's `lstm_shared.h`. Gates stand in the order `i, f, g, o`.
mod place {
    pub(super) const X: usize = 0;
    pub(super) const OF_INPUT: usize = 1;
    pub(super) const OF_HIDDEN: usize = 5;
    pub(super) const PEEPHOLES: core::ops::Range<usize> = 9..12;
    pub(super) const BIAS: usize = 12;
    pub(super) const PROJECTION: core::ops::Range<usize> = 16..18;
    pub(super) const HIDDEN: usize = 18;
    pub(super) const CELL: usize = 19;
    pub(super) const LAYER_NORM: core::ops::Range<usize> = 20..24;
}

/// Steps of the gates before their activation, and after it.
const BEFORE: f32 = 1.0 / 4096.0;
const AFTER: f32 = 1.0 / 32768.0;

/// As TensorFlow Lite Micro: four gates, no peepholes, projection or layer normalization.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Error> {
    node.arity(20..=24, 1)?;
    for (what, places) in [
        ("peephole weights", place::PEEPHOLES),
        ("a projection", place::PROJECTION),
        ("layer normalization", place::LAYER_NORM),
    ] {
        if places.into_iter().any(|k| node.optional_input(k).is_some()) {
            return Err(node.unsupported("an LSTM without peepholes, projection and layer normalization", what));
        }
    }
    if node.option_i8(0)? != 4 {
        return Err(node.unsupported("the activation TANH", format!("activation {}", node.option_i8(0)?)));
    }
    let shape = geometry(node)?;
    let step = match (node.input(place::X)?.dtype, node.input(place::OF_INPUT)?.dtype) {
        (DType::F32, DType::F32) => float(node, shape)?,
        (DType::I8, DType::I8) => quantized::<i8, i32>(node, shape)?,
        (DType::I16, DType::I8) => quantized::<i16, i64>(node, shape)?,
        _ => return Err(node.unsupported_types("float32, or int8 or int16 with weights of int8")),
    };
    let Lstm { batches, steps, inputs, cells, .. } = shape;
    Ok(step.macs((batches * steps) as u64 * 4 * cells as u64 * (inputs + cells) as u64))
}

fn geometry(node: &Node<'_>) -> Result<Lstm, Error> {
    let (x, y) = (node.input(place::X)?, node.output(0)?);
    let time_major = node.option_bool(3)?;
    let (&[outer, inner, inputs], &[_, _, cells]) = (&*x.shape, &*y.shape) else {
        return Err(node.invalid("an input and an output of rank 3", format!("{} and {}", x.shape, y.shape)));
    };
    node.expect_shape("an output", &y.shape, &[outer, inner, cells])?;
    for k in 0..4 {
        let shape = |place: usize| Ok(&node.input(place)?.shape);
        node.expect_shape("weights for the input", shape(place::OF_INPUT + k)?, &[cells, inputs])?;
        node.expect_shape("weights for the output", shape(place::OF_HIDDEN + k)?, &[cells, cells])?;
        node.expect_shape("a bias", shape(place::BIAS + k)?, &[cells])?;
    }
    let (batches, steps) = if time_major { (inner, outer) } else { (outer, inner) };
    for place in [place::HIDDEN, place::CELL] {
        let state = node.input(place)?;
        if !state.tensor.is_variable || state.shape.elements() != batches * cells {
            let expected = format!("a variable of {} elements as input {place}", batches * cells);
            let what = if state.tensor.is_variable { "a variable" } else { "a tensor" };
            return Err(node.invalid(expected, format!("{what} of shape {}", state.shape)));
        }
    }
    Ok(Lstm { batches, steps, inputs, cells, time_major })
}

fn expect_types(node: &Node<'_>, x: DType, weights: DType, bias: DType, cell: DType) -> Result<(), Error> {
    for k in 0..4 {
        node.expect_dtype("weights for the input", node.input(place::OF_INPUT + k)?, weights)?;
        node.expect_dtype("weights for the output", node.input(place::OF_HIDDEN + k)?, weights)?;
        node.expect_dtype("a bias", node.input(place::BIAS + k)?, bias)?;
    }
    node.expect_dtype("the last output", node.input(place::HIDDEN)?, x)?;
    node.expect_dtype("the cells", node.input(place::CELL)?, cell)?;
    node.expect_dtype("an output", node.output(0)?, x)
}

fn float(node: &Node<'_>, shape: Lstm) -> Result<Prepared, Error> {
    expect_types(node, DType::F32, DType::F32, DType::F32, DType::F32)?;
    let clip = node.option_f32(1)?;
    Ok(Prepared::new("scalar lstm f32", move |io| with_operands(io, |operands| lstm_f32(operands, shape, clip))))
}

fn quantized<X: Stored, S: Sum>(node: &Node<'_>, shape: Lstm) -> Result<Prepared, Error> {
    expect_types(node, X::DTYPE, DType::I8, S::DTYPE, DType::I16)?;
    let wide = S::DTYPE == DType::I64;
    let x = node.per_tensor("an input", node.input(place::X)?)?;
    let hidden = node.per_tensor("the last output", node.input(place::HIDDEN)?)?;
    let cell = node.per_tensor("the cells", node.input(place::CELL)?)?;
    let y = node.per_tensor("an output", node.output(0)?)?;
    if y != hidden {
        return Err(node.invalid("an output quantized as the last output", "another scale or zero point"));
    }
    let (fraction, exponent) = libm::frexpf(cell.scale);
    if fraction != 0.5 || cell.zero_point != 0 || !(-30..=1).contains(&exponent) {
        return Err(node.invalid("cells of zero point 0 and a scale that is a power of two, at most 1", "other cells"));
    }
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
    let clip = libm::fmin(f64::from(node.option_f32(1)?) / f64::from(cell.scale), f64::from(i16::MAX));
    let q = Quantized {
        input_zero: x.zero_point,
        output_zero: hidden.zero_point,
        output_range: X::DTYPE.quantized_range().unwrap_or((0, 0)),
        to_gates,
        forget: product(AFTER, cell.scale, cell.scale),
        input: product(AFTER, AFTER, cell.scale),
        output: product(AFTER, AFTER, hidden.scale),
        clip: clip as i16,
        shift: exponent - 1 + 12,
        table: LogisticTable::new(),
    };
    let kernel = if wide { "scalar lstm i16" } else { "scalar lstm i8" };
    Ok(Prepared::new(kernel, move |io| with_operands(io, |operands| lstm_quantized::<X, S>(operands, shape, &q))))
}

/// Calls `run` with the buffers of this run.
fn with_operands<X: Element, W: Element, B: Element, C: Element>(
    io: &mut Io<'_>,
    run: impl FnOnce(Operands<'_, X, W, B, C>),
) -> Result<(), Error> {
    let x = io.input(place::X)?;
    let gate = |k: usize| -> Result<Gate<'_, W, B>, Error> {
        Ok(Gate {
            of_input: io.input(place::OF_INPUT + k)?,
            of_hidden: io.input(place::OF_HIDDEN + k)?,
            bias: io.input(place::BIAS + k)?,
        })
    };
    let gates = [gate(0)?, gate(1)?, gate(2)?, gate(3)?];
    let mut buffers = io.exclusives(&[place::HIDDEN, place::CELL])?;
    let [y, hidden, cell] = buffers.as_mut_slice() else {
        return Err(Error::internal("an LSTM has an output and two variables"));
    };
    let (y, hidden) = (crate::io::cast_mut(y)?, crate::io::cast_mut(hidden)?);
    run(Operands { x, gates, hidden, cell: crate::io::cast_mut(cell)?, y });
    Ok(())
}
