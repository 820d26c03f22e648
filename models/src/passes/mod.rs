//! Clean-up: graph to graph, what is computed stays the same. One pass a file, each a function `Graph -> Graph`.
//!
//! | pass | what goes |
//! | --- | --- |
//! | [`fold_constants`] | nodes whose inputs are all known: their results become constants |
//! | [`drop_identities`] | nodes that change nothing: reshapes to the same shape, `x + 0`, transposes that undo each other |
//! | [`merge_pads`] | `PAD` before a window that can pad by itself; a `PAD` of a `PAD` |
//! | [`fold_batch_norm`] | factors and terms for each channel around a layer: they go into its weights and bias |
//! | [`fuse_activations`] | `RELU`, `RELU6`, `RELU_N1_TO_1` after an operator that clamps by itself |
//! | [`remove_dead`] | nodes whose results nobody uses, values that nobody mentions |
//!
//! [`simplify`] runs them in this order until nothing changes. All of them
//! - take a sound graph ([`Graph::check`]) and give one, with the same inputs and outputs under the same names;
//! - keep the names of the nodes that stay, since recipes refer to layers by them: a layer that takes a neighbour in keeps
//!   its own;
//! - map a weight of 0 to 0, so that what was pruned stays pruned;
//! - leave the results of integer graphs as they are, bit for bit; float results change by rounding only.

mod drop_identities;
mod edit;
mod fold_batch_norm;
mod fold_constants;
mod fuse_activations;
mod merge_pads;
mod remove_dead;
mod reshapes;

pub use drop_identities::drop_identities;
pub(crate) use edit::only_reader;
pub use fold_batch_norm::fold_batch_norm;
pub use fold_constants::fold_constants;
pub(crate) use fuse_activations::activation_of;
pub use fuse_activations::fuse_activations;
pub use merge_pads::merge_pads;
pub use remove_dead::remove_dead;

use crate::graph::{Graph, GraphError};

/// A pass.
pub type Pass = fn(Graph) -> Result<Graph, GraphError>;

/// The passes of [`simplify`] with their names, in its order.
///
/// Identities go before batch normalization is looked for, since they may stand between it and its layer; activations are
/// fused after it, since it stands between them and the layer.
pub const SIMPLIFY: [(&str, Pass); 6] = [
    ("fold constants", fold_constants),
    ("drop identities", drop_identities),
    ("merge pads", merge_pads),
    ("fold batch normalization", fold_batch_norm),
    ("fuse activations", fuse_activations),
    ("remove dead nodes", remove_dead),
];

/// Runs all passes, again and again until none makes the graph smaller.
///
/// # Errors
/// When the graph is not sound.
pub fn simplify(mut graph: Graph) -> Result<Graph, GraphError> {
    loop {
        // No pass adds nodes, and what adds a value takes a node away: the size falls until the end.
        let size = (graph.nodes.len(), graph.values.len());
        for (_, pass) in SIMPLIFY {
            graph = pass(graph)?;
        }
        if (graph.nodes.len(), graph.values.len()) == size {
            graph.check()?;
            return Ok(graph);
        }
    }
}
