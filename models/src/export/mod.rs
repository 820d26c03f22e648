//! Graphs to files.

mod tflite;
mod versions;

pub use tflite::{model, tflite};
