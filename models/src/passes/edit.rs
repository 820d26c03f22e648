//! What several passes do to a graph.

use crate::data::Array;
use crate::graph::{Graph, Value, ValueId};

/// Lets `to`, which is computed and equal, stand wherever `from` stood. When `from` is handed out, `to` takes its name.
///
/// Gives false, and does nothing, when `from` is handed out and `to` cannot be: it is fed, constant, or handed out already.
pub(super) fn stand_in(graph: &mut Graph, from: ValueId, to: ValueId) -> bool {
    if graph.is_output(from) {
        let is_computed = graph.nodes.iter().any(|node| node.outputs.contains(&to));
        if !is_computed || graph.is_output(to) {
            return false;
        }
        let name = std::mem::take(&mut graph.value_mut(from).name);
        graph.value_mut(from).name = std::mem::replace(&mut graph.value_mut(to).name, name);
    }
    graph.replace_uses(from, to);
    true
}

/// Whether both hold the same kind of elements: shape, type, and scales.
pub(super) fn alike(graph: &Graph, a: ValueId, b: ValueId) -> bool {
    graph.value(a).shape == graph.value(b).shape && stored_alike(graph, a, b)
}

/// The same, whatever the shapes.
pub(super) fn stored_alike(graph: &Graph, a: ValueId, b: ValueId) -> bool {
    let (a, b) = (graph.value(a), graph.value(b));
    a.dtype == b.dtype && a.quantization == b.quantization
}

/// Adds a constant of integers: a shape, axes, paddings.
pub(super) fn integers(graph: &mut Graph, name: String, shape: &[usize], integers: Vec<i32>) -> ValueId {
    let array = Array::new(shape, integers).expect("as many integers as the shape says");
    graph.add(Value::constant(name, array))
}

/// The node that alone reads a value which is not handed out, and reads it once.
pub(crate) fn only_reader(graph: &Graph, consumers: &[Vec<usize>], id: ValueId) -> Option<usize> {
    match consumers[id.index()][..] {
        [reader] if !graph.is_output(id) => Some(reader),
        _ => None,
    }
}
