//! Singular value decomposition filters: a dense layer whose recent results are weighted over time.

use crate::quant::Multiplier;

/// Extents of an SVDF step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Svdf {
    /// Samples.
    pub batches: usize,
    /// Elements of one sample.
    pub inputs: usize,
    /// Filters: outputs of the dense layer.
    pub filters: usize,
    /// Filters that are summed into one output.
    pub rank: usize,
    /// Results that a filter remembers.
    pub memory: usize,
}

/// Parameters of the quantized step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantized {
    /// Zero point of the input.
    pub input_zero: i32,
    /// Zero point of the state.
    pub state_zero: i32,
    /// Smallest and largest value of the state.
    pub state_range: (i32, i32),
    /// Zero point of the output.
    pub output_zero: i32,
    /// From products of input and feature weights to the state.
    pub to_state: Multiplier,
    /// From products of state and time weights to the output.
    pub to_output: Multiplier,
}

/// Operands; the weights are `[filters, inputs]` and `[filters, memory]`, the bias is `[filters / rank]`, the state
/// `[batches, filters, memory]`.
#[derive(Debug)]
pub struct Operands<'a, X, W, B> {
    /// Input.
    pub x: &'a [X],
    /// Feature weights.
    pub feature: &'a [X],
    /// Time weights.
    pub time: &'a [W],
    /// Bias, if there is one.
    pub bias: Option<&'a [B]>,
    /// What the filters remember, oldest first.
    pub state: &'a mut [W],
    /// Output.
    pub y: &'a mut [X],
}

/// Forgets each filter's oldest result and remembers the new one, then sums what is remembered:
/// `y[b, u] = bias[u] + sum over filters f of unit u, moments m: time[f, m] * state[b, f, m]`.
pub fn svdf_i8<W: Copy + Into<i32> + TryFrom<i32>>(operands: Operands<'_, i8, W, i32>, shape: Svdf, q: Quantized) {
    let Operands { x, feature, time, bias, state, y } = operands;
    state.copy_within(1.., 0);
    for (x, state) in x.chunks_exact(shape.inputs).zip(state.chunks_exact_mut(shape.filters * shape.memory)) {
        for (weights, state) in feature.chunks_exact(shape.inputs).zip(state.chunks_exact_mut(shape.memory)) {
            let products = weights.iter().zip(x).map(|(&w, &x)| i32::from(w) * (i32::from(x) - q.input_zero));
            let sum = products.fold(0, i32::wrapping_add);
            let result = q.to_state.apply(sum).wrapping_add(q.state_zero).clamp(q.state_range.0, q.state_range.1);
            if let (Some(newest), Ok(result)) = (state.last_mut(), W::try_from(result)) {
                *newest = result;
            }
        }
    }
    let units = shape.filters / shape.rank;
    for (k, y) in y.iter_mut().enumerate() {
        let (b, u) = (k / units, k % units);
        let taps = shape.rank * shape.memory;
        let remembered = &state[(b * units + u) * taps..][..taps];
        let products = time[u * taps..][..taps].iter().zip(remembered).map(|(&w, &s)| {
            let (w, s): (i32, i32) = (w.into(), s.into());
            w.wrapping_mul(s - q.state_zero)
        });
        let sum = products.fold(bias.map_or(0, |bias| bias[u]), i32::wrapping_add);
        *y = q.to_output.apply(sum).wrapping_add(q.output_zero).clamp(-128, 127) as i8;
    }
}

/// As [`svdf_i8`], in single precision and clamped to `range`. Each filter's products are summed for themselves, then the filters.
#[inline]
pub fn svdf_f32(operands: Operands<'_, f32, f32, f32>, shape: Svdf, range: (f32, f32)) {
    let Operands { x, feature, time, bias, state, y } = operands;
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b);
    state.copy_within(1.., 0);
    for (x, state) in x.chunks_exact(shape.inputs).zip(state.chunks_exact_mut(shape.filters * shape.memory)) {
        for (weights, state) in feature.chunks_exact(shape.inputs).zip(state.chunks_exact_mut(shape.memory)) {
            if let Some(newest) = state.last_mut() {
                *newest = dot(weights, x);
            }
        }
    }
    let units = shape.filters / shape.rank;
    for (k, y) in y.iter_mut().enumerate() {
        let (b, u) = (k / units, k % units);
        let filters = u * shape.rank..(u + 1) * shape.rank;
        let sum = filters.fold(bias.map_or(0.0, |bias| bias[u]), |sum, f| {
            let of = |filter: usize| filter * shape.memory..(filter + 1) * shape.memory;
            sum + dot(&time[of(f)], &state[of(b * shape.filters + f)])
        });
        *y = sum.clamp(range.0, range.1);
    }
}
