//! A model by its path, or by its name in the zoo.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use mote_models::graph::{Graph, Metadata};
use mote_models::zoo::{self, ZooModel};
use mote_models::{export, import, passes};

use crate::failure::{Failure, FailureKind};
use crate::sandbox::{LoadOptions, Sandbox, Session};
use crate::work::files;

/// Bytes of the largest model file that is read; the guest holds the same limit.
pub const MODEL_FILE_LIMIT: u64 = 16 << 20;

/// What names a model of the zoo on the command line: `zoo:digits`.
const ZOO: &str = "zoo:";

/// Which of a zoo model's two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As it was trained.
    Float,
    /// As it is deployed.
    Int8,
}

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A file.
    File(PathBuf),
    /// A model that comes with this program.
    Zoo {
        /// Its name.
        name: String,
        /// Which file, where that is said: `zoo:digits:float`.
        precision: Option<Precision>,
    },
}

/// A model with its network in sight.
#[derive(Debug, Clone)]
pub struct Network {
    /// The file as it is.
    pub source: Arc<[u8]>,
    /// The same as a `.tflite` file.
    pub file: Arc<[u8]>,
    /// What it says, before any clean-up.
    pub graph: Graph,
}

impl FromStr for ModelSource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let Some(name) = text.strip_prefix(ZOO) else { return Ok(Self::File(text.into())) };
        let (name, precision) = match name.split_once(':') {
            Some((name, "float")) => (name, Some(Precision::Float)),
            Some((name, "int8")) => (name, Some(Precision::Int8)),
            _ => (name, None),
        };
        Ok(Self::Zoo { name: name.to_owned(), precision })
    }
}

impl fmt::Display for ModelSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Zoo { name, precision } => {
                let precision = match precision {
                    None => "",
                    Some(Precision::Float) => ":float",
                    Some(Precision::Int8) => ":int8",
                };
                write!(f, "{ZOO}{name}{precision}")
            }
        }
    }
}

impl ModelSource {
    /// Reads the model's `.tflite` bytes; an ONNX file is turned into one. Of a zoo model it is the int8 file, unless the
    /// other one is asked for.
    pub fn load(&self) -> Result<Arc<[u8]>, Failure> {
        self.load_as(Precision::Int8)
    }

    /// The same; of a zoo model that does not say which file, it is this one.
    pub fn load_as(&self, preferred: Precision) -> Result<Arc<[u8]>, Failure> {
        match self {
            Self::File(path) if is_onnx(path) => Ok(self.network(preferred)?.file),
            Self::File(_) | Self::Zoo { .. } => self.bytes(preferred),
        }
    }

    /// The model with its network in sight. This process reads it then, not the guest.
    pub fn network(&self, preferred: Precision) -> Result<Network, Failure> {
        let source = self.bytes(preferred)?;
        let fail = |e: &dyn fmt::Display| Failure::new(FailureKind::Model, self, e);
        match self {
            Self::File(path) if is_onnx(path) => {
                let graph = import::onnx(&source).map_err(|e| fail(&e))?;
                let clean = passes::simplify(graph.clone()).map_err(|e| fail(&e))?;
                let file = export::tflite(&clean).map_err(|e| fail(&e))?.into();
                Ok(Network { source, file, graph })
            }
            Self::File(_) | Self::Zoo { .. } => {
                let graph = import::tflite(&source).map_err(|e| fail(&e))?;
                Ok(Network { file: Arc::clone(&source), source, graph })
            }
        }
    }

    /// The file as it is.
    fn bytes(&self, preferred: Precision) -> Result<Arc<[u8]>, Failure> {
        match self {
            Self::File(path) => Ok(files::read(path, MODEL_FILE_LIMIT, FailureKind::Model)?.into()),
            Self::Zoo { precision, .. } => {
                let model = self.zoo()?;
                Ok(match precision.unwrap_or(preferred) {
                    Precision::Float => model.float.into(),
                    Precision::Int8 => model.int8.into(),
                })
            }
        }
    }

    /// What a model tells besides its network; `file` is its `.tflite` bytes. This process reads it, with a parser that trusts
    /// nothing in it. The zoo tells the classes of its models.
    pub fn metadata(&self, file: &[u8]) -> Result<Metadata, Failure> {
        let mut metadata = import::metadata(file).map_err(|e| Failure::new(FailureKind::Model, self, e))?;
        if let (true, Self::Zoo { .. }) = (metadata.labels.is_empty(), self) {
            metadata.labels = self.zoo()?.labels().map(str::to_owned).collect();
        }
        Ok(metadata)
    }

    /// Its file, where it has one of its own.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Zoo { .. } => None,
        }
    }

    /// The model's entry in the zoo.
    pub fn zoo(&self) -> Result<ZooModel, Failure> {
        let name = match self {
            Self::Zoo { name, .. } => Some(name.as_str()),
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

fn is_onnx(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_written_as_it_was_read() {
        for text in ["a.tflite", "zoo:digits", "zoo:digits:float", "zoo:digits:int8", "zoo:digits:int4"] {
            assert_eq!(text.parse::<ModelSource>().unwrap().to_string(), text);
        }
        let source: ModelSource = "zoo:digits:float".parse().unwrap();
        assert_eq!(source, ModelSource::Zoo { name: "digits".into(), precision: Some(Precision::Float) });
        assert_eq!("zoo:digits:int4".parse::<ModelSource>().unwrap().zoo().unwrap_err().kind, FailureKind::Model);
    }
}
