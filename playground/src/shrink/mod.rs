//! Smaller variants of a model: what the user chooses, how far the work is, what has been made.
//!
//! ```text
//! model, samples -> survey -> Split                                    once
//! Choices, Split -> Recipe -> draft: judge the original (once) -> make -> judge -> time, each once for its settings
//! draft -> kept: a Variant of the table
//! ```
//!
//! - [`Choices`]: the controls, and the recipe that they are; `adopt` brings a recipe back into them.
//! - [`LayerChoice`]: what a single layer does otherwise.
//! - [`Split`]: which samples make a variant, and which judge it.
//! - `draft`: the variant that follows the controls. `steps`: which task follows on which event. `take`: what is taken away.
//! - [`History`]: controls as they were, to go back to.
//! - [`compare`]: what is different between models, and the command lines that do the same.

mod adopt;
mod choices;
pub mod compare;
mod draft;
mod event;
mod history;
mod layers;
mod split;
mod steps;
mod take;

use std::collections::VecDeque;

use mote_models::export::CSource;
use mote_models::recipe::{Recipe, Summaries};
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::format;
use crate::pipeline::{Judged, LayerInfo, Survey};
use crate::protocol::{Failure, Job, Kernels};

pub use choices::{Choices, Stage, percent};
pub use event::Event;
pub use history::History;
pub use layers::LayerChoice;
pub use split::Split;
pub use take::{Download, Taking};

/// Smaller variants of the model, and the way to more of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shrink {
    /// What the user chooses.
    pub choices: Choices,
    /// The samples that variants are made and judged by.
    pub samples: Samples,
    /// Whether a draft follows the controls.
    pub follows: Follows,
    /// The work.
    pub work: Work,
    /// Whether the work takes so long that it is worth a word.
    pub slow: bool,
    /// The model's layers with weights; none until they were asked for.
    pub layers: Option<Vec<LayerInfo>>,
    /// How good the original is; none until it was asked for.
    pub original: Option<Measured>,
    /// Variants that a link asks for, made one after the other once there is a model and samples.
    pub asked: VecDeque<Plan>,
    /// What the draft is to be: what the controls said when they last came to rest.
    pub wanted: Option<Plan>,
    /// The variant that follows the controls. While the wanted one is made it is the one before.
    pub draft: Option<Variant>,
    /// Variants that were kept, in the order in which they were.
    pub variants: Vec<Variant>,
    /// Variants that were kept and then removed, which can be had back.
    pub removed: Vec<Variant>,
    /// Everything that was made and judged since the model and the samples came, the last one last. What is there is not made
    /// again; of the oldest the files are forgotten.
    pub tried: Vec<Variant>,
    /// Controls as they were.
    #[serde(skip)]
    pub history: History,
    /// The board that models are to fit, by its id.
    pub device: Option<String>,
    /// Whether it is told where the energy goes.
    #[serde(skip)]
    pub energy_open: bool,
    /// A recipe that is being read.
    #[serde(skip)]
    pub(crate) reading: Option<Job>,
    /// Why a recipe that was opened is none.
    pub refused: Option<Failure>,
    /// A file that is being written.
    #[serde(skip)]
    pub taking: Option<Taking>,
    /// The draft is to be kept once it is judged.
    #[serde(skip)]
    pub(crate) keeps: bool,
    /// Counts changes of the controls, so that only the last one counts when they come to rest.
    #[serde(skip)]
    pub(crate) changes: u32,
    /// Counts runs of work, so that only one that still goes on turns slow.
    #[serde(skip)]
    pub(crate) runs: u32,
}

/// Whether a draft follows the controls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Follows {
    /// As soon as they come to rest.
    #[default]
    AtOnce,
    /// When the user keeps it.
    WhenKept,
}

/// The samples that variants are made and judged by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Samples {
    /// There are none.
    #[default]
    None,
    /// They are being fetched, or counted.
    Counting {
        /// The job.
        job: Job,
        /// The archive, once it is here.
        #[serde(skip)]
        archive: Bytes,
    },
    /// They suit the model.
    Counted {
        /// What there is of them.
        survey: Survey,
        /// The archive.
        #[serde(skip)]
        archive: Bytes,
    },
    /// They do not, or the model cannot be imported.
    Unfit(Failure),
}

