//! Samples, and what a model should say to them.

use std::borrow::Cow;

use crate::data::Array;
use crate::samples::{LabelledSet, SampleError, SampleErrorKind};

/// Samples, and what a model should say to each.
#[derive(Debug, Clone, PartialEq)]
pub struct TestSet {
    arrays: Vec<Array>,
    truth: Truth,
}

/// What a model should say to each sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// Its class, for a classifier.
    Classes {
        /// One class a sample.
        y: Vec<usize>,
        /// Names of the classes; empty where they are not known.
        names: Vec<String>,
    },
    /// Whether it is an anomaly, for an autoencoder, whose output should resemble input 0 for all other samples.
    Anomalies(Vec<bool>),
    /// Output 0 in real units, samples along the first axis, for a regression.
    Values(Array),
}

impl Truth {
    /// Samples that it is about.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Truth::Classes { y, .. } => y.len(),
            Truth::Anomalies(anomalous) => anomalous.len(),
            Truth::Values(values) => values.shape().first().copied().unwrap_or(0),
        }
    }

    /// The group of each sample, of which each should have its share in every part of the set: its class, or whether it is an anomaly.
    /// None where samples have no such thing.
    #[must_use]
    pub fn groups(&self) -> Option<Cow<'_, [usize]>> {
        match self {
            Truth::Classes { y, .. } => Some(y.into()),
            Truth::Anomalies(anomalous) => Some(anomalous.iter().map(|&a| usize::from(a)).collect()),
            Truth::Values(_) => None,
        }
    }

    /// Whether it is about none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl TestSet {
    /// Puts one array for each of the model's inputs, samples along the first axis, beside what should come out.
    ///
    /// Real numbers are in the units of the float model: each model quantizes them by its own scale. Integers are in the
    /// input's own coding, and suit only models that share it.
    ///
    /// # Errors
    /// When their numbers differ, or there are no inputs.
    pub fn new(arrays: Vec<Array>, truth: Truth) -> Result<Self, SampleError> {
        let uneven = |place: String, found: String| SampleError {
            kind: SampleErrorKind::Count,
            place,
            expected: format!("{} samples along the first axis, as there are labels", truth.len()),
            found,
            remedy: "give each sample one label, in the samples' order".into(),
        };
        if arrays.is_empty() {
            return Err(uneven("inputs".into(), "no array".into()));
        }
        for (k, array) in arrays.iter().enumerate() {
            if array.shape().first() != Some(&truth.len()) {
                return Err(uneven(format!("input {k}"), format!("an array of {:?}", array.shape())));
            }
        }
        Ok(Self { arrays, truth })
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.truth.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One array for each input, samples along the first axis.
    #[must_use]
    pub fn arrays(&self) -> &[Array] {
        &self.arrays
    }

    /// What should come out.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Takes it apart: one array for each input, and what should come out.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Array>, Truth) {
        (self.arrays, self.truth)
    }

    /// The samples at `indices`, in that order.
    ///
    /// # Panics
    /// When an index is not below [`TestSet::len`].
    #[must_use]
    pub fn take(&self, indices: &[usize]) -> Self {
        let truth = match &self.truth {
            Truth::Classes { y, names } => {
                Truth::Classes { y: indices.iter().map(|&i| y[i]).collect(), names: names.clone() }
            }
            Truth::Anomalies(anomalous) => Truth::Anomalies(indices.iter().map(|&i| anomalous[i]).collect()),
            Truth::Values(values) => Truth::Values(values.rows(indices)),
        };
        Self { arrays: self.arrays.iter().map(|array| array.rows(indices)).collect(), truth }
    }

    /// The group of each sample; one for all where they have none.
    pub(crate) fn strata(&self) -> Vec<usize> {
        self.truth.groups().map_or_else(|| vec![0; self.len()], Cow::into_owned)
    }
}

impl TryFrom<LabelledSet> for TestSet {
    type Error = SampleError;

    fn try_from(LabelledSet { x, y, class_names }: LabelledSet) -> Result<Self, SampleError> {
        Self::new(vec![x], Truth::Classes { y, names: class_names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_labels_go_together() {
        let x = Array::new([3, 2], vec![0i8, 1, 2, 3, 4, 5]).unwrap();
        let classes = Truth::Classes { y: vec![7, 8, 9], names: vec![] };
        let set = TestSet::new(vec![x.clone()], classes).unwrap().take(&[2, 0, 2]);
        assert_eq!(set.arrays(), [Array::new([3, 2], vec![4i8, 5, 0, 1, 4, 5]).unwrap()]);
        assert_eq!(set.truth(), &Truth::Classes { y: vec![9, 7, 9], names: vec![] });
        let values = Truth::Values(x.clone());
        let set = TestSet::new(vec![x.clone()], values).unwrap().take(&[1]);
        assert_eq!(set.truth(), &Truth::Values(Array::new([1, 2], vec![2i8, 3]).unwrap()));
        for (arrays, truth) in [(vec![], vec![false; 3]), (vec![x.clone()], vec![true]), (vec![x], vec![])] {
            let error = TestSet::new(arrays, Truth::Anomalies(truth)).unwrap_err();
            assert_eq!(error.kind, SampleErrorKind::Count);
        }
    }
}
