//! `LSTM`, `GRU` and `RNN`, step by step: lengths are fixed, and so is the number of nodes. `UNIDIRECTIONAL_SEQUENCE_LSTM` is not
//! taken, because its state outlives a run, where that of ONNX begins at 0 each time.
//!
//! Products of the input are taken for all steps at once; only those of the state wait for one another.

use super::super::constant::Constant;
use super::super::importer::Importer;
use super::super::limits::NODES;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, over, unsupported};
use super::super::view::View;
use super::concat::join;
use super::elementwise::{ADD, MUL, SUB, binary, number_with, unary};
use super::matmul::by_transposed;
use super::reshape::reshaped;
use super::split::cut;
use crate::data::Array;
use crate::graph::Op;

/// What a direction computes with.
struct Cell {
    /// Recurrent weights `[gates * units, units]`.
    recurrent: Constant,
    /// Recurrent bias of the last gate, which `GRU` may add within the product.
    inner_bias: Option<View>,
    /// Weights from the cell to the gates `i`, `o`, `f`.
    peepholes: Option<[View; 3]>,
    units: usize,
    gates: usize,
}

/// State between steps; none while it is 0.
#[derive(Clone, Default)]
struct State {
    h: Option<View>,
    c: Option<View>,
}

/// One step from the input's share of the gates.
type Step = fn(&mut Importer<'_>, &Cell, &View, State) -> Outcome<State>;

/// `LSTM`, `GRU`, `RNN`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let before_reset = node.op() == "GRU" && node.flag("linear_before_reset", false)?;
    let (gates, step, names): (usize, Step, &[&str]) = match node.op() {
        "LSTM" => (4, lstm, &["Sigmoid", "Tanh", "Tanh"]),
        "GRU" if before_reset => (3, gru_before_reset, &["Sigmoid", "Tanh"]),
        "GRU" => (3, gru, &["Sigmoid", "Tanh"]),
        "RNN" => (1, rnn, &["Tanh"]),
        other => return Err(invalid("LSTM, GRU or RNN", other)),
    };
    let directions: &[bool] = match node.text("direction", "forward")? {
        "forward" => &[false],
        "reverse" => &[true],
        "bidirectional" => &[false, true],
        other => return Err(invalid("direction forward, reverse or bidirectional", other)),
    };
    if let Some(stated) = node.texts("activations")?
        && !stated.iter().eq(names.iter().cycle().take(names.len() * directions.len()))
    {
        return Err(node.refuse_value("activations", stated.join(", "), "use the activations of the definition"));
    }
    if node.flag("input_forget", false)? {
        return Err(node.refuse_value("input_forget", 1, "export it with a gate to forget of its own"));
    }
    let batch_first = node.flag("layout", false)?;
    let x = importer.view(node, 0)?;
    let x = if batch_first && x.rank() == 3 { x.transposed(&[1, 0, 2]) } else { x };
    let x = importer.plain(&x)?;
    let [length, batch, _] = x.shape()[..] else {
        return Err(invalid("a sequence of rank 3", format!("{:?}", x.shape())));
    };
    if length > NODES {
        return Err(over(format!("sequences of at most {NODES} steps"), length.to_string()));
    }
    if let Some(lengths) = importer.integers(node, 4, "lengths of sequences")?
        && lengths.iter().any(|&l| usize::try_from(l) != Ok(length))
    {
        return Err(unsupported("sequences of several lengths", "export it for sequences of one length"));
    }
    let (mut all, mut last) = (Vec::new(), Vec::new());
    for (d, &reverse) in directions.iter().enumerate() {
        let (cell, shares) = cell(importer, node, &x, d, directions.len(), gates, before_reset)?;
        let mut state = State::default();
        for (k, initial) in [(5, &mut state.h), (6, &mut state.c)] {
            if node.input(k).is_some() && (k == 5 || node.op() == "LSTM") {
                let view = importer.view(node, k)?;
                let view = if batch_first && view.rank() == 3 { view.transposed(&[1, 0, 2]) } else { view };
                *initial = Some(direction(importer, &view, d, &[batch, cell.units])?);
            }
        }
        let mut results = vec![None; length];
        for at in 0..length {
            let at = if reverse { length - 1 - at } else { at };
            state = step(importer, &cell, &shares[at], state)?;
            let h = state.h.clone().ok_or_else(|| invalid("a state", "none"))?;
            results[at] = Some(reshaped(importer, &h, &[1, 1, batch, cell.units])?);
        }
        let results: Vec<View> = results.into_iter().flatten().collect();
        all.push(join(importer, &results, 0)?);
        last.push((state, [1, batch, cell.units]));
    }
    if node.output(0).is_some() {
        let y = join(importer, &all, 1)?;
        importer.bind(node, 0, if batch_first { y.transposed(&[2, 0, 1, 3]) } else { y })?;
    }
    for (k, of) in [(1, (|s: &State| s.h.clone()) as fn(&State) -> Option<View>), (2, |s| s.c.clone())] {
        if node.output(k).is_some() {
            let mut parts = Vec::new();
            for (state, shape) in &last {
                let part = of(state).ok_or_else(|| invalid("a state", "none"))?;
                parts.push(reshaped(importer, &part, shape)?);
            }
            let y = join(importer, &parts, 0)?;
            importer.bind(node, k, if batch_first { y.transposed(&[1, 0, 2]) } else { y })?;
        }
    }
    Ok(())
}

