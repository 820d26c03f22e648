//! The contract between the guest (the runtime as wasm) and whatever hosts it.
//!
//! - [`exports`]: the names and meanings of the guest's exported functions.
//! - [`describe`]: the description and the errors that a guest gives back, as serde types.
//! - [`client`]: the one protocol over those exports, generic over the engine that runs the module:
//!   wasmtime in `host`, the browser's own engine in `playground`.
//!
//! Nothing of the runtime is in here: a host sees the guest as bytes only.

pub mod client;
pub mod describe;
pub mod exports;

pub use client::{Client, ClientError, Instance, Loaded};
pub use describe::{Build, Description, GuestError, Op, Tensor};
