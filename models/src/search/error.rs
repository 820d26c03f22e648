//! Why a search ended without an outcome.

use std::fmt;

use crate::judge::JudgeError;
use crate::progress::Cancelled;
use crate::recipe::RecipeError;

/// Why a search ended without an outcome.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchError {
    /// An option makes no sense.
    Option {
        /// Which.
        place: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it was.
        found: String,
    },
    /// A part of the samples has none.
    Samples {
        /// Which part.
        part: &'static str,
        /// How many samples there are in all.
        count: usize,
    },
    /// The stored state belongs to another search.
    State {
        /// What differs.
        what: &'static str,
    },
    /// The source is quantized already.
    Quantized {
        /// A value of integers.
        value: String,
    },
    /// The source was refused.
    Source(RecipeError),
    /// A model could not be evaluated.
    Judge(JudgeError),
    /// Its owner gave it up. What was done is in the state.
    Cancelled(Cancelled),
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SearchError::Option { place, expected, found } => write!(f, "{place}: expected {expected}, found {found}"),
            SearchError::Samples { part, count } => {
                write!(f, "samples: expected some for {part}, found none among {count}; give more samples")
            }
            SearchError::State { what } => {
                write!(f, "stored search: expected the same {what}, found another; begin a new search")
            }
            SearchError::Quantized { value } => write!(
                f,
                "source: expected a float network, found integers in {value}; search from the float model it was made of"
            ),
            SearchError::Source(error) => error.fmt(f),
            SearchError::Judge(error) => error.fmt(f),
            SearchError::Cancelled(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SearchError {}

impl From<JudgeError> for SearchError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            JudgeError::Run(_)
            | JudgeError::Samples(_)
            | JudgeError::Import(_)
            | JudgeError::Graph(_)
            | JudgeError::Activity(_) => Self::Judge(error),
        }
    }
}

impl From<Cancelled> for SearchError {
    fn from(error: Cancelled) -> Self {
        Self::Cancelled(error)
    }
}
