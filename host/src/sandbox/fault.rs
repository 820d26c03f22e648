//! What can go wrong between the host and a guest.

use std::time::Duration;

/// A call that did not return. Its instance is gone; the session makes a new one for the next call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The guest ran into a trap: a bug in the guest, or a model that found one.
    #[error("the guest trapped in {export}: {what}")]
    Trap {
        /// The export that was called.
        export: &'static str,
        /// wasmtime's name of the trap.
        what: String,
    },
    /// The call took longer than [`Settings::deadline`](super::Settings::deadline).
    #[error("stopped at the deadline of {after:?}")]
    Deadline {
        /// The deadline.
        after: Duration,
    },
    /// The guest asked for more than [`Settings::memory_cap`](super::Settings::memory_cap) and could not go on.
    #[error("the guest needs more than its {} MiB of memory", cap >> 20)]
    OutOfMemory {
        /// The cap in bytes.
        cap: usize,
    },
    /// Someone pulled the session's [`Cancel`](super::Cancel).
    #[error("cancelled")]
    Cancelled,
    /// The guest named memory that it does not have.
    #[error("the guest named {len} bytes at {ptr:#x}, outside its memory of {size} bytes")]
    Bounds {
        /// The address that it gave.
        ptr: u32,
        /// The bytes that were to be read or written there.
        len: usize,
        /// The bytes that it has.
        size: usize,
    },
    /// This machine could not give the instance its address space or stack.
    #[error("cannot make an instance of the guest: {what}")]
    Instantiate {
        /// wasmtime's reason.
        what: String,
    },
}

/// Why a module is not accepted as a guest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModuleError {
    /// It is not a module that this engine compiles.
    #[error("not a module that this engine accepts: {what}")]
    Invalid {
        /// wasmtime's reason.
        what: String,
    },
    /// It asks for something from outside; a guest computes and does nothing else.
    #[error("the module imports {module}.{name}: a guest imports nothing")]
    Import {
        /// The module that it imports from.
        module: String,
        /// What it imports.
        name: String,
    },
    /// It lacks an export of the ABI, or has it with another type.
    #[error("the module's export {name}: expected {expected}, found {found}")]
    Export {
        /// The export.
        name: &'static str,
        /// Its type in the ABI.
        expected: String,
        /// What the module has.
        found: String,
    },
}

/// Why no engine could be made on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("wasmtime does not run here: {what}")]
pub struct EngineError {
    /// wasmtime's, or the system's, reason.
    pub what: String,
}
