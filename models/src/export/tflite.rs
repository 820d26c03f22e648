//! A graph as a `.tflite` file. The same graph and options give the same bytes.

use serde::{Deserialize, Serialize};

use super::metadata;
use super::sparse::{self, Sparse};
use super::versions::version;
use crate::graph::{Graph, GraphError, Node, Op, Value, ValueId};
use crate::tflite::{self, Model, Operator, Subgraph, Tensor};
use crate::weighted::weighted;

/// How a graph becomes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// Whether weights with many zeros are stored in TensorFlow Lite's sparse encoding where that is smaller, each behind a
    /// `DENSIFY`. Mote and LiteRT run such a file as they run the dense one; TensorFlow Lite Micro does not, so this is off
    /// unless it is asked for.
    pub sparse: bool,
}

/// The bytes of a graph's `.tflite` file, with [`Options::default`]: every interpreter runs it.
///
/// # Errors
/// When the graph is not sound; see [`Graph::check`].
pub fn tflite(graph: &Graph) -> Result<Vec<u8>, GraphError> {
    tflite_with(graph, &Options::default())
}

/// The same with options.
///
/// # Errors
/// When the graph is not sound; see [`Graph::check`].
pub fn tflite_with(graph: &Graph, options: &Options) -> Result<Vec<u8>, GraphError> {
    graph.check()?;
    Ok(metadata::with_files(tflite::write(&model(graph, options)), &graph.metadata))
}

/// What the file of a sound graph says, but for the files behind it. Values keep their places: tensor `k` of the file is value
/// `k`; sparse constants follow.
#[must_use]
pub fn model(graph: &Graph, options: &Options) -> Model {
    let mut subgraph = Subgraph {
        tensors: graph.values.iter().map(tensor).collect(),
        operators: graph.nodes.iter().map(|node| operator(graph, node)).collect(),
        inputs: graph.inputs.iter().copied().map(place).collect(),
        outputs: graph.outputs.iter().copied().map(place).collect(),
    };
    if options.sparse {
        for (id, encoded) in graph.ids().filter_map(|id| Some((id, sparse_form(graph, id)?))) {
            behind_densify(&mut subgraph, place(id), encoded);
        }
    }
    let mut model = Model { description: graph.name.clone(), subgraphs: vec![subgraph], ..Model::default() };
    model.metadata = metadata::entries(graph, &model);
    model
}

/// How many constants the options store in the sparse encoding.
#[must_use]
pub fn sparse_weights(graph: &Graph, options: &Options) -> usize {
    if options.sparse { graph.ids().filter(|&id| sparse_form(graph, id).is_some()).count() } else { 0 }
}

/// The sparse form of a constant that is nothing but weights, if it has a smaller one.
fn sparse_form(graph: &Graph, id: ValueId) -> Option<Sparse> {
    let value = graph.value(id);
    let constant = value.constant.as_ref()?;
    let reads = || graph.nodes.iter().filter(|node| node.present_inputs().any(|input| input == id));
    let weights = |node: &Node| node.input(weighted(&node.op)?.weights);
    let is_weights = |node: &Node| weights(node) == Some(id) && node.present_inputs().filter(|&i| i == id).count() == 1;
    if reads().count() == 0 || !reads().all(is_weights) || graph.is_output(id) {
        return None;
    }
    sparse::encode(&value.shape, &constant.elements().to_le_bytes(), constant.dtype().size())
}

/// Moves a constant into a tensor of its own, from which an operator in front of all others makes the dense one.
fn behind_densify(subgraph: &mut Subgraph, dense: u32, encoded: Sparse) {
    let Tensor { name, dtype, shape, constant, .. } = &mut subgraph.tensors[dense as usize];
    *constant = None;
    let stored = Tensor {
        constant: Some(encoded.stored),
        sparsity: Some(encoded.sparsity),
        ..Tensor::new(&format!("{name}/sparse"), *dtype, shape)
    };
    let stored = subgraph.push(stored);
    subgraph.operators.insert(0, Operator::new(Op::Densify, &[stored], &[dense]));
}

fn tensor(value: &Value) -> Tensor {
    let Value { name, dtype, shape, quantization, constant, is_variable } = value;
    Tensor {
        name: name.clone(),
        dtype: *dtype,
        shape: shape.iter().map(|&d| i32::try_from(d).expect("extents below 2^31")).collect(),
        quantization: quantization.clone(),
        constant: constant.as_ref().map(|array| array.elements().to_le_bytes()),
        sparsity: None,
        is_variable: *is_variable,
    }
}

fn operator(graph: &Graph, node: &Node) -> Operator {
    let Node { op, inputs, outputs, intermediates, .. } = node;
    Operator {
        op: op.clone(),
        version: version(graph, node),
        inputs: inputs.iter().map(|id| id.map(place)).collect(),
        outputs: outputs.iter().copied().map(place).collect(),
        intermediates: intermediates.iter().copied().map(place).collect(),
    }
}

fn place(id: ValueId) -> u32 {
    u32::try_from(id.index()).expect("fewer than 2^32 values")
}
