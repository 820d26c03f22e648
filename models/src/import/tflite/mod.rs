//! `.tflite` to a graph. The file is read by the runtime's own reader, so that both sides agree on what it says.
//!
//! What changes on the way: float16 constants become float32, and the `DEQUANTIZE` that widened them disappears; sparse ones
//! become dense, and the `DENSIFY` that made them so disappears.

mod metadata;
mod options;

use mote_runtime::model::{Model, Operator, Tensor};
use mote_runtime::ops::OpCode;
use mote_runtime::{DType, Error, ErrorKind, Limits, read};

use super::{FileErrorKind, ImportError, UnsupportedNode};
use crate::data::{self, Array, Elements};
use crate::graph::{Graph, Metadata, Node, Op, Quantization, TensorType, Value, ValueId, infer};

/// Reads a `.tflite` file.
///
/// # Errors
/// [`ImportError::File`] when it is damaged, contradicts itself, is over a limit, or has more than one subgraph or an
/// input without a fixed shape; [`ImportError::Nodes`] with every operator that is not supported.
pub fn import(file: &[u8]) -> Result<Graph, ImportError> {
    let model = read::read(file, &Limits::default()).map_err(ImportError::from)?;
    let [subgraph] = &model.subgraphs[..] else {
        return Err(ImportError::file(
            FileErrorKind::Unsupported,
            "file",
            "one subgraph: convert the model without control flow and without variables",
            format!("{} subgraphs", model.subgraphs.len()),
        ));
    };
    let metadata = metadata::metadata(file)?;
    let mut graph = Graph { name: model.description.clone(), metadata, ..Graph::default() };
    for tensor in &subgraph.tensors {
        let value = value(tensor)?;
        graph.add(value);
    }
    let ids: Vec<ValueId> = graph.ids().collect();
    graph.inputs = subgraph.inputs.iter().map(|&t| ids[t]).collect();
    graph.outputs = subgraph.outputs.iter().map(|&t| ids[t]).collect();
    let mut unsupported = Vec::new();
    for operator in &subgraph.operators {
        match node(operator, &ids, &model) {
            Ok(node) => graph.nodes.push(node),
            Err(Refused::File(error)) => return Err(error),
            Err(Refused::Node(node)) => unsupported.push(*node),
        }
    }
    if !unsupported.is_empty() {
        return Err(ImportError::Nodes(unsupported));
    }
    let checked = with_shapes(without_widening(graph));
    checked.check().map_err(|e| ImportError::file(FileErrorKind::Invalid, e.place, e.expected, e.found))?;
    Ok(checked)
}

/// What a `.tflite` file tells besides its network, which is not looked at: so it need not be one that can be imported.
///
/// # Errors
/// [`ImportError::File`] when it is damaged or over a limit.
pub fn metadata(file: &[u8]) -> Result<Metadata, ImportError> {
    let most = Limits::default().file_bytes;
    if file.len() > most {
        let (expected, found) = (format!("at most {most} bytes"), file.len().to_string());
        return Err(ImportError::file(FileErrorKind::Limit, "file", &expected, found));
    }
    metadata::metadata(file)
}

impl From<Error> for ImportError {
    fn from(error: Error) -> Self {
        let kind = match error.kind {
            ErrorKind::Malformed => FileErrorKind::Malformed,
            ErrorKind::Unsupported => FileErrorKind::Unsupported,
            ErrorKind::Invalid | ErrorKind::Run | ErrorKind::Usage | ErrorKind::Internal => FileErrorKind::Invalid,
            ErrorKind::Limit | ErrorKind::Memory => FileErrorKind::Limit,
        };
        Self::file(kind, error.place.to_string(), error.expected.to_string(), error.found.clone())
    }
}

/// Why an operator did not become a node.
enum Refused {
    /// The file is broken.
    File(ImportError),
    /// The operator is not supported.
    Node(Box<UnsupportedNode>),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::File(error.into())
    }
}

fn node(operator: &Operator<'_>, ids: &[ValueId], model: &Model<'_>) -> Result<Node, Refused> {
    let tensors = &model.subgraphs[0].tensors;
    let name = operator.outputs.first().map_or_else(String::new, |&t| tensors[t].name.clone());
    let refuse = |op: String, why: &str, remedy: &str| {
        let dtypes = operator.inputs.iter().flatten().map(|&t| dtype_name(&tensors[t])).collect();
        let version = i64::from(operator.version);
        let (why, remedy) = (why.into(), remedy.into());
        let index = operator.index;
        Refused::Node(Box::new(UnsupportedNode { index, name: name.clone(), op, version, dtypes, why, remedy }))
    };
    let Some(code) = OpCode::of(operator) else {
        let op = match operator.custom_name.as_str() {
            "" => format!("builtin operator {}", operator.code),
            custom => format!("custom operator {custom}"),
        };
        return Err(refuse(op, "Mote does not run it", "convert the model without this operator"));
    };
    let op = options::op(code, operator)?
        .ok_or_else(|| refuse(code.name().into(), "it cannot be written again", "deploy the file as it is"))?;
    Ok(Node {
        name,
        op,
        inputs: operator.inputs.iter().map(|t| t.map(|t| ids[t])).collect(),
        outputs: operator.outputs.iter().map(|&t| ids[t]).collect(),
        intermediates: operator.intermediates.iter().map(|&t| ids[t]).collect(),
    })
}

