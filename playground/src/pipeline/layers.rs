//! The layers of a model, by the names that recipes know them by.

use mote_models::weighted::weighted;
use mote_models::{import, passes};
use serde::{Deserialize, Serialize};

use crate::protocol::Failure;

/// A layer with weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerInfo {
    /// The name of its node, as recipes say it.
    pub name: String,
    /// The same for people.
    pub label: String,
    /// Its operator.
    pub op: String,
    /// Its weights, without the bias.
    pub weights: u64,
}

/// The layers of a model as recipes meet them, in the order in which they run.
pub(super) fn layers(model: &[u8]) -> Result<Vec<LayerInfo>, Failure> {
    let graph = import::model(model).map_err(Failure::Import)?;
    let graph = passes::simplify(graph).map_err(|error| Failure::Recipe(error.into()))?;
    let nodes = graph.nodes.iter().filter_map(|node| {
        let weights = graph.value(node.input(weighted(&node.op)?.weights)?);
        weights.constant.as_ref().map(|_| (node, weights.len() as u64))
    });
    let nodes: Vec<_> = nodes.collect();
    let labels = mote_report::layer_names(nodes.iter().map(|(node, _)| node.name.as_str()));
    let layer = |((node, weights), label): ((&mote_models::graph::Node, u64), String)| LayerInfo {
        name: node.name.clone(),
        label,
        op: node.op.name().to_owned(),
        weights,
    };
    Ok(nodes.into_iter().zip(labels).map(layer).collect())
}
