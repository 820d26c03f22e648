//! An estimate of the energy of one run, for comparing variants.
//!
//! ```text
//! energy = sum over steps of  MACs * cost of a MAC of its types
//!                           + bytes of its weights * cost of a byte of a large memory
//!                           + bytes of the activations it reads and writes * cost of a byte of a small memory
//! ```
//!
//! Costs are those of M. Horowitz, Computing's energy problem (and what we can do about it), ISSCC 2014, figure 1.1.9, for a
//! 45 nm process at 0.9 V:
//!
//! | | pJ |
//! | --- | --- |
//! | integer addition, 8, 32 bits | 0.03, 0.1 |
//! | integer multiplication, 8, 32 bits | 0.2, 3.1 |
//! | float addition, 32 bits | 0.9 |
//! | float multiplication, 32 bits | 3.7 |
//! | 64 bits from a memory of 32 KB, 1 MB | 20, 100 |
//!
//! **It is an estimate of what the arithmetic and the memories must take, not of what a board draws**: fetching and decoding
//! instructions, idle time, regulators and peripherals are not in it, and on a microcontroller they are most of the draw.
//! Ratios between variants mean more than the figures. Weights are read once a run from the large memory, standing in for
//! flash, for which the source has no figure; each activation is written once and read once by each step that takes it.

use serde::{Deserialize, Serialize};

use crate::graph::{Graph, TensorType};
use crate::run::{Description, Tensor};

/// An 8-bit multiplication and a 32-bit addition.
const MAC_INT8_PJ: f64 = 0.2 + 0.1;
/// A multiplication of 16 by 8 bits and a 64-bit addition. Not in the source: its multiplications grow with the product of the
/// widths (8 by 8: 0.2, 32 by 32: 3.1), and its additions with the width (32: 0.1).
const MAC_INT16X8_PJ: f64 = 0.4 + 0.2;
/// A float32 multiplication and addition.
const MAC_FLOAT32_PJ: f64 = 3.7 + 0.9;
/// A byte of a memory of 32 KB: activations.
const SMALL_MEMORY_BYTE_PJ: f64 = 20.0 / 8.0;
/// A byte of a memory of 1 MB: weights.
const LARGE_MEMORY_BYTE_PJ: f64 = 100.0 / 8.0;

/// Where the costs come from, to be shown beside any figure.
pub const SOURCE: &str = "estimate: per-MAC and per-byte costs of Horowitz, ISSCC 2014 (45 nm, 0.9 V); no instruction, idle \
                          or board power";

/// The estimated energy of one run, in nanojoules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Energy {
    /// Of multiply-accumulates.
    pub macs_nj: f64,
    /// Of weights read.
    pub weights_nj: f64,
    /// Of activations written and read.
    pub activations_nj: f64,
}

impl Energy {
    /// Of one run of a model. The graph tells the types of weights; without it they are taken to be of the types of results.
    #[must_use]
    pub fn of(description: &Description, graph: Option<&Graph>) -> Self {
        let computed: Vec<&Tensor> =
            description.inputs.iter().chain(description.ops.iter().flat_map(|op| &op.outputs)).collect();
        let read = |index: u32| computed.iter().find(|tensor| tensor.index == index).map_or(0, |tensor| tensor.bytes);
        let mut energy = Self { macs_nj: 0.0, weights_nj: 0.0, activations_nj: 0.0 };
        for op in &description.ops {
            let weight = op.inputs.get(1).and_then(|&index| graph?.values.get(index as usize)).map(|value| value.dtype);
            let result = op.outputs.first().map_or("", |output| output.dtype.as_str());
            energy.macs_nj += op.macs as f64 * mac_pj(weight, result) / 1e3;
            energy.weights_nj += op.weight_bytes as f64 * LARGE_MEMORY_BYTE_PJ / 1e3;
            let written: u64 = op.outputs.iter().map(|output| output.bytes).sum();
            let read: u64 = op.inputs.iter().map(|&index| read(index)).sum();
            energy.activations_nj += (written + read) as f64 * SMALL_MEMORY_BYTE_PJ / 1e3;
        }
        energy
    }

    /// All of it, in nanojoules.
    #[must_use]
    pub fn total_nj(&self) -> f64 {
        self.macs_nj + self.weights_nj + self.activations_nj
    }
}

/// The cost of a multiply-accumulate. Int8 weights make it an integer one even where results are floats: activations are then
/// quantized on the way.
fn mac_pj(weight: Option<TensorType>, result: &str) -> f64 {
    match (weight, result) {
        (_, "int16") => MAC_INT16X8_PJ,
        (Some(TensorType::Int8 | TensorType::UInt8), _) | (_, "int8" | "uint8") => MAC_INT8_PJ,
        _ => MAC_FLOAT32_PJ,
    }
}
