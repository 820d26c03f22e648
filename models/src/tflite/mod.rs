//! `.tflite` files from a plain description.
//!
//! [`Model`] says what the file holds, tensor by tensor and operator by operator; [`write()`] puts it into the FlatBuffers
//! of TensorFlow Lite's schema, version 3. The same description gives the same bytes. What is described is written as it is:
//! whether it makes sense is for the runtime's reader to judge, and for tests of that reader to violate.
//!
//! - [`model`](Model): the description.
//! - [`Op`]: every operator with its options; a new one is a variant here, its codes and fields in `schema.rs`.

mod model;
mod op;
mod schema;
pub(crate) mod table;
mod write;

pub use model::{Model, Operator, Quantization, SparseLevel, Sparsity, Subgraph, Tensor, TensorType};
pub use op::{Activation, Conv2d, Op, Padding, Pool2d, StridedSlice};
pub use write::write;
