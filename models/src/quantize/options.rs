//! What a user chooses.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Which numbers a network computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// int8 weights and activations, int32 biases.
    #[default]
    Int8,
    /// int8 weights, int16 activations, int64 biases: twice the memory for activations, hardly an error.
    #[serde(rename = "16x8")]
    Int16x8,
    /// int8 weights only. They are dequantized where they are used: a quarter of the file, the arithmetic of float32.
    /// One scale a tensor, and each weight to the nearest step.
    WeightOnly,
}

/// How many scales a tensor of weights has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Granularity {
    /// One for each output channel.
    PerChannel,
    /// One.
    PerTensor,
}

/// What a network takes and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interface {
    /// Stored values, which is what a microcontroller's sensor code gives it.
    #[default]
    Stored,
    /// float32, with a `QUANTIZE` behind each input and a `DEQUANTIZE` before each output.
    Float,
}

/// How the range of an activation follows from what was seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Calibration {
    /// From the least to the greatest value.
    MinMax,
    /// From the mean of the samples' least values to the mean of their greatest.
    Average,
    /// As much of both ends cut off as [`Options::percentile`] leaves.
    Percentile,
    /// What makes the mean squared error of rounding and clipping least.
    Mse,
    /// What keeps the distribution nearest, by relative entropy.
    Entropy,
    /// For each activation the one of these that disturbs the layers behind it least, measured on the samples.
    #[default]
    Auto,
}

/// How weights find their integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// Each to the nearest one.
    Nearest,
    /// All of an output channel together, so that the layer's output on the samples is nearest.
    #[default]
    Adaptive,
}

/// What one layer does otherwise than [`Options`] say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Layer {
    /// The ranges of its outputs.
    pub calibration: Option<Calibration>,
    /// The scales of its weights.
    pub weights: Option<Granularity>,
    /// How its weights are rounded.
    pub rounding: Option<Rounding>,
    /// Bits of its weights.
    pub weight_bits: Option<u8>,
}

/// How a network is quantized. The default is what gives the best int8 file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// Which numbers it computes with.
    pub scheme: Scheme,
    /// What it takes and gives; [`Scheme::WeightOnly`] takes and gives float32 in any case.
    pub interface: Interface,
    /// The scales of the weights of convolutions.
    pub weights: Granularity,
    /// The scales of the weights of dense layers. One for the tensor is what every version of the interpreters knows and
    /// what keeps files of wide layers small.
    pub dense_weights: Granularity,
    /// Bits of a weight, from 2 to 8. Weights are stored as int8 in any case; of fewer bits they take fewer values, from
    /// `-(2^(bits - 1) - 1)` to that, and the compressed file shrinks.
    pub weight_bits: u8,
    /// How ranges are chosen.
    pub calibration: Calibration,
    /// Per cent of values that [`Calibration::Percentile`] keeps, above 50.
    pub percentile: f64,
    /// The most samples that are looked at, evenly spaced over those that are given.
    pub samples: usize,
    /// Whether scales are moved from channels of one layer to those of the next, where that changes nothing in float32.
    pub equalize: bool,
    /// How weights are rounded.
    pub rounding: Rounding,
    /// Whether biases take up what rounding has changed in the mean of each output channel.
    pub correct_bias: bool,
    /// Names of nodes that stay float32.
    pub keep_float: BTreeSet<String>,
    /// What single layers do otherwise, by the node's name.
    pub layers: BTreeMap<String, Layer>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scheme: Scheme::default(),
            interface: Interface::default(),
            weights: Granularity::PerChannel,
            dense_weights: Granularity::PerTensor,
            weight_bits: 8,
            calibration: Calibration::default(),
            percentile: 99.99,
            samples: 100,
            equalize: true,
            rounding: Rounding::default(),
            correct_bias: true,
            keep_float: BTreeSet::new(),
            layers: BTreeMap::new(),
        }
    }
}

impl Options {
    /// The plain scheme of the converters: ranges from the least to the greatest value, nearest weights, nothing else.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            calibration: Calibration::MinMax,
            equalize: false,
            rounding: Rounding::Nearest,
            correct_bias: false,
            ..Self::default()
        }
    }

    /// Whether weights or biases are changed by what reaches their layers.
    pub(super) fn refines(&self) -> bool {
        let adaptive = |layer: &Layer| layer.rounding == Some(Rounding::Adaptive);
        self.correct_bias || self.rounding == Rounding::Adaptive || self.layers.values().any(adaptive)
    }

    /// The calibration of a node's outputs.
    #[must_use]
    pub fn calibration_of(&self, node: &str) -> Calibration {
        self.layers.get(node).and_then(|layer| layer.calibration).unwrap_or(self.calibration)
    }

    /// The rounding of a node's weights.
    #[must_use]
    pub fn rounding_of(&self, node: &str) -> Rounding {
        self.layers.get(node).and_then(|layer| layer.rounding).unwrap_or(self.rounding)
    }

    /// Bits of a node's weights.
    #[must_use]
    pub fn weight_bits_of(&self, node: &str) -> u8 {
        self.layers.get(node).and_then(|layer| layer.weight_bits).unwrap_or(self.weight_bits)
    }

    /// The scales of a node's weights, `dense` for one of dense layers.
    #[must_use]
    pub fn weights_of(&self, node: &str, dense: bool) -> Granularity {
        let all = if dense { self.dense_weights } else { self.weights };
        self.layers.get(node).and_then(|layer| layer.weights).unwrap_or(all)
    }
}