/// The part of a direction, under a shape.
fn direction(importer: &mut Importer<'_>, all: &View, d: usize, shape: &[usize]) -> Outcome<View> {
    let count = all.shape().first().copied().unwrap_or(0);
    let part = if count == 1 { all.clone() } else { cut(importer, all, 0, &vec![1; count])?.swap_remove(d) };
    if part.shape().iter().product::<usize>() != shape.iter().product::<usize>() {
        return Err(invalid(format!("a state of {shape:?}"), format!("{:?}", part.shape())));
    }
    reshaped(importer, &part, shape)
}

/// The known part of a direction of `count`, flat.
fn known_part(node: &Node<'_>, importer: &Importer<'_>, k: usize, d: usize, count: usize) -> Outcome<Option<Vec<f32>>> {
    let Some(known) = importer.constant(node, k, "weights")? else { return Ok(None) };
    let floats = known.floats();
    let length = floats.len() / count;
    if known.shape().first() != Some(&count) || length == 0 {
        return Err(invalid(format!("{count} directions"), format!("{:?}", known.shape())));
    }
    Ok(Some(floats[d * length..(d + 1) * length].to_vec()))
}

/// A direction's weights, and for each step the input's share of its gates.
fn cell(
    importer: &mut Importer<'_>,
    node: &Node<'_>,
    x: &View,
    d: usize,
    count: usize,
    gates: usize,
    before_reset: bool,
) -> Outcome<(Cell, Vec<View>)> {
    let [length, batch, inputs] = x.shape()[..] else { return Err(invalid("a sequence of rank 3", "another")) };
    let part = |k: usize| known_part(node, importer, k, d, count);
    let (w, r, b, p) = (part(1)?, part(2)?, part(3)?, part(7)?);
    let (w, r) = (w.ok_or_else(|| invalid("weights", "none"))?, r.ok_or_else(|| invalid("weights", "none"))?);
    let rows = w.len() / inputs;
    let units = rows / gates;
    let fits = rows * inputs == w.len() && units * gates == rows && r.len() == rows * units && units > 0;
    let stated = node.optional_int("hidden_size")?.map_or(Ok(units), usize::try_from);
    if !fits
        || stated != Ok(units)
        || b.as_ref().is_some_and(|b| b.len() != 2 * rows)
        || p.as_ref().is_some_and(|p| p.len() != 3 * units)
    {
        return Err(invalid(
            format!("weights of {gates} gates for {inputs} inputs"),
            format!("{} and {} numbers", w.len(), r.len()),
        ));
    }
    let array = |shape: [usize; 2], floats: Vec<f32>| {
        Array::new(shape, floats).map(Constant::new).map_err(|_| invalid("as many weights", "others"))
    };
    // Both biases are added with the input's share, but for one within the product of the state.
    let (mut sum, mut inner) = (vec![0.0; rows], None);
    if let Some(b) = b {
        let (of_input, of_state) = b.split_at(rows);
        sum = of_input.iter().zip(of_state).map(|(a, b)| a + b).collect();
        if before_reset {
            sum[2 * units..].copy_from_slice(&of_input[2 * units..]);
            inner = Some(of_state[2 * units..].to_vec());
        }
    }
    let bias = importer.add_floats(&[rows], sum)?;
    let shares = by_transposed(importer, x, array([rows, inputs], w)?, Some(bias))?;
    let shares = if length == 1 { vec![shares] } else { cut(importer, &shares, 0, &vec![1; length])? };
    let shares = shares.iter().map(|share| reshaped(importer, share, &[batch, rows])).collect::<Outcome<_>>()?;
    let inner_bias = match inner {
        Some(inner) => Some(View::plain(importer.add_floats(&[units], inner)?, &[units])),
        None => None,
    };
    let peepholes = match p {
        Some(p) => {
            let mut gate = |k: usize| {
                importer.add_floats(&[units], p[k * units..(k + 1) * units].to_vec()).map(|v| View::plain(v, &[units]))
            };
            Some([gate(0)?, gate(1)?, gate(2)?])
        }
        None => None,
    };
    Ok((Cell { recurrent: array([rows, units], r)?, inner_bias, peepholes, units, gates }, shares))
}

