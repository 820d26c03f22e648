//! Order statistics of times.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::report::duration;

/// What a number of timed runs took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// How many.
    pub runs: usize,
    /// The fastest.
    #[serde(rename = "min_s", serialize_with = "seconds")]
    pub min: Duration,
    /// Half were at least as fast.
    #[serde(rename = "median_s", serialize_with = "seconds")]
    pub median: Duration,
    /// 95 in 100 were at least as fast.
    #[serde(rename = "p95_s", serialize_with = "seconds")]
    pub p95: Duration,
}

impl Latency {
    /// None of no times.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        Some(Self {
            runs: times.len(),
            min: *times.first()?,
            median: times[rank(times.len(), 50)],
            p95: times[rank(times.len(), 95)],
        })
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs: _, min, median, p95 } = *self;
        write!(f, "median {}, p95 {}, min {}", duration(median), duration(p95), duration(min))
    }
}

/// Seconds as a number, for JSON.
pub fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

/// The nearest rank of a percentile among `n` > 0 sorted values: the least that `percent` in 100 do not exceed.
fn rank(n: usize, percent: usize) -> usize {
    (n * percent).div_ceil(100).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let of = |times: &[u64]| {
            let found = Latency::of(times.iter().map(|&t| Duration::from_millis(t)).collect()).unwrap();
            [found.min, found.median, found.p95].map(|t| t.as_millis())
        };
        assert_eq!(of(&[7]), [7, 7, 7]);
        assert_eq!(of(&[9, 1]), [1, 1, 9]);
        assert_eq!(of(&[5, 3, 1]), [1, 3, 5]);
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(of(&hundred), [1, 50, 95]);
        assert_eq!(Latency::of(vec![]), None);
    }
}
