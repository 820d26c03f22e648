//! `LSTM`, and what both operators of long short-term memory share: their operands, and their full form.

use core::ops::RangeInclusive;

use super::Prepared;
use crate::dtype::{DType, Element};
use crate::io::Io;
use crate::kernels::scalar::lstm::{Gate, Lstm, Operands};
use crate::kernels::scalar::lstm_full::{Extras, Quantized, lstm_full_f32, lstm_full_i8};
use crate::node::{Node, Refused};
use crate::quant::{Multiplier, PerTensor};

/// Places of the operands, as in TensorFlow Lite's `lstm_shared.h`. Gates stand in the order `i, f, g, o`.
pub(super) mod place {
    pub(in crate::ops) const X: usize = 0;
    pub(in crate::ops) const OF_INPUT: usize = 1;
    pub(in crate::ops) const OF_HIDDEN: usize = 5;
    pub(in crate::ops) const PEEPHOLES: core::ops::Range<usize> = 9..12;
    pub(in crate::ops) const BIAS: usize = 12;
    pub(in crate::ops) const PROJECTION: usize = 16;
    pub(in crate::ops) const PROJECTION_BIAS: usize = 17;
    pub(in crate::ops) const HIDDEN: usize = 18;
    pub(in crate::ops) const CELL: usize = 19;
    pub(in crate::ops) const NORM: usize = 20;
}

/// Steps of the gates before their activation, and after it.
pub(super) const BEFORE: f32 = 1.0 / 4096.0;
pub(super) const AFTER: f32 = 1.0 / 32768.0;

/// One moment of a sequence in a run, as TensorFlow Lite.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    if node.option_i8(3)? != 0 {
        return Err(
            node.unsupported(format_args!("the kernel type FULL"), format_args!("kernel type {}", node.option_i8(3)?))
        );
    }
    full(node, geometry(node, false)?)
}

/// Whether there is layer normalization or a projection.
pub(super) fn has_extras(node: &Node<'_>) -> bool {
    [place::PROJECTION, place::NORM].iter().any(|&k| node.optional_input(k).is_some())
}

/// Checks the operands' shapes. A `sequence` has an axis of moments besides that of batches.
pub(super) fn geometry(node: &Node<'_>, sequence: bool) -> Result<Lstm, Refused> {
    node.arity(20..=24, 1)?;
    if node.option_i8(0)? != 4 {
        return Err(
            node.unsupported(format_args!("the activation TANH"), format_args!("activation {}", node.option_i8(0)?))
        );
    }
    if place::PEEPHOLES.into_iter().any(|k| node.optional_input(k).is_some()) {
        return Err(node.unsupported(format_args!("an LSTM without peepholes"), format_args!("peephole weights")));
    }
    let time_major = sequence && node.option_bool(3)?;
    let (x, y) = (node.input(place::X)?, node.output(0)?);
    let (batches, steps, inputs) = match (&*x.shape, sequence) {
        (&[batches, inputs], false) => (batches, 1, inputs),
        (&[steps, batches, inputs], true) if time_major => (batches, steps, inputs),
        (&[batches, steps, inputs], true) => (batches, steps, inputs),
        _ => {
            return Err(
                node.invalid(format_args!("an input of [batch, (time,) elements]"), format_args!("{}", x.shape))
            );
        }
    };
    let cells = node.input(place::BIAS)?.shape.elements();
    let outputs = y.shape.last().copied().unwrap_or(0);
    let leading = &x.shape[..x.shape.len() - 1];
    node.expect_shape("an output", &y.shape, &[leading, &[outputs]].concat())?;
    let expect = |what, place: usize, expected: &[usize]| node.expect_shape(what, &node.input(place)?.shape, expected);
    for k in 0..4 {
        expect("weights for the input", place::OF_INPUT + k, &[cells, inputs])?;
        expect("weights for the output", place::OF_HIDDEN + k, &[cells, outputs])?;
        expect("a bias", place::BIAS + k, &[cells])?;
        if node.optional_input(place::NORM).is_some() {
            expect("weights of normalization", place::NORM + k, &[cells])?;
        }
    }
    if node.optional_input(place::PROJECTION).is_some() {
        expect("a projection", place::PROJECTION, &[outputs, cells])?;
        if node.optional_input(place::PROJECTION_BIAS).is_some() {
            expect("a bias of the projection", place::PROJECTION_BIAS, &[outputs])?;
        }
    } else if outputs != cells {
        return Err(
            node.invalid(format_args!("{cells} outputs, as cells: there is no projection"), format_args!("{outputs}"))
        );
    }
    for (place, elements) in [(place::HIDDEN, batches * outputs), (place::CELL, batches * cells)] {
        let state = node.input(place)?;
        if !state.tensor.is_variable || state.shape.elements() != elements {
            let what = if state.tensor.is_variable { "a variable" } else { "a tensor" };
            let found = format_args!("{what} of shape {}", state.shape);
            return Err(node.invalid(format_args!("a variable of {elements} elements as input {place}"), found));
        }
    }
    Ok(Lstm { batches, steps, inputs, cells, outputs, time_major })
}