impl Cell {
    /// The recurrent weights of gates `from` to `to`.
    fn weights(&self, from: usize, to: usize) -> Outcome<Constant> {
        let floats = self.recurrent.floats()[from * self.units * self.units..to * self.units * self.units].to_vec();
        let array = Array::new([(to - from) * self.units, self.units], floats);
        array.map(Constant::new).map_err(|_| invalid("as many weights", "others"))
    }

    /// The gates apart: the input's share and the state's.
    fn gates(&self, importer: &mut Importer<'_>, share: &View, h: Option<&View>) -> Outcome<Vec<View>> {
        let sum = match h {
            None => share.clone(),
            Some(h) => {
                let product = by_transposed(importer, h, self.weights(0, self.gates)?, None)?;
                binary(importer, ADD, share, &product)?
            }
        };
        if self.gates == 1 { Ok(vec![sum]) } else { cut(importer, &sum, 1, &vec![self.units; self.gates]) }
    }

    /// A gate with the cell's share in it.
    fn peeped(&self, importer: &mut Importer<'_>, gate: &View, k: usize, c: Option<&View>) -> Outcome<View> {
        match (&self.peepholes, c) {
            (Some(peepholes), Some(c)) => {
                let share = binary(importer, MUL, c, &peepholes[k])?;
                binary(importer, ADD, gate, &share)
            }
            _ => Ok(gate.clone()),
        }
    }
}

/// `i, o, f = sigmoid(...)`, `c' = f c + i tanh(g)`, `h' = o tanh(c')`.
fn lstm(importer: &mut Importer<'_>, cell: &Cell, share: &View, State { h, c }: State) -> Outcome<State> {
    let gates = cell.gates(importer, share, h.as_ref())?;
    let [i, o, f, g] = &gates[..] else { return Err(invalid("four gates", "others")) };
    let i = cell.peeped(importer, i, 0, c.as_ref())?;
    let i = unary(importer, Op::Logistic, &i)?;
    let g = unary(importer, Op::Tanh, g)?;
    let mut next = binary(importer, MUL, &i, &g)?;
    if let Some(c) = &c {
        let f = cell.peeped(importer, f, 2, Some(c))?;
        let f = unary(importer, Op::Logistic, &f)?;
        let kept = binary(importer, MUL, &f, c)?;
        next = binary(importer, ADD, &kept, &next)?;
    }
    let o = cell.peeped(importer, o, 1, Some(&next))?;
    let o = unary(importer, Op::Logistic, &o)?;
    let squashed = unary(importer, Op::Tanh, &next)?;
    let h = binary(importer, MUL, &o, &squashed)?;
    Ok(State { h: Some(h), c: Some(next) })
}

