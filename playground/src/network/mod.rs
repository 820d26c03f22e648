//! The network as a picture that can be walked through: layers, what they cost, what their weights are.
//!
//! - [`Network`]: plain data. The workshop makes it of the model's file (`of_graph`); where a file runs and is no graph to the
//!   importers, the page makes it of what the guest tells (`of_description`), which knows no weights.
//! - [`layout`]: where layers and edges stand.
//! - [`walk`]: from layer to layer by keys.
//! - `steps`: what happens to a [`Shown`] network.

mod layout;
mod of_description;
mod of_graph;
mod steps;
mod walk;

use serde::{Deserialize, Serialize};

use crate::protocol::Job;

pub use layout::{Drawing, Measures, layout};
pub use of_description::of_description;
pub use of_graph::of_graph;
pub use steps::Event;
pub use walk::{Step, walk};

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Inputs, operators in the order in which they run, outputs.
    pub layers: Vec<Layer>,
    /// From which layer to which values go; always to a later one.
    pub edges: Vec<(usize, usize)>,
}

/// A layer, or an end of the network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// What it is.
    pub kind: Kind,
    /// Its operator; of an end, the word for it.
    pub op: String,
    /// Its name in the file, as recipes name it.
    pub name: String,
    /// What it reads that is computed or fed.
    pub reads: Vec<Tensor>,
    /// What it gives.
    pub gives: Vec<Tensor>,
    /// Its weights and biases.
    pub weights: Vec<Weights>,
    /// Numbers that it learned.
    pub parameters: u64,
    /// Multiply-accumulates of one run.
    pub macs: u64,
    /// Its options, by their names.
    pub options: Vec<(String, String)>,
}

/// What a layer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// An input of the network.
    Input,
    /// An operator.
    #[default]
    Op,
    /// An output of the network.
    Output,
}

/// A tensor between layers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tensor {
    /// Its name in the file.
    pub name: String,
    /// Type of its elements.
    pub dtype: String,
    /// Extents.
    pub shape: Vec<u32>,
    /// What its integers mean; empty where it has no scale.
    pub quantization: String,
}

/// A constant of a layer that stands for real numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// The tensor.
    pub tensor: Tensor,
    /// How many numbers.
    pub count: u64,
    /// How many of them are 0.
    pub zeros: u64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// How they are spread.
    pub histogram: Histogram,
}

/// Counts over equal parts of a range; what is greatest belongs to the last part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Where the first part begins.
    pub low: f64,
    /// Where the last part ends.
    pub high: f64,
    /// One for each part.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Parts of a histogram.
    pub const PARTS: usize = 40;

    /// Of finite numbers; others are not counted.
    #[must_use]
    pub fn of(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let finite = || numbers.clone().filter(|number| number.is_finite());
        let low = finite().fold(f64::INFINITY, f64::min);
        let high = finite().fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return Self::default();
        }
        let mut counts = vec![0; Self::PARTS];
        let step = (high - low) / Self::PARTS as f64;
        for number in finite() {
            let part = if step > 0.0 { ((number - low) / step) as usize } else { 0 };
            counts[part.min(Self::PARTS - 1)] += 1;
        }
        Self { low, high, counts }
    }
}

/// The network that the page shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The job that makes it, while that is under way.
    pub job: Option<Job>,
    /// Whether the workshop was asked what the file tells.
    pub asked: bool,
    /// The network; none until there is one.
    pub network: Option<Network>,
    /// Where its layers stand; none where there are too many to be drawn.
    pub drawing: Option<Drawing>,
    /// The layer that is chosen.
    pub chosen: usize,
}

impl Shown {
    /// Shows a network, its first layer chosen.
    #[must_use]
    pub fn of(network: Network) -> Self {
        let drawing = layout(network.layers.len(), &network.edges, Measures::default());
        Self { job: None, asked: false, network: Some(network), drawing, chosen: 0 }
    }

    /// The layer that is chosen.
    #[must_use]
    pub fn layer(&self) -> Option<&Layer> {
        self.network.as_ref()?.layers.get(self.chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_every_number_once() {
        let numbers = [-1.0, -1.0, 0.0, 0.99, 1.0, f64::NAN, f64::INFINITY];
        let histogram = Histogram::of(numbers.into_iter());
        assert_eq!((histogram.low, histogram.high), (-1.0, 1.0));
        let found: Vec<_> = histogram.counts.iter().enumerate().filter(|(_, count)| **count > 0).collect();
        assert_eq!(found, [(0, &2), (20, &1), (39, &2)]);
        assert_eq!(Histogram::of([3.0; 5].into_iter()).counts[0], 5, "all the same");
        assert_eq!(Histogram::of(std::iter::empty()), Histogram::default());
    }
}
