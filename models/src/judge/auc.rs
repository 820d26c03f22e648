//! The area under the ROC curve, for detectors of anomalies.

use crate::metrics::{Estimate, Z_95, wilson};

/// The share of pairs of an anomalous and a normal sample in which the anomalous one has the higher score, ties counted half:
/// the area under the ROC curve. None unless there are samples of both kinds. A NaN counts as the highest score.
///
/// The interval is DeLong's: with `m` anomalous and `n` normal samples, `V_i` the share of normal scores below anomalous score
/// `i`, and `W_j` the share of anomalous scores above normal score `j`,
/// `variance = var(V) / m + var(W) / n`, and the interval `area -+ 1.96 sqrt(variance)` within 0..1. Where the scores of one
/// kind say nothing of their spread (one sample, or all on one side, as in a perfect separation), that variance is 0 and too
/// good to be true; the interval is then Wilson's for a share of the rarer kind's samples.
///
/// Source: E. DeLong, D. DeLong, D. Clarke-Pearson, Comparing the areas under two or more correlated receiver operating
/// characteristic curves, 1988; computed from midranks as in X. Sun, W. Xu, Fast implementation of DeLong's algorithm, 2014.
#[must_use]
pub fn roc_auc(scores: &[f64], anomalous: &[bool]) -> Option<Estimate> {
    let of = |kind: bool| -> Vec<f64> {
        scores.iter().zip(anomalous).filter(|&(_, &a)| a == kind).map(|(&score, _)| score).collect()
    };
    let (high, low) = (of(true), of(false));
    let (m, n) = (high.len(), low.len());
    if m == 0 || n == 0 {
        return None;
    }
    let pooled = midranks(&[high.as_slice(), low.as_slice()].concat());
    let share = |ranks: &[f64], own: Vec<f64>, others: usize| -> Vec<f64> {
        ranks.iter().zip(own).map(|(all, own)| (all - own) / others as f64).collect()
    };
    let above = share(&pooled[..m], midranks(&high), n);
    // Shares of anomalous scores below each normal one; 1 minus them has the same variance.
    let below = share(&pooled[m..], midranks(&low), m);
    let value = mean(&above);
    let variance = variance(&above) / m as f64 + variance(&below) / n as f64;
    if variance > 0.0 && m > 1 && n > 1 {
        let half = Z_95 * variance.sqrt();
        return Some(Estimate { value, low: (value - half).max(0.0), high: (value + half).min(1.0) });
    }
    let rarer = m.min(n) as u64;
    let share = wilson((value * rarer as f64).round() as u64, rarer)?;
    Some(Estimate { value, low: share.low.min(value), high: share.high.max(value) })
}

/// The place of each value in ascending order, from 1; equal values share the mean of their places.
fn midranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let ties = order[from..].iter().take_while(|&&i| values[i].total_cmp(&values[order[from]]).is_eq()).count();
        for &i in &order[from..from + ties] {
            ranks[i] = from as f64 + (ties as f64 + 1.0) / 2.0;
        }
        from += ties;
    }
    ranks
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// With `count - 1` in the denominator; 0 for a single value.
fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() - 1).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Area and variance straight from DeLong's definition, over all pairs.
    fn by_pairs(scores: &[f64], anomalous: &[bool]) -> (f64, f64) {
        let of =
            |kind| -> Vec<f64> { scores.iter().zip(anomalous).filter(|&(_, &a)| a == kind).map(|(&s, _)| s).collect() };
        let (x, y) = (of(true), of(false));
        let psi = |x: f64, y: f64| {
            if x > y {
                1.0
            } else if x == y {
                0.5
            } else {
                0.0
            }
        };
        let v: Vec<f64> = x.iter().map(|&x| y.iter().map(|&y| psi(x, y)).sum::<f64>() / y.len() as f64).collect();
        let w: Vec<f64> = y.iter().map(|&y| x.iter().map(|&x| psi(x, y)).sum::<f64>() / x.len() as f64).collect();
        (mean(&v), variance(&v) / x.len() as f64 + variance(&w) / y.len() as f64)
    }

    #[test]
    fn ranks_give_what_all_pairs_give_ties_and_all() {
        let mut random = fastrand::Rng::with_seed(7);
        for count in [12, 13, 60] {
            // Few different scores, so that many are tied.
            let anomalous: Vec<bool> = (0..count).map(|i| i % 3 == 0).collect();
            let scores: Vec<f64> =
                anomalous.iter().map(|&a| f64::from(random.u8(..8)) + f64::from(u8::from(a))).collect();
            let (area, variance) = by_pairs(&scores, &anomalous);
            assert!(variance > 0.0, "{count}: not separated");
            let found = roc_auc(&scores, &anomalous).unwrap();
            assert!((found.value - area).abs() < 1e-12, "{count}");
            let half = 1.959_963_984_540_054 * variance.sqrt();
            assert!((found.low - (area - half).max(0.0)).abs() < 1e-12, "{count}: {found}");
            assert!((found.high - (area + half).min(1.0)).abs() < 1e-12, "{count}: {found}");
        }
    }

    #[test]
    fn a_perfect_separation_is_not_certain() {
        let scores = [1.0, 2.0, 3.0, 7.0, 8.0];
        let found = roc_auc(&scores, &[false, false, false, true, true]).unwrap();
        assert_eq!((found.value, found.high), (1.0, 1.0));
        assert!(found.low < 0.5, "two anomalous samples say little: {found}");
        let backwards = roc_auc(&scores, &[true, true, false, false, false]).unwrap();
        assert_eq!(backwards.value, 0.0);
        assert_eq!(roc_auc(&scores, &[true; 5]), None);
        assert_eq!(roc_auc(&[], &[]), None);
    }

    #[test]
    fn a_score_that_is_no_number_is_the_highest() {
        assert_eq!(roc_auc(&[f64::NAN, 1.0, 2.0], &[true, false, false]).unwrap().value, 1.0);
    }
}
