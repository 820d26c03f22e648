//! Builds our wasm modules: the guest in both its variants, and the page's code.
//!
//! The host's build script and xtask both come here, so that there is one answer to "how is the guest built".
//!
//! - [`toolchain`]: the two ways to a wasm target, and which of them this machine has.
//! - [`guest_target`]: the target that the guest is compiled for.
//! - [`builder`]: one cargo run inside another, and where its modules go.
//! - [`compact`]: a module written again so that it downloads in fewer bytes.
//! - `peers`: other runtimes, for the benches.
//! - [`error`]: what can be missing or fail, and what to do about it.

pub mod builder;
pub mod compact;
pub mod error;
mod files;
pub mod guest_target;
mod peers;
pub mod toolchain;

pub use builder::{Builder, Variant};
pub use error::BuildError;
pub use toolchain::{TOOLCHAIN_VARIABLE, Toolchain};
