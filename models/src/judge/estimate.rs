//! A figure measured on samples, and how far it may be off.

use crate::metrics::Estimate;
use crate::random::below;

/// Resamples of [`bootstrap`]. Efron and Tibshirani (An Introduction to the Bootstrap, 1993, section 14.3) ask for a thousand
/// or more where an interval's ends are wanted.
const RESAMPLES: usize = 1000;

/// The seed of [`bootstrap`]'s draws: the same samples give the same interval.
const SEED: u64 = 0x6d6f_7465;

/// A figure over `0..count` and its percentile bootstrap interval: `figure` of the samples themselves, and the 2.5 % and
/// 97.5 % points of `figure` over a thousand seeded draws of `count` samples with replacement.
///
/// None where `figure` has none for the samples themselves; draws without a figure are left out. Source: B. Efron, Bootstrap
/// methods: another look at the jackknife, 1979.
pub fn bootstrap(count: usize, figure: impl Fn(&[usize]) -> Option<f64>) -> Option<Estimate> {
    let mut drawn: Vec<usize> = (0..count).collect();
    let value = figure(&drawn)?;
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut figures: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            drawn.fill_with(|| below(&mut random, count));
            figure(&drawn)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    let at = |share: f64| figures.get(((figures.len().saturating_sub(1)) as f64 * share).round() as usize).copied();
    Some(Estimate { value, low: at(0.025).unwrap_or(value), high: at(0.975).unwrap_or(value) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_normal_distribution() {
        // 0, 1, ..., 399: mean 199.5, deviation 115.47, so a standard error of 5.77 and an interval of about 11.3 each way.
        let mean = |at: &[usize]| Some(at.iter().sum::<usize>() as f64 / at.len() as f64);
        let estimate = bootstrap(400, mean).unwrap();
        assert_eq!(estimate.value, 199.5);
        assert!((estimate.low - 188.2).abs() < 1.5 && (estimate.high - 210.8).abs() < 1.5, "{estimate}");
        assert_eq!(bootstrap(400, mean), Some(estimate), "the draws are seeded");
    }

    #[test]
    fn without_a_figure_there_is_no_interval() {
        assert_eq!(bootstrap(0, |at| (!at.is_empty()).then_some(1.0)), None);
        assert_eq!(bootstrap(1, |_| Some(3.0)), Some(Estimate { value: 3.0, low: 3.0, high: 3.0 }));
    }
}
