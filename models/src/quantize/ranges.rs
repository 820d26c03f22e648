//! The ranges of a network's activations.

use serde::{Deserialize, Serialize};

use super::affine::Range;
use super::options::Calibration;
use crate::graph::ValueId;

/// What is known of one activation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ValueRange {
    /// Its name.
    pub name: String,
    /// All that was seen.
    pub observed: Range,
    /// What is to be stored without clipping.
    pub chosen: Range,
    /// How that was chosen; never [`Calibration::Auto`].
    pub method: Calibration,
}

/// The ranges of a graph's activations: for each value, by its place in the graph, or none for what is no real activation.
///
/// They belong to the graph that was calibrated, and to no other.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ranges {
    values: Vec<Option<ValueRange>>,
}

impl Ranges {
    /// No ranges for `values` values.
    #[must_use]
    pub fn new(values: usize) -> Self {
        Self { values: vec![None; values] }
    }

    /// What is known of a value.
    #[must_use]
    pub fn get(&self, value: ValueId) -> Option<&ValueRange> {
        self.values.get(value.index())?.as_ref()
    }

    /// Says what is known of a value.
    pub fn set(&mut self, value: ValueId, range: ValueRange) {
        if self.values.len() <= value.index() {
            self.values.resize(value.index() + 1, None);
        }
        self.values[value.index()] = Some(range);
    }

    /// All that are known.
    pub fn iter(&self) -> impl Iterator<Item = &ValueRange> {
        self.values.iter().flatten()
    }
}
