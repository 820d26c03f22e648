//! What travels with a model besides its network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How an input is made from what a sensor gives: value = (raw - mean) / deviation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Normalization {
    /// One for all channels, or one for each.
    pub mean: Vec<f32>,
    /// As many, each above 0.
    pub deviation: Vec<f32>,
}

/// What travels with a model besides its network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata {
    /// Names of the classes, in the order of the first output; empty when they are not known.
    pub labels: Vec<String>,
    /// How the first input is made; none when that is not known.
    pub normalization: Option<Normalization>,
    /// Further texts by name: the recipe that made the file, the checksum of its source.
    pub notes: BTreeMap<String, String>,
}
