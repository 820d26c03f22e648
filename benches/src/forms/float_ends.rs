//! A quantized network between a `QUANTIZE` and a `DEQUANTIZE`.

use mote_models::export;
use mote_models::graph::{Graph, GraphError, Node, Op, TensorType, Value};

/// The network's `.tflite` file with float32 inputs and outputs; all between them stays as it is.
///
/// # Errors
/// When the graph is not sound.
pub fn float_ends(graph: &Graph) -> Result<Vec<u8>, GraphError> {
    let mut graph = graph.clone();
    for k in 0..graph.inputs.len() {
        let integers = graph.inputs[k];
        let Value { name, shape, .. } = graph.value(integers).clone();
        let name = format!("{name}/real");
        graph.inputs[k] = graph.add(Value::new(&name, TensorType::Float32, shape));
        graph.nodes.insert(0, Node::new(name, Op::Quantize, &[graph.inputs[k]], &[integers]));
    }
    for k in 0..graph.outputs.len() {
        let integers = graph.outputs[k];
        let Value { name, shape, .. } = graph.value(integers).clone();
        let name = format!("{name}/real");
        graph.outputs[k] = graph.add(Value::new(&name, TensorType::Float32, shape));
        graph.nodes.push(Node::new(name, Op::Dequantize, &[integers], &[graph.outputs[k]]));
    }
    export::tflite(&graph)
}
