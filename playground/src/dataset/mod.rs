//! Samples of the user's, on their way from files to the archive that everything else takes.
//!
//! ```text
//! files -> Task::Prepare -> what is in them, a guess, samples -> State::data, the archive
//!              ^ options that the user edits, a front end
//! ```
//!
//! - [`Dataset`]: plain data, what the Data view shows.
//! - `steps`: what happens to it. A change gives up the work before it, so that no stale samples arrive.

mod steps;

use mote_models::prepare::Options;
use mote_models::recipe::Told;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::format;
use crate::pipeline::{Preparation, Prepared};
use crate::protocol::{Failure, Job};

pub use steps::Event;

/// A file of the user's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its bytes.
    #[serde(skip)]
    pub bytes: Bytes,
}

/// Samples of the user's, or of the zoo where somebody looks at them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// The files.
    pub files: Vec<File>,
    /// The model that makes features of recordings.
    pub front_end: Option<File>,
    /// What the user says; none for what model and files tell.
    pub options: Option<Options>,
    /// What came of them when they were last prepared.
    pub outcome: Option<Prepared>,
    /// Levels of the samples that are shown.
    #[serde(skip)]
    pub levels: Bytes,
    /// The work.
    pub work: Work,
}

/// The work on samples.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// None.
    #[default]
    Idle,
    /// The zoo's file is being fetched.
    Fetching(Job),
    /// Samples are being made.
    Preparing(Job),
    /// The files are nothing that samples are made of, or the worker died.
    Failed(Failure),
}

/// The file that prepared samples are taken away as; `name` is that of the samples.
pub(crate) fn prepared_name(name: &str) -> String {
    format!("{}-prepared.npz", format::slug(name))
}

impl Dataset {
    /// How samples are made: what the user says, or what was guessed.
    #[must_use]
    pub fn options(&self) -> Option<&Options> {
        self.options.as_ref().or_else(|| self.outcome.as_ref().map(|outcome| &outcome.options))
    }

    /// Whether samples are on their way.
    #[must_use]
    pub fn is_working(&self) -> bool {
        match self.work {
            Work::Fetching(_) | Work::Preparing(_) => true,
            Work::Idle | Work::Failed(_) => false,
        }
    }

    /// Why there are no samples.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.work {
            Work::Failed(failure) => Some(failure),
            Work::Idle => self.outcome.as_ref().and_then(|outcome| outcome.samples.as_ref().err()),
            Work::Fetching(_) | Work::Preparing(_) => None,
        }
    }

    /// What an artefact is to tell of its input and output, where the user says more than the model: `scores` is the number of its
    /// output's. `mote compress` then makes the same of the raw samples.
    #[must_use]
    pub fn told(&self, scores: usize) -> Told {
        let Some(outcome) = self.outcome.as_ref().filter(|_| !self.files.is_empty()) else { return Told::default() };
        let classes = if scores == 1 { 2 } else { scores };
        let named = outcome.options.classes.len() == classes;
        Told {
            labels: if named { outcome.options.classes.clone() } else { Vec::new() },
            normalization: outcome.options.normalization.clone().filter(|_| !outcome.told),
        }
    }

    fn preparation(&self) -> Preparation {
        Preparation {
            names: self.files.iter().map(|file| file.name.clone()).collect(),
            options: self.options.clone(),
            front_end: self.front_end.is_some(),
        }
    }
}
