//! One signal beside another, sample after sample.

use serde::{Deserialize, Serialize};

use super::super::signal::sqnr_db;
use crate::graph::{Quantization, TensorType};

/// From the least to the greatest value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Range {
    /// Of no values yet.
    const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    fn add(&mut self, value: f64) {
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// How far it reaches from 0.
    #[must_use]
    pub fn reach(&self) -> f64 {
        self.min.abs().max(self.max.abs())
    }

    /// From one end to the other.
    #[must_use]
    pub fn span(&self) -> f64 {
        self.max - self.min
    }

    /// What a type holds with one scale and zero point; none for floats, and with a scale for each channel.
    #[must_use]
    pub fn representable(dtype: TensorType, quantization: Option<&Quantization>) -> Option<Self> {
        let (low, high) = match dtype {
            TensorType::Int8 => (-128.0, 127.0),
            TensorType::UInt8 => (0.0, 255.0),
            TensorType::Int16 => (-32768.0, 32767.0),
            TensorType::Float32
            | TensorType::Int32
            | TensorType::Int64
            | TensorType::Bool
            | TensorType::Float64
            | TensorType::UInt64
            | TensorType::Resource
            | TensorType::UInt32
            | TensorType::UInt16 => return None,
        };
        let Quantization { scales, zero_points, .. } = quantization?;
        let (&[scale], &[zero]) = (&scales[..], &zero_points[..]) else { return None };
        let real = |stored: f64| f64::from(scale) * (stored - zero as f64);
        Some(Self { min: real(low), max: real(high) })
    }
}

/// Sums over one channel of both signals.
#[derive(Debug, Clone, Copy)]
struct Channel {
    xx: f64,
    xy: f64,
    yy: f64,
    noise: f64,
    range: Range,
}

/// An original signal beside a variant's, channel by channel: the last axis.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    channels: Vec<Channel>,
    /// What the variant can represent.
    representable: Option<Range>,
    /// Half of one step of the variant: what is rounded and not clipped.
    half_step: f64,
    values: u64,
    clipped: u64,
}

impl Comparison {
    /// Of signals with so many channels, before any value. `steps` is the number of steps of the variant's type.
    pub(super) fn new(channels: usize, representable: Option<Range>) -> Self {
        let none = Channel { xx: 0.0, xy: 0.0, yy: 0.0, noise: 0.0, range: Range::EMPTY };
        // 255 steps; those of wider types are smaller, and clipping differs from rounding by much more.
        let half_step = representable.map_or(0.0, |range| range.span() / 255.0 / 2.0);
        Self { channels: vec![none; channels.max(1)], representable, half_step, values: 0, clipped: 0 }
    }

    /// One sample of both.
    pub(super) fn add(&mut self, original: &[f32], variant: &[f32]) {
        let count = self.channels.len();
        for (i, (&x, &y)) in original.iter().zip(variant).enumerate() {
            let (x, y) = (f64::from(x), f64::from(y));
            let channel = &mut self.channels[i % count];
            channel.xx += x * x;
            channel.xy += x * y;
            channel.yy += y * y;
            channel.noise += (x - y) * (x - y);
            channel.range.add(x);
            self.values += 1;
            let beyond = |range: &Range| x < range.min - self.half_step || x > range.max + self.half_step;
            self.clipped += u64::from(self.representable.as_ref().is_some_and(beyond));
        }
    }

    /// Signal over noise in dB; none where the signals are equal.
    pub(super) fn sqnr_db(&self) -> Option<f64> {
        sqnr_db(self.sum(|c| c.xx), self.sum(|c| c.noise))
    }

    /// The same after each channel of the variant is scaled to fit the original best, as equalization scales channels.
    pub(super) fn aligned_sqnr_db(&self) -> Option<f64> {
        let residual = |c: &Channel| if c.yy > 0.0 { (c.xx - c.xy * c.xy / c.yy).max(0.0) } else { c.xx };
        sqnr_db(self.sum(|c| c.xx), self.sum(residual))
    }

