//! A graph as a `.tflite` file. The same graph gives the same bytes.

use std::collections::BTreeSet;

use super::versions::version;
use crate::graph::{Graph, GraphError, Node, Value, ValueId};
use crate::tflite::{self, Model, Operator, Subgraph, Tensor};

/// The bytes of a graph's `.tflite` file.
///
/// # Errors
/// When the graph is not sound; see [`Graph::check`].
pub fn tflite(graph: &Graph) -> Result<Vec<u8>, GraphError> {
    graph.check()?;
    Ok(tflite::write(&model(graph)))
}

/// What the file of a sound graph says. Values keep their places: tensor `k` of the file is value `k`.
#[must_use]
pub fn model(graph: &Graph) -> Model {
    let subgraph = Subgraph {
        tensors: graph.values.iter().map(tensor).collect(),
        operators: graph.nodes.iter().map(|node| operator(graph, node)).collect(),
        inputs: graph.inputs.iter().copied().map(place).collect(),
        outputs: graph.outputs.iter().copied().map(place).collect(),
    };
    Model { description: graph.name.clone(), subgraphs: vec![subgraph] }
}

fn tensor(value: &Value) -> Tensor {
    let Value { name, dtype, shape, quantization, constant, is_variable } = value;
    Tensor {
        name: name.clone(),
        dtype: *dtype,
        shape: shape.iter().map(|&d| i32::try_from(d).expect("extents below 2^31")).collect(),
        quantization: quantization.clone(),
        constant: constant.as_ref().map(|array| array.elements().to_le_bytes()),
        is_variable: *is_variable,
    }
}

fn operator(graph: &Graph, node: &Node) -> Operator {
    let Node { op, inputs, outputs, intermediates, .. } = node;
    Operator {
        op: op.clone(),
        version: version(graph, node, &BTreeSet::new()),
        inputs: inputs.iter().map(|id| id.map(place)).collect(),
        outputs: outputs.iter().copied().map(place).collect(),
        intermediates: intermediates.iter().copied().map(place).collect(),
    }
}

fn place(id: ValueId) -> u32 {
    u32::try_from(id.index()).expect("fewer than 2^32 values")
}
