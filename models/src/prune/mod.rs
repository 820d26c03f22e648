//! Pruning: fewer weights, or fewer neurons and channels.
//!
//! ```text
//! Graph f32 -> weights::prune     zeros in place: the file compresses, kernels skip whole blocks
//!           -> channels::prune    tensors really shrink, with everything that depends on them
//! both      -> refit              what stays is fitted to what the layers gave before; samples, no labels
//! samples   -> activity::measure  what each neuron does on the user's own data, to choose by and to look at
//! ```
//!
//! All work on float graphs, before quantization; what follows them maps 0 to 0. Nothing is trained here.
//!
//! How a channel goes, one file a step: `groups.rs` and `rules.rs` find what stands and falls together, `importance.rs` says what
//! each channel is worth, `plan.rs` chooses, `compensate.rs` puts what it had been adding into the next bias, `remove.rs` cuts.

pub mod activity;
pub mod channels;
mod compensate;
mod error;
mod groups;
mod importance;
mod patterns;
mod plan;
mod refit;
mod remove;
mod rules;
pub mod weights;

pub use compensate::Folded;
pub use error::{PruneError, PruneErrorKind};
pub use patterns::Pattern;
pub use refit::refit;
