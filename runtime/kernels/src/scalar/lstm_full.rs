//! Long short-term memory with layer normalization and a projection of the output, each of which may be absent.
//!
//! As in [`super::lstm`], but a gate is `activation(norm(Wx * x + Wh * h) * weights + bias)` if it is normalized, and
//! `h = P * (o * tanh(c)) + bias` if there is a projection. Source: TensorFlow Lite's `lstm_eval.cc`.

use super::lstm::{Gate, Lstm, Operands, saturate, walk};
use crate::fixed_point::inverse_square_root;
use crate::quant::{Multiplier, rounding_divide_by_pot};
use crate::{fixed_point_16, real};

/// What is there besides the gates: weights of normalization `[cells]`, weights `[outputs, cells]` and bias `[outputs]` of the
/// projection.
#[derive(Debug, Clone, Copy)]
pub struct Extras<'a, N, W, B> {
    /// Normalization of the gates `i, f, g, o`.
    pub norm: Option<[&'a [N]; 4]>,
    /// Projection.
    pub projection: Option<(&'a [W], Option<&'a [B]>)>,
}

#[inline]
fn dot(w: &[f32], x: &[f32]) -> f32 {
    w.iter().zip(x).fold(0.0, |sum, (w, x)| sum + w * x)
}

/// Brings values to mean 0 and deviation 1.
#[inline]
fn normalize_f32(values: &mut [f32]) {
    /// Keeps the deviation of equal values above 0.
    const LEAST_VARIANCE: f32 = 1e-8;
    let count = values.len() as f32;
    let mean = values.iter().fold(0.0, |sum, v| sum + v) / count;
    let squares = values.iter().fold(0.0, |sum, v| sum + (v - mean) * (v - mean));
    let inverse = 1.0 / real::sqrt_f32(squares / count + LEAST_VARIANCE);
    values.iter_mut().for_each(|v| *v = (*v - mean) * inverse);
}

/// In single precision; the clips above 0 bound the cells and the projected output. `scratch` holds four values for each cell.
#[inline]
pub fn lstm_full_f32(
    operands: Operands<'_, f32, f32, f32, f32>,
    extras: Extras<'_, f32, f32, f32>,
    shape: Lstm,
    (cell_clip, projection_clip): (f32, f32),
    scratch: &mut [f32],
) {
    let Operands { x, gates, hidden, cell, y } = operands;
    let bound = |v: f32, clip: f32| if clip > 0.0 { v.clamp(-clip, clip) } else { v };
    walk(shape, x, hidden, cell, y, |x, h, c, y| {
        for (k, (gate, values)) in gates.iter().zip(scratch.chunks_exact_mut(shape.cells)).enumerate() {
            for (u, value) in values.iter_mut().enumerate() {
                let start = if extras.norm.is_some() { 0.0 } else { gate.bias[u] };
                let of_input = start + dot(&gate.of_input[u * shape.inputs..][..shape.inputs], x);
                *value = of_input + dot(&gate.of_hidden[u * shape.outputs..][..shape.outputs], h);
            }
            if let Some(norm) = extras.norm {
                normalize_f32(values);
                for ((value, weight), bias) in values.iter_mut().zip(norm[k]).zip(gate.bias) {
                    *value = *value * weight + bias;
                }
            }
        }
        for (u, c) in c.iter_mut().enumerate() {
            let [i, f, g, o] = [0, 1, 2, 3].map(|k| scratch[k * shape.cells + u]);
            *c = bound(real::logistic(f) * *c + real::tanh(g) * real::logistic(i), cell_clip);
            scratch[u] = real::logistic(o) * real::tanh(*c);
        }
        let inner = &scratch[..shape.cells];
        match extras.projection {
            None => y.copy_from_slice(inner),
            Some((weights, bias)) => {
                for (u, y) in y.iter_mut().enumerate() {
                    let sum = bias.map_or(0.0, |b| b[u]) + dot(&weights[u * shape.cells..][..shape.cells], inner);
                    *y = bound(sum, projection_clip);
                }
            }
        }
    });
}

/// Parameters of quantized sequences. Gates count in steps of `2^-12` before their activation and of `2^-15` after it.
#[derive(Debug, Clone)]
pub struct Quantized {
    /// Zero point of the input.
    pub input_zero: i32,
    /// Zero point of the output.
    pub output_zero: i32,
    /// From products of input and weights, and of output and weights, to each gate (before its normalization, if there is one).
    pub to_gates: [(Multiplier, Multiplier); 4],
    /// From normalized gates to steps of `2^-12`, and the variance of gates whose values are equal.
    pub norm: [(Multiplier, i32); 4],
    /// Bits before the point of the cells, whose range is `-2^bits..2^bits`.
    pub cell_bits: u32,
    /// Bound of the cells, if above 0.
    pub cell_clip: i16,
    /// From `o * tanh(c)` to what is projected (to the output, if nothing is), and its zero point.
    pub inner: (Multiplier, i32),
    /// From products of projection weights to the output.
    pub projection: Multiplier,
    /// Bound of the projected output, if above 0.
    pub projection_clip: i8,
}

