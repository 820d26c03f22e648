//! The nodes of a file, in its order: what is known is folded, all else handed to the operators.

use std::collections::BTreeSet;

use super::constant::Constant;
use super::file::is_default;
use super::importer::{Importer, Tensor};
use super::node::Node;
use super::proto;
use super::refusal::{Outcome, Refusal, unsupported};
use super::{fold, ops};
use crate::data::DType;
use crate::import::{FileErrorKind, ImportError, UnsupportedNode};

/// All nodes in order. Those that are not supported are told together.
pub(super) fn nodes<'a>(
    importer: &mut Importer<'a>,
    graph: &'a proto::Graph<'a>,
    model: &proto::Model<'a>,
    opset: i64,
) -> Result<(), ImportError> {
    let read: BTreeSet<&str> = graph
        .nodes
        .iter()
        .flat_map(|node| node.inputs.iter().copied())
        .chain(graph.outputs.iter().map(|info| info.name))
        .collect();
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
        match one(importer, &node, &read) {
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
fn one<'a>(importer: &mut Importer<'a>, node: &Node<'a>, read: &BTreeSet<&str>) -> Outcome<bool> {
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
    // An output that nobody reads may stay away: the mask of a Dropout.
    let is_missing = |name: &str| read.contains(name) && importer.tensor(name).is_none();
    match (0..node.outputs()).find(|&k| node.output(k).is_some_and(is_missing)) {
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
        Some(Tensor::Computed(view)) => importer.dtype(view.value).element().map_or("resource", DType::name).to_owned(),
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
