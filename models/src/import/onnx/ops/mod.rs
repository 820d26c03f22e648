//! The operators, one family a file.
//!
//! To add one: a function `(importer, node) -> outcome` that reads the node's inputs and attributes, makes nodes of the graph
//! and binds the outputs; and a row in the table below. What is known while importing comes as a constant, all else as a
//! [`View`](super::view::View), whose order in memory the function keeps if it can and [arranges](super::importer) if not.

mod activation;
mod arg;
mod cast;
mod concat;
mod conv;
mod conv_transpose;
mod depth_space;
mod elementwise;
mod gather;
mod logic;
mod matmul;
mod normalization;
mod pad;
mod pool;
mod qlinear;
mod quantize;
mod recurrent;
pub(super) mod reduce;
mod repeat;
pub(super) mod reshape;
mod resize;
mod rounding;
pub(super) mod slice;
mod softmax;
pub(super) mod split;
mod top_k;
pub(super) mod transpose;
mod window;

use super::file::is_default;
use super::importer::Importer;
use super::node::Node;
use super::refusal::{Outcome, unsupported};

/// Imports a node.
pub(super) type Handler = for<'a> fn(&mut Importer<'a>, &Node<'a>) -> Outcome<()>;

/// Operators of the default domain.
const OPERATORS: &[(&str, Handler)] = &[
    ("Abs", elementwise::function),
    ("Add", elementwise::arithmetic),
    ("And", logic::logic),
    ("ArgMax", arg::import),
    ("ArgMin", arg::import),
    ("AveragePool", pool::import),
    ("BatchNormalization", normalization::batch),
    ("Cast", cast::import),
    ("Ceil", rounding::round),
    ("Celu", activation::celu),
    ("Clip", activation::clip),
    ("Concat", concat::import),
    ("Constant", known_only),
    ("ConstantOfShape", known_only),
    ("Conv", conv::import),
    ("ConvInteger", qlinear::conv_integer),
    ("ConvTranspose", conv_transpose::import),
    ("DepthToSpace", depth_space::depth_to_space),
    ("DequantizeLinear", quantize::dequantize),
    ("Div", elementwise::arithmetic),
    ("Dropout", reshape::identity),
    ("DynamicQuantizeLinear", qlinear::dynamic),
    ("Elu", activation::elu),
    ("Equal", logic::compare),
    ("Erf", activation::erf),
    ("Exp", elementwise::function),
    ("Expand", repeat::expand),
    ("Flatten", reshape::import),
    ("Floor", rounding::round),
    ("GRU", recurrent::import),
    ("Gather", gather::import),
    ("Gelu", activation::gelu),
    ("Gemm", matmul::gemm),
    ("GlobalAveragePool", pool::global),
    ("GlobalMaxPool", pool::global),
    ("Greater", logic::compare),
    ("GreaterOrEqual", logic::compare),
    ("HardSigmoid", activation::hard_sigmoid),
    ("HardSwish", activation::same),
    ("Identity", reshape::identity),
    ("InstanceNormalization", normalization::instance),
    ("LRN", normalization::across_channels),
    ("LSTM", recurrent::import),
    ("LayerNormalization", normalization::layer),
    ("LeakyRelu", activation::leaky_relu),
    ("Less", logic::compare),
    ("LessOrEqual", logic::compare),
    ("Log", elementwise::function),
    ("LogSoftmax", softmax::import),
    ("MatMul", matmul::matmul),
    ("MatMulInteger", qlinear::matmul_integer),
    ("Max", elementwise::arithmetic),
    ("MaxPool", pool::import),
    ("Mean", elementwise::arithmetic),
    ("Min", elementwise::arithmetic),
    ("Mish", activation::mish),
    ("Mod", known_only),
    ("Mul", elementwise::arithmetic),
    ("Neg", elementwise::function),
    ("Not", logic::logic),
    ("OneHot", logic::one_hot),
    ("Or", logic::logic),
    ("PRelu", activation::prelu),
    ("Pad", pad::import),
    ("Pow", elementwise::pow),
    ("QLinearConv", qlinear::qlinear_conv),
    ("QLinearMatMul", qlinear::qlinear_matmul),
    ("QuantizeLinear", quantize::quantize),
    ("RNN", recurrent::import),
    ("Range", known_only),
    ("Reciprocal", elementwise::reciprocal),
    ("ReduceL1", reduce::import),
    ("ReduceL2", reduce::import),
    ("ReduceLogSum", reduce::import),
    ("ReduceLogSumExp", reduce::import),
    ("ReduceMax", reduce::import),
    ("ReduceMean", reduce::import),
    ("ReduceMin", reduce::import),
    ("ReduceProd", known_only),
    ("ReduceSum", reduce::import),
    ("ReduceSumSquare", reduce::import),
    ("Relu", activation::same),
    ("Reshape", reshape::import),
    ("Resize", resize::import),
    ("Round", rounding::round),
    ("Selu", activation::selu),
    ("Shape", cast::shape),
    ("Sigmoid", activation::same),
    ("Sign", rounding::sign),
    ("Size", cast::size),
    ("Slice", slice::import),
    ("Softmax", softmax::import),
    ("Softplus", activation::softplus),
    ("Softsign", activation::softsign),
    ("SpaceToDepth", depth_space::space_to_depth),
    ("Split", split::import),
    ("Sqrt", elementwise::function),
    ("Squeeze", reshape::import),
    ("Sub", elementwise::arithmetic),
    ("Sum", elementwise::arithmetic),
    ("Tanh", activation::same),
    ("ThresholdedRelu", activation::thresholded_relu),
    ("Tile", repeat::tile),
    ("TopK", top_k::import),
    ("Transpose", transpose::import),
    ("Unsqueeze", reshape::import),
    ("Upsample", resize::import),
    ("Where", logic::choose),
    ("Xor", logic::logic),
];

