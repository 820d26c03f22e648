//! Pruning: fewer weights, or fewer neurons and channels.
//!
//! ```text
//! Graph f32 -> weights::prune   zeros in place: the file compresses, kernels skip whole blocks
//!           -> channels::prune  tensors really shrink, with everything that depends on them
//! samples   -> activity::measure  what each neuron does on the user's own data, to choose by and to look at
//! ```
//!
//! Both work on float graphs, before quantization; what follows them maps 0 to 0. Nothing is trained here.

mod error;
mod patterns;
pub mod weights;

pub use error::{PruneError, PruneErrorKind};
pub use patterns::Pattern;
