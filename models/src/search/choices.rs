//! What a search chooses for one artefact, and the recipe that it means.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::options::Options;
use crate::prune::{channels, weights};
use crate::quantize;
use crate::recipe::{Choice, Recipe};

/// Shares of zeros that a layer may have, in per cent.
pub(super) const SPARSITIES: [u8; 7] = [0, 30, 50, 60, 70, 80, 90];

/// Shares of multiply-accumulates that removing channels may save, in per cent.
pub(super) const SAVINGS: [u8; 6] = [0, 10, 20, 30, 40, 50];

/// Bits that weights may have.
pub(super) const BITS: [u8; 6] = [3, 4, 5, 6, 7, 8];

/// Which numbers a network computes with, and how they are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbers {
    /// float32 throughout.
    Float,
    /// float32 with int8 weights.
    WeightOnly,
    /// 16x8.
    Int16x8,
    /// int8 by the plain scheme of the converters.
    PlainInt8,
    /// int8 with what saves accuracy.
    Int8,
}

/// What a search chooses for one artefact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Choices {
    /// Its numbers.
    pub numbers: Numbers,
    /// Bits of the weights that are stored as int8; [`Numbers::PlainInt8`] has 8.
    pub bits: u8,
    /// Layers that stay float32 all the same.
    pub keep_float: BTreeSet<String>,
    /// Per cent of multiply-accumulates saved by removing channels.
    pub savings: u8,
    /// Per cent of zeros for each layer that has any.
    pub sparsity: BTreeMap<String, u8>,
}

impl Choices {
    /// A network of these numbers, nothing pruned.
    #[must_use]
    pub fn of(numbers: Numbers) -> Self {
        Self { numbers, bits: 8, keep_float: BTreeSet::new(), savings: 0, sparsity: BTreeMap::new() }
    }

    /// The recipe for a source, calibrated on listed samples.
    #[must_use]
    pub fn recipe(&self, options: &Options, source_sha256: &str, calibration: &[usize]) -> Recipe {
        let saved = |scheme| quantize::Options { scheme, weight_bits: self.bits, ..options.quantize.clone() };
        let quantize = match self.numbers {
            Numbers::Float => None,
            Numbers::WeightOnly => Some(saved(quantize::Scheme::WeightOnly)),
            Numbers::Int16x8 => Some(saved(quantize::Scheme::Int16x8)),
            Numbers::Int8 => Some(saved(quantize::Scheme::Int8)),
            Numbers::PlainInt8 => Some(quantize::Options {
                interface: options.quantize.interface,
                samples: options.quantize.samples,
                ..quantize::Options::plain()
            }),
        };
        let quantize = quantize.map(|quantize| quantize::Options {
            keep_float: quantize.keep_float.union(&self.keep_float).cloned().collect(),
            ..quantize
        });
        let prune_channels = (self.savings > 0).then(|| channels::Options {
            criterion: channels::Criterion::Activity,
            target: channels::Target::Macs(f32::from(self.savings) / 100.0),
            ..channels::Options::default()
        });
        let layer = |(name, &percent): (&String, &u8)| {
            let sparsity = Some(f32::from(percent) / 100.0);
            (name.clone(), weights::LayerOptions { sparsity, ..weights::LayerOptions::default() })
        };
        let prune_weights = (!self.sparsity.is_empty()).then(|| weights::Options {
            sparsity: 0.0,
            pattern: options.pattern,
            layers: self.sparsity.iter().map(layer).collect(),
            ..weights::Options::default()
        });
        Recipe {
            source_sha256: Some(source_sha256.to_owned()),
            calibration: Choice::listed(calibration.to_vec()),
            prune_channels,
            prune_weights,
            quantize,
            metadata: options.metadata.clone(),
            export: options.export,
            ..Recipe::default()
        }
    }

    /// The layer's share of zeros in per cent.
    pub(super) fn sparsity_of(&self, layer: &str) -> u8 {
        self.sparsity.get(layer).copied().unwrap_or(0)
    }

    /// The same with another share of zeros in a layer.
    pub(super) fn with_sparsity(mut self, layer: &str, percent: u8) -> Self {
        match percent {
            0 => self.sparsity.remove(layer),
            _ => self.sparsity.insert(layer.to_owned(), percent),
        };
        self
    }
}

impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.numbers {
            Numbers::Float => "float32",
            Numbers::WeightOnly => "int8 weights only",
            Numbers::Int16x8 => "16x8",
            Numbers::PlainInt8 => "plain int8",
            Numbers::Int8 => "int8",
        })?;
        let layers = |count: usize| if count == 1 { "1 layer".to_owned() } else { format!("{count} layers") };
        if self.bits < 8 {
            write!(f, ", {}-bit weights", self.bits)?;
        }
        if !self.keep_float.is_empty() {
            write!(f, ", {} kept float", layers(self.keep_float.len()))?;
        }
        if self.savings > 0 {
            write!(f, ", {} % of MACs removed", self.savings)?;
        }
        if let (Some(least), Some(most)) = (self.sparsity.values().min(), self.sparsity.values().max()) {
            let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
            write!(f, ", {} with {range} % zeros", layers(self.sparsity.len()))?;
        }
        Ok(())
    }
}
