//! Nodes that give the elements of their input in the same order under another shape.

use super::edit::{integers, stored_alike};
use crate::graph::{Graph, Node, Op, TensorType, ValueId};

/// The input of such a node, and its output.
pub(super) fn same_order(graph: &Graph, node: &Node) -> Option<(ValueId, ValueId)> {
    let (x, y) = (node.input(0)?, *node.outputs.first()?);
    let keeps = match &node.op {
        Op::Reshape { .. } | Op::Squeeze { .. } | Op::ExpandDims => true,
        Op::Transpose => moves_only_ones(graph, node)?,
        // Of one element each.
        Op::Mean { .. } | Op::Sum { .. } | Op::ReduceMax { .. } => {
            graph.value(x).dtype == TensorType::Float32 && graph.value(x).len() == graph.value(y).len()
        }
        _ => false,
    };
    (keeps && stored_alike(graph, x, y)).then_some((x, y))
}

/// Whether the axes that a `TRANSPOSE` moves past one another have one element each, all but one of them.
fn moves_only_ones(graph: &Graph, node: &Node) -> Option<bool> {
    let shape = &graph.input(node, 0)?.shape;
    let axes = permutation(graph, node)?;
    let long: Vec<usize> = axes.into_iter().filter(|&axis| shape[axis] > 1).collect();
    Some(long.is_sorted())
}

/// The axes of a `TRANSPOSE`: axis `k` of its output is axis `axes[k]` of its input.
pub(super) fn permutation(graph: &Graph, node: &Node) -> Option<Vec<usize>> {
    let rank = i64::try_from(graph.input(node, 0)?.shape.len()).ok()?;
    let axes = graph.input(node, 1)?.as_integers()?;
    let axes: Option<Vec<usize>> =
        axes.iter().map(|&a| usize::try_from(if a < 0 { a + rank } else { a }).ok()).collect();
    axes.filter(|axes| axes.iter().all(|&axis| axis < rank.unsigned_abs() as usize))
}

/// Makes node `n` the `RESHAPE` of `x` to the shape that its output has.
pub(super) fn become_reshape(graph: &mut Graph, n: usize, x: ValueId) {
    let node = &graph.nodes[n];
    let shape: Vec<i32> = graph
        .value(node.outputs[0])
        .shape
        .iter()
        .map(|&d| i32::try_from(d).expect("extents of a sound graph are below 2^31"))
        .collect();
    let name = format!("{}/shape", node.name);
    let operand = integers(graph, name, &[shape.len()], shape.clone());
    graph.nodes[n].op = Op::Reshape { shape };
    graph.nodes[n].inputs = vec![Some(x), Some(operand)];
}
