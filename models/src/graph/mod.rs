//! The in-memory form that passes work on: values, and nodes that compute them.
//!
//! ```text
//! bytes -> import -> Graph -> passes: Graph -> Graph -> export -> .tflite
//! ```
//!
//! A [`Graph`] is what a `.tflite` file says, with everything in its place: each [`Value`] has a shape, each [`Node`] one
//! of the writer's operators ([`Op`]), images are NHWC, the batch is 1 and the nodes stand in the order in which they run.
//! A file of another format is turned into this form by its importer, so that no pass knows where a graph came from.
//!
//! - [`value`](Value): tensors and their constants.
//! - [`edit`](Graph::replace_uses): what passes do to a graph, and what they ask it.
//! - [`shapes`](infer): the shape and type of every operator's outputs.
//! - [`check`](Graph::check): whether a graph is sound.
//! - [`batch`](Graph::batched): several windows in one run.
//!
//! **A weight that is exactly 0 is pruned.** There is no mask beside it: every pass maps 0 to 0, so that what was pruned
//! stays pruned through folding, equalization and quantization (whose zero point for weights is 0).

mod batch;
mod check;
mod edit;
mod error;
mod metadata;
mod node;
mod shapes;
mod value;

pub use error::GraphError;
pub use metadata::{Metadata, Normalization};
pub use node::Node;
pub use shapes::{ShapeError, infer};
pub(crate) use shapes::{axis, broadcast};
pub use value::{Value, ValueId};

pub use crate::tflite::{Activation, Conv2d, Op, Padding, Pool2d, Quantization, TensorType};

/// A network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graph {
    /// What its file calls it, often empty.
    pub name: String,
    /// Values; [`ValueId`]s are places here.
    pub values: Vec<Value>,
    /// Nodes in the order in which they run.
    pub nodes: Vec<Node>,
    /// Values fed from outside.
    pub inputs: Vec<ValueId>,
    /// Values handed out.
    pub outputs: Vec<ValueId>,
    /// What is known of inputs and outputs beyond their shapes.
    pub metadata: Metadata,
}
