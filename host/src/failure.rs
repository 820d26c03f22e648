//! Why a command did not do its work.

use std::fmt::Display;
use std::process::ExitCode;

use mote_abi::ClientError;
use serde::Serialize;

use crate::sandbox::{EngineError, Fault, ModuleError, SessionError};

/// What kind of failure; each has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// The machine or its files did not allow the work.
    Work,
    /// The command line asks for something that does not go together.
    Usage,
    /// The model is damaged, unsupported or over a limit.
    Model,
    /// The data is damaged, or does not suit the model.
    Data,
    /// The guest trapped, was late or ran out of memory.
    Sandbox,
    /// Ctrl-C.
    Cancelled,
}

/// The table of exit codes, as `--help` shows it.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    the work failed: a file that cannot be written, a port in use
  2    the command line is wrong
  3    the model is damaged, unsupported or over a limit
  4    the data is damaged or does not suit the model
  5    the sandbox stopped the model: a trap, the deadline, the memory cap
  130  cancelled";

impl FailureKind {
    /// The exit code, as in [`EXIT_CODES`].
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            FailureKind::Work => 1,
            FailureKind::Usage => 2,
            FailureKind::Model => 3,
            FailureKind::Data => 4,
            FailureKind::Sandbox => 5,
            FailureKind::Cancelled => 130,
        }
    }
}

/// Why a command did not do its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// The file, address or option that it is about.
    pub what: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do about it, where `reason` does not say.
    pub remedy: Option<String>,
}

impl Failure {
    /// A failure without a remedy of its own.
    pub fn new(kind: FailureKind, what: impl Display, reason: impl Display) -> Self {
        Self { kind, what: what.to_string(), reason: reason.to_string(), remedy: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Ctrl-C.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(FailureKind::Cancelled, "cancelled", "stopped before the end")
    }

    /// A session's error about a model.
    #[must_use]
    pub fn of_session(model: &str, error: &SessionError) -> Self {
        match error {
            ClientError::Fault(Fault::Cancelled) => Self::cancelled(),
            ClientError::Fault(fault) => {
                let failure = Self::new(FailureKind::Sandbox, model, fault);
                match fault {
                    Fault::Deadline { .. } => failure.remedy("give it more time with --deadline SECONDS"),
                    Fault::OutOfMemory { .. } => failure.remedy("give it more memory with --memory MIB"),
                    Fault::Trap { .. } | Fault::Bounds { .. } => {
                        failure.remedy("the guest should refuse such a model: please report it, with the model")
                    }
                    Fault::Cancelled | Fault::Instantiate { .. } => failure,
                }
            }
            ClientError::Guest(refusal) => {
                let failure = Self::new(FailureKind::Model, model, refusal);
                match refusal.kind.as_str() {
                    "unsupported" => failure.remedy("rebuild the model without it, or as an int8 or float32 .tflite"),
                    "malformed" => failure.remedy("export or download it again: it is damaged or no .tflite file"),
                    "memory" => failure.remedy("give it more memory with --memory MIB"),
                    _ => failure,
                }
            }
            ClientError::Size { .. } => Self::new(FailureKind::Data, model, error),
            ClientError::Abi { .. } | ClientError::Protocol(_) => Self::new(FailureKind::Sandbox, model, error),
        }
    }

    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        self.kind.code().into()
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::new(FailureKind::Work, "sandbox", error)
    }
}

impl From<ModuleError> for Failure {
    fn from(error: ModuleError) -> Self {
        Self::new(FailureKind::Work, "guest", error)
    }
}