    /// For each channel the factor by which the variant's is larger, fitted best; 1 where one of both is 0 throughout.
    pub(super) fn factors(&self) -> Vec<f64> {
        let factor = |c: &Channel| if c.xx > 0.0 && c.xy > 0.0 { c.xy / c.xx } else { 1.0 };
        self.channels.iter().map(factor).collect()
    }

    /// The cosine of the angle between both; none where one is 0 throughout.
    pub(super) fn cosine(&self) -> Option<f64> {
        let lengths = (self.sum(|c| c.xx) * self.sum(|c| c.yy)).sqrt();
        (lengths > 0.0).then(|| self.sum(|c| c.xy) / lengths)
    }

    /// The original's values.
    pub(super) fn observed(&self) -> Range {
        self.channels
            .iter()
            .fold(Range::EMPTY, |all, c| Range { min: all.min.min(c.range.min), max: all.max.max(c.range.max) })
    }

    pub(super) fn representable(&self) -> Option<Range> {
        self.representable
    }

    /// The share of the original's values that the variant cannot represent, even rounded; 0 for floats.
    pub(super) fn clipped(&self) -> f64 {
        if self.values == 0 { 0.0 } else { self.clipped as f64 / self.values as f64 }
    }

    /// Channels of the original that had the same value in all places of all samples.
    pub(super) fn constant_channels(&self) -> Vec<usize> {
        let constant = |c: &Channel| c.range.min >= c.range.max;
        (0..self.channels.len()).filter(|&c| self.values > 0 && constant(&self.channels[c])).collect()
    }

    pub(super) fn channels(&self) -> usize {
        self.channels.len()
    }

    fn sum(&self, of: impl Fn(&Channel) -> f64) -> f64 {
        self.channels.iter().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_give_noise_angle_range_and_clipping() {
        let representable = Some(Range { min: 0.0, max: 2.55 });
        let mut both = Comparison::new(2, representable);
        both.add(&[1.0, 4.0, 2.0, 0.0], &[1.0, 2.55, 2.0, 0.5]);
        assert_eq!(both.observed(), Range { min: 0.0, max: 4.0 });
        assert_eq!(both.clipped(), 0.25);
        let noise: f64 = 1.45 * 1.45 + 0.25;
        assert!((both.sqnr_db().unwrap() - 10.0 * (21.0 / noise).log10()).abs() < 1e-6);
        let cosine = (1.0 + 4.0 * 2.55 + 4.0) / (21.0f64 * (1.0 + 2.55 * 2.55 + 4.0 + 0.25)).sqrt();
        assert!((both.cosine().unwrap() - cosine).abs() < 1e-6);
        assert!(both.constant_channels().is_empty());
        let mut rounded = Comparison::new(1, representable);
        rounded.add(&[-0.004, 2.554], &[0.0, 2.55]);
        assert_eq!(rounded.clipped(), 0.0, "within half a step is rounding");
    }

    #[test]
    fn scaled_channels_are_alike_after_alignment() {
        let mut both = Comparison::new(3, None);
        both.add(&[1.0, -2.0, 7.0, 3.0, 1.0, 7.0], &[4.0, -1.0, 7.0, 12.0, 0.5, 7.0]);
        assert!(both.sqnr_db().unwrap() < 5.0);
        assert!(both.aligned_sqnr_db().is_none_or(|db| db > 100.0));
        assert_eq!(both.constant_channels(), [2]);
    }

    #[test]
    fn what_a_type_holds_follows_from_its_scale() {
        let one = Quantization { scales: vec![0.5], zero_points: vec![-128], axis: 0 };
        let range = Range::representable(TensorType::Int8, Some(&one)).unwrap();
        assert_eq!((range.min, range.max, range.span(), range.reach()), (0.0, 127.5, 127.5, 127.5));
        assert_eq!(Range::representable(TensorType::Float32, Some(&one)), None);
        let many = Quantization { scales: vec![0.5; 2], zero_points: vec![0; 2], axis: 0 };
        assert_eq!(Range::representable(TensorType::Int8, Some(&many)), None);
    }
}
