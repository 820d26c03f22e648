//! One instance of a guest: its functions, its memory and its limits.

use std::time::Instant;

use mote_abi::Instance;
use mote_abi::client::Export;
use wasmtime::{Memory, Module, ResourceLimiter, Store, Trap, TypedFunc, UpdateDeadline};

use super::engine::Settings;
use super::fault::Fault;
use super::session::Cancel;

/// Elements of the guest's one table: its indirect functions, of which it has some hundreds and to which it adds none.
const TABLE_CAP: usize = 16 << 10;

/// A page of WebAssembly's memory.
pub(super) const PAGE_BYTES: usize = 64 << 10;

/// An instance of a guest module. After a [`Fault`] it is not to be used again.
pub struct WasmInstance {
    store: Store<Limits>,
    memory: Memory,
    /// In the order of [`Export::ALL`].
    functions: Vec<Function>,
}

/// A function of the guest, by its shape in the ABI.
enum Function {
    To0(TypedFunc<(), u32>),
    To1(TypedFunc<u32, u32>),
    To2(TypedFunc<(u32, u32), u32>),
    To3(TypedFunc<(u32, u32, u32), u32>),
    Unit1(TypedFunc<u32, ()>),
    Unit2(TypedFunc<(u32, u32), ()>),
}

/// What an instance may take, and how much of it is gone.
#[derive(Debug)]
struct Limits {
    settings: Settings,
    /// Whether the compiled code looks at the clock.
    epochs: bool,
    cancel: Cancel,
    /// When the work that was begun last must be done.
    due: Instant,
    /// The cap said no to the call that runs: if it traps now, that is why.
    refused_memory: bool,
}

impl WasmInstance {
    pub(super) fn new(
        engine: &wasmtime::Engine,
        module: &Module,
        settings: &Settings,
        epochs: bool,
        cancel: Cancel,
    ) -> Result<Self, Fault> {
        let due = Instant::now() + settings.deadline;
        let limits = Limits { settings: settings.clone(), epochs, cancel, due, refused_memory: false };
        let mut store = Store::new(engine, limits);
        store.limiter(|limits| limits);
        if epochs {
            store.set_epoch_deadline(1);
            store.epoch_deadline_callback(|store| match store.data().overdue() {
                None => Ok(UpdateDeadline::Continue(1)),
                Some(fault) => Err(wasmtime::Error::new(fault)),
            });
        }
        let made = wasmtime::Instance::new(&mut store, module, &[]);
        let instance = made.map_err(|e| store.data().fault(&e).unwrap_or_else(|| instantiate(&e)))?;
        let memory =
            instance.get_memory(&mut store, "memory").ok_or_else(|| Fault::Instantiate { what: "no memory".into() })?;
        let functions = Export::ALL.iter().map(|&export| Function::of(&instance, &mut store, export));
        let functions = functions.collect::<Result<_, _>>().map_err(|e| instantiate(&e))?;
        Ok(Self { store, memory, functions })
    }

    /// Starts the clock for one piece of work: the loading of a model, or one run.
    pub fn begin(&mut self) {
        let limits = self.store.data_mut();
        limits.due = Instant::now() + limits.settings.deadline;
    }

    /// Whether the compiled code looks at the clock by itself; else [`WasmInstance::check`] does, between a model's steps.
    #[must_use]
    pub fn has_epochs(&self) -> bool {
        self.store.data().epochs
    }

    /// Whether the work that was begun may go on.
    pub fn check(&self) -> Result<(), Fault> {
        self.store.data().overdue().map_or(Ok(()), Err)
    }

    /// Bytes of memory that the guest has by now.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.memory.data_size(&self.store)
    }

    /// All of its memory.
    pub(super) fn image(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// Gives it a copy of another instance's memory, which is at least as large as its own: all that the guest keeps between
    /// calls.
    pub(super) fn restore(&mut self, image: &[u8]) -> Result<(), Fault> {
        let missing = image.len().saturating_sub(self.memory_bytes()).div_ceil(PAGE_BYTES);
        self.store.data_mut().refused_memory = false;
        let grown = self.memory.grow(&mut self.store, missing as u64);
        grown.map_err(|e| self.store.data().fault(&e).unwrap_or_else(|| instantiate(&e)))?;
        self.write(0, image)
    }
}

