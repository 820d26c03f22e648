//! The network that a file is, to be drawn.

use mote_models::import;

use super::loadable;
use crate::network::{Network, of_graph};
use crate::protocol::Failure;

/// Imports a model as it is loaded.
pub(super) fn network(model: &[u8]) -> Result<Network, Failure> {
    let graph = import::tflite(&loadable(model)?).map_err(Failure::Import)?;
    Ok(of_graph(&graph))
}
