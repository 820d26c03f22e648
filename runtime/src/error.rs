//! How a model, or a run of one, is refused.

use alloc::boxed::Box;
use alloc::fmt::format;
use alloc::string::String;
use core::fmt::{self, Arguments};
use core::ops::Deref;

/// What kind of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file is not a sound `.tflite` file.
    Malformed,
    /// Sound, but nothing that this runtime runs.
    Unsupported,
    /// The graph contradicts itself.
    Invalid,
    /// Over one of the [`Limits`](crate::Limits).
    Limit,
    /// No memory left.
    Memory,
    /// The values of this run cannot be computed with (an index out of range, say).
    Run,
    /// The caller asked for something that is not there.
    Usage,
    /// A mistake of this runtime, caught.
    Internal,
}

impl ErrorKind {
    /// One word, as in the guest's errors.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Malformed => "malformed",
            ErrorKind::Unsupported => "unsupported",
            ErrorKind::Invalid => "invalid",
            ErrorKind::Limit => "limit",
            ErrorKind::Memory => "memory",
            ErrorKind::Run => "run",
            ErrorKind::Usage => "usage",
            ErrorKind::Internal => "internal",
        }
    }
}

/// Where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The model file as a whole.
    File,
    /// At this byte of the file.
    Offset(usize),
    /// A tensor of a subgraph.
    Tensor {
        /// Its index.
        index: usize,
        /// Its name, often empty.
        name: String,
    },
    /// An operator of a subgraph.
    Node {
        /// Its index.
        index: usize,
        /// Its TFLite name.
        op: String,
    },
    /// The memory plan.
    Arena,
    /// A loaded session.
    Session,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File => f.write_str("file"),
            Place::Offset(at) => write!(f, "file, byte {at}"),
            Place::Tensor { index, name } if name.is_empty() => write!(f, "tensor {index}"),
            Place::Tensor { index, name } => write!(f, "tensor {index} ({name})"),
            Place::Node { index, op } => write!(f, "node {index} ({op})"),
            Place::Arena => f.write_str("arena"),
            Place::Session => f.write_str("session"),
        }
    }
}

/// A refusal. Boxed, so that the results that carry it stay small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Refusal>);

/// What kind, where, what was expected and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind.
    pub kind: ErrorKind,
    /// Where.
    pub place: Place,
    /// What should have been there; for unsupported things, what to do instead.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl Error {
    /// An error, from its four parts. The words are given as [`format_args!`], and put together here and nowhere else: the many
    /// places that refuse something then hold little more than their arguments.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn new(kind: ErrorKind, place: Place, expected: Arguments<'_>, found: Arguments<'_>) -> Self {
        Self(Box::new(Refusal { kind, place, expected: format(expected), found: format(found) }))
    }

    /// A mistake of this runtime: `what` must always hold.
    #[must_use]
    pub fn internal(what: &'static str) -> Self {
        Self::new(ErrorKind::Internal, Place::Session, format_args!("{what}"), format_args!("otherwise"))
    }
}

impl Deref for Error {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { kind, place, expected, found } = &*self.0;
        write!(f, "{}: {place}: expected {expected}, found {found}", kind.name())
    }
}

impl core::error::Error for Error {}
