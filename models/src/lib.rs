//! Models and their data, apart from running them: bytes in, values out, no files and no clock, natively and as wasm.
//!
//! - [`data`]: arrays, and the file formats that people keep them in.
//! - [`samples`]: arrays as the bytes of a model's inputs, a model's outputs as numbers and classes.
//! - [`prepare`]: files of samples as a model takes them: columns, sizes, layouts, scales.
//! - [`import`]: files of models to graphs.
//! - [`graph`]: the in-memory form that passes work on.
//! - [`passes`]: graphs to the same graphs, cleaned up.
//! - [`prune`]: graphs to smaller ones.
//! - [`cost`]: what a graph costs to run.
//! - [`export`]: graphs to files.
//! - [`run`]: models at work, wherever the runtime runs.
//! - [`quantize`]: float32 networks to integers, by samples.
//! - [`weighted`]: which operand of an operator with weights is what.
//! - [`recipe`]: how an artefact is made, as a file, and the one pipeline that makes it.
//! - [`progress`]: how far long work is, and whether to go on.
//! - [`metrics`]: how well a classifier does.
//! - [`judge`]: what a model costs, how well it does, and what compressing it did to it.
//! - [`search`]: which choices keep to given limits, and what each of them costs.
//! - [`tflite`]: `.tflite` files from a plain description.
//! - [`zoo`]: the models that come with Mote.

pub mod cost;
pub mod data;
pub mod export;
pub mod graph;
pub mod import;
pub mod judge;
pub mod metrics;
pub mod passes;
mod patches;
pub mod prepare;
pub mod progress;
pub mod prune;
pub mod quantize;
mod random;
pub mod recipe;
pub mod run;
pub mod samples;
pub mod search;
pub mod tflite;
pub mod weighted;
pub mod zoo;
