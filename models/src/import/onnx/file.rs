//! A file from its first byte to a sound graph.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::constant::Constant;
use super::importer::{Importer, Tensor, element_type};
use super::limits::{FILE_BYTES, OPSETS};
use super::node::Node;
use super::placement::Placement;
use super::proto::{self, Dim};
use super::refusal::{Outcome, Refusal, invalid, over, unsupported};
use super::tensor::{array, dtype, runtime_type, within_limits};
use super::view::View;
use super::{fold, fuse, images, ops};
use crate::data::{Array, DType};
use crate::graph::{Graph, Value};
use crate::import::{FileErrorKind, ImportError, UnsupportedNode};

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
/// Images are `NHWC` in the graph and signals images of one row: see [the module](self). A dynamic batch is 1, float16 becomes
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
/// other files or another operator set than 7 to 22; [`ImportError::Nodes`] with every node that is not supported.
pub fn read(file: &[u8]) -> Result<Imported, ImportError> {
    if file.len() > FILE_BYTES {
        let expected = format!("at most {FILE_BYTES} bytes");
        return Err(ImportError::file(FileErrorKind::Limit, "file", expected, file.len().to_string()));
    }
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
    if file.len() > FILE_BYTES {
        let expected = format!("at most {FILE_BYTES} bytes");
        return Err(ImportError::file(FileErrorKind::Limit, "file", expected, file.len().to_string()));
    }
    let tensor = proto::read_tensor(file)?;
    named(array(&tensor), || format!("tensor {:?}", tensor.name))
}

/// A refusal of the file at a place.
fn named<T>(outcome: Outcome<T>, place: impl Fn() -> String) -> Result<T, ImportError> {
    outcome.map_err(|refusal| match refusal {
        Refusal::Unsupported { why, remedy } => ImportError::file(FileErrorKind::Unsupported, place(), remedy, why),
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
fn is_default(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

/// Inputs that are not initializers become inputs of the graph.
fn inputs<'a>(importer: &mut Importer<'a>, graph: &proto::Graph<'a>) -> Result<Vec<Placement>, ImportError> {
    let images = images::images(graph);
    let batches: BTreeSet<&str> =
        graph.inputs.iter().filter_map(|info| info.dims.as_ref()?.first()).filter_map(name_of).collect();
    let mut placements = Vec::new();
    for info in &graph.inputs {
        if importer.tensor(info.name).is_some() {
            continue;
        }
        let input = input(importer, info, &batches, images.contains(info.name));
        placements.push(named(input, || format!("input {:?}", info.name))?);
    }
    Ok(placements)
}

fn name_of<'a>(dim: &Dim<'a>) -> Option<&'a str> {
    match dim {
        Dim::Open(name) if !name.is_empty() => Some(name),
        Dim::Open(_) | Dim::Fixed(_) => None,
    }
}

fn input<'a>(
    importer: &mut Importer<'a>,
    info: &proto::ValueInfo<'a>,
    batches: &BTreeSet<&str>,
    is_image: bool,
) -> Outcome<Placement> {
    let (Some(number), Some(dims)) = (info.data_type, &info.dims) else {
        return Err(unsupported("no tensor of a known rank", "a tensor of fixed shape: export it with fixed shapes"));
    };
    let shape = dims.iter().enumerate().map(|(axis, dim)| fixed(axis, dim, batches)).collect::<Outcome<Vec<_>>>()?;
    let dtype = dtype(number)?;
    if within_limits(&shape, dtype.size())? == 0 {
        return Err(unsupported(format!("the shape {shape:?}"), "a tensor with elements"));
    }
    let axes = match (is_image, shape.len()) {
        (true, 4) => IMAGE.to_vec(),
        (true, 3) => SIGNAL.to_vec(),
        _ => (0..shape.len()).map(Some).collect(),
    };
    let memory: Vec<usize> = axes.iter().map(|axis| axis.map_or(1, |axis| shape[axis])).collect();
    let value = importer.graph.add(Value::new(info.name, runtime_type(dtype)?, memory));
    importer.graph.inputs.push(value);
    let view = View::ordered(value, &shape, &axes);
    let placement = Placement::of(info.name, &view);
    importer.define(info.name, Tensor::Computed(view))?;
    Ok(placement)
}

