//! The runtime behind a plain C ABI, as a WebAssembly module that imports nothing.
//!
//! What each export does is written in `runtime/abi/src/exports.rs`. This crate holds all pointer handling of the guest
//! (`exports`, and `allocator` over the `heap`); what the exports do is in [`guest`], and the JSON they answer with in `json`. There is no clock, no input and
//! no output: the module can compute and nothing else.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod allocator;
#[cfg(target_arch = "wasm32")]
mod exports;
pub mod guest;
#[cfg(any(target_arch = "wasm32", test))]
mod heap;
mod json;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator::new();

/// A panic is a mistake of ours: the instance traps, and its host throws it away.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
