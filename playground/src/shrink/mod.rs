//! Smaller variants of a model: what the user chooses, how far the work is, what has been made.
//!
//! ```text
//! model, samples -> survey -> Split                                    once
//! Choices, Split -> Recipe -> judge the original (once) -> make -> judge -> Variant
//! ```
//!
//! - [`Choices`]: the controls, and the recipe that they are.
//! - [`Split`]: which samples make a variant, and which judge it.
//! - `steps`: which task follows on which event; the only place that changes a [`Shrink`].

mod choices;
mod split;
mod steps;

use std::collections::VecDeque;

use mote_models::export::CSource;
use mote_models::recipe::{Recipe, Summaries};
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::format;
use crate::pipeline::{Judged, Survey};
use crate::protocol::{Failure, Job, Kernels};

pub use choices::{Choices, Prune};
pub use split::Split;

/// What the user does about variants.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Chose how variants are made.
    Chosen(Choices),
    /// Asked for the variant that is chosen.
    Asked,
    /// Stopped the work on it.
    Cancelled,
    /// Has no use for a variant, named by its id.
    Dropped(u32),
    /// Asked for a file of a variant.
    DownloadAsked {
        /// The variant's id.
        id: u32,
        /// Which file.
        file: Download,
    },
}

/// Smaller variants of the model, and the way to more of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shrink {
    /// What the user chooses.
    pub choices: Choices,
    /// The samples that variants are made and judged by.
    pub samples: Samples,
    /// The work.
    pub work: Work,
    /// How good the original is; none until it was asked for.
    pub original: Option<Measured>,
    /// Variants that a link asks for, made one after the other once there is a model and samples.
    pub wanted: VecDeque<Plan>,
    /// Variants that were made, in the order in which they were.
    pub variants: Vec<Variant>,
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
    },
    /// Stopped by the user.
    Cancelled,
    /// Failed.
    Failed(Failure),
}

/// A step of the work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// The original is judged, before a variant is made.
    Original(Plan),
    /// A variant is made.
    Make(Plan),
    /// The variant that was made last is judged.
    Judge,
    /// A variant is written as C, of which one file was asked for.
    Export {
        /// The variant.
        id: u32,
        /// The file.
        file: Download,
    },
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

/// A file that a user can take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Download {
    /// The `.tflite` file.
    Model,
    /// The recipe that makes it again, TOML.
    Recipe,
    /// The C header.
    Header,
    /// The C source.
    Source,
}

impl Download {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Download; 4] = [Download::Model, Download::Recipe, Download::Header, Download::Source];

    /// How its file's name ends.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Download::Model => "tflite",
            Download::Recipe => "toml",
            Download::Header => "h",
            Download::Source => "c",
        }
    }
}

impl Shrink {
    /// What there is of the samples, once they are counted.
    #[must_use]
    pub fn survey(&self) -> Option<Survey> {
        match self.samples {
            Samples::Counted { survey, .. } => Some(survey),
            Samples::None | Samples::Counting { .. } | Samples::Unfit(_) => None,
        }
    }

    /// How they are divided.
    #[must_use]
    pub fn split(&self) -> Option<Split> {
        self.survey().map(|survey| Split::of(survey.samples))
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

/// A file's name without its ending, of the names of a model and of what was made of it.
fn stem(model: &str, variant: &str) -> String {
    let model = model.rsplit_once('.').map_or(model, |(stem, _)| stem);
    format::slug(&format!("{model} {variant}"))
}
