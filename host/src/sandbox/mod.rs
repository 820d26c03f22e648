//! The guest under wasmtime: it can compute, within a memory cap and a deadline, and nothing else.
//!
//! ```text
//! Settings -> Engine -> Sandbox (one guest module) -> Session (one loaded model) -> infer
//! ```
//!
//! - [`engine`]: the one place that configures wasmtime, and the clock behind its deadlines.
//! - [`cache`]: compiled modules kept on disk, of which only this host's own are ever loaded.
//! - [`guest`]: the guest modules inside this binary.
//! - [`instance`]: one instance of a module, with its limits; `mote_abi`'s client talks through it.
//! - [`session`]: a loaded model. A fault costs it its instance, never the next call.
//! - [`snapshot`]: a guest with its model loaded already, for a fresh instance to every request.
//! - [`fault`]: what can go wrong, as values.

pub mod cache;
pub mod engine;
pub mod fault;
pub mod guest;
pub mod instance;
pub mod session;
pub mod snapshot;

mod module;

pub use engine::{Engine, Guard, Settings};
pub use fault::{EngineError, Fault, ModuleError};
pub use module::{Origin, Sandbox};
pub use session::{Cancel, LoadOptions, Session, SessionError};
pub use snapshot::{Snapshot, SnapshotError};