/// An extent; 1 for one that is open along axis 0, or has the name of such a one.
fn fixed(axis: usize, dim: &Dim<'_>, batches: &BTreeSet<&str>) -> Outcome<usize> {
    match *dim {
        Dim::Fixed(extent) if extent > 0 => {
            usize::try_from(extent).map_err(|_| over("an extent that can be counted", extent.to_string()))
        }
        Dim::Fixed(extent) if extent < -1 => Err(invalid("extents of at least 0", extent.to_string())),
        Dim::Open(name) if axis == 0 || batches.contains(name) => Ok(1),
        Dim::Fixed(_) if axis == 0 => Ok(1),
        Dim::Open(_) | Dim::Fixed(_) => {
            let name = name_of(dim).map_or_else(String::new, |name| format!(" ({name})"));
            let why = format!("an open extent at axis {axis}{name}");
            Err(unsupported(why, "fixed extents but for the batch: export the model with a fixed input shape"))
        }
    }
}

/// All nodes in order. Those that are not supported are told together.
fn nodes<'a>(
    importer: &mut Importer<'a>,
    graph: &'a proto::Graph<'a>,
    model: &proto::Model<'a>,
    opset: i64,
) -> Result<(), ImportError> {
    let written: BTreeSet<&str> = graph.nodes.iter().flat_map(|node| node.outputs.iter().copied()).collect();
    let (mut refused, mut names) = (Vec::new(), BTreeSet::new());
    for (index, proto) in graph.nodes.iter().enumerate() {
        let opset = if is_default(proto.domain) {
            opset
        } else {
            model.opsets.iter().find(|(domain, _)| *domain == proto.domain).map_or(0, |&(_, version)| version)
        };
        let node = Node::new(proto, index, opset);
        let place = || format!("node {index} ({}, {})", node.name(), node.op());
        for name in proto.inputs.iter().filter(|name| !name.is_empty()) {
            if importer.tensor(name).is_none() {
                let what = if written.contains(name) {
                    "a later node writes: a cycle or a wrong order"
                } else {
                    "nobody writes"
                };
                let expected = "inputs that the file or earlier nodes give";
                return Err(ImportError::file(
                    FileErrorKind::Invalid,
                    place(),
                    expected,
                    format!("{name:?}, which {what}"),
                ));
            }
        }
        let (first, values) = (importer.graph.nodes.len(), importer.graph.values.len());
        let name = match node.name() {
            name if names.insert(name.to_owned()) => name.to_owned(),
            name => format!("{name}#{index}"),
        };
        importer.enter(&name);
        match one(importer, &node) {
            Ok(true) => {
                importer.name_nodes(first, &name);
                name_results(importer, &node, values);
            }
            Ok(false) => forget(importer, &node),
            Err(Refusal::Unsupported { why, remedy }) => {
                refused.push(told(importer, &node, why, remedy));
                forget(importer, &node);
            }
            Err(Refusal::Broken { kind, expected, found }) => {
                return Err(ImportError::file(kind, place(), expected, found));
            }
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(ImportError::Nodes(refused)) }
}

/// One node. False when it reads what is not supported, and so cannot be looked at.
fn one<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<bool> {
    let handler = ops::find(node)?;
    let is_refused = |name: &&str| matches!(importer.tensor(name), Some(Tensor::Refused));
    if node.proto.inputs.iter().any(is_refused) {
        return Ok(false);
    }
    match fold::fold(importer, node)? {
        Some(arrays) => {
            for (k, array) in arrays.into_iter().enumerate() {
                importer.bind_known(node, k, Constant::new(array))?;
            }
        }
        None => handler(importer, node)?,
    }
    if let Some(name) = node.unseen() {
        return Err(unsupported(format!("the attribute {name}"), "export the model without it"));
    }
    match (0..node.outputs()).find(|&k| node.output(k).is_some_and(|name| importer.tensor(name).is_none())) {
        Some(k) => Err(unsupported(format!("its output {k}"), "export the model without the use of it")),
        None => Ok(true),
    }
}

/// The outputs of a node that is not supported.
fn forget<'a>(importer: &mut Importer<'a>, node: &Node<'a>) {
    for k in 0..node.outputs() {
        if let Some(name) = node.output(k) {
            // One that is defined already keeps its meaning; the import fails either way.
            let _ = importer.define(name, Tensor::Refused);
        }
    }
}

