//! Which layer of one network is which of another.

use crate::graph::{Graph, Node, Op, ValueId};

/// A layer of the original and the one of the variant that it became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    /// Its place among the original's nodes.
    pub original: usize,
    /// Its place among the variant's.
    pub variant: usize,
}

/// Pairs the layers of two networks, in the original's order.
///
/// Two layers with the same operator belong together when their results have the same name. Converters name some results
/// differently from one format to another; of the layers that are left, those of one operator are paired in order where both
/// networks have as many of them.
pub(super) fn pair(original: &Graph, variant: &Graph) -> Vec<Pair> {
    let mut partner: Vec<Option<usize>> = vec![None; original.nodes.len()];
    let mut taken = vec![false; variant.nodes.len()];
    let (before, after) = (layers(original), layers(variant));
    let name = |graph: &'_ Graph, n: usize| graph.value(graph.nodes[n].outputs[0]).name.clone();
    for &n in &before {
        let wanted = name(original, n);
        let like =
            |&&m: &&usize| !taken[m] && same_op(&original.nodes[n], &variant.nodes[m]) && name(variant, m) == wanted;
        partner[n] = after.iter().find(like).copied().filter(|_| !wanted.is_empty());
        if let Some(m) = partner[n] {
            taken[m] = true;
        }
    }
    for &n in &before {
        let same = |&&m: &&usize| same_op(&original.nodes[n], &variant.nodes[m]);
        let alone: Vec<usize> = before
            .iter()
            .copied()
            .filter(|&k| partner[k].is_none() && same_op(&original.nodes[n], &original.nodes[k]))
            .collect();
        let free: Vec<usize> = after.iter().filter(same).copied().filter(|&m| !taken[m]).collect();
        if alone.len() == free.len() {
            for (&n, &m) in alone.iter().zip(&free) {
                (partner[n], taken[m]) = (Some(m), true);
            }
        }
    }
    before.into_iter().filter_map(|n| Some(Pair { original: n, variant: partner[n]? })).collect()
}

/// The nodes that compute: not those that only change a shape or a type.
pub(super) fn layers(graph: &Graph) -> Vec<usize> {
    let computes = |node: &Node| {
        !matches!(
            node.op,
            Op::Reshape { .. }
                | Op::Squeeze { .. }
                | Op::ExpandDims
                | Op::Shape { .. }
                | Op::Transpose
                | Op::Cast { .. }
                | Op::Quantize
                | Op::Dequantize
                | Op::VarHandle { .. }
                | Op::ReadVariable
                | Op::AssignVariable
                | Op::CallOnce { .. }
        )
    };
    (0..graph.nodes.len()).filter(|&n| computes(&graph.nodes[n]) && !graph.nodes[n].outputs.is_empty()).collect()
}

fn same_op(a: &Node, b: &Node) -> bool {
    a.op.name() == b.op.name()
}

/// The constant that a node reads as input `k`, through a `DEQUANTIZE` that stands before it.
pub(super) fn constant(graph: &Graph, node: usize, k: usize) -> Option<ValueId> {
    let id = graph.nodes[node].input(k)?;
    if graph.value(id).constant.is_some() {
        return Some(id);
    }
    let producer = graph.nodes.iter().find(|node| node.outputs.contains(&id))?;
    let source = producer.input(0)?;
    (producer.op == Op::Dequantize && graph.value(source).constant.is_some()).then_some(source)
}
