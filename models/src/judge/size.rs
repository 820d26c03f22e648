//! How large a model is: its parameters, its file, its memory and its work.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::reals::reals;
use crate::graph::{Graph, Value};
use crate::run::Description;

/// How large a model is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Its weights; none for a file that runs and is no graph (see [`crate::import`]).
    pub weights: Option<Weights>,
    /// Multiply-accumulates of one run. Those with a weight of 0 are counted too.
    pub macs: u64,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of the file after gzip at level 9: what a download of it takes.
    pub gzip_bytes: u64,
    /// Bytes of the arena: activations, scratch and state, as the runtime lays them out.
    pub arena_bytes: u64,
    /// Bytes live at once at the worst step: no layout without recomputation is smaller.
    pub arena_lower_bound: u64,
}

/// The constants that stand for real numbers: weights and biases, not shapes and axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Weights {
    /// How many.
    pub parameters: u64,
    /// Those that are not 0.
    pub non_zeros: u64,
    /// Their bytes when every one is stored.
    pub dense_bytes: u64,
}

impl Size {
    /// Of a file, what the runtime tells of it, and its graph where it has one.
    #[must_use]
    pub fn of(file: &[u8], description: &Description, graph: Option<&Graph>) -> Self {
        Self {
            weights: graph.map(Weights::of),
            macs: description.ops.iter().map(|op| op.macs).sum(),
            file_bytes: file.len() as u64,
            gzip_bytes: gzip_bytes(file),
            arena_bytes: description.arena_bytes,
            arena_lower_bound: description.arena_lower_bound,
        }
    }
}

impl Weights {
    /// Of a graph. A constant counts once, however many nodes read it.
    #[must_use]
    pub fn of(graph: &Graph) -> Self {
        let consumers = graph.consumers();
        let mut sum = Self::default();
        for id in graph.ids().filter(|id| !consumers[id.index()].is_empty()) {
            let value = graph.value(id);
            if let Some(non_zeros) = non_zeros(value) {
                let parameters = value.len() as u64;
                sum.parameters += parameters;
                sum.non_zeros += non_zeros;
                sum.dense_bytes += parameters * value.constant.as_ref().map_or(0, |a| a.dtype().size()) as u64;
            }
        }
        sum
    }

    /// The share of parameters that are 0; 0 without any.
    #[must_use]
    pub fn sparsity(&self) -> f64 {
        if self.parameters == 0 { 0.0 } else { 1.0 - self.non_zeros as f64 / self.parameters as f64 }
    }
}

/// How many elements of a constant are not the real number 0; none unless it stands for real numbers.
pub(super) fn non_zeros(value: &Value) -> Option<u64> {
    Some(reals(value)?.filter(|&real| real != 0.0).count() as u64)
}

/// Bytes of the file after gzip at level 9, without a name and a time.
#[must_use]
pub fn gzip_bytes(file: &[u8]) -> u64 {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(file).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail").len() as u64
}
