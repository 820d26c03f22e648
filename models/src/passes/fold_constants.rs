//! Nodes whose result is known before the model runs.

use crate::data::{Array, Elements};
use crate::export;
use crate::graph::{Graph, GraphError, Node, Op, Value, ValueId};
use crate::run::{Engine, Native};

/// A result may be so many times larger than all that it is computed from: int8 weights become float32 ones.
const GROWTH: usize = 4;
/// Results of up to so many bytes may always be kept.
const SMALL: usize = 1 << 12;

/// Computes nodes whose inputs are all constant, and `SHAPE`, whose input's shape is. It is the runtime that computes: each node
/// is run as a graph of its own. Outputs of the graph stay computed, and so does what the runtime refuses to compute, which it
/// will say when it loads the model.
///
/// # Errors
/// When the graph is not sound.
pub fn fold_constants(mut graph: Graph) -> Result<Graph, GraphError> {
    graph.check()?;
    let mut n = 0;
    while n < graph.nodes.len() {
        let node = &graph.nodes[n];
        n += 1;
        if !is_known(&graph, node) || !is_worth_keeping(&graph, node) {
            continue;
        }
        let Some(results) = compute(&graph, node) else { continue };
        for (id, result) in node.outputs.clone().into_iter().zip(results) {
            graph.value_mut(id).constant = Some(result);
        }
        n -= 1;
        graph.nodes.remove(n);
    }
    Ok(graph)
}

fn is_known(graph: &Graph, node: &Node) -> bool {
    let has_memory = matches!(
        node.op,
        Op::VarHandle { .. }
            | Op::ReadVariable
            | Op::AssignVariable
            | Op::CallOnce { .. }
            | Op::Svdf { .. }
            | Op::UnidirectionalSequenceLstm { .. }
            | Op::Custom { .. }
    );
    let is_constant = |id: ValueId| graph.value(id).constant.is_some() && !graph.value(id).is_variable;
    let is_shape = matches!(node.op, Op::Shape { .. });
    !has_memory
        && !node.outputs.iter().any(|&id| graph.is_output(id))
        && (is_shape || node.present_inputs().count() > 0 && node.present_inputs().all(is_constant))
}

fn is_worth_keeping(graph: &Graph, node: &Node) -> bool {
    let bytes = |id: ValueId| graph.value(id).len() * graph.value(id).dtype.size();
    let read: usize = node.present_inputs().map(bytes).sum();
    let made: usize = node.outputs.iter().copied().map(bytes).sum();
    made <= SMALL.max(GROWTH * read)
}

/// The outputs of a node whose inputs are known; none if the runtime does not compute it.
fn compute(graph: &Graph, node: &Node) -> Option<Vec<Array>> {
    let mut alone = Graph::default();
    let mut feeds = Vec::new();
    let mut inputs = Vec::new();
    for input in &node.inputs {
        inputs.push(input.map(|id| {
            let value = graph.value(id);
            let copy = alone.add(value.clone());
            if value.constant.is_none() {
                alone.inputs.push(copy);
                feeds.push(vec![0; value.len() * value.dtype.size()]);
            }
            copy
        }));
    }
    let outputs: Vec<ValueId> = node.outputs.iter().map(|&id| alone.add(graph.value(id).clone())).collect();
    alone.outputs.clone_from(&outputs);
    alone.nodes.push(Node { inputs, outputs, ..node.clone() });
    let file = export::tflite(&alone).ok()?;
    let results = Native.load(&file).ok()?.run(&feeds).ok()?;
    let array = |(&id, bytes): (&ValueId, &Vec<u8>)| {
        let Value { dtype, shape, .. } = graph.value(id);
        Array::new(shape.clone(), Elements::from_le_bytes(dtype.element()?, bytes)).ok()
    };
    node.outputs.iter().zip(&results).map(array).collect()
}
