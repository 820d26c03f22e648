//! Known tensors that are still dequantized, as the real numbers that they stand for.

use super::weights::dequantized;
use crate::data::Array;
use crate::graph::{Graph, Op};

/// The graph without `DEQUANTIZE` of known tensors.
pub(super) fn as_reals(mut graph: Graph) -> Graph {
    let mut known = Vec::new();
    for (n, node) in graph.nodes.iter().enumerate() {
        let (Op::Dequantize, Some(x), &[y]) = (&node.op, node.input(0), &node.outputs[..]) else { continue };
        let Some(reals) = dequantized(graph.value(x)) else { continue };
        let elements: Vec<f32> = reals.into_iter().map(|v| v as f32).collect();
        if let Ok(array) = Array::new(graph.value(x).shape.clone(), elements)
            && !graph.is_output(y)
        {
            known.push((n, y, array));
        }
    }
    let gone: Vec<usize> = known.iter().map(|(n, ..)| *n).collect();
    for (_, y, array) in known {
        graph.value_mut(y).set_constant(array);
    }
    graph.retain_nodes(|n, _| !gone.contains(&n));
    graph
}
