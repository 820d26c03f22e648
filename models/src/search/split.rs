//! Samples in three parts that have none in common.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SearchError;
use super::options::Shares;
use crate::random::shuffle;

/// Places of samples, each in one part, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Artefacts are calibrated on these.
    pub calibration: Vec<usize>,
    /// Artefacts are compared on these.
    pub validation: Vec<usize>,
    /// The winner is judged on these, once.
    pub test: Vec<usize>,
}

impl Split {
    /// Divides samples, of which `strata` tells the class, so that each part has its share of each class. Where a class does not
    /// divide evenly, parts get its samples in turn, so that they have their shares of all samples.
    ///
    /// # Errors
    /// When a part would have none.
    pub fn new(strata: &[usize], shares: Shares, seed: u64) -> Result<Self, SearchError> {
        let mut classes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (sample, &class) in strata.iter().enumerate() {
            classes.entry(class).or_default().push(sample);
        }
        let mut random = fastrand::Rng::with_seed(seed);
        let parts = [shares.calibration, shares.validation, 1.0 - shares.calibration - shares.validation];
        let mut split = [Vec::new(), Vec::new(), Vec::new()];
        // How many samples each part is short of its share so far, over all classes.
        let mut due = [0.0; 3];
        for members in classes.values_mut() {
            shuffle(&mut random, members);
            for &sample in members.iter() {
                for (due, share) in due.iter_mut().zip(parts) {
                    *due += share;
                }
                let part = (0..3).fold(0, |best, part| if due[part] > due[best] { part } else { best });
                due[part] -= 1.0;
                split[part].push(sample);
            }
        }
        split.iter_mut().for_each(|part| part.sort_unstable());
        let [calibration, validation, test] = split;
        Self { calibration, validation, test }.whole(strata.len())
    }

    /// Parts that somebody else made of so many samples, each in ascending order.
    ///
    /// # Errors
    /// When a part has none, or a sample is in two of them, or is not there.
    pub(super) fn checked(mut self, count: usize) -> Result<Self, SearchError> {
        let parts = [&mut self.calibration, &mut self.validation, &mut self.test];
        let mut all = Vec::new();
        for part in parts {
            part.sort_unstable();
            all.extend_from_slice(part);
        }
        all.sort_unstable();
        let twice = all.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| format!("sample {} twice", pair[0]));
        let beyond = all.last().filter(|&&last| last >= count).map(|last| format!("sample {last} of {count}"));
        match twice.or(beyond) {
            Some(found) => {
                Err(SearchError::Option { place: "parts", expected: "samples that are there, each once", found })
            }
            None => self.whole(count),
        }
    }

    /// Refuses parts of so many samples of which one has none.
    fn whole(self, count: usize) -> Result<Self, SearchError> {
        let parts = [("calibration", &self.calibration), ("validation", &self.validation), ("test", &self.test)];
        match parts.iter().find(|(_, samples)| samples.is_empty()) {
            Some(&(part, _)) => Err(SearchError::Samples { part, count }),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_in_one_part_and_every_class_in_all() {
        let strata: Vec<usize> = (0..200).map(|i| i / 50).collect();
        let shares = Shares { calibration: 0.2, validation: 0.4 };
        let split = Split::new(&strata, shares, 7).unwrap();
        assert_eq!((split.calibration.len(), split.validation.len(), split.test.len()), (40, 80, 80));
        let mut all = [split.calibration.clone(), split.validation.clone(), split.test.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..200).collect::<Vec<_>>());
        for class in 0..4 {
            let of = |part: &[usize]| part.iter().filter(|&&sample| strata[sample] == class).count();
            assert!(of(&split.calibration).abs_diff(10) <= 1, "{class}");
            assert!(of(&split.validation).abs_diff(20) <= 1 && of(&split.test).abs_diff(20) <= 1, "{class}");
        }
        assert_eq!(Split::new(&strata, shares, 7), Ok(split.clone()));
        assert_ne!(Split::new(&strata, shares, 8), Ok(split));
        assert_eq!(Split::new(&[0], shares, 0), Err(SearchError::Samples { part: "calibration", count: 1 }));
    }

    #[test]
    fn parts_that_are_given_have_no_sample_in_common() {
        let parts = |calibration: &[usize], validation: &[usize], test: &[usize]| {
            Split { calibration: calibration.into(), validation: validation.into(), test: test.into() }.checked(6)
        };
        assert_eq!(parts(&[4, 0], &[1, 3], &[2]).unwrap().calibration, [0, 4]);
        for (part, [calibration, validation, test]) in [
            ("sample 3 twice", [&[0, 3][..], &[1, 3], &[2]]),
            ("sample 6 of 6", [&[0], &[1], &[6]]),
            ("none among 6", [&[0], &[], &[1]]),
        ] {
            let error = parts(calibration, validation, test).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
