//! From the bytes of a `.tflite` file to a [`Model`](crate::Model).
//!
//! The FlatBuffers access is our own checked cursor ([`flatbuf`]; [`flexbuf`] for the options of custom operators) and not
//! generated code: generated accessors for the whole TFLite schema would be most of the guest's size, and they are sound only
//! after a verifier has walked the whole file. The cursors check each read where it happens, need no unsafe code and allocate
//! nothing; `schema` holds the few field numbers that are read. What the file says is then checked as a graph in
//! `load`.
//!
//! Nothing here panics, whatever the bytes are: the lints below forbid every construct that could.

#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions
)]

pub mod flatbuf;
pub mod flexbuf;
mod schema;
mod sparsity;

pub use schema::read;
