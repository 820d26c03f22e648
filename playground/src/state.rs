//! Everything that the page shows, as plain data. [`crate::update`] is the only place that changes it.

use mote_abi::{Build, Description};
use serde::{Deserialize, Serialize};

use crate::benchmark::Benchmark;
use crate::bytes::Bytes;
use crate::dataset::Dataset;
use crate::explore::Explore;
use crate::keep::{Keeping, Piece};
use crate::learn::Learn;
use crate::network::Shown;
use crate::pool::Pool;
use crate::protocol::{Failure, Job, Kernels};
use crate::relaxed::{Relaxed, Wanted};
use crate::report::Report;
use crate::search::Search;
use crate::shrink::Shrink;
use crate::sketch::Sketch;
use crate::try_it::TryIt;
use crate::understand::Understand;
use crate::view::View;
use crate::workshop::Workshop;

/// The page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The view that is shown.
    pub view: View,
    /// The drawer beside it.
    pub learn: Learn,
    /// The worker in which guests run.
    pub worker: Worker,
    /// The relaxed SIMD of this browser; none until the worker has told.
    pub relaxed: Option<Relaxed>,
    /// Kernels that the user wants.
    pub wanted: Wanted,
    /// The kernels that this means here.
    pub kernels: Kernels,
    /// The model that the user wants.
    pub source: Option<Source>,
    /// How far it has come.
    pub model: Model,
    /// Its layers.
    #[serde(skip)]
    pub network: Shown,
    /// The samples that an evaluation runs over.
    pub data: Data,
    /// How they came from their files.
    #[serde(skip)]
    pub dataset: Dataset,
    /// The evaluation.
    pub evaluation: Evaluation,
    /// The runners that share it.
    #[serde(skip)]
    pub pool: Pool,
    /// The digit being drawn.
    pub sketch: Sketch,
    /// The scores of the digit being drawn.
    pub live: Live,
    /// Smaller variants of the model.
    pub shrink: Shrink,
    /// What is shown of everything that was tried.
    pub explore: Explore,
    /// The search for the best model.
    pub search: Search,
    /// How fast the guest is in this browser.
    pub benchmark: Benchmark,
    /// Trying the model by hand.
    pub try_it: TryIt,
    /// Whether the work is kept for the next visit.
    pub keeping: Keeping,
    /// What of the work that was kept this page cannot read.
    pub unread: Vec<Piece>,
    /// Whether the address has a link that this page cannot read.
    pub broken_link: bool,
    /// Whether the link that was asked for last is in the clipboard; none before it is known.
    pub copied: Option<bool>,
    /// Whether another version of the page is here, to be used from the next start on.
    pub update_ready: bool,
    /// Tasks that wait or are under way.
    #[serde(skip)]
    pub workshop: Workshop,
    /// Why a variant answers otherwise.
    pub understand: Understand,
    pub(crate) last_job: u32,
}

/// The worker in which guests run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Worker {
    /// It has not answered yet.
    Starting {
        /// What the worker before it died of.
        after: Option<String>,
    },
    /// It answers.
    Ready {
        /// What the worker before it died of.
        after: Option<String>,
    },
    /// It died before it ever answered, or has no guest to run, and another one would do no better.
    Dead {
        /// What it died of.
        why: String,
    },
}

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name for people.
    pub name: String,
    /// Its place in [`crate::zoo::ENTRIES`]; none for a file of the user's.
    pub zoo: Option<usize>,
    /// The file's bytes, kept to load it again with other kernels or in another worker; none until fetched.
    #[serde(skip)]
    pub bytes: Option<Bytes>,
    /// What guests load of it; none until it is known.
    #[serde(skip)]
    pub loadable: Option<Bytes>,
}

/// How far the model has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Model {
    /// None is chosen.
    None,
    /// It is on its way.
    Loading {
        /// The load's job, which also stands for the fetch before it.
        job: Job,
    },
    /// It can run.
    Ready {
        /// How the module that runs it was built.
        build: Build,
        /// What the guest tells about it.
        description: Description,
    },
    /// It was refused.
    Refused(Failure),
}

/// The samples that an evaluation runs over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Data {
    /// Those of the zoo.
    Zoo,
    /// Files of the user's.
    File {
        /// Their names.
        name: String,
        /// The archive that was made of it; empty until that is done.
        #[serde(skip)]
        bytes: Bytes,
    },
}

/// The evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Evaluation {
    /// None was asked for.
    Idle,
    /// Under way.
    Running {
        /// Its job.
        job: Job,
        /// Samples that have run.
        done: usize,
        /// All samples; 0 until known.
        total: usize,
        /// Those so far whose label was predicted.
        right: u64,
    },
    /// Stopped by the user.
    Cancelled {
        /// Samples that had run by then.
        done: usize,
    },
    /// Ended.
    Done(Report),
    /// Failed.
    Failed(Failure),
}

/// The scores of the digit being drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// One for each class; empty while nothing is drawn.
    pub scores: Vec<f32>,
    /// Why there are none.
    pub failure: Option<Failure>,
    pub(crate) running: Option<Job>,
    /// The drawing changed while a run was under way.
    pub(crate) stale: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            view: View::default(),
            learn: Learn::default(),
            worker: Worker::Starting { after: None },
            relaxed: None,
            wanted: Wanted::default(),
            kernels: Kernels::default(),
            source: None,
            model: Model::None,
            network: Shown::default(),
            data: Data::Zoo,
            dataset: Dataset::default(),
            evaluation: Evaluation::Idle,
            pool: Pool::default(),
            sketch: Sketch::default(),
            live: Live::default(),
            shrink: Shrink::default(),
            explore: Explore::default(),
            search: Search::default(),
            benchmark: Benchmark::default(),
            try_it: TryIt::default(),
            keeping: Keeping::default(),
            unread: Vec::new(),
            broken_link: false,
            copied: None,
            update_ready: false,
            workshop: Workshop::default(),
            understand: Understand::default(),
            last_job: 0,
        }
    }
}

impl State {
    /// The model's description, once it is ready.
    #[must_use]
    pub fn description(&self) -> Option<&Description> {
        match &self.model {
            Model::Ready { description, .. } => Some(description),
            Model::None | Model::Loading { .. } | Model::Refused(_) => None,
        }
    }

    /// Whether an evaluation can start.
    #[must_use]
    pub fn can_evaluate(&self) -> bool {
        self.description().is_some() && !matches!(self.evaluation, Evaluation::Running { .. })
    }
}
