//! uint8 activations as int8: each stored value and the zero point less 128, so that what they stand for is the same.

use std::collections::BTreeSet;

use crate::graph::{Graph, Node, Op, Quantization, TensorType, Value, ValueId};

/// What int8 is less than uint8.
const LESS: i64 = 128;

/// The graph with int8 between `QUANTIZE` and `DEQUANTIZE`.
pub(super) fn signed(mut graph: Graph) -> Graph {
    let within = retypable(&graph);
    for &id in &within {
        let value = graph.value_mut(id);
        value.dtype = TensorType::Int8;
        value.quantization.iter_mut().flat_map(|q| &mut q.zero_points).for_each(|z| *z -= LESS);
    }
    for n in (0..graph.nodes.len()).rev() {
        beside(&mut graph, n);
    }
    at_inputs(&mut graph);
    graph
}

/// Operators that give stored values as they get them, whatever these stand for.
pub(super) fn moves(op: &Op) -> bool {
    matches!(
        op,
        Op::Reshape { .. }
            | Op::Squeeze { .. }
            | Op::ExpandDims
            | Op::Transpose
            | Op::Slice
            | Op::StridedSlice(_)
            | Op::Gather { .. }
            | Op::DepthToSpace { .. }
            | Op::SpaceToDepth { .. }
            | Op::ResizeNearestNeighbor { .. }
            | Op::MaxPool2d(_)
            | Op::MirrorPad { .. }
            | Op::Pad
    )
}

/// Values that only `QUANTIZE` and what moves elements write, and only that and `DEQUANTIZE` read.
fn retypable(graph: &Graph) -> BTreeSet<ValueId> {
    let (producers, consumers) = (graph.producers(), graph.consumers());
    let passes_on = |n: usize| matches!(graph.nodes[n].op, Op::Quantize | Op::Dequantize) || moves(&graph.nodes[n].op);
    let mut within: BTreeSet<ValueId> = graph
        .ids()
        .filter(|&id| {
            let value = graph.value(id);
            let made = producers[id.index()].is_some_and(|n| graph.nodes[n].op != Op::Dequantize && passes_on(n));
            let read = consumers[id.index()].iter().all(|&n| passes_on(n));
            value.dtype == TensorType::UInt8 && one_scale(value) && made && read && !graph.is_output(id)
        })
        .collect();
    // What moves elements has both sides in it or none.
    loop {
        let before = within.len();
        for node in graph.nodes.iter().filter(|node| moves(&node.op)) {
            let sides: Vec<ValueId> = node.input(0).into_iter().chain(node.outputs.iter().copied()).collect();
            if !sides.iter().all(|id| within.contains(id)) {
                sides.iter().for_each(|id| {
                    within.remove(id);
                });
            }
        }
        if within.len() == before {
            return within;
        }
    }
}

fn one_scale(value: &Value) -> bool {
    value.quantization.as_ref().is_some_and(|q| q.scales.len() == 1)
}

/// A value like this one, with a sign.
fn twin(graph: &mut Graph, id: ValueId) -> ValueId {
    let Value { name, shape, quantization, .. } = graph.value(id).clone();
    let quantization =
        quantization.map(|q| Quantization { zero_points: q.zero_points.iter().map(|z| z - LESS).collect(), ..q });
    graph.add(Value { quantization, ..Value::new(format!("{name}/int8"), TensorType::Int8, shape) })
}

/// Results of `QUANTIZE` that others read too: int8 first, and uint8 from that.
fn beside(graph: &mut Graph, n: usize) {
    let node = &graph.nodes[n];
    let (Op::Quantize, Some(x), &[y]) = (&node.op, node.input(0), &node.outputs[..]) else { return };
    if graph.value(y).dtype != TensorType::UInt8
        || graph.value(x).dtype != TensorType::Float32
        || !one_scale(graph.value(y))
    {
        return;
    }
    let name = node.name.clone();
    let int8 = twin(graph, y);
    for reader in graph.nodes.iter_mut().filter(|node| node.op == Op::Dequantize && node.input(0) == Some(y)) {
        reader.inputs = vec![Some(int8)];
    }
    graph.nodes[n] = Node::new(name.clone(), Op::Quantize, &[x], &[int8]);
    graph.nodes.insert(n + 1, Node::new(format!("{name}/uint8"), Op::Quantize, &[int8], &[y]));
}

/// uint8 inputs that are dequantized: int8 of them.
fn at_inputs(graph: &mut Graph) {
    for id in graph.inputs.clone() {
        let is_read = |node: &Node| node.op == Op::Dequantize && node.input(0) == Some(id);
        let value = graph.value(id);
        if value.dtype != TensorType::UInt8 || !one_scale(value) || !graph.nodes.iter().any(is_read) {
            continue;
        }
        let name = format!("{}/int8", value.name);
        let int8 = twin(graph, id);
        for reader in graph.nodes.iter_mut().filter(|node| node.op == Op::Dequantize && node.input(0) == Some(id)) {
            reader.inputs = vec![Some(int8)];
        }
        graph.nodes.insert(0, Node::new(name, Op::Quantize, &[id], &[int8]));
    }
}
