//! Samples in two parts that have none in common: some to make models by, the others to judge them by.

use mote_models::recipe::{Choice, RecipeError, Rule};
use serde::{Deserialize, Serialize};

/// Samples in two parts. All models that are compared are judged by the same ones. Where samples have classes, each part has its share of
/// each class ([`Rule::Stratified`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// How many samples there are.
    samples: usize,
    /// How those are chosen that models may be made by.
    rule: Rule,
    /// Their places, in ascending order.
    calibration: Vec<usize>,
}

impl Split {
    /// Most that models are made by: more hardly tell more of the ranges of activations.
    pub const MOST: usize = 100;

    /// Of so many samples, of which `groups` tells the classes, where they have some.
    ///
    /// # Errors
    /// When there are not as many groups as samples.
    pub fn new(samples: usize, groups: Option<&[usize]>) -> Result<Self, RecipeError> {
        let rule = if groups.is_some() { Rule::Stratified } else { Rule::Spread };
        let choice = Choice { rule, samples: Self::MOST.min(samples.div_ceil(2)), ..Choice::default() };
        Ok(Self { samples, rule, calibration: choice.of(samples, groups)? })
    }

    /// How many samples there are.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Whether each class has its share in both parts.
    #[must_use]
    pub fn by_class(&self) -> bool {
        self.rule == Rule::Stratified
    }

    /// Samples that models may be made by: at most half of all.
    #[must_use]
    pub fn calibration(&self) -> usize {
        self.calibration.len()
    }

    /// Their places.
    #[must_use]
    pub fn calibration_places(&self) -> &[usize] {
        &self.calibration
    }

    /// Samples that models are judged by.
    #[must_use]
    pub fn test(&self) -> usize {
        self.samples - self.calibration.len()
    }

    /// Their places.
    #[must_use]
    pub fn test_places(&self) -> Vec<usize> {
        self.test_apart_from(&[])
    }

    /// Those of them that a model was not made by: a recipe from elsewhere may look at any.
    #[must_use]
    pub fn test_apart_from(&self, looked_at: &[usize]) -> Vec<usize> {
        let judges = |place: &usize| self.calibration.binary_search(place).is_err() && !looked_at.contains(place);
        (0..self.samples).filter(judges).collect()
    }

    /// Which samples a recipe looks at: `count` of those that models may be made by, or all of them. All are what the command line
    /// takes where nothing else is said.
    #[must_use]
    pub fn choice(&self, count: usize) -> Choice {
        let all = self.calibration.len();
        match (self.rule, count.clamp(1, all.max(1))) {
            // Evenly spaced over all samples fewer of them would be others.
            (Rule::Spread, count) if count < all => {
                Choice::listed((0..count).map(|k| self.calibration[k * all / count]).collect())
            }
            (rule, count) => Choice { rule, samples: count.min(all), ..Choice::default() },
        }
    }

    /// Whether a recipe's choice is one of those that [`Split::choice`] makes, or as many as there are.
    #[must_use]
    pub fn is_usual(&self, choice: &Choice) -> bool {
        let all = choice.rule == self.rule && choice.samples >= self.calibration.len();
        all || *choice == self.choice(choice.samples)
    }
}

#[cfg(test)]
impl Split {
    /// Of so many samples without classes.
    pub(crate) fn of(samples: usize) -> Self {
        Self::new(samples, None).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Classes of so many samples, of which some have hardly any.
    fn groups(samples: usize) -> Vec<usize> {
        (0..samples).map(|place| if place < 3 { place.min(1) } else { 2 + place * place % 5 }).collect()
    }

    #[test]
    fn no_sample_makes_a_model_and_judges_it() {
        for samples in [0, 1, 2, 3, 50, 133, 199, 200, 450, 4000] {
            let groups = groups(samples);
            for groups in [None, Some(groups.as_slice())] {
                let split = Split::new(samples, groups).unwrap();
                let test = split.test_places();
                assert_eq!((test.len(), split.calibration() + split.test()), (split.test(), samples), "{samples}");
                for count in [1, 7, 20, 99, 100, 1000] {
                    let chosen = split.choice(count).of(samples, groups).unwrap();
                    assert_eq!(chosen.len(), count.min(split.calibration()), "{count} of {samples}");
                    assert!(chosen.iter().all(|place| !test.contains(place)), "{count} of {samples}");
                    assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
                    assert!(split.is_usual(&split.choice(count)));
                }
            }
        }
    }

    #[test]
    fn every_class_of_two_is_in_both_parts_with_its_share() {
        for samples in [8, 50, 133, 450, 4000] {
            let groups = groups(samples);
            let split = Split::new(samples, Some(&groups)).unwrap();
            let of = |places: &[usize], class: usize| places.iter().filter(|&&place| groups[place] == class).count();
            for class in 0..7 {
                let (makes, judges) = (of(split.calibration_places(), class), of(&split.test_places(), class));
                let all = makes + judges;
                assert!(all < 2 || (makes > 0 && judges > 0), "class {class} of {samples}: {makes} and {judges}");
                let share = all * split.calibration() / samples;
                assert!(makes.abs_diff(share) <= 1, "class {class} of {samples}: {makes} of {all}");
            }
        }
        assert!(Split::new(3, Some(&[0, 1])).is_err());
    }

    #[test]
    fn a_recipe_from_elsewhere_is_not_judged_by_what_it_was_made_by() {
        let split = Split::of(30);
        let usual = split.choice(7).of(30, None).unwrap();
        assert_eq!(split.test_apart_from(&usual), split.test_places());
        let own: Vec<usize> = (0..30).step_by(3).collect();
        let apart = split.test_apart_from(&own);
        assert!(apart.len() < split.test() && apart.iter().all(|place| place % 3 != 0), "{apart:?}");
        assert!(!split.is_usual(&Choice::listed(own)));
    }

    #[test]
    fn all_of_them_are_what_the_command_line_takes() {
        assert_eq!(Split::of(450).choice(100), Choice::default());
        assert_eq!(Split::of(30).choice(100), Choice { samples: 15, ..Choice::default() });
        let classes = Split::new(450, Some(&groups(450))).unwrap();
        assert_eq!(classes.choice(7), Choice { rule: Rule::Stratified, samples: 7, ..Choice::default() });
        let more = Choice { rule: Rule::Stratified, samples: 200, ..Choice::default() };
        assert!(classes.is_usual(&more) && !classes.is_usual(&Choice::default()));
    }
}
