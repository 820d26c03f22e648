//! What an evaluation found.

use mote_models::metrics::{ConfusionMatrix, Estimate, wilson};
use serde::{Deserialize, Serialize};

use crate::latency::Latency;

/// Results of one evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Labels against predictions.
    pub confusion: ConfusionMatrix,
    /// How long one run takes; none when no block of runs was long enough for the clock.
    pub latency: Option<Latency>,
}

/// The samples of one label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfClass {
    /// Those whose label was predicted.
    pub right: u64,
    /// All of them.
    pub total: u64,
    /// Their share; none without samples.
    pub accuracy: Option<Estimate>,
}

impl Report {
    /// The samples of each label, in the labels' order.
    #[must_use]
    pub fn classes(&self) -> Vec<OfClass> {
        let of_class = |(label, row): (usize, &Vec<u64>)| {
            let (right, total) = (row[label], row.iter().sum());
            OfClass { right, total, accuracy: wilson(right, total) }
        };
        self.confusion.counts().iter().enumerate().map(of_class).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_its_own_share() {
        let mut confusion = ConfusionMatrix::new(3);
        for (label, prediction) in [(0, 0), (0, 1), (1, 1)] {
            confusion.add(label, prediction);
        }
        let classes = Report { confusion, latency: None }.classes();
        let counts: Vec<_> = classes.iter().map(|class| (class.right, class.total)).collect();
        assert_eq!(counts, [(1, 2), (1, 1), (0, 0)]);
        assert_eq!(classes[0].accuracy.map(|share| share.value), Some(0.5));
        assert_eq!(classes[2].accuracy, None);
    }
}
