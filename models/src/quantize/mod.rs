//! Post-training quantization: float32 networks to the integers of TensorFlow Lite's 8-bit specification.
//!
//! ```text
//! Graph f32 -> calibrate(samples) -> Ranges -> quantize -> Graph i8 -> report
//! ```
//!
//! - [`Options`]: what a user chooses.
//! - [`rules`]: what quantization means for each operator, in one table.
//! - [`calibrate()`]: the network at work on samples, and [`Ranges`] of its activations.
//! - [`plan`]: who computes with what; which values share a scale.
//! - [`quantize`]: the graph with stored values.
//! - [`run`]: all of it in one visible order, with a [`Report`].
//!
//! The numbers: real = scale * (stored - zero point). Weights are int8 from -127 to 127 (of fewer bits: less) with zero point 0, activations int8
//! with a zero point (16x8: int16 without), biases int32 (16x8: int64) at the product of both scales. 0 is stored exactly.
//!
//! Source: TensorFlow Lite 8-bit quantization specification; Jacob et al., Quantization and training of neural networks for
//! efficient integer-arithmetic-only inference, 2018.

mod affine;
mod auto;
mod build;
mod calibrate;
pub mod choose;
mod equalize;
mod error;
mod histogram;
mod moments;
mod options;
pub mod plan;
mod ranges;
mod refine;
mod report;
mod round;
pub mod rules;
mod stepper;
mod taps;
mod weights;

pub use affine::{Affine, Range, Width};
pub use build::quantize;
pub use calibrate::calibrate;
pub use equalize::equalize;
pub use error::QuantizeError;
pub use histogram::Histogram;
pub use options::{Calibration, Granularity, Interface, Layer, Options, Rounding, Scheme};
pub use ranges::{Ranges, ValueRange};
pub use refine::refine;
pub use report::{LayerReport, Report};

use crate::graph::Graph;
use crate::progress::Progress;
use crate::run::Engine;
use crate::samples::Inputs;
use plan::Treatment;

/// A quantized network.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantized {
    /// The network.
    pub graph: Graph,
    /// What became of its layers.
    pub report: Report,
}

/// Quantizes a float32 network by samples of its inputs: the order of the work, in one place.
///
/// # Errors
/// When the graph is no sound float32 graph, samples do not fit it, or the work is given up.
pub fn run(
    engine: &dyn Engine,
    graph: &Graph,
    samples: &Inputs,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Quantized, QuantizeError> {
    let graph = &if options.equalize { equalize(engine, graph, samples, options, progress)? } else { graph.clone() };
    let ranges = calibrate(engine, graph, samples, options, progress)?;
    let nearest = quantize(graph, &ranges, options)?;
    let chosen = taps::chosen(graph, samples, options)?;
    let quantized = refine(engine, graph, nearest, &chosen, options, progress)?;
    let reasons: Vec<Option<String>> = plan::treatments(graph, options)?
        .into_iter()
        .map(|treatment| match treatment {
            Treatment::Float(reason) => Some(reason),
            Treatment::Stored(_) | Treatment::Plain => None,
        })
        .collect();
    let report = report::report(engine, graph, &quantized, (&ranges, &reasons), &chosen, progress)?;
    Ok(Quantized { graph: quantized, report })
}