fn dtype_name(tensor: &Tensor<'_>) -> String {
    tensor.dtype.map_or_else(|| format!("tensor type {}", tensor.type_code), |dtype| dtype.name().to_owned())
}

fn value(tensor: &Tensor<'_>) -> Result<Value, ImportError> {
    let (dtype, element) = match tensor.dtype()? {
        // Only as a constant; it is widened below.
        DType::F16 | DType::F32 => (TensorType::Float32, Some(data::DType::Float32)),
        DType::I8 => (TensorType::Int8, Some(data::DType::Int8)),
        DType::U8 => (TensorType::UInt8, Some(data::DType::UInt8)),
        DType::I16 => (TensorType::Int16, Some(data::DType::Int16)),
        DType::I32 => (TensorType::Int32, Some(data::DType::Int32)),
        DType::U32 => (TensorType::UInt32, Some(data::DType::UInt32)),
        DType::I64 => (TensorType::Int64, Some(data::DType::Int64)),
        DType::U64 => (TensorType::UInt64, Some(data::DType::UInt64)),
        DType::Bool => (TensorType::Bool, Some(data::DType::Bool)),
        DType::Resource => (TensorType::Resource, None),
    };
    // A tensor without elements stands for an operand that is left out; nothing reads it.
    let shape: Vec<usize> = tensor.shape.as_ref().map_or_else(|| vec![0], |shape| shape.to_vec());
    let quantization = tensor.quant.as_ref().map(|q| Quantization {
        scales: q.scales.clone(),
        zero_points: q.zero_points.iter().map(|&z| i64::from(z)).collect(),
        axis: i32::try_from(q.axis).unwrap_or_default(),
    });
    let constant = match (tensor.constant.as_deref(), element) {
        (Some(bytes), Some(element)) => {
            let elements = match tensor.dtype {
                Some(DType::F16) => Elements::Float32(half_to_single(bytes)),
                _ => Elements::from_le_bytes(element, bytes),
            };
            let array = Array::new(shape.clone(), elements).map_err(|e| {
                ImportError::file(
                    FileErrorKind::Invalid,
                    tensor.place().to_string(),
                    "a constant of its shape",
                    e.to_string(),
                )
            })?;
            Some(array)
        }
        _ => None,
    };
    Ok(Value { name: tensor.name.clone(), dtype, shape, quantization, constant, is_variable: tensor.is_variable })
}

fn half_to_single(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<2>().0.iter().map(|&b| half::f16::from_le_bytes(b).to_f32()).collect()
}

/// Gives results without a shape the one that follows from their inputs: some tools leave shapes of results out, and then they
/// read as scalars.
fn with_shapes(mut graph: Graph) -> Graph {
    for n in 0..graph.nodes.len() {
        let Ok(shapes) = infer(&graph, &graph.nodes[n]) else { continue };
        let outputs = graph.nodes[n].outputs.clone();
        for (output, shape) in outputs.into_iter().zip(shapes) {
            let value = graph.value_mut(output);
            if value.shape.is_empty() {
                value.shape = shape;
            }
        }
    }
    graph
}

/// Without the `DEQUANTIZE` nodes whose input is float32 by now, and the `DENSIFY` nodes, whose input is dense.
fn without_widening(mut graph: Graph) -> Graph {
    let widening: Vec<(ValueId, ValueId)> = graph
        .nodes
        .iter()
        .filter(|node| match node.op {
            Op::Dequantize => graph.input(node, 0).is_some_and(|input| input.dtype == TensorType::Float32),
            Op::Densify => graph.input(node, 0).is_some_and(|input| input.constant.is_some()),
            _ => false,
        })
        .filter_map(|node| Some((*node.outputs.first()?, node.input(0)?)))
        .collect();
    for &(output, input) in &widening {
        match graph.value(input).constant.clone() {
            // Under the result's own name and scales.
            Some(constant) => graph.value_mut(output).set_constant(constant),
            None => graph.replace_uses(output, input),
        }
    }
    graph.retain_nodes(|_, node| !widening.iter().any(|(output, _)| node.outputs.contains(output)));
    if !widening.is_empty() {
        graph.drop_unused_values();
    }
    graph
}
