//! Why a model did not run.

use std::fmt;

use mote_abi::GuestError;
use serde::{Deserialize, Serialize};

/// Why a model was not loaded, or did not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunError {
    /// The runtime refused the model or its inputs.
    Refused(GuestError),
    /// What runs the runtime failed: a trap, a deadline, no memory, or a cancel.
    Engine(String),
}

impl From<mote_runtime::Error> for RunError {
    fn from(error: mote_runtime::Error) -> Self {
        Self::Refused(GuestError {
            kind: error.kind.name().into(),
            place: error.place.to_string(),
            expected: error.expected.to_string(),
            found: error.found.clone(),
        })
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Refused(error) => error.fmt(f),
            RunError::Engine(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for RunError {}
