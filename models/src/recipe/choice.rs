//! Which samples are looked at.

use serde::{Deserialize, Serialize};

use super::RecipeError;
use crate::random::shuffle;
use crate::samples::{spread, stratified};

/// Which samples are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Choice {
    /// How they are chosen.
    pub rule: Rule,
    /// At most how many. [`Rule::Listed`] takes all that it lists.
    pub samples: usize,
    /// The seed of [`Rule::Random`].
    pub seed: u64,
    /// The places of the samples that [`Rule::Listed`] takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indices: Vec<usize>,
}

/// How samples are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Evenly spaced over those that are given, which are often sorted by class.
    #[default]
    Spread,
    /// Of each class its share, from all over the class. Every class of two samples or more has some among those that are taken and some
    /// among the others, as far as their numbers allow. Fewer samples are some of the more.
    Stratified,
    /// From the first on.
    First,
    /// Drawn without replacement, in ascending order.
    Random,
    /// Those whose places are listed.
    Listed,
}

impl Default for Choice {
    fn default() -> Self {
        Self { rule: Rule::default(), samples: 100, seed: 0, indices: Vec::new() }
    }
}

impl Choice {
    /// Those samples and no others.
    #[must_use]
    pub fn listed(indices: Vec<usize>) -> Self {
        Self { rule: Rule::Listed, samples: indices.len(), indices, ..Self::default() }
    }

    /// The places of the chosen ones among `count` samples, of which `groups` tells the classes, where they are known.
    ///
    /// # Errors
    /// When a listed one is not there, indices are listed for another rule, or [`Rule::Stratified`] is to choose among samples whose
    /// classes are not known.
    pub fn of(&self, count: usize, groups: Option<&[usize]>) -> Result<Vec<usize>, RecipeError> {
        let taken = self.samples.min(count);
        match self.rule {
            Rule::Listed => match self.indices.iter().find(|&&index| index >= count) {
                Some(&index) => Err(RecipeError::Sample { index, count }),
                None => Ok(self.indices.clone()),
            },
            Rule::Spread | Rule::Stratified | Rule::First | Rule::Random if !self.indices.is_empty() => {
                Err(RecipeError::Indices)
            }
            Rule::Spread => Ok(spread(count, taken).collect()),
            Rule::Stratified => match groups.filter(|groups| groups.len() == count) {
                Some(groups) => Ok(stratified(groups, taken)),
                None => Err(RecipeError::Classes),
            },
            Rule::First => Ok((0..taken).collect()),
            Rule::Random => {
                let mut all: Vec<usize> = (0..count).collect();
                shuffle(&mut fastrand::Rng::with_seed(self.seed), &mut all);
                all.truncate(taken);
                all.sort_unstable();
                Ok(all)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(rule: Rule, samples: usize) -> Choice {
        Choice { rule, samples, seed: 3, indices: Vec::new() }
    }

    #[test]
    fn rules_choose_as_they_say() {
        assert_eq!(choice(Rule::Spread, 3).of(10, None).unwrap(), [0, 3, 6]);
        assert_eq!(choice(Rule::First, 3).of(10, None).unwrap(), [0, 1, 2]);
        assert_eq!(choice(Rule::Spread, 9).of(2, None).unwrap(), [0, 1]);
        assert!(choice(Rule::Spread, 3).of(0, None).unwrap().is_empty());
        let random = choice(Rule::Random, 5).of(100, None).unwrap();
        assert!(random.len() == 5 && random.is_sorted() && random.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(random, choice(Rule::Random, 5).of(100, None).unwrap());
        assert_ne!(random, Choice { seed: 4, ..choice(Rule::Random, 5) }.of(100, None).unwrap());
        assert_eq!(Choice::listed(vec![7, 2]).of(8, None).unwrap(), [7, 2]);
        assert_eq!(Choice::listed(vec![7, 8]).of(8, None), Err(RecipeError::Sample { index: 8, count: 8 }));
        let both = Choice { indices: vec![1], ..choice(Rule::First, 2) };
        assert_eq!(both.of(8, None), Err(RecipeError::Indices));
    }

    #[test]
    fn samples_of_each_class_are_chosen_where_classes_are_known() {
        let groups = [0, 0, 0, 0, 1, 1, 2, 0];
        let chosen = choice(Rule::Stratified, 4).of(8, Some(&groups)).unwrap();
        assert_eq!(chosen, [0, 1, 2, 4]);
        for groups in [None, Some(&groups[..7])] {
            assert_eq!(choice(Rule::Stratified, 4).of(8, groups), Err(RecipeError::Classes));
        }
    }
}
