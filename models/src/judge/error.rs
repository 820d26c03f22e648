//! Why a model was not judged.

use std::fmt;

use crate::graph::GraphError;
use crate::import::ImportError;
use crate::progress::Cancelled;
use crate::prune::{PruneError, PruneErrorKind};
use crate::run::RunError;
use crate::samples::SampleError;

/// Why a model was not judged.
#[derive(Debug, Clone, PartialEq)]
pub enum JudgeError {
    /// The runtime refused the model or a run of it.
    Run(RunError),
    /// Samples or labels do not suit the model or the question.
    Samples(SampleError),
    /// The file could not be read as a graph.
    Import(ImportError),
    /// A graph that was to be run is not sound.
    Graph(GraphError),
    /// What its channels do could not be measured.
    Activity(PruneError),
    /// Its owner gave it up.
    Cancelled(Cancelled),
}

impl fmt::Display for JudgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JudgeError::Run(error) => error.fmt(f),
            JudgeError::Samples(error) => error.fmt(f),
            JudgeError::Import(error) => error.fmt(f),
            JudgeError::Graph(error) => error.fmt(f),
            JudgeError::Activity(error) => error.fmt(f),
            JudgeError::Cancelled(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for JudgeError {}

impl From<RunError> for JudgeError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl From<SampleError> for JudgeError {
    fn from(error: SampleError) -> Self {
        Self::Samples(error)
    }
}

impl From<ImportError> for JudgeError {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl From<GraphError> for JudgeError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<PruneError> for JudgeError {
    fn from(error: PruneError) -> Self {
        match error.kind {
            PruneErrorKind::Cancelled => Self::Cancelled(Cancelled),
            PruneErrorKind::Option
            | PruneErrorKind::Layer
            | PruneErrorKind::Graph
            | PruneErrorKind::Data
            | PruneErrorKind::Run => Self::Activity(error),
        }
    }
}

impl From<Cancelled> for JudgeError {
    fn from(error: Cancelled) -> Self {
        Self::Cancelled(error)
    }
}
