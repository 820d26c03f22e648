//! Two histograms over each other.

use mote_models::judge::autopsy::Histogram;

/// Two histograms over one range, so that they can be drawn over each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlaid {
    /// From the least to the greatest value of both.
    pub range: (f64, f64),
    /// The share of the first one's values that lie in each of equal parts of the range.
    pub before: Vec<f64>,
    /// The same of the second one's.
    pub after: Vec<f64>,
}

impl Overlaid {
    /// Of two histograms, in so many parts. A part of theirs that lies across a border counts where its middle is.
    #[must_use]
    pub fn of(before: &Histogram, after: &Histogram, parts: usize) -> Self {
        let range = (before.min.min(after.min), before.max.max(after.max));
        Self { range, before: shares(before, range, parts), after: shares(after, range, parts) }
    }

    /// The largest share of both.
    #[must_use]
    pub fn most(&self) -> f64 {
        self.before.iter().chain(&self.after).copied().fold(0.0, f64::max)
    }
}

fn shares(histogram: &Histogram, range: (f64, f64), parts: usize) -> Vec<f64> {
    let total = histogram.counts.iter().sum::<u64>().max(1) as f64;
    let own = histogram.counts.len().max(1) as f64;
    let mut shares = vec![0.0; parts];
    for (k, &count) in histogram.counts.iter().enumerate() {
        let middle = histogram.min + (histogram.max - histogram.min) * (k as f64 + 0.5) / own;
        let place = (middle - range.0) / (range.1 - range.0).max(f64::MIN_POSITIVE) * parts as f64;
        if let Some(share) = shares.get_mut((place as usize).min(parts.saturating_sub(1))) {
            *share += count as f64 / total;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_lie_over_each_other_on_one_range() {
        let histogram = |min, max, counts: &[u64]| Histogram { min, max, counts: counts.into() };
        let both = Overlaid::of(&histogram(-1.0, 1.0, &[1, 1, 1, 1]), &histogram(-2.0, 2.0, &[0, 6, 2, 0]), 4);
        assert_eq!((both.range, both.most()), ((-2.0, 2.0), 0.75));
        assert_eq!((both.before, both.after), (vec![0.0, 0.5, 0.5, 0.0], vec![0.0, 0.75, 0.25, 0.0]));
        let one = Overlaid::of(&histogram(0.0, 0.0, &[0, 0]), &histogram(0.0, 0.0, &[3, 0]), 2);
        assert_eq!((one.before, one.after), (vec![0.0, 0.0], vec![1.0, 0.0]), "all values are one number");
    }
}
