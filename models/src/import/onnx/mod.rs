//! ONNX to a graph: operator sets 6 to 28, float, in QDQ form (`QuantizeLinear` and `DequantizeLinear` around float operators)
//! or in QOperator form (`QLinearConv` and its kin).
//!
//! ```text
//! bytes -> wire, proto (checked) -> nodes in order: fold what is known, else ops (a table) -> fuse -> Graph
//! ```
//!
//! **`NCHW` becomes `NHWC`.** An input that convolutions, pools and the like read as an image is `NHWC` in the graph, and one
//! that they read as a signal (`N, C, W`) is an image of one row (`N, 1, W, C`); so are outputs that come from them. All else
//! is as in the file. [`read`] tells for each input and output how it lies. Inside, reshapes and transposes of the file are
//! remembered and not computed (`view`): a transpose stays where an operator needs an order that no layout has at once.
//!
//! - `wire`, `proto`: bytes to messages; `tensor`: constants; `limits`.
//! - `file`: a file from its first byte to a sound graph; `ends`, `nodes`: its inputs, nodes and outputs.
//! - `view`: how a tensor of the file lies in the graph; `importer`: the graph as it grows; `arrange`: values in
//!   another order.
//! - `fold`: what shapes and other constants compute, known while importing.
//! - `ops`: the operators, one family a file, and how to add one.
//! - `fuse`: float operators between `DEQUANTIZE` and `QUANTIZE` become int8 operators.

mod arrange;
mod constant;
mod ends;
mod file;
mod fold;
mod fuse;
mod images;
mod importer;
mod limits;
mod node;
mod nodes;
mod ops;
mod placement;
mod proto;
mod refusal;
mod tensor;
mod view;
mod wire;

pub use file::{Imported, import, read, tensor};
pub use ops::operators;
pub use placement::Placement;
