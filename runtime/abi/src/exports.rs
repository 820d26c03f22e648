//! The guest's exported functions. The module imports nothing; beside `memory` it exports exactly these.
//!
//! | export | arguments | result |
//! | --- | --- | --- |
//! | `mote_abi` | | the ABI's version, [`VERSION`] |
//! | `mote_build` | | how the module was built: [`BUILD_SIMD128`], [`BUILD_RELAXED_SIMD`], and what the engine's dot product is: [`BUILD_DOT_SIGNED`], [`BUILD_DOT_UNSIGNED`] |
//! | `mote_alloc` | `len` | address of `len` bytes, 16-byte aligned; 0 when there is no room |
//! | `mote_free` | `ptr, len` | |
//! | `mote_load` | `ptr, len, flags` | a session (never 0), or 0: ask `mote_last_error`. The bytes may be freed afterwards |
//! | `mote_unload` | `session` | |
//! | `mote_describe` | `session` | length of the JSON of [`Description`](crate::Description), to be read at `mote_text` |
//! | `mote_last_error` | | length of the JSON of [`GuestError`](crate::GuestError), to be read at `mote_text`; 0 if none |
//! | `mote_text` | | address of the text made last; valid until the next call |
//! | `mote_input` | `session, k` | address of input `k`; 0 if there is none |
//! | `mote_output` | `session, k` | address of output `k`; 0 if there is none |
//! | `mote_run` | `session` | 0, or 1: ask `mote_last_error` |
//! | `mote_run_step` | `session, step` | the same for one step of [`Description::ops`](crate::Description); steps run in order |
//! | `mote_step_output` | `session, step, k` | address of output `k` of a step, valid right after that step ran; 0 if there is none |
//! | `mote_reset` | `session` | 0, or 1: ask `mote_last_error`. Puts the state of stateful ops back to its start |
//!
//! All arguments and results are `i32` read as unsigned. Inputs and outputs live in the arena, whose memory is used
//! again within a run: write every input before each run, and read the outputs before the next. A session's buffers
//! keep their addresses until it is unloaded, but any call may grow the memory (and detach a browser's view of it).
//!
//! Between calls everything that a guest keeps lies in its memory. So an instance with a copy of another one's memory is
//! that other one: its sessions are there, at the same addresses.

/// Version of this contract. A host refuses a guest with another one.
pub const VERSION: u32 = 1;

/// `mote_build`: kernels for 128-bit SIMD are in the module.
pub const BUILD_SIMD128: u32 = 1;
/// `mote_build`: kernels for relaxed SIMD are in the module.
pub const BUILD_RELAXED_SIMD: u32 = 2;
/// `mote_build`: the engine's relaxed dot product multiplies signed numbers, exactly, and the kernels use it.
pub const BUILD_DOT_SIGNED: u32 = 4;
/// `mote_build`: it multiplies unsigned by signed numbers, exactly, and the kernels use it.
pub const BUILD_DOT_UNSIGNED: u32 = 8;

/// `mote_load`: use the scalar reference kernels throughout.
pub const LOAD_REFERENCE: u32 = 1;
