//! What there is of samples, and which of them are for what.

use mote_models::run::Engine;
use serde::{Deserialize, Serialize};

use super::samples::Samples;
use super::{loadable, of_run};
use crate::protocol::Failure;
use crate::shrink::Split;

/// What there is of samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Their two parts.
    pub split: Split,
    /// Whether each has a label.
    pub labelled: bool,
}

/// Counts and divides samples, after making sure that they suit the model's inputs.
pub(super) fn survey(engine: &dyn Engine, model: &[u8], samples: &[u8]) -> Result<Survey, Failure> {
    let run = engine.load(&loadable(model)?).map_err(of_run)?;
    let samples = Samples::read(samples)?;
    let set = samples.labelled()?;
    let groups = set.as_ref().and_then(|set| set.truth().groups());
    let split = Split::new(samples.inputs(run.as_ref())?.len(), groups.as_deref()).map_err(Failure::Recipe)?;
    Ok(Survey { split, labelled: set.is_some() })
}
