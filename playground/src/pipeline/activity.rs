//! What each channel of a model does on samples, and which channels can go together.

use mote_models::progress::Progress;
use mote_models::prune::activity::{Activity, ChannelActivity, measure};
use mote_models::prune::channels::{self, Target};
use mote_models::run::Engine;
use mote_models::{export, import, passes};
use serde::{Deserialize, Serialize};

use super::judge::within;
use super::samples::Samples;
use super::{data, of_run};
use crate::protocol::Failure;

/// What the channels of a model do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Channels {
    /// On how many samples.
    pub samples: usize,
    /// Layers with weights, in the order in which they run.
    pub layers: Vec<Layer>,
}

/// What the channels of a layer do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Its node's name.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// Its channels or neurons, after its activation.
    pub channels: Vec<ChannelActivity>,
    /// Other layers that lose a channel whenever it loses one.
    pub together_with: Vec<String>,
    /// Why it cannot lose any, if it cannot.
    pub fixed: Option<String>,
}

/// Runs a float model on those samples whose places are given. `epsilon` is what counts as near zero.
pub(super) fn activity(
    engine: &dyn Engine,
    model: &[u8],
    samples: &[u8],
    places: &[usize],
    epsilon: f32,
    progress: &dyn Progress,
) -> Result<Channels, Failure> {
    let graph = import::model(model).map_err(Failure::Import)?;
    let graph = passes::simplify(graph).map_err(|error| Failure::Recipe(error.into()))?;
    let file = export::tflite(&graph).map_err(|error| Failure::Recipe(error.into()))?;
    let run = engine.load(&file).map_err(of_run)?;
    let arrays = Samples::read(samples)?.arrays(run.as_ref())?;
    let count = arrays.iter().filter_map(|array| array.shape().first()).copied().min().unwrap_or(0);
    let places = within(places, count)?;
    let arrays = arrays.iter().map(|array| array.rows(&places)).collect();
    let inputs = mote_models::samples::Inputs::new(&run.description().inputs, arrays).map_err(|error| data(&error))?;
    let Activity { samples, layers, .. } =
        measure(engine, &graph, &inputs, epsilon, progress).map_err(|error| Failure::Recipe(error.into()))?;
    // Taking out nothing tells what could go.
    let nothing = channels::Options { target: Target::Channels(0.0), ..channels::Options::default() };
    let (_, summary) = channels::prune(graph, &nothing, None).map_err(|error| Failure::Recipe(error.into()))?;
    let layer = |found: mote_models::prune::activity::LayerActivity| {
        let of = summary.layers.iter().find(|layer| layer.node == found.node)?;
        Some(Layer {
            name: found.name,
            op: of.op.clone(),
            channels: found.outputs,
            together_with: of.together_with.clone(),
            fixed: of.fixed.clone(),
        })
    };
    Ok(Channels { samples, layers: layers.into_iter().filter_map(layer).collect() })
}