/// Operators that onnxruntime's quantizer writes.
const MICROSOFT: &[(&str, Handler)] = &[
    ("QLinearAdd", qlinear::qlinear_binary),
    ("QLinearAveragePool", qlinear::qlinear_unary),
    ("QLinearConcat", qlinear::qlinear_concat),
    ("QLinearGlobalAveragePool", qlinear::qlinear_unary),
    ("QLinearLeakyRelu", qlinear::qlinear_unary),
    ("QLinearMul", qlinear::qlinear_binary),
    ("QLinearSigmoid", qlinear::qlinear_unary),
];

/// The names of the operators that are imported, those of other domains with it; in order.
pub fn operators() -> impl Iterator<Item = String> {
    let own = OPERATORS.iter().map(|(name, _)| (*name).to_owned());
    own.chain(MICROSOFT.iter().map(|(name, _)| format!("com.microsoft:{name}")))
}

/// What imports a node.
pub(super) fn find(node: &Node<'_>) -> Outcome<Handler> {
    if node.has_graph() {
        return Err(unsupported("a graph inside the graph", "export the model without control flow (If, Loop, Scan)"));
    }
    let table = match node.proto.domain {
        domain if is_default(domain) => OPERATORS,
        "com.microsoft" => MICROSOFT,
        "ai.onnx.ml" => {
            let remedy = "export a neural network; trees and linear models are not imported from ONNX";
            return Err(unsupported("an operator of classic machine learning", remedy));
        }
        _ => &[],
    };
    let row = table.iter().find(|(name, _)| *name == node.op());
    row.map(|(_, handler)| *handler)
        .ok_or_else(|| unsupported("the importer does not know it", "export the model without this operator"))
}

/// Operators that are folded, and have no counterpart that is computed when the model runs.
fn known_only<'a>(_: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let why = format!("{} of values computed at run time", node.op());
    Err(unsupported(why, "export the model with constants there (constant folding, fixed shapes)"))
}
