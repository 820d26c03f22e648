//! Activations that the operator before them can apply by itself.

use super::edit::{only_reader, stand_in, stored_alike};
use crate::graph::{Activation, Graph, GraphError, Op, TensorType, ValueId};
use crate::weighted::{activation, activation_mut};

/// Moves `RELU`, `RELU6` and `RELU_N1_TO_1` into the operator whose result they alone read, where it can clamp by itself.
/// Quantized results must have the same scale before and after, or the result would be rounded differently.
///
/// # Errors
/// When the graph is not sound.
pub fn fuse_activations(mut graph: Graph) -> Result<Graph, GraphError> {
    graph.check()?;
    let mut n = 0;
    while n < graph.nodes.len() {
        let Some((producer, x, activation)) = fusible(&graph, n) else {
            n += 1;
            continue;
        };
        if let Some(option) = activation_mut(&mut graph.nodes[producer].op) {
            *option = activation;
        }
        let y = graph.nodes[n].outputs[0];
        stand_in(&mut graph, y, x);
        graph.nodes.remove(n);
    }
    Ok(graph)
}

/// For an activation node: the node before it, the value between them, and what that node is to apply.
fn fusible(graph: &Graph, n: usize) -> Option<(usize, ValueId, Activation)> {
    let node = &graph.nodes[n];
    let then = activation_of(&node.op)?;
    let (x, y) = (node.input(0)?, *node.outputs.first()?);
    let producer = graph.producers()[x.index()]?;
    let first = activation(&graph.nodes[producer].op)?;
    let dtype = graph.value(x).dtype;
    let is_alone = only_reader(graph, &graph.consumers(), x) == Some(n);
    let fits = matches!(dtype, TensorType::Float32 | TensorType::Int8) && stored_alike(graph, x, y);
    (is_alone && fits).then_some((producer, x, compose(first, then)?))
}

/// The activation that an operator is, if operators before it may apply it.
pub(crate) fn activation_of(op: &Op) -> Option<Activation> {
    match op {
        Op::Relu => Some(Activation::Relu),
        Op::Relu6 => Some(Activation::Relu6),
        Op::ReluN1To1 => Some(Activation::ReluN1To1),
        _ => None,
    }
}

/// One activation that does what both do, one after the other.
pub(super) fn compose(first: Activation, then: Activation) -> Option<Activation> {
    use Activation::{None as Nothing, Relu, Relu6, ReluN1To1, Tanh};
    match (first, then) {
        (Nothing, activation) | (activation, Nothing) => Some(activation),
        (Relu, Relu) => Some(Relu),
        (Relu6, Relu | Relu6) | (Relu, Relu6) => Some(Relu6),
        (ReluN1To1, ReluN1To1) => Some(ReluN1To1),
        // To 0..1, which no activation is, or not monotone pieces of one another.
        (Relu | Relu6 | Tanh, ReluN1To1) | (ReluN1To1 | Tanh, Relu | Relu6) | (_, Tanh) => None,
    }
}
