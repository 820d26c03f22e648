//! The browser's own engine under the guest's protocol: [`mote_abi::Instance`] through `WebAssembly`, and over it the
//! [`Engine`] by which `mote-models` runs what it calibrates and judges.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Function, Object, Reflect, Uint8Array, WebAssembly};
use mote_abi::client::Export;
use mote_abi::{Client, ClientError, Description, Instance};
use mote_models::run::{Engine, Run, RunError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::browser::{fetch, text_of};
use crate::evaluation::{run_on, run_once};
use crate::protocol::Kernels;

thread_local! {
    /// Guest modules that were compiled, by their file.
    static MODULES: RefCell<HashMap<&'static str, WebAssembly::Module>> = RefCell::default();
}

/// Why a call into a guest did not return, in the browser's words.
#[derive(Debug)]
pub(crate) struct Trap(String);

impl std::fmt::Display for Trap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A running guest.
pub(crate) struct Guest {
    functions: Vec<Function>,
    memory: WebAssembly::Memory,
}

impl Guest {
    /// A fresh instance of the module with these kernels.
    pub(crate) async fn new(kernels: Kernels) -> Result<Self, String> {
        Self::of(&module(kernels.module()).await?, kernels)
    }

    /// A fresh instance of a compiled module. It is given no imports, so it cannot reach anything.
    pub(crate) fn of(module: &WebAssembly::Module, kernels: Kernels) -> Result<Self, String> {
        let instance = WebAssembly::Instance::new(module, &Object::new()).map_err(|error| text_of(&error))?;
        let exports = instance.exports();
        let export = |name: &str| Reflect::get(&exports, &name.into()).ok().filter(|value| !value.is_undefined());
        let missing = |name: &str| format!("{} does not export {name}", kernels.module());
        let functions = Export::ALL
            .map(|e| export(e.name()).and_then(|f| f.dyn_into().ok()).ok_or_else(|| missing(e.name())))
            .into_iter()
            .collect::<Result<_, _>>()?;
        let memory = export("memory").and_then(|m| m.dyn_into().ok()).ok_or_else(|| missing("memory"))?;
        Ok(Self { functions, memory })
    }

    /// `len` bytes of guest memory at `ptr`. Made anew for each use, since any call may detach an older view.
    fn view(&self, ptr: u32, len: usize) -> Result<Uint8Array, Trap> {
        let memory = Uint8Array::new(&self.memory.buffer());
        match u32::try_from(len).ok().and_then(|len| ptr.checked_add(len)) {
            Some(end) if end <= memory.length() => Ok(memory.subarray(ptr, end)),
            _ => Err(Trap(format!("{len} bytes at {ptr} are outside the guest's {} bytes", memory.length()))),
        }
    }
}

impl Instance for Guest {
    type Fault = Trap;

    fn call(&mut self, export: Export, args: &[u32]) -> Result<u32, Trap> {
        let args: Array = args.iter().map(|&arg| JsValue::from(arg)).collect();
        let result = self.functions[export as usize].apply(&JsValue::NULL, &args);
        let result = result.map_err(|error| Trap(format!("{}: {}", export.name(), text_of(&error))))?;
        // An i32 comes as a signed number; functions without a result give `undefined`.
        Ok(result.as_f64().map_or(0, |number| number as i32 as u32))
    }

    fn read(&mut self, ptr: u32, out: &mut [u8]) -> Result<(), Trap> {
        self.view(ptr, out.len())?.copy_to(out);
        Ok(())
    }

    fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), Trap> {
        self.view(ptr, bytes.len())?.copy_from(bytes);
        Ok(())
    }
}

/// Guests, one for each model that is loaded. In a worker: elsewhere browsers do not instantiate modules at once.
pub(crate) struct Guests {
    module: WebAssembly::Module,
    kernels: Kernels,
}

impl Guests {
    /// With these kernels.
    pub(crate) async fn new(kernels: Kernels) -> Result<Self, String> {
        Ok(Self { module: module(kernels.module()).await?, kernels })
    }
}

impl Engine for Guests {
    fn load(&self, model: &[u8]) -> Result<Box<dyn Run + '_>, RunError> {
        let guest = Guest::of(&self.module, self.kernels).map_err(RunError::Engine)?;
        Ok(Box::new(Loaded(Client::load(guest, model, self.kernels.reference()).map_err(told)?)))
    }
}

/// A guest with its model.
pub(crate) struct Loaded(pub(crate) Client<Guest>);

impl Run for Loaded {
    fn description(&self) -> &Description {
        self.0.description()
    }

    fn run(&mut self, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, RunError> {
        run_once(&mut self.0, inputs).map_err(told)
    }

    fn run_on(&mut self, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, RunError> {
        run_on(&mut self.0, inputs).map_err(told)
    }
}

fn told(error: ClientError<Trap>) -> RunError {
    match error {
        ClientError::Guest(refusal) => RunError::Refused(refusal),
        ClientError::Fault(_) | ClientError::Abi { .. } | ClientError::Protocol(_) | ClientError::Size { .. } => {
            RunError::Engine(error.to_string())
        }
    }
}

async fn module(file: &'static str) -> Result<WebAssembly::Module, String> {
    if let Some(module) = MODULES.with_borrow(|modules| modules.get(file).cloned()) {
        return Ok(module);
    }
    let bytes = fetch(file).await?;
    let module = JsFuture::from(WebAssembly::compile(&bytes)).await.map_err(|error| text_of(&error))?;
    let module: WebAssembly::Module = module.unchecked_into();
    MODULES.with_borrow_mut(|modules| modules.insert(file, module.clone()));
    Ok(module)
}
