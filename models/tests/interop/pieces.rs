//! A model's operators as files of their own, each fed what it reads inside the model.

use mote_models::export;
use mote_models::graph::{Graph, Node, Op, TensorType, ValueId};
use mote_models::run::{Engine as _, Native, observe};

use crate::cases::Case;
use crate::compare::Allowed;
use crate::engines::Engine;

/// Whether LiteRT rounds an operator of this graph once where TensorFlow Lite Micro rounds twice.
pub(crate) fn rounds_otherwise(graph: &Graph) -> bool {
    graph.nodes.iter().any(|node| has_dense_rounding(graph, node))
}

/// Dense layers, and LSTMs, which are made of them.
fn has_dense_rounding(graph: &Graph, node: &Node) -> bool {
    let is_float = graph.input(node, 0).is_some_and(|input| input.dtype == TensorType::Float32);
    !is_float && matches!(node.op, Op::FullyConnected { .. } | Op::UnidirectionalSequenceLstm { .. })
}

/// The operators of a model of integers that has more than one.
pub(crate) fn cases(name: &str, graph: &Graph) -> Vec<Case> {
    let is_float = graph.values.iter().any(|value| value.dtype == TensorType::Float32);
    let has_state = graph.values.iter().any(|value| value.is_variable);
    // The signal operators of TensorFlow Lite Micro leave parts of their outputs unwritten that their consumers do not read.
    let has_custom = graph.nodes.iter().any(|node| matches!(node.op, Op::Custom { .. }));
    if is_float || has_state || has_custom || graph.nodes.len() < 2 {
        return Vec::new();
    }
    let Some(inner) = inner_values(name, graph) else { return Vec::new() };
    graph.nodes.iter().enumerate().filter_map(|(n, node)| piece(name, graph, n, node, &inner)).collect()
}

/// For each value what it was in each run of the model on seeded inputs.
fn inner_values(name: &str, graph: &Graph) -> Option<Vec<Vec<Vec<u8>>>> {
    let whole = Case::new("", name, graph, None)?;
    let all: Vec<ValueId> = graph.ids().collect();
    let (observed, outputs) = observe(graph, &all);
    let file = export::tflite(&observed).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut run = Native.load(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut values = vec![Vec::new(); graph.values.len()];
    for inputs in &whole.inputs {
        let computed = run.run(inputs).ok()?;
        let fed = graph.inputs.iter().zip(inputs);
        for (id, value) in fed.chain(outputs.iter().zip(&computed)) {
            values[id.index()].push(value.clone());
        }
    }
    Some(values)
}

fn piece(name: &str, graph: &Graph, n: usize, node: &Node, inner: &[Vec<Vec<u8>>]) -> Option<Case> {
    let mut fed: Vec<ValueId> = node.present_inputs().filter(|&id| graph.value(id).constant.is_none()).collect();
    fed.dedup();
    if fed.is_empty() || fed.iter().any(|id| inner[id.index()].is_empty()) {
        return None;
    }
    let mut single = graph.clone();
    single.nodes = vec![node.clone()];
    (single.inputs, single.outputs) = (fed.clone(), node.outputs.clone());
    single.drop_unused_values();
    let runs = inner[fed[0].index()].len();
    let inputs = (0..runs).map(|run| fed.iter().map(|id| inner[id.index()][run].clone()).collect()).collect();
    let case =
        Case::new("single layers of models", &format!("{name}, node {n} ({})", node.op.name()), &single, Some(inputs))?;
    let litert = if has_dense_rounding(graph, node) { Allowed::OneStep } else { Allowed::Same };
    Some(case.with(Engine::LiteRt, litert))
}
