//! What a search has found, as it comes in piece by piece.

use mote_models::metrics::Estimate;
use mote_models::recipe::Recipe;
use mote_models::search::{self, Measured, Part, Probe, State, Trial};
use serde::{Deserialize, Serialize};

use crate::explore::{Cost, Measure, Point, Tried};

/// What a search has found. The search's own state is in it, so that it can go on after it was stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What the search knows.
    pub state: State,
    /// What its scores are.
    pub measure: Measure,
    /// Samples that each trial is judged by.
    pub samples: usize,
    /// The original and the best on each part of the samples, once the search has ended.
    pub parts: Vec<Part>,
}

/// A piece of what a search finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// It has begun, or goes on.
    Begun(Box<Found>),
    /// The original was measured.
    Original(Measured),
    /// A layer's sensitivity was measured.
    Probe(Probe),
    /// A model was made and judged, or refused.
    Trial(Trial),
}

/// How much of a search's state was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    original: bool,
    probes: usize,
    trials: usize,
}

impl Told {
    /// All of it.
    #[must_use]
    pub fn all(state: &State) -> Self {
        Self { original: state.original.is_some(), probes: state.probes.len(), trials: state.trials.len() }
    }

    /// What a state has beyond what was told.
    #[must_use]
    pub fn news(self, state: &State) -> Vec<News> {
        let original = state.original.iter().skip(usize::from(self.original)).cloned().map(News::Original);
        let probes = state.probes.iter().skip(self.probes).cloned().map(News::Probe);
        let trials = state.trials.iter().skip(self.trials).cloned().map(News::Trial);
        original.chain(probes).chain(trials).collect()
    }
}

impl Found {
    /// Takes in a piece.
    pub fn take(&mut self, news: News) {
        match news {
            News::Begun(found) => *self = *found,
            News::Original(measured) => self.state.original = Some(measured),
            News::Probe(probe) => self.state.probes.push(probe),
            News::Trial(trial) => self.state.trials.push(trial),
        }
    }

    /// Places of the trials that no other beats, from the smallest on.
    #[must_use]
    pub fn front(&self) -> Vec<usize> {
        search::front(&self.state.trials, self.state.options.bytes)
    }

    /// The best trial that keeps to the limits so far.
    #[must_use]
    pub fn winner(&self) -> Option<usize> {
        search::winner(&self.state.trials, self.state.original.as_ref()?, &self.state.options)
    }

    /// The trial that breaks the limits least.
    #[must_use]
    pub fn nearest(&self) -> Option<usize> {
        search::nearest(&self.state.trials, self.state.original.as_ref()?, &self.state.options)
    }

    /// The recipe that makes the very bytes of a trial.
    #[must_use]
    pub fn recipe(&self, trial: usize) -> Option<Recipe> {
        let State { source_sha256, options, trials, .. } = &self.state;
        let calibration = &options.parts.as_ref()?.calibration;
        Some(trials.get(trial)?.choices.recipe(options, source_sha256, calibration))
    }

    /// What was measured, as a point among all that was tried.
    #[must_use]
    pub fn point(&self, tried: Tried, name: &str, measured: &Measured) -> Point {
        let cost = Cost {
            file: measured.file_bytes,
            gzip: measured.gzip_bytes,
            arena: measured.arena_bytes,
            macs: measured.macs,
            latency: None,
        };
        Point { tried, name: name.into(), quality: self.quality(measured), cost }
    }

    /// How good a trial is, with its interval.
    #[must_use]
    pub fn quality(&self, measured: &Measured) -> Estimate {
        self.measure.estimate(measured.score, self.samples)
    }
}

#[cfg(test)]
mod tests {
    use mote_models::judge::TestSet;
    use mote_models::progress::Silent;
    use mote_models::recipe::{self, sha256};
    use mote_models::run::Native;
    use mote_models::search::Search;
    use mote_models::zoo::DIGITS;

    use super::*;
    use crate::search::Wishes;
    use crate::shrink::Split;

    #[test]
    fn news_piece_by_piece_are_the_search_and_a_trials_recipe_makes_its_bytes() {
        let set: TestSet = DIGITS.test_set().unwrap().try_into().unwrap();
        let set = set.take(&(0..90).collect::<Vec<_>>());
        let options = Wishes { trials: 3, ..Wishes::default() }.options(&Split::of(90));
        let mut search = Search::new(DIGITS.float, &set, options).unwrap();
        let mut found = Found { state: search.state().clone(), measure: Measure::Top1, samples: 22, parts: Vec::new() };
        let mut told = Told::all(search.state());
        while search.step(&Native, &Silent).unwrap() {
            for news in told.news(search.state()) {
                let text = serde_json::to_string(&news).unwrap();
                found.take(serde_json::from_str(&text).unwrap());
            }
            told = Told::all(search.state());
        }
        assert_eq!(&found.state, search.state());
        assert_eq!(found.state.trials.len(), 3);
        let winner = found.winner().expect("int8 loses nothing here");
        assert!(found.front().contains(&winner));
        let recipe = found.recipe(winner).unwrap();
        assert_eq!(recipe, search.recipe(&found.state.trials[winner].choices));
        let made = recipe::apply(&Native, DIGITS.float, set.arrays(), &recipe, &Silent).unwrap();
        let measured = found.state.trials[winner].measured.as_ref().unwrap();
        assert_eq!(sha256(&made.file), measured.sha256);
        assert!(found.quality(measured).low < measured.score);
        assert_eq!(found.recipe(3), None);
    }
}
