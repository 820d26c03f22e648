//! Values inside a network, handed out.

use crate::graph::{Graph, ValueId};

/// The same network with those of `values` as further outputs that are computed and no outputs yet, and the values that all
/// its outputs now are, in order.
///
/// A convolution with a fused activation hands out what comes after the activation.
#[must_use]
pub fn observe(graph: &Graph, values: &[ValueId]) -> (Graph, Vec<ValueId>) {
    let computed = graph.producers();
    let mut observed = graph.clone();
    for &value in values {
        if computed[value.index()].is_some() && !observed.is_output(value) {
            observed.outputs.push(value);
        }
    }
    let outputs = observed.outputs.clone();
    (observed, outputs)
}
