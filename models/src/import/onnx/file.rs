//! A file from its first byte to a sound graph.

use std::rc::Rc;

use super::constant::Constant;
use super::ends::{inputs, outputs};
use super::fuse;
use super::importer::{Importer, Tensor};
use super::limits::{FILE_BYTES, OPSETS};
use super::nodes::nodes;
use super::placement::Placement;
use super::proto;
use super::refusal::{Outcome, Refusal};
use super::tensor::array;
use crate::data::Array;
use crate::graph::Graph;
use crate::import::{FileErrorKind, ImportError};

/// A graph, and how the file's inputs and outputs lie in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The graph.
    pub graph: Graph,
    /// Its inputs, in order.
    pub inputs: Vec<Placement>,
    /// Its outputs, in order.
    pub outputs: Vec<Placement>,
}

/// Reads an `.onnx` file.
///
/// Images are `NHWC` in the graph and signals images of one row: see [the module](mod@crate::import::onnx). A dynamic batch is 1, float16 becomes
/// float32, and what only shapes and other constants compute is computed here.
///
/// # Errors
/// As [`read`].
pub fn import(file: &[u8]) -> Result<Graph, ImportError> {
    read(file).map(|imported| imported.graph)
}

/// Reads an `.onnx` file, and tells how its inputs and outputs lie in the graph.
///
/// # Errors
/// [`ImportError::File`] when it is damaged, contradicts itself, is over a limit, has an input without a fixed shape, data in
/// other files or another operator set than 6 to 28; [`ImportError::Nodes`] with every node that is not supported.
pub fn read(file: &[u8]) -> Result<Imported, ImportError> {
    check_length(file)?;
    let model = proto::read(file)?;
    let Some(graph) = &model.graph else {
        return Err(ImportError::file(FileErrorKind::Invalid, "file", "a model with a graph", "none"));
    };
    let opset = opset(&model, graph)?;
    if model.has_functions || graph.has_sparse {
        let found = if model.has_functions { "functions of the model's own" } else { "sparse initializers" };
        let expected = "a model of operators and dense tensors: inline its functions, store its weights dense";
        return Err(ImportError::file(FileErrorKind::Unsupported, "file", expected, found));
    }
    let mut importer = Importer::default();
    graph.name.clone_into(&mut importer.graph.name);
    for tensor in &graph.initializers {
        let defined = array(tensor)
            .and_then(|array| importer.define(tensor.name, Tensor::Constant(Rc::new(Constant::new(array)))));
        named(defined, || format!("initializer {:?}", tensor.name))?;
    }
    let inputs = inputs(&mut importer, graph)?;
    nodes(&mut importer, graph, &model, opset)?;
    let outputs = outputs(&mut importer, graph)?;
    let mut graph = importer.graph;
    note_layouts(&mut graph, &inputs, &outputs);
    let graph = fuse::quantized(graph)
        .and_then(|graph| graph.check().map(|()| graph))
        .map_err(|e| ImportError::file(FileErrorKind::Invalid, e.place, e.expected, e.found))?;
    Ok(Imported { graph, inputs, outputs })
}

/// Reads a file that holds one tensor (`TensorProto`), as data for `.onnx` models often come: `input_0.pb`.
///
/// # Errors
/// [`ImportError::File`] when it is damaged, over a limit, of a type that is not read, or its data lie in another file.
pub fn tensor(file: &[u8]) -> Result<Array, ImportError> {
    check_length(file)?;
    let tensor = proto::read_tensor(file)?;
    named(array(&tensor), || format!("tensor {:?}", tensor.name))
}

fn check_length(file: &[u8]) -> Result<(), ImportError> {
    if file.len() <= FILE_BYTES {
        return Ok(());
    }
    let expected = format!("at most {FILE_BYTES} bytes");
    Err(ImportError::file(FileErrorKind::Limit, "file", expected, file.len().to_string()))
}

/// A refusal of the file at a place.
pub(super) fn named<T>(outcome: Outcome<T>, place: impl Fn() -> String) -> Result<T, ImportError> {
    outcome.map_err(|refusal| match refusal {
        Refusal::Unsupported { why, remedy } => {
            ImportError::file(FileErrorKind::Unsupported, place(), format!("what is supported ({remedy})"), why)
        }
        Refusal::Broken { kind, expected, found } => ImportError::file(kind, place(), expected, found),
    })
}

/// The version of the default operator set; 0 for a file that has only nodes of other domains.
fn opset(model: &proto::Model<'_>, graph: &proto::Graph<'_>) -> Result<i64, ImportError> {
    let found = model.opsets.iter().find(|(domain, _)| is_default(domain)).map(|&(_, version)| version);
    let expected = || format!("operator set {} to {} of ai.onnx", OPSETS.start(), OPSETS.end());
    let wrong = |kind, found: String| Err(ImportError::file(kind, "file", expected(), found));
    match found {
        Some(version) if OPSETS.contains(&version) => Ok(version),
        Some(version) => wrong(FileErrorKind::Unsupported, format!("operator set {version}")),
        None if graph.nodes.iter().any(|node| is_default(node.domain)) => wrong(FileErrorKind::Invalid, "none".into()),
        None => Ok(0),
    }
}

/// The default domain has two names.
pub(super) fn is_default(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

/// Says in the graph which inputs and outputs do not lie as in the file.
fn note_layouts(graph: &mut Graph, inputs: &[Placement], outputs: &[Placement]) {
    for (what, placement) in inputs.iter().map(|p| ("input", p)).chain(outputs.iter().map(|p| ("output", p))) {
        if !placement.is_as_in_file() {
            let text =
                if placement.shape.len() == 4 { "NHWC, NCHW in the ONNX file" } else { "N1WC, NCW in the ONNX file" };
            graph.metadata.notes.insert(format!("layout of {what} {}", placement.name), text.into());
        }
    }
}