/// The work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// None.
    #[default]
    Idle,
    /// Under way.
    Running {
        /// The job of the step that is under way.
        job: Job,
        /// Which step that is.
        step: Step,
        /// The kernels that it runs with.
        kernels: Kernels,
    },
    /// Stopped by the user.
    Cancelled,
    /// Failed.
    Failed(Failure),
}

/// A step of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// The model's layers are listed.
    Layers,
    /// The original is judged.
    Original,
    /// The variant that is wanted is made.
    Make,
    /// The draft is judged.
    Judge,
    /// A model is timed again, with other kernels.
    Time(Which),
}

/// One of the models that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// What all others are made of.
    Original,
    /// The draft.
    Draft,
    /// A variant that was kept, by its id.
    Kept(u32),
}

/// A variant that is not made yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What to call it.
    pub name: String,
    /// How to make it.
    pub recipe: Box<Recipe>,
}

/// A model that was judged, and with which kernels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// What was found.
    pub judged: Judged,
    /// The kernels that it was timed with.
    pub kernels: Kernels,
}

/// A variant that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Tells it from all others.
    pub id: u32,
    /// How it was made.
    pub plan: Plan,
    /// What was done.
    pub summaries: Summaries,
    /// How good it is; none until it was judged.
    pub measured: Option<Measured>,
    /// Its `.tflite` file.
    #[serde(skip)]
    pub file: Bytes,
    /// The same as C, once that was asked for.
    #[serde(skip)]
    pub c: Option<CSource>,
}

impl Samples {
    fn survey(&self) -> Option<&Survey> {
        match self {
            Samples::Counted { survey, .. } => Some(survey),
            Samples::None | Samples::Counting { .. } | Samples::Unfit(_) => None,
        }
    }

    fn split(&self) -> Option<&Split> {
        self.survey().map(|survey| &survey.split)
    }
}

impl Shrink {
    /// What there is of the samples, once they are counted.
    #[must_use]
    pub fn survey(&self) -> Option<&Survey> {
        self.samples.survey()
    }

    /// How they are divided.
    #[must_use]
    pub fn split(&self) -> Option<&Split> {
        self.samples.split()
    }

    /// Places of the samples that judge a variant: none of those that it was made by.
    #[must_use]
    pub fn judging(&self, variant: &Variant) -> Vec<usize> {
        self.split().map(|split| split.test_apart_from(&variant.summaries.calibration)).unwrap_or_default()
    }

    /// What the choices make; none where there is nothing to do, or nothing to do it with.
    #[must_use]
    pub fn plan(&self) -> Option<Plan> {
        let split = self.split().filter(|split| split.test() > 0)?;
        Some(Plan { name: self.choices.name(split), recipe: self.choices.recipe(split)?.into() })
    }

    /// Whether work is under way.
    #[must_use]
    pub fn is_running(&self) -> bool {
        match self.work {
            Work::Running { .. } => true,
            Work::Idle | Work::Cancelled | Work::Failed(_) => false,
        }
    }
}

impl Shrink {
    /// Whether the draft is what the controls said when they last came to rest, and is judged.
    #[must_use]
    pub fn is_current(&self) -> bool {
        match (&self.draft, &self.wanted) {
            (Some(draft), Some(wanted)) => draft.measured.is_some() && draft.plan.recipe == wanted.recipe,
            (None, _) | (_, None) => false,
        }
    }

    /// Whether the draft, as it is, was kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.draft.as_ref().is_some_and(|draft| self.variants.iter().any(|kept| kept.plan.recipe == draft.plan.recipe))
    }
}

/// A file's name without its ending, of the names of a model and of what was made of it.
fn stem(model: &str, variant: &str) -> String {
    let model = model.rsplit_once('.').map_or(model, |(stem, _)| stem);
    format::slug(&format!("{model} {variant}"))
}
