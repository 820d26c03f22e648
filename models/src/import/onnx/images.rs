//! Which tensors of a file are images: those that convolutions, pools and the like read, directly or through operators that
//! look at each element alone. Inputs among them are `NHWC` in the graph.

use std::collections::BTreeSet;

use super::proto::Graph;

/// Operators whose first input is an image or a signal.
const SPATIAL: [&str; 17] = [
    "AveragePool",
    "BatchNormalization",
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "DepthToSpace",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "InstanceNormalization",
    "LRN",
    "MaxPool",
    "QLinearAveragePool",
    "QLinearConv",
    "QLinearGlobalAveragePool",
    "Resize",
    "SpaceToDepth",
    "Upsample",
];

/// Operators whose inputs may be images of any layout, if their output is one.
const KEEPING: [&str; 32] = [
    "Abs",
    "Add",
    "Cast",
    "Clip",
    "Concat",
    "DequantizeLinear",
    "Div",
    "Dropout",
    "Elu",
    "Exp",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "Log",
    "Max",
    "Min",
    "Mul",
    "Neg",
    "PRelu",
    "Pad",
    "Pow",
    "QuantizeLinear",
    "Reciprocal",
    "Relu",
    "Sigmoid",
    "Slice",
    "Split",
    "Sqrt",
    "Sub",
    "Tanh",
];

/// Names of the tensors that are images.
pub(super) fn images<'a>(graph: &Graph<'a>) -> BTreeSet<&'a str> {
    let mut images = BTreeSet::new();
    for node in graph.nodes.iter().rev() {
        let read = if SPATIAL.contains(&node.op) {
            1
        } else if KEEPING.contains(&node.op) && node.outputs.iter().any(|name| images.contains(name)) {
            node.inputs.len()
        } else {
            0
        };
        images.extend(node.inputs.iter().take(read).filter(|name| !name.is_empty()).copied());
    }
    images
}
