//! Graphs to files.

mod sparse;
mod tflite;
mod versions;

pub use tflite::{Options, model, tflite, tflite_with};
