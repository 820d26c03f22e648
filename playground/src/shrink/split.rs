//! Samples in two parts that have none in common: some to make models by, the others to judge them by.

use mote_models::recipe::Choice;
use serde::{Deserialize, Serialize};

/// Samples in two parts. All models that are compared are judged by the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    samples: usize,
}

impl Split {
    /// Most that models are made by: more hardly tell more of the ranges of activations.
    const MOST: usize = 100;

    /// Of so many samples.
    #[must_use]
    pub fn of(samples: usize) -> Self {
        Self { samples }
    }

    /// Samples that models may be made by: at most half of all.
    #[must_use]
    pub fn calibration(self) -> usize {
        Self::MOST.min(self.samples.div_ceil(2))
    }

    /// Samples that models are judged by.
    #[must_use]
    pub fn test(self) -> usize {
        self.samples - self.calibration()
    }

    /// The places of those to judge by.
    #[must_use]
    pub fn test_places(self) -> Vec<usize> {
        let calibration = self.calibration_places();
        (0..self.samples).filter(|place| calibration.binary_search(place).is_err()).collect()
    }

    /// Those of them that a recipe does not look at: one from elsewhere may look at any.
    #[must_use]
    pub fn places_apart(self, choice: &Choice) -> Vec<usize> {
        let looked_at = choice.of(self.samples).unwrap_or_default();
        self.test_places().into_iter().filter(|place| !looked_at.contains(place)).collect()
    }

    /// Which samples a recipe looks at: `count` of those that models may be made by, evenly spaced. All of them are what the
    /// command line takes where nothing else is said.
    #[must_use]
    pub fn choice(self, count: usize) -> Choice {
        let places = self.calibration_places();
        match count.clamp(1, places.len().max(1)) {
            count if count >= places.len() => Choice { samples: places.len(), ..Choice::default() },
            count => Choice::listed((0..count).map(|k| places[k * places.len() / count]).collect()),
        }
    }

    /// The places of those to make models by.
    ///
    /// # Panics
    /// Never: nothing is listed that might be missing.
    #[must_use]
    pub fn calibration_places(self) -> Vec<usize> {
        let choice = Choice { samples: self.calibration(), ..Choice::default() };
        choice.of(self.samples).expect("nothing is listed that might be missing")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sample_makes_a_model_and_judges_it() {
        for samples in [0, 1, 2, 3, 50, 133, 199, 200, 450, 4000] {
            let split = Split::of(samples);
            let test = split.test_places();
            assert_eq!((test.len(), split.calibration() + split.test()), (split.test(), samples), "{samples}");
            for count in [1, 7, 20, 99, 100, 1000] {
                let chosen = split.choice(count).of(samples).unwrap();
                assert_eq!(chosen.len(), count.min(split.calibration()), "{count} of {samples}");
                assert!(chosen.iter().all(|place| !test.contains(place)), "{count} of {samples}");
                assert!(chosen.is_sorted() && chosen.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }

    #[test]
    fn a_recipe_from_elsewhere_is_not_judged_by_what_it_was_made_by() {
        let split = Split::of(30);
        assert_eq!(split.places_apart(&split.choice(7)), split.test_places());
        let own = Choice::listed((0..30).step_by(3).collect());
        let apart = split.places_apart(&own);
        assert!(apart.len() < split.test() && apart.iter().all(|place| place % 3 != 0), "{apart:?}");
        let elsewhere = Choice::listed(vec![1000]);
        assert_eq!(
            split.places_apart(&elsewhere),
            split.test_places(),
            "making it will say that sample 1000 is not there"
        );
    }

    #[test]
    fn all_of_them_are_what_the_command_line_takes() {
        assert_eq!(Split::of(450).choice(100), Choice::default());
        assert_eq!(Split::of(30).choice(100), Choice { samples: 15, ..Choice::default() });
    }
}
