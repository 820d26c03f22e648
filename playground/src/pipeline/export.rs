//! A model as C.

use mote_models::export::{self, CSource};
use mote_models::import;
use mote_models::recipe::RecipeError;
use mote_models::run::Engine;

use super::of_run;
use crate::protocol::Failure;

/// Writes a `.tflite` file as C, with a name of which an identifier is made.
pub(super) fn c_source(engine: &dyn Engine, name: &str, file: &[u8]) -> Result<CSource, Failure> {
    let graph = import::tflite(file).map_err(Failure::Import)?;
    let run = engine.load(file).map_err(of_run)?;
    let source = export::c_source(&export::identifier(name), &graph, run.description());
    source.map_err(|error| Failure::Recipe(RecipeError::Graph(error)))
}
