//! What benchmarks have of a browser: guests that are compiled anew, and the probes' loops.

use std::collections::HashMap;

use js_sys::{Function, Object, Reflect, Uint8Array, WebAssembly};
use mote_abi::{Build, Client};
use mote_models::run::Run;
use wasm_bindgen::{JsCast, JsValue};

use crate::benchmark::suite::{Instance, Loop, Module, Place};
use crate::browser::{fetch, now, text_of};
use crate::engine::{Guest, Loaded};
use crate::pipeline::Task;
use crate::protocol::{Failure, Kernels};
use crate::relaxed::{QUESTIONS, Relaxed};

/// A custom section at a module's end: its id, its size, its name, eight bytes.
const TAG: [u8; 16] = [0, 14, 5, b's', b't', b'a', b'r', b't', 0, 0, 0, 0, 0, 0, 0, 0];
/// Where its bytes begin, from the end.
const MARK: u32 = 8;

/// Guests to be compiled anew, and loops to be run.
#[derive(Default)]
pub(crate) struct Timed {
    guests: HashMap<&'static str, Uint8Array>,
    loops: HashMap<Loop, Function>,
}

impl Timed {
    /// With all that a task needs of it: most need nothing.
    pub(crate) async fn for_task(task: &Task) -> Result<Self, Failure> {
        if let Task::Benchmark { kernels } = task {
            return Self::new(kernels, &[]).await;
        }
        if let Task::Peak { relaxed } = task {
            let loops = [Loop::Simd128, Loop::Relaxed];
            return Self::new(&[], if *relaxed { &loops } else { &loops[..1] }).await;
        }
        Ok(Self::default())
    }

    /// With the guests of these kernels, and these loops.
    async fn new(kernels: &[Kernels], loops: &[Loop]) -> Result<Self, Failure> {
        let mut timed = Self::default();
        for kernels in kernels {
            let file = kernels.module();
            if !timed.guests.contains_key(file) {
                let bytes = fetch(file).await.map_err(Failure::Page)?;
                timed.guests.insert(file, tagged(&Uint8Array::new(&bytes)));
            }
        }
        for &wanted in loops {
            let turns = function(&instance(wanted.module()).await.map_err(Failure::Page)?, "turns");
            timed.loops.insert(wanted, turns.map_err(Failure::Page)?);
        }
        Ok(timed)
    }
}

impl Place for Timed {
    fn now(&self) -> f64 {
        now()
    }

    fn compile(&self, kernels: Kernels) -> Result<Box<dyn Module + '_>, Failure> {
        let bytes = self.guests.get(kernels.module());
        let bytes = bytes.ok_or_else(|| Failure::Page(format!("{} was not fetched", kernels.module())))?;
        // Browsers know a module that they have compiled before by its bytes: these are no others'.
        bytes.subarray(bytes.length() - MARK, bytes.length()).copy_from(&now().to_le_bytes());
        let module = WebAssembly::Module::new(bytes).map_err(|error| Failure::Trap(text_of(&error)))?;
        Ok(Box::new(Compiled { module, kernels }))
    }

    fn turns(&self, which: Loop, count: u32) -> Result<(), Failure> {
        let turns = self.loops.get(&which);
        let turns = turns.ok_or_else(|| Failure::Page(format!("{} was not fetched", which.module())))?;
        let done = turns.call2(&JsValue::NULL, &count.into(), &1.into());
        done.map(drop).map_err(|error| Failure::Trap(text_of(&error)))
    }
}

/// A guest's module.
struct Compiled {
    module: WebAssembly::Module,
    kernels: Kernels,
}

impl Module for Compiled {
    fn instantiate(&self) -> Result<Box<dyn Instance>, Failure> {
        let guest = Guest::of(&self.module, self.kernels).map_err(Failure::Trap)?;
        Ok(Box::new(Fresh { guest, kernels: self.kernels }))
    }
}

/// A guest without a model.
struct Fresh {
    guest: Guest,
    kernels: Kernels,
}

impl Instance for Fresh {
    fn load(self: Box<Self>, model: &[u8]) -> Result<(Build, Box<dyn Run>), Failure> {
        let mut client = Client::load(self.guest, model, self.kernels.reference())?;
        let build = client.build()?;
        Ok((build, Box::new(Loaded(client))))
    }
}

/// What this browser's relaxed SIMD is. Where that cannot be asked there is none.
pub(crate) async fn relaxed() -> Relaxed {
    let Ok(instance) = instance(Loop::Relaxed.module()).await else { return Relaxed::default() };
    let Ok(ask) = function(&instance, "ask") else { return Relaxed::default() };
    let answer = |(a, b): (i8, u8)| {
        let sums = ask.call2(&JsValue::NULL, &a.into(), &b.into());
        sums.ok().and_then(|sums| sums.as_f64()).map_or(0, |sums| sums as i32)
    };
    Relaxed::answering(QUESTIONS.map(answer))
}

/// A module with room for a mark at its end.
fn tagged(module: &Uint8Array) -> Uint8Array {
    let bytes = Uint8Array::new_with_length(module.length() + TAG.len() as u32);
    bytes.set(module, 0);
    bytes.set(&Uint8Array::from(&TAG[..]), module.length());
    bytes
}

/// An instance of a probe; in a worker, where browsers compile modules at once.
async fn instance(file: &str) -> Result<WebAssembly::Instance, String> {
    let bytes = fetch(file).await?;
    let said = |error: JsValue| text_of(&error);
    WebAssembly::Instance::new(&WebAssembly::Module::new(&bytes).map_err(said)?, &Object::new()).map_err(said)
}

fn function(instance: &WebAssembly::Instance, name: &str) -> Result<Function, String> {
    let export = Reflect::get(&instance.exports(), &name.into()).map_err(|error| text_of(&error))?;
    export.dyn_into().map_err(|_| format!("the probe does not export {name}"))
}
