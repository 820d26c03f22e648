//! Graphs to files, one function for each kind of artefact.
//!
//! | function | artefact |
//! | --- | --- |
//! | [`tflite()`], [`tflite_with`] | a `.tflite` file; what is known of inputs and outputs travels in it |
//! | [`c_source`] | the same file as C for TensorFlow Lite Micro, with what a sketch needs around it |
//! | [`labels_txt`] | the names of the classes, one a line |

mod c_source;
pub(crate) mod metadata;
mod micro;
mod releases;
mod sparse;
mod tflite;
mod versions;

pub use c_source::{CSource, c_source, identifier};
pub use metadata::labels_txt;
pub use micro::{micro_arena_bytes, micro_planned_bytes};
pub use tflite::{Options, model, sparse_weights, tflite, tflite_with};
