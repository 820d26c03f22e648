//! An artefact from a model and a recipe.

use mote_models::progress::Progress;
use mote_models::recipe::{self, Recipe, Summaries};
use mote_models::run::Engine;

use super::samples::Samples;
use super::{loadable, of_run};
use crate::protocol::Failure;

/// Applies a recipe; gives the artefact's file and what was done.
pub(super) fn make(
    engine: &dyn Engine,
    source: &[u8],
    samples: &[u8],
    recipe: &Recipe,
    progress: &dyn Progress,
) -> Result<(Vec<u8>, Summaries), Failure> {
    let arrays = if samples.is_empty() {
        Vec::new()
    } else {
        let run = engine.load(&loadable(source)?).map_err(of_run)?;
        Samples::read(samples)?.arrays(run.as_ref())?
    };
    let made = recipe::apply(engine, source, &arrays, recipe, progress).map_err(Failure::Recipe)?;
    Ok((made.file, made.summaries))
}
