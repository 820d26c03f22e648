//! A guest module, compiled or taken from the cache, and checked against the ABI.

use std::sync::Arc;

use mote_abi::client::Export;
use wasmtime::{ExternType, FuncType, Module, ValType};

use super::engine::Engine;
use super::fault::ModuleError;
use super::instance::WasmInstance;
use super::session::{LoadOptions, Session, SessionError};
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
pub struct Sandbox {
    engine: Engine,
    module: Module,
    origin: Origin,
}

impl Sandbox {
    /// Compiles a guest, or takes it from the engine's cache, and checks that it is one.
    pub fn new(engine: &Engine, wasm: &[u8]) -> Result<Self, ModuleError> {
        let (module, origin) = compile(engine, wasm)?;
        check(&module)?;
        Ok(Self { engine: engine.clone(), module, origin })
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Where the compiled module came from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Makes an instance without a model.
    pub fn instantiate(&self, options: &LoadOptions) -> Result<WasmInstance, Fault> {
        WasmInstance::new(self.engine.wasmtime(), &self.module, self.engine.settings(), options.cancel.clone())
    }

    /// Loads a model into a new instance.
    pub fn load(&self, model: impl Into<Arc<[u8]>>, options: &LoadOptions) -> Result<Session, SessionError> {
        Session::new(self.clone(), model.into(), options.clone())
    }
}

fn compile(engine: &Engine, wasm: &[u8]) -> Result<(Module, Origin), ModuleError> {
    let wasmtime = engine.wasmtime();
    let invalid = |e: wasmtime::Error| ModuleError::Invalid { what: format!("{e:#}") };
    let Some(cache) = engine.cache() else {
        return Ok((Module::new(wasmtime, wasm).map_err(invalid)?, Origin::Compiled));
    };
    let id = cache.id(wasmtime, wasm);
    if let Some(compiled) = cache.get(id) {
        // SAFETY: `deserialize` trusts its bytes to be what `Module::serialize` gave. `Cache::get` returns only bytes whose
        // keyed hash holds under a key that only this user can read, so `put` below wrote them; the hash covers wasmtime's
        // version and settings, and they are checked and used in memory, so nothing can change them in between.
        if let Ok(module) = unsafe { Module::deserialize(wasmtime, compiled) } {
            return Ok((module, Origin::Cache));
        }
    }
    let module = Module::new(wasmtime, wasm).map_err(invalid)?;
    if let Ok(compiled) = module.serialize() {
        // A full or read-only disk costs the next start its compile time and nothing else.
        let _ = cache.put(id, &compiled);
    }
    Ok((module, Origin::Compiled))
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
