//! Long short-term memory over a sequence.
//!
//! For each step, with the gates `i, f, o = logistic(..)` and `g = tanh(..)` of `Wx * x + bias + Wh * h`:
//! `c = f * c + i * g`, then `h = o * tanh(c)`, which is also the output. In single precision [`super::lstm_full`] computes this too.

use super::arithmetic::{Stored, Sum};
use super::logistic::{LogisticTable, TableScale};
use crate::quant::Multiplier;

/// Extents of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lstm {
    /// Sequences.
    pub batches: usize,
    /// Moments of each.
    pub steps: usize,
    /// Elements of the input at one moment.
    pub inputs: usize,
    /// Cells.
    pub cells: usize,
    /// Elements of the output at one moment: as many as cells, unless they are projected.
    pub outputs: usize,
    /// Whether moments come before sequences in the input and output.
    pub time_major: bool,
}

impl Lstm {
    /// The row of the input and output for a moment of a sequence.
    fn row(&self, batch: usize, step: usize) -> usize {
        if self.time_major { step * self.batches + batch } else { batch * self.steps + step }
    }
}

/// Weights and bias of one gate: `[cells, inputs]`, `[cells, outputs]`, `[cells]`.
#[derive(Debug, Clone, Copy)]
pub struct Gate<'a, W, B> {
    /// For the input.
    pub of_input: &'a [W],
    /// For the output of the moment before.
    pub of_hidden: &'a [W],
    /// Bias.
    pub bias: &'a [B],
}

/// Operands.
#[derive(Debug)]
pub struct Operands<'a, X, W, B, C> {
    /// Input.
    pub x: &'a [X],
    /// Gates `i, f, g, o`.
    pub gates: [Gate<'a, W, B>; 4],
    /// The last output, `[batches, outputs]`, kept between runs.
    pub hidden: &'a mut [X],
    /// The cells, `[batches, cells]`, kept between runs.
    pub cell: &'a mut [C],
    /// Output.
    pub y: &'a mut [X],
}

/// Walks the sequences in order: calls `step(x, h, c, y)` for each moment, then keeps `y` as the next `h`.
pub(super) fn walk<X: Copy, C>(
    shape: Lstm,
    x: &[X],
    hidden: &mut [X],
    cell: &mut [C],
    y: &mut [X],
    mut step: impl FnMut(&[X], &[X], &mut [C], &mut [X]),
) {
    let Lstm { inputs, cells, outputs, .. } = shape;
    for (b, (hidden, cell)) in hidden.chunks_exact_mut(outputs).zip(cell.chunks_exact_mut(cells)).enumerate() {
        for t in 0..shape.steps {
            let row = shape.row(b, t);
            let y = &mut y[row * outputs..][..outputs];
            step(&x[row * inputs..][..inputs], hidden, cell, y);
            hidden.copy_from_slice(y);
        }
    }
}

/// Parameters of quantized sequences.
///
/// Gates before their activation count in steps of `2^-12`, after it in steps of `2^-15`.
#[derive(Debug, Clone)]
pub struct Quantized {
    /// Zero point of the input.
    pub input_zero: i32,
    /// Zero point of the output.
    pub output_zero: i32,
    /// Smallest and largest value of the output.
    pub output_range: (i32, i32),
    /// From products of input and weights, and of output and weights, to each gate.
    pub to_gates: [(Multiplier, Multiplier); 4],
    /// From `f * c` to the cell.
    pub forget: Multiplier,
    /// From `i * g` to the cell.
    pub input: Multiplier,
    /// From `o * tanh(c)` to the output.
    pub output: Multiplier,
    /// Bound of the cells, if above 0.
    pub clip: i16,
    /// The cells count in steps of `2^(shift - 12)`.
    pub shift: i32,
    /// The curve of both activations.
    pub table: LogisticTable,
}

pub(super) fn saturate(value: i32) -> i16 {
    value.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

fn multiply(a: i16, b: i16, by: Multiplier) -> i32 {
    by.apply(i32::from(a) * i32::from(b))
}

/// In integers: 16 bits for gates and cells, sums of the type `S`.
///
/// Source: TensorFlow Lite Micro's `lstm_eval.h`. Cells finer than steps of `2^-12` are cut to such steps whenever their tanh is taken.
pub fn lstm_quantized<X: Stored, S: Sum>(operands: Operands<'_, X, i8, S, i16>, shape: Lstm, q: &Quantized) {
    let Operands { x, gates, hidden, cell, y } = operands;
    let dot = |w: &[i8], x: &[X], zero: i32| {
        w.iter().zip(x).fold(S::default(), |sum, (&w, &x)| sum.add_product(x.into() - zero, w.into()))
    };
    let gate_scale = TableScale { multiplier: 3, right_shift: 0 };
    let cell_scale = TableScale { multiplier: 3 << q.shift.max(0), right_shift: 0 };
    walk(shape, x, hidden, cell, y, |x, h, c, y| {
        for (u, (c, y)) in c.iter_mut().zip(y).enumerate() {
            let before = |k: usize| {
                let (gate, (from_input, from_hidden)) = (&gates[k], q.to_gates[k]);
                let of_input = dot(&gate.of_input[u * shape.inputs..][..shape.inputs], x, q.input_zero);
                let of_hidden = dot(&gate.of_hidden[u * shape.cells..][..shape.cells], h, q.output_zero);
                let of_input = saturate(of_input.plus(gate.bias[u]).scaled(from_input));
                of_input.saturating_add(saturate(of_hidden.scaled(from_hidden)))
            };
            let [i, f, o] = [0, 1, 3].map(|k| q.table.logistic(gate_scale, before(k)));
            let g = q.table.tanh(gate_scale, before(2));
            let next = saturate(multiply(f, *c, q.forget)).saturating_add(saturate(multiply(i, g, q.input)));
            let next = if q.clip > 0 { next.clamp(-q.clip, q.clip) } else { next };
            *c = next >> (-q.shift).clamp(0, 15);
            let output = multiply(q.table.tanh(cell_scale, *c), o, q.output).wrapping_add(q.output_zero);
            *y = X::of(output.clamp(q.output_range.0, q.output_range.1));
        }
    });
}
