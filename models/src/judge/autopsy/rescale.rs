//! The original with its channels scaled as a variant has them.
//!
//! Equalization multiplies a channel's weights in one layer and divides them in the next, which changes nothing that the network
//! computes. Layers of such a variant can only be compared with, and put into, a network that is scaled likewise.

use std::collections::BTreeMap;

use crate::data::Array;
use crate::graph::{Activation, Graph, Op, ValueId};
use crate::weighted::{Weighted, activation, weighted};

/// A result that is to be scaled, and its factor for each channel.
pub(super) struct Scaled {
    /// The original's node.
    pub node: usize,
    /// One for each channel, above 0.
    pub factors: Vec<f64>,
}

/// The same function with the channels of some results scaled, and how many of the results could be: those of layers with weights
/// and without an activation or with RELU, which only layers with weights read, directly or through what works channel by channel.
pub(super) fn rescale(original: &Graph, results: &[Scaled]) -> (Graph, usize) {
    let mut graph = original.clone();
    let followed = results.iter().filter(|scaled| rescale_one(&mut graph, scaled).is_some()).count();
    (graph, followed)
}

/// None, and nothing changed, where it cannot be done.
fn rescale_one(graph: &mut Graph, Scaled { node, factors }: &Scaled) -> Option<()> {
    let op = &graph.nodes[*node].op;
    let places = weighted(op)?;
    if !matches!(activation(op)?, Activation::None | Activation::Relu)
        || !factors.iter().all(|&f| f.is_normal() && f > 0.0)
    {
        return None;
    }
    let mut changes: BTreeMap<ValueId, Array> = BTreeMap::new();
    let result = *graph.nodes[*node].outputs.first()?;
    multiply(graph, &mut changes, *node, places.weights, |index| factors.get(index[places.out_axis]).copied())?;
    if graph.nodes[*node].input(places.bias).is_some() {
        multiply(graph, &mut changes, *node, places.bias, |index| factors.get(*index.first()?).copied())?;
    }
    divide_readers(graph, &mut changes, result, factors)?;
    for (id, array) in changes {
        graph.value_mut(id).set_constant(array);
    }
    Some(())
}

/// Divides the weights of whatever reads a scaled value.
fn divide_readers(
    graph: &Graph,
    changes: &mut BTreeMap<ValueId, Array>,
    scaled: ValueId,
    factors: &[f64],
) -> Option<()> {
    if graph.is_output(scaled) {
        return None;
    }
    let readers = graph.consumers().swap_remove(scaled.index());
    for reader in readers {
        let node = &graph.nodes[reader];
        match (&node.op, weighted(&node.op)) {
            (_, Some(Weighted { x, weights, out_axis, in_axis, .. })) if node.input(x) == Some(scaled) => {
                let multiplier = match node.op {
                    Op::DepthwiseConv2d { multiplier, .. } => usize::try_from(multiplier).ok().filter(|&m| m > 0)?,
                    _ => 1,
                };
                multiply(graph, changes, reader, weights, |index| {
                    // Flattened pixels keep their channels together: a column's channel is what is left over.
                    let channel = in_axis.map_or(index[out_axis] / multiplier, |axis| index[axis]) % factors.len();
                    Some(1.0 / factors[channel])
                })?;
            }
            (Op::MaxPool2d(pool) | Op::AveragePool2d(pool), None)
                if matches!(pool.activation, Activation::None | Activation::Relu) =>
            {
                divide_readers(graph, changes, *node.outputs.first()?, factors)?;
            }
            (Op::Relu | Op::Pad | Op::Reshape { .. }, None) => {
                let result = *node.outputs.first()?;
                // Shapes may change as long as channels stay last or are flattened with what is before them.
                let last = graph.value(result).shape.last().copied().unwrap_or(0);
                if !last.is_multiple_of(factors.len()) {
                    return None;
                }
                divide_readers(graph, changes, result, factors)?;
            }
            _ => return None,
        }
    }
    Some(())
}

/// Multiplies a constant input of a node, element by element; none where it is no float constant of this node alone.
fn multiply(
    graph: &Graph,
    changes: &mut BTreeMap<ValueId, Array>,
    node: usize,
    k: usize,
    factor: impl Fn(&[usize]) -> Option<f64>,
) -> Option<()> {
    let id = graph.nodes[node].input(k)?;
    if graph.consumers()[id.index()].len() != 1 || changes.contains_key(&id) {
        return None;
    }
    let mut weights = graph.value(id).as_f32()?.to_owned();
    for (index, weight) in weights.indexed_iter_mut() {
        *weight = (f64::from(*weight) * factor(ndarray::Dimension::slice(&index))?) as f32;
    }
    changes.insert(id, weights.into());
    Some(())
}
