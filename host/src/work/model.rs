//! A model by its path, or by its name in the zoo.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use mote_models::zoo::{self, ZooModel};

use crate::failure::{Failure, FailureKind};
use crate::sandbox::{LoadOptions, Sandbox, Session};
use crate::work::files;

/// Bytes of the largest model file that is read; the guest holds the same limit.
pub const MODEL_FILE_LIMIT: u64 = 16 << 20;

/// What names a model of the zoo on the command line: `zoo:digits`.
const ZOO: &str = "zoo:";

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A file.
    File(PathBuf),
    /// A model that comes with this program.
    Zoo(String),
}

impl FromStr for ModelSource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix(ZOO) {
            Some(name) => Self::Zoo(name.to_owned()),
            None => Self::File(text.into()),
        })
    }
}

impl fmt::Display for ModelSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Zoo(name) => write!(f, "{ZOO}{name}"),
        }
    }
}

impl ModelSource {
    /// Reads the model's bytes.
    pub fn load(&self) -> Result<Arc<[u8]>, Failure> {
        match self {
            Self::File(path) => Ok(files::read(path, MODEL_FILE_LIMIT, FailureKind::Model)?.into()),
            Self::Zoo(_) => Ok(self.zoo()?.int8.into()),
        }
    }

    /// The model's entry in the zoo.
    pub fn zoo(&self) -> Result<ZooModel, Failure> {
        let name = match self {
            Self::Zoo(name) => Some(name.as_str()),
            Self::File(_) => None,
        };
        name.and_then(ZooModel::find).ok_or_else(|| {
            let names: Vec<_> = zoo::ALL.iter().map(|model| format!("{ZOO}{}", model.name)).collect();
            Failure::new(FailureKind::Model, self, "is not in the zoo").remedy(format!("it has {}", names.join(", ")))
        })
    }

    /// Loads the model into a sandbox; a failure names the model.
    pub fn session(&self, sandbox: &Sandbox, model: Arc<[u8]>, options: &LoadOptions) -> Result<Session, Failure> {
        sandbox.load(model, options).map_err(|error| Failure::of_session(&self.to_string(), &error))
    }
}
