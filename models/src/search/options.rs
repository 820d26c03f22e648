//! What a search is to find, and what it may spend.

use serde::{Deserialize, Serialize};

use super::{SearchError, Split};
use crate::prune::Pattern;
use crate::recipe::Told;
use crate::{export, quantize};

/// What a search is to find, and what it may spend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// What an artefact must keep to.
    pub constraints: Constraints,
    /// Which bytes are to be few.
    pub bytes: Bytes,
    /// Artefacts that are made and evaluated, at most.
    pub trials: usize,
    /// The seed of every draw.
    pub seed: u64,
    /// How the samples are divided.
    pub split: Shares,
    /// The parts themselves, where somebody divided the samples before; `split` then says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Split>,
    /// The most samples of the calibration part that each artefact is calibrated on.
    pub calibration_samples: usize,
    /// The most samples of the validation part that a layer's sensitivity is measured on.
    pub probe_samples: usize,
    /// Which weights become 0 together.
    pub pattern: Pattern,
    /// Quantization with accuracy savers: what int8 and 16x8 networks of the search are made with, beside the plain scheme.
    pub quantize: quantize::Options,
    /// What artefacts tell of themselves, which takes bytes too.
    #[serde(skip_serializing_if = "Told::is_empty")]
    pub metadata: Told,
    /// How their files are written.
    pub export: export::Options,
}

/// What an artefact must keep to; what is none binds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Constraints {
    /// Most bytes, of the kind that [`Options::bytes`] names.
    pub bytes: Option<u64>,
    /// Most bytes of RAM: the arena.
    pub ram_bytes: Option<u64>,
    /// Most of the score ([`Accuracy::score`](crate::judge::Accuracy::score)) that may be lost against the float network: 0.01
    /// is one sample in a hundred for a classifier.
    pub drop: Option<f64>,
}

impl Constraints {
    /// Whether bytes or RAM are limited.
    pub(super) fn limit_size(&self) -> bool {
        self.bytes.is_some() || self.ram_bytes.is_some()
    }

    /// What is lost of the score beyond what may be; 0 within it. A score is a quotient; what equals the limit is within it.
    pub(super) fn lost_beyond(&self, lost: f64) -> f64 {
        self.drop.map_or(0.0, |drop| if lost > drop + 1e-12 { lost - drop } else { 0.0 })
    }
}

/// Which bytes are to be few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bytes {
    /// Those of the file, which lies in flash.
    #[default]
    File,
    /// Those of the file after gzip, which are downloaded.
    Gzip,
}

/// How samples are divided into three parts that have none in common: shares of each class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Shares {
    /// Artefacts are calibrated on these.
    pub calibration: f64,
    /// Artefacts are compared on these. The rest is the test part, on which the winner is judged, once, at the end.
    pub validation: f64,
}

impl Default for Shares {
    fn default() -> Self {
        Self { calibration: 0.2, validation: 0.4 }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            constraints: Constraints::default(),
            bytes: Bytes::default(),
            trials: 40,
            seed: 0,
            split: Shares::default(),
            parts: None,
            calibration_samples: 100,
            probe_samples: 32,
            pattern: Pattern::default(),
            quantize: quantize::Options::default(),
            metadata: Told::default(),
            export: export::Options::default(),
        }
    }
}

impl Options {
    pub(super) fn check(&self) -> Result<(), SearchError> {
        let option =
            |place: &'static str, expected: &'static str, found: String| SearchError::Option { place, expected, found };
        let Shares { calibration, validation } = self.split;
        if !(calibration > 0.0 && validation > 0.0 && calibration + validation < 1.0) {
            let expected = "two shares above 0 that leave some samples for the test";
            return Err(option("split", expected, format!("{calibration} and {validation}")));
        }
        if let Some(drop) = self.constraints.drop.filter(|drop| !drop.is_finite() || *drop < 0.0) {
            return Err(option("constraints.drop", "a score from 0 on", drop.to_string()));
        }
        if let Pattern::Keep { .. } = self.pattern {
            let expected = "a pattern that leaves the share of zeros open: unstructured, kernels or blocks";
            return Err(option("pattern", expected, self.pattern.to_string()));
        }
        for (place, number) in [("trials", self.trials), ("probe-samples", self.probe_samples)] {
            if number == 0 {
                return Err(option(place, "at least 1", "0".into()));
            }
        }
        Ok(())
    }
}