fn told(importer: &Importer<'_>, node: &Node<'_>, why: String, remedy: String) -> UnsupportedNode {
    let dtype = |name: &&str| match importer.tensor(name) {
        Some(Tensor::Constant(constant)) => constant.array.dtype().name().to_owned(),
        Some(Tensor::Computed(view)) => {
            element_type(importer.dtype(view.value)).map_or("resource", DType::name).to_owned()
        }
        Some(Tensor::Refused) | None => "unknown".to_owned(),
    };
    UnsupportedNode {
        index: node.index,
        name: node.name().to_owned(),
        op: if is_default(node.proto.domain) {
            node.op().to_owned()
        } else {
            format!("{}:{}", node.proto.domain, node.op())
        },
        version: node.opset,
        dtypes: node.proto.inputs.iter().filter(|name| !name.is_empty()).map(dtype).collect(),
        why,
        remedy,
    }
}

/// Values that a node has made for its outputs have the file's names.
fn name_results(importer: &mut Importer<'_>, node: &Node<'_>, first: usize) {
    for name in (0..node.outputs()).filter_map(|k| node.output(k)) {
        if let Some(Tensor::Computed(view)) = importer.tensor(name)
            && view.value.index() >= first
        {
            let value = view.value;
            name.clone_into(&mut importer.graph.value_mut(value).name);
        }
    }
}

/// The graph's outputs: images as they lie, all else as the file has it.
fn outputs(importer: &mut Importer<'_>, graph: &proto::Graph<'_>) -> Result<Vec<Placement>, ImportError> {
    if graph.outputs.is_empty() {
        return Err(ImportError::file(FileErrorKind::Invalid, "graph", "at least one output", "none"));
    }
    let mut placements = Vec::new();
    for info in &graph.outputs {
        importer.enter(info.name);
        let first = importer.graph.nodes.len();
        placements.push(named(output(importer, info.name), || format!("output {:?}", info.name))?);
        importer.name_nodes(first, &format!("{}/output", info.name));
    }
    Ok(placements)
}

fn output(importer: &mut Importer<'_>, name: &str) -> Outcome<Placement> {
    let view = match importer.tensor(name).cloned() {
        Some(Tensor::Computed(view)) => view,
        Some(Tensor::Constant(constant)) => {
            let value = importer.add_constant(&constant)?;
            View::plain(importer.copy(value)?, constant.shape())
        }
        Some(Tensor::Refused) | None => return Err(invalid("an output that a node or the file gives", "none")),
    };
    let mut view = if is_image(&view) { view } else { importer.plain(&view)? };
    if importer.graph.inputs.contains(&view.value) || importer.graph.is_output(view.value) {
        view = view.on(importer.copy(view.value)?);
    }
    name.clone_into(&mut importer.graph.value_mut(view.value).name);
    importer.graph.outputs.push(view.value);
    Ok(Placement::of(name, &view))
}

/// The layouts of images: `N, C, H, W` in the file, `N, H, W, C` in the graph.
const IMAGE: [Option<usize>; 4] = [Some(0), Some(2), Some(3), Some(1)];
/// The layouts of signals: `N, C, W` in the file, `N, 1, W, C` in the graph.
const SIGNAL: [Option<usize>; 4] = [Some(0), None, Some(2), Some(1)];

fn is_image(view: &View) -> bool {
    let (dims, axes) = view.apart();
    dims == view.dims() && (axes == IMAGE || axes == SIGNAL)
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