pub(super) fn macs(node: &Node<'_>, shape: Lstm) -> u64 {
    let Lstm { batches, steps, inputs, cells, outputs, .. } = shape;
    let projected = if node.optional_input(place::PROJECTION).is_some() { outputs } else { 0 };
    (batches * steps) as u64 * cells as u64 * (4 * (inputs + outputs) + projected) as u64
}

/// The exponent of the cells' scale, which must be a power of two.
pub(super) fn cell_exponent(node: &Node<'_>, cell: PerTensor, range: RangeInclusive<i32>) -> Result<i32, Refused> {
    let (fraction, exponent) = libm::frexp(f64::from(cell.scale));
    if fraction != 0.5 || cell.zero_point != 0 || !range.contains(&(exponent - 1)) {
        let expected = format_args!("cells of zero point 0 and scale 2^{} to 2^{}", range.start(), range.end());
        return Err(
            node.unsupported(expected, format_args!("zero point {}, scale about 2^{exponent}", cell.zero_point))
        );
    }
    Ok(exponent - 1)
}

pub(super) fn expect_types(node: &Node<'_>, x: DType, weights: DType, bias: DType, cell: DType) -> Result<(), Refused> {
    for k in 0..4 {
        node.expect_dtype("weights for the input", node.input(place::OF_INPUT + k)?, weights)?;
        node.expect_dtype("weights for the output", node.input(place::OF_HIDDEN + k)?, weights)?;
        node.expect_dtype("a bias", node.input(place::BIAS + k)?, bias)?;
    }
    node.expect_dtype("the last output", node.input(place::HIDDEN)?, x)?;
    node.expect_dtype("the cells", node.input(place::CELL)?, cell)?;
    node.expect_dtype("an output", node.output(0)?, x)
}

/// The full form: layer normalization and a projection, each if it is there.
pub(super) fn full(node: &Node<'_>, shape: Lstm) -> Result<Prepared, Refused> {
    let step = match (node.input(place::X)?.dtype, node.input(place::OF_INPUT)?.dtype) {
        (DType::F32, DType::F32) => full_float(node, shape)?,
        (DType::I8, DType::I8) => full_quantized(node, shape)?,
        _ => return Err(node.unsupported_types("float32, or int8 with weights of int8")),
    };
    Ok(step.macs(macs(node, shape)))
}

fn full_float(node: &Node<'_>, shape: Lstm) -> Result<Prepared, Refused> {
    expect_types(node, DType::F32, DType::F32, DType::F32, DType::F32)?;
    let present = Present::of(node, DType::F32, DType::F32, DType::F32)?;
    let clips = (node.option_f32(1)?, node.option_f32(2)?);
    let step = Prepared::new("scalar lstm f32, full", move |io| {
        let extras = present.extras(io);
        let (operands, scratch) = operands(io);
        lstm_full_f32(operands, extras, shape, clips, scratch);
        Ok(())
    });
    Ok(step.scratch(4 * shape.cells * size_of::<f32>()))
}

