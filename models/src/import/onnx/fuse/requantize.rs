//! Scales of values, and values brought to other ones.

use crate::graph::{Graph, Node, Op, Quantization, TensorType, Value, ValueId};

/// The one scale and zero point of an int8 value.
pub(super) fn of_int8(graph: &Graph, id: ValueId) -> Option<(f32, i64)> {
    let value = graph.value(id);
    match &value.quantization {
        Some(Quantization { scales, zero_points, .. }) if value.dtype == TensorType::Int8 => {
            match (&scales[..], &zero_points[..]) {
                (&[scale], &[zero_point]) => Some((scale, zero_point)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether two int8 values stand for the same numbers; scales to 1e-6, as the runtime compares them.
pub(super) fn alike(a: (f32, i64), b: (f32, i64)) -> bool {
    a.1 == b.1 && (a.0 - b.0).abs() <= a.0 * 1e-6
}

/// A new int8 value of one scale.
pub(super) fn int8(graph: &mut Graph, name: String, shape: Vec<usize>, (scale, zero_point): (f32, i64)) -> ValueId {
    let quantization = Some(Quantization { scales: vec![scale], zero_points: vec![zero_point], axis: 0 });
    graph.add(Value { quantization, ..Value::new(name, TensorType::Int8, shape) })
}

/// The value with this scale: itself, or what a `QUANTIZE` makes of it.
pub(super) fn brought_to(graph: &mut Graph, nodes: &mut Vec<Node>, id: ValueId, wanted: (f32, i64)) -> Option<ValueId> {
    if alike(of_int8(graph, id)?, wanted) {
        return Some(id);
    }
    let (name, shape) = (format!("{}/rescaled", graph.value(id).name), graph.value(id).shape.clone());
    let rescaled = int8(graph, name.clone(), shape, wanted);
    nodes.push(Node::new(name, Op::Quantize, &[id], &[rescaled]));
    Some(rescaled)
}
