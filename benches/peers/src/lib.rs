//! Other runtimes behind one function: bytes of a model in, something that runs it out.
//!
//! - [`network`]: that function.
//! - `tract`, `rten`: the runtimes, each with the settings that its own documentation gives for speed, on one thread.
//! - `guest`: a runtime in wasm speaks the ABI of Mote's guest, so that the sandbox runs it exactly as it runs ours:
//!   the same engine and limits, the same calls for input, run and output.

pub mod network;

#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(feature = "rten")]
mod rten;
#[cfg(feature = "tract")]
mod tract;
