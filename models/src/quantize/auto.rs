//! The calibration of each activation by what it does to the node that reads it.
//!
//! The float network runs node by node. Before a node runs, each of its inputs is stored and restored by each range in question,
//! alone, and the range is taken whose output is nearest to the true one.

use super::QuantizeError;
use super::affine::{Affine, Range, Width};
use super::options::Calibration;
use super::stepper::Stepper;
use super::taps::spread;
use crate::graph::{Graph, ValueId};
use crate::progress::Progress;
use crate::run::Engine;

/// Samples on which ranges are compared.
const SAMPLES: usize = 24;

/// The part of the first range's error below which another's is believed, on so few samples.
const CLEARLY: f64 = 0.85;

/// The ranges in question of one activation, the one to take without a reader first.
pub(super) struct Question {
    pub(super) value: ValueId,
    pub(super) ranges: Vec<(Range, Calibration)>,
}

/// The place of the best range of each question.
///
/// # Errors
/// When the runtime does not run a node, or the work is given up.
pub(super) fn answer(
    engine: &dyn Engine,
    graph: &Graph,
    questions: &[Question],
    (samples, width): (&[Vec<Vec<u8>>], Width),
    progress: &dyn Progress,
) -> Result<Vec<usize>, QuantizeError> {
    let mut errors: Vec<Vec<f64>> = questions.iter().map(|question| vec![0.0; question.ranges.len()]).collect();
    if Stepper::suits(graph) && !questions.is_empty() {
        let samples: Vec<_> = spread(samples.len(), SAMPLES).map(|i| samples[i].clone()).collect();
        let mut stepper = Stepper::new(engine, graph, &samples);
        for (n, node) in graph.nodes.iter().enumerate() {
            progress.at("calibrate: choices", n, graph.nodes.len())?;
            for (question, errors) in questions.iter().zip(&mut errors) {
                if question.ranges.len() > 1 && node.present_inputs().any(|id| id == question.value) {
                    let affines: Vec<Affine> = question.ranges.iter().map(|&(r, _)| Affine::of(r, width)).collect();
                    let found = stepper.disturb(graph, node, question.value, &affines, width)?;
                    errors.iter_mut().zip(found).for_each(|(error, found)| *error += found);
                }
            }
            stepper.step(graph, node)?;
        }
        progress.at("calibrate: choices", graph.nodes.len(), graph.nodes.len())?;
    }
    let least = |errors: &Vec<f64>| {
        (1..errors.len()).fold(0, |best, k| {
            let than = if best == 0 { errors[0] * CLEARLY } else { errors[best] };
            if errors[k] < than { k } else { best }
        })
    };
    Ok(errors.iter().map(least).collect())
}
