//! The weights of a layer, before and after.

use serde::{Deserialize, Serialize};

use super::super::reals::{channel_step, reals};
use super::super::signal::sqnr_db;
use super::super::size::non_zeros;
use super::pairing::{Pair, constant};
use crate::data::Elements;
use crate::graph::{Graph, Value};

/// Bars of a histogram.
pub const BINS: usize = 64;

/// How often values lie in each of [`BINS`] equal parts of a range; the last part includes its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The least value.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Values in each part.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Of values; those that are no finite numbers are left out.
    #[must_use]
    pub fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let values = values.filter(|value| value.is_finite());
        let (min, max) = values.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        let mut counts = vec![0; BINS];
        for value in values {
            let place = if max > min { (value - min) / (max - min) * BINS as f64 } else { 0.0 };
            counts[(place as usize).min(BINS - 1)] += 1;
        }
        if min > max { Self { min: 0.0, max: 0.0, counts } } else { Self { min, max, counts } }
    }
}

/// The weights of a layer, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerWeights {
    /// Parameters of the variant's weight tensor.
    pub parameters: u64,
    /// Those that are not 0.
    pub non_zeros: u64,
    /// The original's weights.
    pub before: Histogram,
    /// What the variant's weights mean, in real numbers.
    pub after: Histogram,
    /// The variant's weights as stored, where they are integers.
    pub stored: Option<Histogram>,
    /// Signal over noise of the weights in dB; none where they are equal or of different shapes.
    pub sqnr_db: Option<f64>,
    /// Output channels with weights of which the variant has none but 0.
    pub vanished_channels: Vec<usize>,
}

impl LayerWeights {
    /// Of a pair of layers whose input 1 is constant in both.
    pub(super) fn of(original: &Graph, variant: &Graph, pair: Pair) -> Option<Self> {
        let before = original.value(constant(original, pair.original, 1)?);
        let after = variant.value(constant(variant, pair.variant, 1)?);
        let (x, y): (Vec<f64>, Vec<f64>) = (reals(before)?.collect(), reals(after)?.collect());
        let stored = after.constant.as_ref().map(crate::data::Array::elements).filter(|e| !e.dtype().is_real());
        let noise: f64 = x.iter().zip(&y).map(|(x, y)| (x - y) * (x - y)).sum();
        let same_shape = before.shape == after.shape;
        Some(Self {
            parameters: after.len() as u64,
            non_zeros: non_zeros(after)?,
            before: Histogram::of(x.iter().copied()),
            after: Histogram::of(y.iter().copied()),
            stored: stored.map(integers),
            sqnr_db: same_shape.then(|| sqnr_db(x.iter().map(|x| x * x).sum(), noise)).flatten(),
            vanished_channels: if same_shape { vanished(after, &x, &y) } else { Vec::new() },
        })
    }
}

fn integers(elements: &Elements) -> Histogram {
    Histogram::of((0..elements.len()).filter_map(|i| elements.real(i)))
}

/// Output channels: the last axis of a depthwise convolution's weights, of 1 by h by w by c, and the first of others.
fn vanished(weights: &Value, before: &[f64], after: &[f64]) -> Vec<usize> {
    let (axis, count) = match weights.shape[..] {
        [1, _, _, channels] => (3, channels),
        [channels, ..] => (0, channels),
        [] => return Vec::new(),
    };
    let step = channel_step(&weights.shape, axis);
    let (mut had, mut has) = (vec![false; count], vec![false; count]);
    for (i, (&x, &y)) in before.iter().zip(after).enumerate() {
        let channel = i / step % count;
        had[channel] |= x != 0.0;
        has[channel] |= y != 0.0;
    }
    (0..count).filter(|&c| had[c] && !has[c]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_one_part() {
        let values = [-1.0, -1.0, 0.0, 0.99, 1.0, f64::NAN];
        let histogram = Histogram::of(values.into_iter());
        assert_eq!((histogram.min, histogram.max), (-1.0, 1.0));
        assert_eq!((histogram.counts[0], histogram.counts[32], histogram.counts[63]), (2, 1, 2));
        assert_eq!(histogram.counts.iter().sum::<u64>(), 5);
        assert_eq!(Histogram::of([3.0; 4].into_iter()).counts[0], 4);
        assert_eq!(Histogram::of(std::iter::empty()).counts.iter().sum::<u64>(), 0);
    }
}
