//! Nodes and values without use.

use crate::graph::{Graph, GraphError, Op};

/// Takes out nodes of whose outputs none is handed out or read by a node that stays, and then values that nobody mentions.
/// What stays keeps its order. Inputs of the graph stay, used or not, as do nodes that act on more than their outputs:
/// variables, and operators that are not known.
///
/// # Errors
/// When the graph is not sound.
pub fn remove_dead(mut graph: Graph) -> Result<Graph, GraphError> {
    graph.check()?;
    let mut used = vec![false; graph.values.len()];
    graph.outputs.iter().for_each(|id| used[id.index()] = true);
    let mut lives = vec![false; graph.nodes.len()];
    for (n, node) in graph.nodes.iter().enumerate().rev() {
        let acts = matches!(node.op, Op::AssignVariable | Op::CallOnce { .. } | Op::Custom { .. });
        lives[n] = acts || node.outputs.iter().any(|id| used[id.index()]);
        if lives[n] {
            node.present_inputs().for_each(|id| used[id.index()] = true);
        }
    }
    graph.retain_nodes(|n, _| lives[n]);
    graph.drop_unused_values();
    Ok(graph)
}
