//! The version of an operator that a file asks an interpreter for.

use crate::graph::{Graph, Node};

/// The lowest version whose definition covers what a node does.
pub(super) fn version(_graph: &Graph, _node: &Node) -> i32 {
    1
}