/// `h' = (1 - z) n + z h`.
fn mixed(importer: &mut Importer<'_>, z: &View, n: &View, h: Option<View>) -> Outcome<State> {
    let rest = number_with(importer, SUB, 1.0, z)?;
    let mut next = binary(importer, MUL, &rest, n)?;
    if let Some(h) = h {
        let kept = binary(importer, MUL, z, &h)?;
        next = binary(importer, ADD, &next, &kept)?;
    }
    Ok(State { h: Some(next), c: None })
}

/// `z, r = sigmoid(...)`, `n = tanh(x + R (r h))`.
fn gru(importer: &mut Importer<'_>, cell: &Cell, share: &View, State { h, .. }: State) -> Outcome<State> {
    let parts = cut(importer, share, 1, &[cell.units; 3])?;
    let [z, r, n] = &parts[..] else { return Err(invalid("three gates", "others")) };
    let Some(h) = h else {
        let z = unary(importer, Op::Logistic, z)?;
        let n = unary(importer, Op::Tanh, n)?;
        return mixed(importer, &z, &n, None);
    };
    let gate = |importer: &mut Importer<'_>, share: &View, k: usize| {
        let product = by_transposed(importer, &h, cell.weights(k, k + 1)?, None)?;
        let sum = binary(importer, ADD, share, &product)?;
        unary(importer, Op::Logistic, &sum)
    };
    let (z, r) = (gate(importer, z, 0)?, gate(importer, r, 1)?);
    let reset = binary(importer, MUL, &r, &h)?;
    let product = by_transposed(importer, &reset, cell.weights(2, 3)?, None)?;
    let sum = binary(importer, ADD, n, &product)?;
    let n = unary(importer, Op::Tanh, &sum)?;
    mixed(importer, &z, &n, Some(h))
}

/// `z, r = sigmoid(...)`, `n = tanh(x + r (R h + b))`.
fn gru_before_reset(importer: &mut Importer<'_>, cell: &Cell, share: &View, State { h, .. }: State) -> Outcome<State> {
    let parts = cut(importer, share, 1, &[cell.units; 3])?;
    let [z, r, n] = &parts[..] else { return Err(invalid("three gates", "others")) };
    let (mut sums, mut inner) = ([z.clone(), r.clone()], cell.inner_bias.clone());
    if let Some(h) = &h {
        let products = by_transposed(importer, h, cell.weights(0, 3)?, None)?;
        let products = cut(importer, &products, 1, &[cell.units; 3])?;
        for (sum, product) in sums.iter_mut().zip(&products) {
            *sum = binary(importer, ADD, sum, product)?;
        }
        inner = Some(match &inner {
            Some(bias) => binary(importer, ADD, &products[2], bias)?,
            None => products[2].clone(),
        });
    }
    let z = unary(importer, Op::Logistic, &sums[0])?;
    let r = unary(importer, Op::Logistic, &sums[1])?;
    let sum = match inner {
        Some(inner) => {
            let reset = binary(importer, MUL, &r, &inner)?;
            binary(importer, ADD, n, &reset)?
        }
        None => n.clone(),
    };
    let n = unary(importer, Op::Tanh, &sum)?;
    mixed(importer, &z, &n, h)
}

/// `h' = tanh(...)`.
fn rnn(importer: &mut Importer<'_>, cell: &Cell, share: &View, State { h, .. }: State) -> Outcome<State> {
    let gates = cell.gates(importer, share, h.as_ref())?;
    let sum = gates.first().ok_or_else(|| invalid("a gate", "none"))?;
    Ok(State { h: Some(unary(importer, Op::Tanh, sum)?), c: None })
}