/// Factors are computed in single precision, as in TensorFlow Lite's `PopulateQuantizedLstmParams8x8_16`. As there, what is projected
/// takes its zero point with the sign reversed, so that it saturates unless that is near 0.
fn full_quantized(node: &Node<'_>, shape: Lstm) -> Result<Prepared, Refused> {
    expect_types(node, DType::I8, DType::I8, DType::I32, DType::I16)?;
    let present = Present::of(node, DType::I16, DType::I8, DType::I32)?;
    let x = node.per_tensor("an input", node.input(place::X)?)?;
    let hidden = node.per_tensor("the last output", node.input(place::HIDDEN)?)?;
    let cell = node.per_tensor("the cells", node.input(place::CELL)?)?;
    let weight = |place: usize| Ok(node.channel_scales(node.input(place)?, 1, 0)?[0]);
    let between = |k: usize| {
        let quant = node.intermediates.get(k).and_then(|t| t.quant.as_ref());
        quant
            .map(|q| (q.scales[0], q.zero_points[0]))
            .ok_or_else(|| node.invalid(format_args!("an intermediate tensor {k} with a scale"), format_args!("none")))
    };
    let of = |factor: f32| Multiplier::new(factor.into());
    let mut to_gates = [(Multiplier::default(), Multiplier::default()); 4];
    let mut norm = [(Multiplier::default(), 0); 4];
    for k in 0..4 {
        let scale = if present.norm { between(k)?.0 } else { BEFORE };
        to_gates[k].0 = of(weight(place::OF_INPUT + k)? * x.scale / scale);
        to_gates[k].1 = of(weight(place::OF_HIDDEN + k)? * hidden.scale / scale);
        if present.norm {
            let scale = weight(place::NORM + k)?;
            let multiplier = of(scale);
            norm[k] = (Multiplier { shift: multiplier.shift + 12, ..multiplier }, ((10000.0 * scale) as i32).max(1));
        }
    }
    let (inner_scale, inner_zero) = between(4)?;
    let projection = if present.projection { weight(place::PROJECTION)? * inner_scale / hidden.scale } else { 0.0 };
    let q = Quantized {
        input_zero: x.zero_point,
        output_zero: hidden.zero_point,
        to_gates,
        norm,
        cell_bits: (15 + cell_exponent(node, cell, -15..=-11)?) as u32,
        cell_clip: (node.option_f32(1)? / cell.scale).min(f32::from(i16::MAX)) as i16,
        inner: (of(AFTER / inner_scale * AFTER), if present.projection { -inner_zero } else { inner_zero }),
        projection: of(projection),
        projection_clip: (node.option_f32(2)? / hidden.scale).min(f32::from(i8::MAX)) as i8,
    };
    let step = Prepared::new("scalar lstm i8, full", move |io| {
        let extras = present.extras(io);
        let (operands, scratch) = operands(io);
        lstm_full_i8(operands, extras, shape, &q, scratch);
        Ok(())
    });
    Ok(step.scratch(4 * shape.cells * size_of::<i16>()))
}

/// Which of the optional operands are there.
#[derive(Clone, Copy)]
struct Present {
    norm: bool,
    projection: bool,
    projection_bias: bool,
}

impl Present {
    fn of(node: &Node<'_>, norm: DType, weights: DType, bias: DType) -> Result<Self, Refused> {
        let there = |place: usize| node.optional_input(place).is_some();
        let present = Self {
            norm: there(place::NORM),
            projection: there(place::PROJECTION),
            projection_bias: there(place::PROJECTION) && there(place::PROJECTION_BIAS),
        };
        for place in (place::NORM..place::NORM + 4).filter(|_| present.norm) {
            node.expect_dtype("weights of normalization", node.input(place)?, norm)?;
        }
        if present.projection {
            node.expect_dtype("a projection", node.input(place::PROJECTION)?, weights)?;
        }
        if present.projection_bias {
            node.expect_dtype("a bias of the projection", node.input(place::PROJECTION_BIAS)?, bias)?;
        }
        Ok(present)
    }

    fn extras<'a, N: Element, W: Element, B: Element>(self, io: &Io<'a>) -> Extras<'a, N, W, B> {
        let mut norm = [&[][..]; 4];
        for (k, norm) in norm.iter_mut().enumerate().filter(|_| self.norm) {
            *norm = io.input(place::NORM + k);
        }
        let norm = self.norm.then_some(norm);
        let bias = if self.projection_bias { Some(io.input(place::PROJECTION_BIAS)) } else { None };
        let projection = if self.projection { Some((io.input(place::PROJECTION), bias)) } else { None };
        Extras { norm, projection }
    }
}

/// The buffers of this run, and its scratch, empty where it has none.
pub(super) fn operands<'a, X: Element, W: Element, B: Element, C: Element, S: Element>(
    io: &mut Io<'a>,
) -> (Operands<'a, X, W, B, C>, &'a mut [S]) {
    let x = io.input(place::X);
    let mut gates = [Gate { of_input: &[][..], of_hidden: &[][..], bias: &[][..] }; 4];
    for (k, gate) in gates.iter_mut().enumerate() {
        gate.of_input = io.input(place::OF_INPUT + k);
        gate.of_hidden = io.input(place::OF_HIDDEN + k);
        gate.bias = io.input(place::BIAS + k);
    }
    let (hidden, cell, y) = (io.take_variable(place::HIDDEN), io.take_variable(place::CELL), io.take_output(0));
    (Operands { x, gates, hidden, cell, y }, io.take_scratch())
}
