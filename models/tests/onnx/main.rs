//! ONNX files through the importer, against answers that are known: operator vectors, exported models, broken files.

#[path = "../common/mod.rs"]
mod common;
mod run;
mod vectors;
