//! Why a graph was not pruned.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::graph::GraphError;
use crate::progress::Cancelled;
use crate::run::RunError;
use crate::samples::SampleError;

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PruneErrorKind {
    /// An option has a value that means nothing.
    Option,
    /// The options name a layer that is not there, or that cannot be pruned as asked.
    Layer,
    /// The graph cannot be pruned.
    Graph,
    /// The data do not suit the model.
    Data,
    /// The model did not run.
    Run,
    /// Its owner gave the work up.
    Cancelled,
}

/// Why a graph was not pruned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PruneError {
    /// What kind.
    pub kind: PruneErrorKind,
    /// Where: an option, a layer.
    pub place: String,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
    /// What can be done about it.
    pub remedy: String,
}

impl PruneError {
    pub(super) fn new(
        kind: PruneErrorKind,
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { kind, place: place.into(), expected: expected.into(), found: found.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for PruneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind: _, place, expected, found, remedy } = self;
        write!(f, "{place}: expected {expected}, found {found}; {remedy}")
    }
}

impl std::error::Error for PruneError {}

impl From<GraphError> for PruneError {
    fn from(error: GraphError) -> Self {
        let GraphError { place, expected, found } = error;
        Self::new(PruneErrorKind::Graph, place, expected, found, "import the model again")
    }
}

impl From<RunError> for PruneError {
    fn from(error: RunError) -> Self {
        let found = error.to_string();
        Self::new(PruneErrorKind::Run, "model", "a run", found, "see that the model runs by itself first")
    }
}

impl From<SampleError> for PruneError {
    fn from(error: SampleError) -> Self {
        let SampleError { kind: _, place, expected, found, remedy } = error;
        Self { kind: PruneErrorKind::Data, place, expected, found, remedy }
    }
}

impl From<Cancelled> for PruneError {
    fn from(_: Cancelled) -> Self {
        Self::new(PruneErrorKind::Cancelled, "work", "leave to go on", "cancelled", "start it again")
    }
}
