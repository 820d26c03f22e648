//! ONNX files through the importer, against answers that are known: operator vectors, exported models, broken files.

mod broken;
mod build;
#[path = "../common/mod.rs"]
mod common;
mod layouts;
mod models;
mod quantized;
mod run;
mod table;
mod vectors;
