//! How often an activation takes which values.

use super::affine::Range;

/// Bins of a histogram, both halves of a range together.
pub(super) const BINS: usize = 2048;

/// Counts of values in equal bins from one end of a range to the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// What the bins cover.
    pub range: Range,
    /// How many values fell into each.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// An empty one.
    #[must_use]
    pub fn new(range: Range) -> Self {
        Self { range, counts: vec![0; BINS] }
    }

    /// Counts values; those outside count in the outermost bins.
    pub fn add(&mut self, values: &[f32]) {
        let per_value = BINS as f32 / self.range.width().max(f32::MIN_POSITIVE);
        for value in values {
            // The cast clamps at 0 and takes what is no number for 0.
            let bin = ((value - self.range.min) * per_value) as usize;
            self.counts[bin.min(BINS - 1)] += 1;
        }
    }

    /// How many values were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The length of a bin.
    #[must_use]
    pub fn step(&self) -> f64 {
        f64::from(self.range.width()) / BINS as f64
    }

    /// The middle of a bin.
    #[must_use]
    pub fn middle(&self, bin: usize) -> f64 {
        f64::from(self.range.min) + (bin as f64 + 0.5) * self.step()
    }

    /// The share of values outside `range`, to the bin.
    #[must_use]
    pub fn outside(&self, range: Range) -> f64 {
        let is_outside = |bin: usize| {
            let middle = self.middle(bin);
            middle < f64::from(range.min) || middle > f64::from(range.max)
        };
        let outside: u64 = (0..BINS).filter(|&bin| is_outside(bin)).map(|bin| self.counts[bin]).sum();
        outside as f64 / self.total().max(1) as f64
    }
}
