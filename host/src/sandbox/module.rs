//! A guest module, compiled or taken from the cache, and checked against the ABI.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use mote_abi::client::Export;
use wasmtime::{ExternType, FuncType, Module, ValType};

use super::cache::{Cache, EntryId};
use super::engine::Engine;
use super::fault::ModuleError;
use super::instance::WasmInstance;
use super::session::{LoadOptions, Session, SessionError, Source};
use crate::sandbox::Fault;

/// Where a compiled module came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Compiled now.
    Compiled,
    /// Compiled by this host before.
    Cache,
}

/// An engine with one guest module: sessions are made from it. Clones share both.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    wasm: Cow<'static, [u8]>,
    module: Module,
    origin: Origin,
    /// The module without checks in compiled code, compiled when the first model has earned it.
    steady: OnceLock<Option<Module>>,
}

impl Sandbox {
    /// Compiles a guest, or takes it from the engine's cache, and checks that it is one.
    pub fn new(engine: &Engine, wasm: impl Into<Cow<'static, [u8]>>) -> Result<Self, ModuleError> {
        let wasm = wasm.into();
        let (module, origin) = compile(engine, engine.wasmtime(), &wasm)?;
        check(&module)?;
        Ok(Self(Arc::new(Inner { engine: engine.clone(), wasm, module, origin, steady: OnceLock::new() })))
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Where the compiled module came from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.0.origin
    }

    /// Makes an instance without a model.
    pub fn instantiate(&self, options: &LoadOptions) -> Result<WasmInstance, Fault> {
        let Inner { engine, module, .. } = &*self.0;
        let epochs = engine.settings().guard.begins_with_epochs();
        WasmInstance::new(engine.wasmtime(), module, engine.settings(), epochs, options.cancel.clone())
    }

    /// Makes an instance whose compiled code has no checks; none where [`Guard::Proven`](super::Guard::Proven) is not asked for.
    pub(super) fn instantiate_steady(&self, options: &LoadOptions) -> Option<Result<WasmInstance, Fault>> {
        let Inner { engine, wasm, steady, .. } = &*self.0;
        let wasmtime = engine.steady()?;
        // What the first engine accepts compiles here too; if it did not, models would stay where they are.
        let module = steady.get_or_init(|| Some(compile(engine, wasmtime, wasm).ok()?.0)).as_ref()?;
        Some(WasmInstance::new(wasmtime, module, engine.settings(), false, options.cancel.clone()))
    }

    /// The guest's module as given.
    pub(super) fn wasm(&self) -> &[u8] {
        &self.0.wasm
    }

    /// Loads a model into a new instance.
    pub fn load(&self, model: impl Into<Arc<[u8]>>, options: &LoadOptions) -> Result<Session, SessionError> {
        Session::new(self.clone(), Source::File(model.into()), options.clone())
    }
}

fn compile(engine: &Engine, wasmtime: &wasmtime::Engine, wasm: &[u8]) -> Result<(Module, Origin), ModuleError> {
    let invalid = |e: wasmtime::Error| ModuleError::Invalid { what: format!("{e:#}") };
    let Some(cache) = engine.cache() else {
        return Ok((Module::new(wasmtime, wasm).map_err(invalid)?, Origin::Compiled));
    };
    let id = cache.id(wasmtime, wasm);
    if let Some(module) = kept(cache, id, wasmtime) {
        return Ok((module, Origin::Cache));
    }
    let module = Module::new(wasmtime, wasm).map_err(invalid)?;
    if let Ok(compiled) = module.serialize() {
        // A full or read-only disk costs the next start its compile time and nothing else.
        let _ = cache.put(id, &compiled);
    }
    Ok((module, Origin::Compiled))
}

/// A compiled module from the cache: mapped, so that only what is used of it is read, or else copied.
fn kept(cache: &Cache, id: EntryId, wasmtime: &wasmtime::Engine) -> Option<Module> {
    #[cfg(unix)]
    if let Some(file) = cache.open_entry(id) {
        // SAFETY: the bytes must be what `Module::serialize` gave, and stay so while the module lives. `Cache::open_entry` gives only
        // a file whose keyed hash, which covers wasmtime's version and settings, holds under a key that only this user can read, so
        // `Cache::put` wrote it; and to which only this user may write, who could as well change this process.
        if let Ok(module) = unsafe { Module::deserialize_open_file(wasmtime, file) } {
            return Some(module);
        }
    }
    // Where no code may be mapped from the cache's folder (a file system mounted `noexec`), and where files have no owners.
    let compiled = cache.read(id)?;
    // SAFETY: as above, and these bytes are in memory of our own: nothing can change them in between.
    unsafe { Module::deserialize(wasmtime, compiled) }.ok()
}

fn check(module: &Module) -> Result<(), ModuleError> {
    if let Some(import) = module.imports().next() {
        return Err(ModuleError::Import { module: import.module().into(), name: import.name().into() });
    }
    let wrong = |name, expected: String, found: Option<ExternType>| ModuleError::Export {
        name,
        expected,
        found: found.map_or_else(|| "nothing".into(), |ty| format!("{ty:?}")),
    };
    match module.get_export("memory") {
        Some(ExternType::Memory(_)) => {}
        found => return Err(wrong("memory", "a memory".into(), found)),
    }
    for export in Export::ALL {
        let params = vec![ValType::I32; export.arity()];
        let results = vec![ValType::I32; usize::from(export.has_result())];
        let expected = FuncType::new(module.engine(), params, results);
        match module.get_export(export.name()) {
            Some(ExternType::Func(found)) if FuncType::eq(&expected, &found) => {}
            found => return Err(wrong(export.name(), format!("{expected}"), found)),
        }
    }
    Ok(())
}
