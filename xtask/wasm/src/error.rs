//! Why a wasm module could not be built.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use crate::toolchain::TOOLCHAIN_VARIABLE;

/// Why a wasm module could not be built.
#[derive(Debug)]
pub enum BuildError {
    /// No toolchain of this machine can compile for wasm32-unknown-unknown.
    NoToolchain {
        /// What was looked for and not found, one line for each way.
        missing: Vec<String>,
    },
    /// The variable that forces a toolchain holds a word that names none.
    UnknownToolchain {
        /// The word.
        found: String,
    },
    /// The nested cargo ended with a failure; what it said is above.
    Cargo {
        /// The command, to be repeated by hand.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// The compiler did not describe its target.
    TargetSpec {
        /// What it said instead.
        found: String,
    },
    /// A built module has what none of ours has.
    Module {
        /// What it has, or what its reader said.
        found: String,
    },
    /// A file or a program could not be used.
    Io {
        /// What was tried.
        action: String,
        /// The file or the program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl BuildError {
    pub(crate) fn io(action: &str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let (action, path) = (action.to_owned(), path.into());
        move |source| Self::Io { action, path, source }
    }
}

impl From<wasmparser::Error> for BuildError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Module { found: error.to_string() }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoToolchain { missing } => {
                writeln!(f, "no toolchain here compiles for wasm32-unknown-unknown:")?;
                for line in missing {
                    writeln!(f, "  - {line}")?;
                }
                write!(
                    f,
                    "run `cargo xtask setup`, or by hand one of\n  \
                     rustup target add wasm32-unknown-unknown && rustup component add rust-src\n  \
                     sudo apt-get install rustc-web rust-web-src lld-22"
                )
            }
            Self::UnknownToolchain { found } => {
                write!(f, "{TOOLCHAIN_VARIABLE}: expected `rustup` or `debian`, found `{found}`")
            }
            Self::TargetSpec { found } => {
                write!(f, "rustc --print target-spec-json: expected a JSON object, found `{}`", found.trim())
            }
            Self::Module { found } => write!(f, "the built module: expected a module of ours, found {found}"),
            Self::Cargo { command, status } => write!(f, "`{command}` failed ({status})"),
            Self::Io { action, path, source } => write!(f, "cannot {action} {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::NoToolchain { .. }
            | Self::UnknownToolchain { .. }
            | Self::Cargo { .. }
            | Self::TargetSpec { .. }
            | Self::Module { .. } => None,
        }
    }
}
