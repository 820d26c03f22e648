//! Why no samples came of files.

use std::fmt;

use crate::data::DataError;
use crate::progress::Cancelled;
use crate::run::RunError;
use crate::samples::{InputError, SampleError};

/// Why no samples came of files.
#[derive(Debug, Clone, PartialEq)]
pub enum PrepareError {
    /// They cannot be read, or do not suit the model.
    Input(InputError),
    /// The front end does not run.
    Run(RunError),
    /// The work was given up.
    Cancelled(Cancelled),
}

impl fmt::Display for PrepareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PrepareError::Input(error) => error.fmt(f),
            PrepareError::Run(error) => error.fmt(f),
            PrepareError::Cancelled(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PrepareError {}

impl From<InputError> for PrepareError {
    fn from(error: InputError) -> Self {
        PrepareError::Input(error)
    }
}

impl From<SampleError> for PrepareError {
    fn from(error: SampleError) -> Self {
        PrepareError::Input(error.into())
    }
}

impl From<DataError> for PrepareError {
    fn from(error: DataError) -> Self {
        PrepareError::Input(error.into())
    }
}

impl From<RunError> for PrepareError {
    fn from(error: RunError) -> Self {
        PrepareError::Run(error)
    }
}

impl From<Cancelled> for PrepareError {
    fn from(error: Cancelled) -> Self {
        PrepareError::Cancelled(error)
    }
}
