//! Why a network was not quantized.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::graph::GraphError;
use crate::progress::Cancelled;
use crate::run::RunError;
use crate::samples::SampleError;

/// Why a network was not quantized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuantizeError {
    /// The graph is not sound.
    Graph(GraphError),
    /// It, or the samples, cannot be quantized.
    Unsuited {
        /// Where: `node 3 (conv1, CONV_2D)`, `value x`.
        place: String,
        /// What should have been there.
        expected: String,
        /// What was there.
        found: String,
        /// What to do.
        remedy: String,
    },
    /// A sample does not fit the network.
    Sample(SampleError),
    /// The runtime did not run it.
    Run(RunError),
    /// The work was given up.
    Cancelled,
}

impl fmt::Display for QuantizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuantizeError::Graph(error) => error.fmt(f),
            QuantizeError::Unsuited { place, expected, found, remedy } => {
                write!(f, "{place}: expected {expected}, found {found}; {remedy}")
            }
            QuantizeError::Sample(error) => error.fmt(f),
            QuantizeError::Run(error) => error.fmt(f),
            QuantizeError::Cancelled => Cancelled.fmt(f),
        }
    }
}

impl std::error::Error for QuantizeError {}

impl From<GraphError> for QuantizeError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<SampleError> for QuantizeError {
    fn from(error: SampleError) -> Self {
        Self::Sample(error)
    }
}

impl From<RunError> for QuantizeError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl From<Cancelled> for QuantizeError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}
