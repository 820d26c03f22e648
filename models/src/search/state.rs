//! What a search knows so far; to be stored and continued.

use serde::{Deserialize, Serialize};

use super::choices::Choices;
use super::options::Options;

/// The version of stored searches.
pub const VERSION: u32 = 2;

/// What a search knows so far. It is all that is needed to go on: the next step follows from it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct State {
    /// [`VERSION`].
    pub version: u32,
    /// The SHA-256 of the source.
    pub source_sha256: String,
    /// The SHA-256 of samples and labels.
    pub data_sha256: String,
    /// What is to be found.
    pub options: Options,
    /// The float network on the validation part, once it is measured.
    pub original: Option<Measured>,
    /// Sensitivities of its layers, as far as they are measured.
    pub probes: Vec<Probe>,
    /// What was tried, in order.
    pub trials: Vec<Trial>,
}

/// How sensitive a layer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Probe {
    /// Its name.
    pub layer: String,
    /// Its weights.
    pub weights: u64,
    /// For some shares of zeros, in per cent, the noise over the signal at the network's output when this layer alone has them.
    pub sparsity: Vec<(u8, f64)>,
    /// The same when it alone is quantized to int8; none where it is not.
    pub int8: Option<f64>,
}

/// An artefact that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Trial {
    /// What was chosen.
    pub choices: Choices,
    /// Where the idea came from.
    pub origin: String,
    /// What came out; none when it was refused.
    pub measured: Option<Measured>,
    /// Why it was refused.
    pub refused: Option<String>,
}

/// An artefact on the validation part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Measured {
    /// [`Accuracy::score`](crate::judge::Accuracy::score): more is better.
    pub score: f64,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of the file after gzip.
    pub gzip_bytes: u64,
    /// Bytes of the arena.
    pub arena_bytes: u64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Parameters that are not 0.
    pub non_zeros: u64,
    /// The SHA-256 of the file: the recipe makes these very bytes.
    pub sha256: String,
}
