//! The original with one layer as the variant has it.

use super::super::reals::reals;
use super::pairing::{Pair, constant};
use crate::data::Array;
use crate::graph::{Graph, Node, Op, TensorType, Value};

/// The original, in which one layer alone has the variant's weights and biases, and its result goes through the variant's
/// integers: `QUANTIZE`, then `DEQUANTIZE`. None where the layer has other extents in the variant, because channels were
/// removed, or where nothing of it is different.
pub(super) fn graft(original: &Graph, variant: &Graph, pair: Pair) -> Option<Graph> {
    let mut graph = original.clone();
    let mut changed = false;
    for k in 0..original.nodes[pair.original].inputs.len() {
        let Some(from) = original.nodes[pair.original].input(k) else { continue };
        let value = original.value(from);
        if value.dtype != TensorType::Float32 || value.constant.is_none() {
            continue;
        }
        // A bias that the variant lacks is 0 there.
        let new = match constant(variant, pair.variant, k) {
            Some(id) if variant.value(id).shape == value.shape => reals(variant.value(id))?.collect(),
            Some(_) => return None,
            None if variant.nodes[pair.variant].input(k).is_none() => vec![0.0; value.len()],
            None => return None,
        };
        let array = Array::new(value.shape.clone(), new.iter().map(|&x| x as f32).collect::<Vec<_>>()).ok()?;
        changed |= value.constant.as_ref() != Some(&array);
        // A value of its own: another layer may share the weights.
        let id = graph.add(Value::constant(value.name.clone(), array));
        graph.nodes[pair.original].inputs[k] = Some(id);
    }
    changed |= round_result(&mut graph, variant, pair)?;
    changed.then_some(graph)
}

/// Sends a layer's result through the variant's integers; false where the variant has floats there too.
fn round_result(graph: &mut Graph, variant: &Graph, pair: Pair) -> Option<bool> {
    let result = *graph.nodes[pair.original].outputs.first()?;
    let like = variant.value(*variant.nodes[pair.variant].outputs.first()?);
    let value = graph.value(result).clone();
    if value.shape != like.shape || value.dtype != TensorType::Float32 {
        return None;
    }
    let stored = matches!(like.dtype, TensorType::Int8 | TensorType::UInt8 | TensorType::Int16);
    if !stored || like.quantization.as_ref().is_none_or(|q| q.scales.len() != 1) {
        return Some(false);
    }
    let quantization = like.quantization.clone();
    let name = |what: &str| format!("{}/{what}", value.name);
    let integers = graph.add(Value { quantization, ..Value::new(name("integers"), like.dtype, value.shape.clone()) });
    let rounded = graph.add(Value::new(name("rounded"), TensorType::Float32, value.shape.clone()));
    graph.replace_uses(result, rounded);
    let quantize = Node::new(name("quantize"), Op::Quantize, &[result], &[integers]);
    let dequantize = Node::new(name("dequantize"), Op::Dequantize, &[integers], &[rounded]);
    graph.nodes.splice(pair.original + 1..pair.original + 1, [quantize, dequantize]);
    Some(true)
}
