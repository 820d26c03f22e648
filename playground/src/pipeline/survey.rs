//! What there is of samples.

use mote_models::run::Engine;
use serde::{Deserialize, Serialize};

use super::samples::Samples;
use super::{loadable, of_run};
use crate::protocol::Failure;

/// What there is of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// How many.
    pub samples: usize,
    /// Whether each has a label.
    pub labelled: bool,
}

/// Counts samples, after making sure that they suit the model's inputs.
pub(super) fn survey(engine: &dyn Engine, model: &[u8], samples: &[u8]) -> Result<Survey, Failure> {
    let run = engine.load(&loadable(model)?).map_err(of_run)?;
    let samples = Samples::read(samples)?;
    let labelled = samples.labelled()?.is_some();
    Ok(Survey { samples: samples.inputs(run.as_ref())?.len(), labelled })
}
