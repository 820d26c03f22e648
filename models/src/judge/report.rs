//! A model and its variants side by side.

use serde::{Deserialize, Serialize};

use super::accuracy::Accuracy;
use super::devices::{Device, Fit};
use super::energy::{self, Energy};
use super::evaluate::{Evaluation, Fidelity, Flip, evaluate, fidelity, flips};
use super::size::Size;
use super::{JudgeError, TestSet};
use crate::import;
use crate::progress::Progress;
use crate::run::Engine;

/// A model to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// What to call it.
    pub name: &'a str,
    /// Its `.tflite` file.
    pub file: &'a [u8],
    /// The median time of one run in seconds, where the caller measured it: this crate has no clock.
    pub latency_seconds: Option<f64>,
}

/// An original and its variants side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Samples of the test set.
    pub samples: u64,
    /// Original first.
    pub variants: Vec<Variant>,
    /// What the energy figures are.
    pub energy_source: String,
}

/// One model of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// What it is called.
    pub name: String,
    /// How well it does.
    pub accuracy: Accuracy,
    /// How large it is.
    pub size: Size,
    /// The median time of one run in seconds, where the caller measured it.
    pub latency_seconds: Option<f64>,
    /// An estimate of the energy of one run.
    pub energy: Energy,
    /// Whether it fits each board that was asked for.
    pub fits: Vec<Fit>,
    /// What is different from the original; none for the original itself.
    pub change: Option<Change>,
}

/// What is different from the original.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// [`Accuracy::score`] of the variant minus that of the original: below 0 is worse.
    pub score: f64,
    /// The change of each class's recall, in the order of the classes; none where one has no samples. Empty for models that
    /// are no classifiers.
    pub recall: Vec<Option<f64>>,
    /// How near its outputs are.
    pub fidelity: Fidelity,
    /// Samples whose class changed.
    pub flips: Vec<Flip>,
}

impl Report {
    /// Judges an original and its variants over one test set.
    ///
    /// # Errors
    /// As [`evaluate`] and [`Accuracy::of`]; a model that runs and is no graph is judged all the same.
    pub fn new(
        engine: &dyn Engine,
        candidates: &[Candidate<'_>],
        set: &TestSet,
        devices: &[&Device],
        progress: &dyn Progress,
    ) -> Result<Self, JudgeError> {
        let mut original: Option<(Evaluation, Accuracy)> = None;
        let mut variants = Vec::with_capacity(candidates.len());
        for (k, candidate) in candidates.iter().enumerate() {
            progress.at("judge", k, candidates.len())?;
            let evaluation = evaluate(engine, candidate.file, set, progress)?;
            let accuracy = Accuracy::of(set, &evaluation.predictions)?;
            let change = original.as_ref().map(|(before, accuracy_before)| Change {
                score: accuracy.score() - accuracy_before.score(),
                recall: recall_change(accuracy_before, &accuracy),
                fidelity: fidelity(before, &evaluation),
                flips: flips(set, before, &evaluation),
            });
            let graph = import::tflite(candidate.file).ok();
            let size = Size::of(candidate.file, &evaluation.description, graph.as_ref());
            variants.push(Variant {
                name: candidate.name.into(),
                fits: devices.iter().map(|device| device.fit(&size, &evaluation.description, graph.as_ref())).collect(),
                energy: Energy::of(&evaluation.description, graph.as_ref()),
                size,
                latency_seconds: candidate.latency_seconds,
                change,
                accuracy: accuracy.clone(),
            });
            original.get_or_insert((evaluation, accuracy));
        }
        Ok(Self { samples: set.len() as u64, variants, energy_source: energy::SOURCE.into() })
    }
}

fn recall_change(before: &Accuracy, after: &Accuracy) -> Vec<Option<f64>> {
    let (Accuracy::Classification { classes: before, .. }, Accuracy::Classification { classes: after, .. }) =
        (before, after)
    else {
        return Vec::new();
    };
    let change = |(before, after): (&super::ClassAccuracy, &super::ClassAccuracy)| {
        Some(after.recall?.value - before.recall?.value)
    };
    before.iter().zip(after).map(change).collect()
}
