//! Quantized TinyML inference.
//!
//! ```text
//! .tflite bytes -> read (checked FlatBuffers) -> Model -> ops::prepare (shapes, types, packed weights)
//!               -> plan (arena) -> Session -> run -> outputs
//! ```
//!
//! - [`read`]: bytes to [`Model`], panic-free and bounded.
//! - [`ops`]: for each operator what it needs, what it refuses, and which kernel runs it.
//! - [`kernels`]: the loops. `scalar` is the specification; the others give the same bits.
//! - [`plan`]: where each activation lies in the arena.
//! - [`quant`]: the rounding rules of quantized arithmetic.
//! - [`Session`]: a loaded model with its arena, ready to run.
//!
//! The crate is `no_std` with `alloc`, so that the guest module imports nothing.

#![no_std]

extern crate alloc;

#[cfg(target_endian = "big")]
compile_error!("model files and wasm memory are little-endian, and tensors are used where they lie");

pub mod bytes;
pub mod error;
pub mod io;
pub mod limits;
mod load;
pub mod model;
pub mod node;
pub mod ops;
pub mod plan;
mod program;
pub mod read;
pub mod session;

pub use mote_kernels::{self as kernels, dtype, fixed_point, fixed_point_16, lookup, quant, real, shape};

pub use dtype::DType;
pub use error::{Error, ErrorKind, Place};
pub use limits::Limits;
pub use model::Model;
pub use session::{LoadOptions, Session, Step};
pub use shape::Shape;
