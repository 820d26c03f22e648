//! Files of models to graphs, one format a folder.
//!
//! A file that is damaged, contradicts itself or is over a limit is refused with the first thing that is wrong with it.
//! Nodes that are sound and not supported are collected, so that its owner hears of all of them at once.

mod error;
pub mod onnx;
mod tflite;

pub use error::{FileError, FileErrorKind, ImportError, UnsupportedNode};
pub use onnx::import as onnx;
pub use tflite::{import as tflite, metadata};

use crate::graph::Graph;

/// Where a `.tflite` file says that it is one, and what it says there.
const IDENTIFIER: (usize, &[u8]) = (4, b"TFL3");

/// Reads a file of either format: `.tflite` if it says so, else ONNX, which has no mark of its own.
///
/// # Errors
/// As the format's own importer.
pub fn model(file: &[u8]) -> Result<Graph, ImportError> {
    if is_tflite(file) { tflite(file) } else { onnx(file) }
}

/// Whether a file says that it is a `.tflite` file.
#[must_use]
pub fn is_tflite(file: &[u8]) -> bool {
    let (at, text) = IDENTIFIER;
    file.get(at..at + text.len()) == Some(text)
}
