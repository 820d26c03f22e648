//! The one error of the readers.

use std::fmt;

use super::FileKind;

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataErrorKind {
    /// The bytes do not follow the format.
    Malformed,
    /// The format allows it, this reader does not.
    Unsupported,
    /// Over one of the limits of [`super::limits`].
    Limit,
    /// What was asked for is not in the file.
    Missing,
}

impl DataErrorKind {
    fn name(self) -> &'static str {
        match self {
            DataErrorKind::Malformed => "malformed",
            DataErrorKind::Unsupported => "unsupported",
            DataErrorKind::Limit => "over a limit",
            DataErrorKind::Missing => "missing",
        }
    }
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataError {
    /// What is wrong.
    pub kind: DataErrorKind,
    /// The format that was being read.
    pub file: FileKind,
    /// Where in the file: `entry x.npy`, `row 3, column label`, `byte 10`.
    pub place: String,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
    /// What its owner can do about it.
    pub remedy: String,
}

impl DataError {
    pub(super) fn malformed(
        file: FileKind,
        place: impl Into<String>,
        expected: &str,
        found: impl fmt::Display,
    ) -> Self {
        Self {
            kind: DataErrorKind::Malformed,
            file,
            place: place.into(),
            expected: expected.into(),
            found: found.to_string(),
            remedy: "write the file again: it is damaged, cut short or of another format".into(),
        }
    }

    pub(super) fn limit(file: FileKind, place: impl Into<String>, limit: u64, found: impl fmt::Display) -> Self {
        Self {
            kind: DataErrorKind::Limit,
            file,
            place: place.into(),
            expected: format!("at most {limit}"),
            found: found.to_string(),
            remedy: "split the data into smaller files".into(),
        }
    }

    /// The same error, its place inside `outer`.
    pub(super) fn within(mut self, outer: &str) -> Self {
        self.place = format!("{outer}, {}", self.place);
        self
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, file, place, expected, found, remedy } = self;
        write!(f, "{file} file, {}: {place}: expected {expected}, found {found}; {remedy}", kind.name())
    }
}

impl std::error::Error for DataError {}
