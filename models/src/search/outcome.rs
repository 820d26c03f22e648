//! What a search gives.

use serde::{Deserialize, Serialize};

use super::choices::{Choices, Numbers};
use super::front::{front, nearest, winner};
use super::probe::make;
use super::state::{Measured, Probe, Trial};
use super::{Search, SearchError, Split};
use crate::judge::{Accuracy, evaluate};
use crate::progress::Progress;
use crate::recipe::Recipe;
use crate::run::Engine;

/// What a search gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// Which samples were for what.
    pub split: Split,
    /// The float network on the validation part.
    pub original: Measured,
    /// How sensitive its layers are.
    pub probes: Vec<Probe>,
    /// Everything that was tried, in order.
    pub trials: Vec<Trial>,
    /// The trials that no other beats in all of bytes, RAM and score, by their bytes.
    pub front: Vec<usize>,
    /// The best trial that keeps to the constraints.
    pub winner: Option<usize>,
    /// The trial that breaks them least: the winner, where there is one.
    pub nearest: Option<usize>,
    /// The winner's recipe, or that of the nearest; it makes the very bytes that were tried.
    pub recipe: Option<Recipe>,
    /// The float network and the trial of the recipe on each part of the samples. Of these only the test part had no say in what
    /// was chosen.
    pub parts: Vec<Part>,
}

/// Two networks on one part of the samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Part {
    /// `calibration`, `validation` or `test`.
    pub name: String,
    /// Its samples.
    pub samples: u64,
    /// The float network.
    pub original: Accuracy,
    /// What was chosen.
    pub chosen: Accuracy,
}

impl Search<'_> {
    /// What was found so far, and the winner on each part of the samples.
    ///
    /// # Errors
    /// When the source is refused, or `progress` cancels.
    pub fn outcome(&self, engine: &dyn Engine, progress: &dyn Progress) -> Result<Outcome, SearchError> {
        let state = self.state();
        let float = make(self, &Choices::of(Numbers::Float), engine, progress)?.map_err(SearchError::Source)?;
        let original = match &state.original {
            Some(original) => original.clone(),
            None => super::probe::measure(self, &float, engine, progress)?,
        };
        let winner = winner(&state.trials, &original, &state.options);
        let nearest = winner.or_else(|| nearest(&state.trials, &original, &state.options));
        let mut parts = Vec::new();
        if let Some(chosen) = nearest {
            let choices = &state.trials[chosen].choices;
            let chosen = make(self, choices, engine, progress)?.map_err(SearchError::Source)?;
            let split = self.split();
            let all = [("calibration", &split.calibration), ("validation", &split.validation), ("test", &split.test)];
            for (name, places) in all {
                let set = self.part(places);
                let of = |file: &[u8]| {
                    Ok::<_, SearchError>(Accuracy::of(&set, &evaluate(engine, file, &set, progress)?.predictions)?)
                };
                let (original, chosen) = (of(&float.file)?, of(&chosen.file)?);
                parts.push(Part { name: name.into(), samples: set.len() as u64, original, chosen });
            }
        }
        Ok(Outcome {
            split: self.split().clone(),
            original,
            probes: state.probes.clone(),
            trials: state.trials.clone(),
            front: front(&state.trials, state.options.bytes),
            winner,
            nearest,
            recipe: nearest.map(|chosen| self.recipe(&state.trials[chosen].choices)),
            parts,
        })
    }
}
