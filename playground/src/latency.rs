//! Latency from a coarse clock.
//!
//! A browser's clock ticks every 5 to 100 microseconds, and a small model runs for less than one tick. So runs are
//! timed in blocks that last many ticks, and a block counts as the mean of its runs: the median of the blocks is the
//! model's latency, their 95th percentile shows how steady the machine was.

use serde::{Deserialize, Serialize};

/// A block lasts at least this long: 20 ticks of the coarsest clock (100 microseconds) that browsers have, so that
/// the clock's error is at most 5 %.
const BLOCK_MILLIS: f64 = 2.0;

/// This many blocks suffice: the fewest of which one lies above the 95th percentile.
const ENOUGH: usize = 20;
/// Fewer suffice once they have taken this long together.
const ENOUGH_MILLIS: f64 = 1000.0;

/// Time of one run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Median over the blocks, in milliseconds.
    pub median_millis: f64,
    /// 95th percentile over the blocks, in milliseconds.
    pub p95_millis: f64,
    /// Blocks that were timed.
    pub blocks: usize,
    /// Runs in all of them together.
    pub runs: usize,
}

/// Collects blocks.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    means: Vec<f64>,
    runs: usize,
    millis: f64,
}

impl Blocks {
    /// Takes in `runs` runs that took `millis` together, where that is long enough for a block; says whether it was.
    pub fn add(&mut self, runs: usize, millis: f64) -> bool {
        let is_block = runs > 0 && millis >= BLOCK_MILLIS;
        if is_block {
            self.means.push(millis / runs as f64);
            self.runs += runs;
            self.millis += millis;
        }
        is_block
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.means.len()
    }

    /// Runs in all of them together.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// The `q`-quantile of their means; none without a block.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        quantile(&sorted(&self.means), q)
    }

    /// Whether more blocks would tell more.
    #[must_use]
    pub fn suffice(&self) -> bool {
        self.count() >= ENOUGH || self.millis >= ENOUGH_MILLIS
    }

    /// The figures; none without a block.
    #[must_use]
    pub fn latency(&self) -> Option<Latency> {
        let means = sorted(&self.means);
        Some(Latency {
            median_millis: quantile(&means, 0.5)?,
            p95_millis: quantile(&means, 0.95)?,
            blocks: means.len(),
            runs: self.runs,
        })
    }
}

/// The median; none of nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(&sorted(values), 0.5)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// The `q`-quantile of sorted values, linear between neighbours (Hyndman and Fan's type 7, NumPy's default).
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q * last as f64;
    let low = sorted[at.floor() as usize];
    let high = sorted[at.ceil() as usize];
    Some(low + (high - low) * at.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numpys() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.95), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), Some(3.0));
        assert!((quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap() - 4.8).abs() < 1e-12);
    }

    #[test]
    fn a_block_counts_as_the_mean_of_its_runs() {
        let mut blocks = Blocks::default();
        assert!(blocks.add(100, 4.0));
        assert!(blocks.add(1, 3.0));
        assert!(blocks.add(50, 5.0));
        let latency = blocks.latency().unwrap();
        assert_eq!((latency.blocks, latency.runs), (3, 151));
        assert_eq!(latency.median_millis, 0.1);
        assert!((latency.p95_millis - (0.1 + 0.9 * 2.9)).abs() < 1e-12);
    }

    #[test]
    fn what_the_clock_cannot_resolve_is_no_block() {
        let mut blocks = Blocks::default();
        assert!(!blocks.add(3, 0.1));
        assert!(!blocks.add(0, 3.0));
        assert_eq!((blocks.count(), blocks.latency()), (0, None));
    }

    #[test]
    fn many_short_blocks_or_few_long_ones_suffice() {
        let mut short = Blocks::default();
        for _ in 0..19 {
            short.add(10, 2.0);
        }
        assert!(!short.suffice());
        short.add(10, 2.0);
        assert!(short.suffice());
        let mut long = Blocks::default();
        long.add(1, 1200.0);
        assert!(long.suffice());
    }
}
