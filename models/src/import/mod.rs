//! Files of models to graphs, one format a folder.
//!
//! A file that is damaged, contradicts itself or is over a limit is refused with the first thing that is wrong with it.
//! Nodes that are sound and not supported are collected, so that its owner hears of all of them at once.

mod error;
pub mod onnx;
mod tflite;

pub use error::{FileError, FileErrorKind, ImportError, UnsupportedNode};
pub use onnx::import as onnx;
pub use tflite::import as tflite;
