//! How well a classifier does.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The 97.5 % point of the normal distribution: two-sided 95 %.
pub(crate) const Z_95: f64 = 1.959_963_984_540_054;

/// Counts of true and predicted classes: row = truth, column = prediction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    counts: Vec<Vec<u64>>,
}

/// What became of one class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// Samples of the class.
    pub support: u64,
    /// Share of right ones among the samples predicted as the class; none when nothing was predicted as it.
    pub precision: Option<f64>,
    /// Share of right ones among the samples of the class; none when it has no samples.
    pub recall: Option<f64>,
    /// `2 TP / (2 TP + FP + FN)`; none when the class was neither there nor predicted.
    pub f1: Option<f64>,
}

/// A figure and its two-sided 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure on the samples.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4} ({:.4} to {:.4})", self.value, self.low, self.high)
    }
}

impl ConfusionMatrix {
    /// An empty matrix of so many classes; [`Self::add`] makes room for more.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self { counts: vec![vec![0; classes]; classes] }
    }

    /// Counts one sample.
    pub fn add(&mut self, truth: usize, predicted: usize) {
        self.add_many(truth, predicted, 1);
    }

    /// Counts so many samples of one class that were predicted as one class.
    pub fn add_many(&mut self, truth: usize, predicted: usize, samples: u64) {
        let classes = self.counts.len().max(truth + 1).max(predicted + 1);
        if classes > self.counts.len() {
            self.counts.iter_mut().for_each(|row| row.resize(classes, 0));
            self.counts.resize(classes, vec![0; classes]);
        }
        self.counts[truth][predicted] += samples;
    }

    /// Rows by truth, columns by prediction.
    #[must_use]
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Samples counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Samples predicted right.
    #[must_use]
    pub fn right(&self) -> u64 {
        self.counts.iter().enumerate().map(|(class, row)| row[class]).sum()
    }

    /// Share of samples predicted right; none without samples.
    #[must_use]
    pub fn top1(&self) -> Option<Estimate> {
        wilson(self.right(), self.total())
    }

    /// Each class by itself.
    #[must_use]
    pub fn classes(&self) -> Vec<ClassMetrics> {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let class = |class: usize| {
            let right = self.counts[class][class];
            let support: u64 = self.counts[class].iter().sum();
            let predicted: u64 = self.counts.iter().map(|row| row[class]).sum();
            ClassMetrics {
                support,
                precision: share(right, predicted),
                recall: share(right, support),
                f1: share(2 * right, support + predicted),
            }
        };
        (0..self.counts.len()).map(class).collect()
    }

    /// Mean of F1 over the classes that are there or were predicted; none without samples.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        let f1: Vec<f64> = self.classes().iter().filter_map(|class| class.f1).collect();
        (!f1.is_empty()).then(|| f1.iter().sum::<f64>() / f1.len() as f64)
    }
}

/// A share and its Wilson score interval, which stays inside 0..1 and is right for small samples and for shares near the
/// ends; none for a whole of nothing.
///
/// `centre = (p + z^2 / 2n) / (1 + z^2 / n)`, `half = z / (1 + z^2 / n) * sqrt(p (1 - p) / n + z^2 / 4n^2)`.
/// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
#[must_use]
pub fn wilson(part: u64, whole: u64) -> Option<Estimate> {
    if whole == 0 {
        return None;
    }
    let n = whole as f64;
    let p = part as f64 / n;
    let z2_over_n = Z_95 * Z_95 / n;
    let centre = (p + z2_over_n / 2.0) / (1.0 + z2_over_n);
    let half = Z_95 / (1.0 + z2_over_n) * (p * (1.0 - p) / n + z2_over_n / (4.0 * n)).sqrt();
    Some(Estimate { value: p, low: (centre - half).max(0.0), high: (centre + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(pairs: &[(usize, usize)]) -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new(0);
        pairs.iter().for_each(|&(truth, predicted)| matrix.add(truth, predicted));
        matrix
    }

    #[test]
    fn a_small_matrix_by_hand() {
        let m = matrix(&[(0, 0), (0, 0), (0, 1), (1, 1), (2, 1), (2, 2)]);
        assert_eq!(m.counts(), [[2, 1, 0], [0, 1, 0], [0, 1, 1]]);
        assert_eq!((m.right(), m.total()), (4, 6));
        let [a, b, c] = m.classes()[..] else { panic!("three classes") };
        assert_eq!((a.support, a.precision, a.recall, a.f1), (3, Some(1.0), Some(2.0 / 3.0), Some(0.8)));
        assert_eq!((b.support, b.precision, b.recall, b.f1), (1, Some(1.0 / 3.0), Some(1.0), Some(0.5)));
        assert_eq!((c.support, c.precision, c.recall, c.f1), (2, Some(1.0), Some(0.5), Some(2.0 / 3.0)));
        assert_eq!(m.macro_f1(), Some((0.8 + 0.5 + 2.0 / 3.0) / 3.0));
    }

    #[test]
    fn what_is_not_there_has_no_metrics() {
        let empty = ConfusionMatrix::new(2);
        assert_eq!((empty.top1(), empty.macro_f1()), (None, None));
        let one = matrix(&[(1, 1)]);
        assert_eq!(one.classes()[0], ClassMetrics { support: 0, precision: None, recall: None, f1: None });
        assert_eq!(one.macro_f1(), Some(1.0));
    }

    #[test]
    fn the_interval_matches_published_values() {
        // R's prop.test(81, 263, correct = FALSE), the example of Newcombe 1998: 0.2553 to 0.3662.
        let share = wilson(81, 263).unwrap();
        assert_eq!((share.low * 1e4).round(), 2553.0);
        assert_eq!((share.high * 1e4).round(), 3662.0);
        // And 0 of 20: 0 to 0.1611.
        let none = wilson(0, 20).unwrap();
        assert_eq!((none.value, none.low, (none.high * 1e4).round()), (0.0, 0.0, 1611.0));
        let all = wilson(20, 20).unwrap();
        assert_eq!((all.value, all.high, (all.low * 1e4).round()), (1.0, 1.0, 8389.0));
    }
}
