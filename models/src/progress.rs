//! How far long work is, and whether to go on.

use std::fmt;

/// The work was given up because its owner asked for it; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// Told by long work how far it is.
pub trait Progress {
    /// `done` of `total` parts of `stage` ("calibrate", "round weights") are done.
    ///
    /// # Errors
    /// [`Cancelled`] when the work is to be given up; it then ends at once.
    fn at(&self, stage: &str, done: usize, total: usize) -> Result<(), Cancelled>;
}

/// Tells nobody and never cancels.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _stage: &str, _done: usize, _total: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

/// One part of a longer stage: what is told of it is told as the stage's own.
pub(crate) struct Part<'p> {
    /// Who is told.
    pub(crate) progress: &'p dyn Progress,
    /// The stage.
    pub(crate) stage: &'p str,
    /// Parts of it that are done before this one.
    pub(crate) done: usize,
    /// All its parts.
    pub(crate) total: usize,
}

impl Progress for Part<'_> {
    fn at(&self, _stage: &str, _done: usize, _total: usize) -> Result<(), Cancelled> {
        self.progress.at(self.stage, self.done, self.total)
    }
}
