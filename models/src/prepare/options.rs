//! How files become samples.

use serde::{Deserialize, Serialize};

use crate::data::csv::Header;
use crate::graph::Normalization;

/// How files become samples. The default takes everything as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// Which columns of a table.
    pub columns: Columns,
    /// How pictures of another size become the input's.
    pub resize: Resize,
    /// Where the channels of arrays stand.
    pub layout: Layout,
    /// What the model takes of each value; none for the value itself.
    pub normalization: Option<Normalization>,
    /// Names of the classes in the order of the model's output; empty for those that the model tells.
    pub classes: Vec<String>,
    /// Samples of a recording from one frame of a front end to the next.
    pub step: usize,
}

/// Which columns of a table are what, by their places from 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Columns {
    /// Whether its first row names them.
    pub header: Header,
    /// Those that the model gets. Where an input has some times as many elements, so many rows are one sample.
    pub features: Vec<usize>,
    /// The one that says what the model should say.
    pub label: Option<usize>,
}

/// How pictures of another size become the input's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resize {
    /// They must have it.
    #[default]
    Exact,
    /// The largest middle part of the input's proportions is scaled.
    Crop,
    /// All of them is scaled, whatever becomes of its proportions.
    Stretch,
}

/// Where the channels of arrays stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Last, as models here have them: height, width, channels.
    #[default]
    ChannelsLast,
    /// First, as PyTorch lays out pictures: channels, height, width. They are moved.
    ChannelsFirst,
}
