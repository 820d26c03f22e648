//! The exported functions. All pointer handling of the guest is here.
//!
//! A host that passes a wrong address or length can spoil only the instance that it owns: wasm's own bounds hold.

use alloc::alloc::{Layout, alloc, dealloc};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

use mote_runtime::Session;
use mote_runtime::bytes::ALIGN;
use mote_runtime::kernels::{Backend, Dot};

use crate::guest::Guest;

/// Version of the ABI; hosts compare it with `mote_abi::exports::VERSION`.
const VERSION: u32 = 1;

struct Global(UnsafeCell<Guest>);

// SAFETY: the module has no threads (neither atomics nor shared memory are enabled), so nothing is ever shared.
unsafe impl Sync for Global {}

static GUEST: Global = Global(UnsafeCell::new(Guest::new()));

fn guest() -> &'static mut Guest {
    // SAFETY: one thread, and every export takes this reference once and drops it before it returns; exports do not call
    // one another, and nothing calls back into them.
    unsafe { &mut *GUEST.0.get() }
}

fn layout(len: usize) -> Option<Layout> {
    Layout::from_size_align(len.max(1), ALIGN).ok()
}

#[unsafe(no_mangle)]
extern "C" fn mote_abi() -> u32 {
    VERSION
}

#[unsafe(no_mangle)]
extern "C" fn mote_build() -> u32 {
    let dot = match Backend::choose(false).dot() {
        None => 0,
        Some(Dot::Signed) => 4,
        Some(Dot::Unsigned) => 8,
    };
    u32::from(cfg!(target_feature = "simd128")) | u32::from(cfg!(target_feature = "relaxed-simd")) << 1 | dot
}

#[unsafe(no_mangle)]
extern "C" fn mote_alloc(len: usize) -> *mut u8 {
    // SAFETY: the layout's size is not 0.
    layout(len).map_or(null_mut(), |layout| unsafe { alloc(layout) })
}

#[unsafe(no_mangle)]
extern "C" fn mote_free(ptr: *mut u8, len: usize) {
    if let Some(layout) = layout(len).filter(|_| !ptr.is_null()) {
        // SAFETY: by the ABI `ptr` came from `mote_alloc(len)`, so the layouts are the same, and is freed once.
        unsafe { dealloc(ptr, layout) };
    }
}

#[unsafe(no_mangle)]
extern "C" fn mote_load(ptr: *const u8, len: usize, flags: u32) -> u32 {
    // SAFETY: by the ABI `len` bytes at `ptr` came from `mote_alloc` and were written by the host, and nothing writes them
    // during this call.
    let model = if ptr.is_null() { &[] } else { unsafe { core::slice::from_raw_parts(ptr, len) } };
    guest().load(model, flags)
}

#[unsafe(no_mangle)]
extern "C" fn mote_unload(session: u32) {
    guest().unload(session);
}

#[unsafe(no_mangle)]
extern "C" fn mote_describe(session: u32) -> u32 {
    guest().describe(session)
}

#[unsafe(no_mangle)]
extern "C" fn mote_last_error() -> u32 {
    guest().last_error()
}

#[unsafe(no_mangle)]
extern "C" fn mote_text() -> *const u8 {
    guest().text().as_ptr()
}

#[unsafe(no_mangle)]
extern "C" fn mote_input(session: u32, k: usize) -> *mut u8 {
    guest().session(session).and_then(|s| s.input_mut(k)).map_or(null_mut(), <[u8]>::as_mut_ptr)
}

#[unsafe(no_mangle)]
extern "C" fn mote_output(session: u32, k: usize) -> *const u8 {
    guest().session(session).and_then(|s| s.output(k)).map_or(null_mut(), <[u8]>::as_ptr)
}

#[unsafe(no_mangle)]
extern "C" fn mote_run(session: u32) -> u32 {
    guest().attempt(session, Session::run)
}

#[unsafe(no_mangle)]
extern "C" fn mote_run_step(session: u32, step: usize) -> u32 {
    guest().attempt(session, |s| s.run_step(step))
}

#[unsafe(no_mangle)]
extern "C" fn mote_step_output(session: u32, step: usize, k: usize) -> *const u8 {
    guest().session(session).and_then(|s| s.step_output(step, k)).map_or(null_mut(), <[u8]>::as_ptr)
}

#[unsafe(no_mangle)]
extern "C" fn mote_reset(session: u32) -> u32 {
    guest().attempt(session, Session::reset)
}
