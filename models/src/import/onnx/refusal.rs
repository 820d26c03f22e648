//! Why a node did not become part of the graph.

use crate::graph::{GraphError, ShapeError};
use crate::import::FileErrorKind;

/// Why a node did not become part of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Sound, but not supported. The others are looked at all the same.
    Unsupported {
        /// Why.
        why: String,
        /// What the model's owner can do.
        remedy: String,
    },
    /// The file contradicts itself here, or asks for too much.
    Broken {
        /// Which of the two.
        kind: FileErrorKind,
        /// What should have been there.
        expected: String,
        /// What was there.
        found: String,
    },
}

/// What most functions here return.
pub(super) type Outcome<T> = Result<T, Refusal>;

/// Sound, but not supported.
pub(super) fn unsupported(why: impl Into<String>, remedy: impl Into<String>) -> Refusal {
    Refusal::Unsupported { why: why.into(), remedy: remedy.into() }
}

/// The file contradicts itself.
pub(super) fn invalid(expected: impl Into<String>, found: impl Into<String>) -> Refusal {
    Refusal::Broken { kind: FileErrorKind::Invalid, expected: expected.into(), found: found.into() }
}

/// Over a limit.
pub(super) fn over(expected: impl Into<String>, found: impl Into<String>) -> Refusal {
    Refusal::Broken { kind: FileErrorKind::Limit, expected: expected.into(), found: found.into() }
}

impl From<ShapeError> for Refusal {
    fn from(error: ShapeError) -> Self {
        invalid(error.expected, error.found)
    }
}

impl From<GraphError> for Refusal {
    fn from(error: GraphError) -> Self {
        invalid(format!("{}: {}", error.place, error.expected), error.found)
    }
}