impl std::fmt::Debug for WasmInstance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WasmInstance").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Instance for WasmInstance {
    type Fault = Fault;

    fn call(&mut self, export: Export, args: &[u32]) -> Result<u32, Fault> {
        let Self { store, functions, .. } = self;
        store.data_mut().refused_memory = false;
        if store.data().epochs {
            store.set_epoch_deadline(1);
        }
        let result = match (&functions[export as usize], args) {
            (Function::To0(f), &[]) => f.call(&mut *store, ()),
            (Function::To1(f), &[a]) => f.call(&mut *store, a),
            (Function::To2(f), &[a, b]) => f.call(&mut *store, (a, b)),
            (Function::To3(f), &[a, b, c]) => f.call(&mut *store, (a, b, c)),
            (Function::Unit1(f), &[a]) => f.call(&mut *store, a).map(|()| 0),
            (Function::Unit2(f), &[a, b]) => f.call(&mut *store, (a, b)).map(|()| 0),
            _ => unreachable!("{} takes {} arguments, not {}", export.name(), export.arity(), args.len()),
        };
        result.map_err(|e| {
            let trap = || Fault::Trap { export: export.name(), what: name(&e) };
            store.data().fault(&e).unwrap_or_else(trap)
        })
    }

    fn read(&mut self, ptr: u32, out: &mut [u8]) -> Result<(), Fault> {
        let found = self.memory.read(&self.store, ptr as usize, out);
        found.map_err(|_| Fault::Bounds { ptr, len: out.len(), size: self.memory_bytes() })
    }

    fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), Fault> {
        let done = self.memory.write(&mut self.store, ptr as usize, bytes);
        done.map_err(|_| Fault::Bounds { ptr, len: bytes.len(), size: self.memory_bytes() })
    }
}

impl Function {
    fn of(instance: &wasmtime::Instance, store: &mut Store<Limits>, export: Export) -> wasmtime::Result<Self> {
        let name = export.name();
        Ok(match (export.arity(), export.has_result()) {
            (0, true) => Self::To0(instance.get_typed_func(store, name)?),
            (1, true) => Self::To1(instance.get_typed_func(store, name)?),
            (2, true) => Self::To2(instance.get_typed_func(store, name)?),
            (3, true) => Self::To3(instance.get_typed_func(store, name)?),
            (1, false) => Self::Unit1(instance.get_typed_func(store, name)?),
            (2, false) => Self::Unit2(instance.get_typed_func(store, name)?),
            (arity, _) => unreachable!("no function of the ABI takes {arity} arguments like {name}"),
        })
    }
}

impl Limits {
    fn overdue(&self) -> Option<Fault> {
        if self.cancel.is_pulled() {
            return Some(Fault::Cancelled);
        }
        (Instant::now() >= self.due).then_some(Fault::Deadline { after: self.settings.deadline })
    }

    /// The fault behind an error, where one of the limits is the cause of it.
    fn fault(&self, error: &wasmtime::Error) -> Option<Fault> {
        if let Some(fault) = error.downcast_ref::<Fault>() {
            return Some(fault.clone());
        }
        self.refused_memory.then_some(Fault::OutOfMemory { cap: self.settings.memory_cap })
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.refused_memory = desired > self.settings.memory_cap;
        Ok(!self.refused_memory)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_CAP)
    }

    fn instances(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        1
    }
}

fn instantiate(error: &wasmtime::Error) -> Fault {
    Fault::Instantiate { what: format!("{error:#}") }
}

fn name(error: &wasmtime::Error) -> String {
    error.downcast_ref::<Trap>().map_or_else(|| format!("{error:#}"), Trap::to_string)
}