/// Brings values to mean 0 and deviation 1, in steps of 1/1024, then applies weights and bias.
#[inline]
fn normalize(values: &mut [i16], weights: &[i16], bias: &[i32], (scale, least_variance): (Multiplier, i32)) {
    const SQUARE_STEPS: i64 = 1 << 20;
    let count = values.len() as i64;
    let sum: i64 = values.iter().map(|&v| i64::from(v)).sum();
    let squares: i64 = values.iter().map(|&v| i64::from(v) * i64::from(v)).sum();
    let mean = (sum * 1024 / count) as i32;
    let variance = squares * (SQUARE_STEPS / count) - i64::from(mean) * i64::from(mean);
    let variance = (variance / SQUARE_STEPS) as i32;
    let inverse = inverse_square_root(if variance < 1 { least_variance } else { variance });
    for ((value, &weight), &bias) in values.iter_mut().zip(weights).zip(bias) {
        let normal = inverse.apply((1024 * i32::from(*value)).wrapping_sub(mean));
        let weighed = i64::from(normal.wrapping_mul(weight.into()).wrapping_add(bias));
        let rounded = (if weighed > 0 { weighed + 512 } else { weighed - 512 }) / 1024;
        *value = saturate(scale.apply(rounded as i32));
    }
}

/// In integers, with activations of 8 bits and gates and cells of 16. `scratch` holds four values for each cell.
#[inline]
pub fn lstm_full_i8(
    operands: Operands<'_, i8, i8, i32, i16>,
    extras: Extras<'_, i16, i8, i32>,
    shape: Lstm,
    q: &Quantized,
    scratch: &mut [i16],
) {
    let Operands { x, gates, hidden, cell, y } = operands;
    let add = |sum: i32, w: i8, x: i32| sum.wrapping_add(i32::from(w).wrapping_mul(x));
    let dot = |start: i32, w: &[i8], x: &[i8], zero: i32| {
        w.iter().zip(x).fold(start, |sum, (&w, &x)| add(sum, w, i32::from(x) - zero))
    };
    let before = |gate: &Gate<'_, i8, i32>, k: usize, u: usize, x: &[i8], h: &[i8]| {
        let (from_input, from_hidden) = q.to_gates[k];
        let bias = if extras.norm.is_some() { 0 } else { gate.bias[u] };
        let of_input = dot(bias, &gate.of_input[u * shape.inputs..][..shape.inputs], x, q.input_zero);
        let of_hidden = dot(0, &gate.of_hidden[u * shape.outputs..][..shape.outputs], h, q.output_zero);
        let of_input = saturate(from_input.apply(of_input));
        saturate(from_hidden.apply(of_hidden).wrapping_add(of_input.into()))
    };
    let product =
        |a: i16, b: i16, shift: u32| saturate(rounding_divide_by_pot(i32::from(a) * i32::from(b), shift as i32));
    walk(shape, x, hidden, cell, y, |x, h, c, y| {
        for (k, (gate, values)) in gates.iter().zip(scratch.chunks_exact_mut(shape.cells)).enumerate() {
            values.iter_mut().enumerate().for_each(|(u, value)| *value = before(gate, k, u, x, h));
            if let Some(norm) = extras.norm {
                normalize(values, norm[k], gate.bias, q.norm[k]);
            }
        }
        for (u, c) in c.iter_mut().enumerate() {
            let [i, f, g, o] = [0, 1, 2, 3].map(|k| scratch[k * shape.cells + u]);
            let (i, f, o) = (fixed_point_16::logistic(i), fixed_point_16::logistic(f), fixed_point_16::logistic(o));
            let next = product(f, *c, 15).saturating_add(product(i, fixed_point_16::tanh(g, 3), 15 + q.cell_bits));
            *c = if q.cell_clip > 0 { next.clamp(-q.cell_clip, q.cell_clip) } else { next };
            let inner = i32::from(o) * i32::from(fixed_point_16::tanh(*c, q.cell_bits));
            scratch[u] = q.inner.0.apply(inner).wrapping_add(q.inner.1).clamp(-128, 127) as i16;
        }
        let inner = &scratch[..shape.cells];
        for (u, y) in y.iter_mut().enumerate() {
            *y = match extras.projection {
                None => inner[u] as i8,
                Some((weights, bias)) => {
                    let products = weights[u * shape.cells..][..shape.cells].iter().zip(inner);
                    let start = bias.map_or(0, |b| b[u]);
                    let sum = products.fold(start, |sum, (&w, &v)| add(sum, w, i32::from(v) - q.inner.1));
                    let value = q.projection.apply(sum).wrapping_add(q.output_zero).clamp(-128, 127) as i8;
                    if q.projection_clip > 0 { value.clamp(-q.projection_clip, q.projection_clip) } else { value }
                }
            };
        }
    });
}
