//! The one place that makes wasmtime's `Config` and `Engine`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::cache::{Cache, CacheError};
use super::fault::EngineError;

/// Default of [`Settings::memory_cap`].
pub const MEMORY_CAP: usize = 64 << 20;

/// Default of [`Settings::deadline`].
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Time between two looks at the clock while a guest runs; a deadline is late by at most this much.
pub const TICK: Duration = Duration::from_millis(10);

/// Stack of the guest. Its parser bounds its own depth; wasmtime's default of 512 KiB is far more than it takes.
const STACK_BYTES: usize = 512 << 10;

/// Multiply-accumulates of one step that may run to its end with nobody looking at the clock: a second or so on the
/// slowest gateway.
pub const UNWATCHED_MACS: u64 = 1 << 30;

/// What stops a call that takes too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guard {
    /// Checks compiled into every loop of the guest. Whatever the guest does, it is stopped; tight kernels take up to
    /// twice the time, because each check may be a call and saves their registers.
    Epochs,
    /// No checks in compiled code: the host looks at the clock between the steps of a model. One step, and the loading of
    /// a model, run to their end, so this is for models that are trusted.
    BetweenSteps,
    /// A model is loaded, and run once, under [`Guard::Epochs`]. A model that has stood that test within its deadline goes on
    /// under [`Guard::BetweenSteps`], unless one of its steps is above [`UNWATCHED_MACS`]: the steps of a model do the same
    /// work in every run.
    #[default]
    Proven,
}

impl Guard {
    /// Whether instances begin with checks in every loop.
    pub(super) fn begins_with_epochs(self) -> bool {
        match self {
            Guard::Epochs | Guard::Proven => true,
            Guard::BetweenSteps => false,
        }
    }
}

/// What an engine allows its guests.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What stops a call that takes too long.
    pub guard: Guard,
    /// Bytes of linear memory for each instance.
    pub memory_cap: usize,
    /// Time for loading a model, and for each run of it.
    pub deadline: Duration,
    /// Whether relaxed instructions give the results that the specification calls deterministic, the same on every machine, at the
    /// cost of speed: what kernels that this machine would not choose are tested by.
    pub deterministic: bool,
    /// Folder of the compiled modules; none compiles afresh each time.
    pub cache: Option<PathBuf>,
}

impl Default for Settings {
    /// The limits named in this module, and the cache in the user's own folder.
    fn default() -> Self {
        Self {
            guard: Guard::default(),
            memory_cap: MEMORY_CAP,
            deadline: DEADLINE,
            deterministic: false,
            cache: Cache::default_folder(),
        }
    }
}

/// wasmtime's engine with the settings of its guests. Clones share one engine and one clock.
#[derive(Debug, Clone)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Where models are loaded.
    wasmtime: wasmtime::Engine,
    /// Where models go on that have stood the test of [`Guard::Proven`].
    steady: Option<wasmtime::Engine>,
    settings: Settings,
    cache: Result<Option<Cache>, CacheError>,
    _ticker: Option<Ticker>,
}

impl Engine {
    /// Makes an engine. A cache that cannot be used is not an error: see [`Engine::cache_error`].
    pub fn new(settings: Settings) -> Result<Self, EngineError> {
        let engine = |epochs| {
            wasmtime::Engine::new(&config(epochs, settings.deterministic))
                .map_err(|e| EngineError { what: format!("{e:#}") })
        };
        let epochs = settings.guard.begins_with_epochs();
        let wasmtime = engine(epochs)?;
        let steady = (settings.guard == Guard::Proven).then(|| engine(false)).transpose()?;
        let cache = settings.cache.as_deref().map(Cache::open).transpose();
        let ticker = epochs.then(|| Ticker::start(wasmtime.clone())).transpose();
        let ticker = ticker.map_err(|e| EngineError { what: format!("no clock thread: {e}") })?;
        Ok(Self(Arc::new(Inner { wasmtime, steady, settings, cache, _ticker: ticker })))
    }

    /// What it allows its guests.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Why modules are compiled afresh each time although a cache was asked for.
    #[must_use]
    pub fn cache_error(&self) -> Option<&CacheError> {
        self.0.cache.as_ref().err()
    }

    pub(super) fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref().ok()?.as_ref()
    }

    pub(super) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.wasmtime
    }

    /// The engine without checks in compiled code, where there is one beside the other.
    pub(super) fn steady(&self) -> Option<&wasmtime::Engine> {
        self.0.steady.as_ref()
    }
}

/// What a guest may use is what a Rust compiler emits for `wasm32-unknown-unknown` with SIMD; all else is off.
fn config(epochs: bool, deterministic: bool) -> wasmtime::Config {
    let mut config = wasmtime::Config::new();
    config
        .strategy(wasmtime::Strategy::Cranelift)
        .cranelift_opt_level(wasmtime::OptLevel::Speed)
        .epoch_interruption(epochs)
        .max_wasm_stack(STACK_BYTES)
        // A fault is told by its name, not by a place in the guest, and nothing unwinds through compiled code: without the tables for
        // either, a module is a seventh smaller, and loads as much faster. Windows demands the second.
        .generate_address_map(false)
        .native_unwind_info(cfg!(windows))
        .wasm_simd(true)
        // Deterministic lowering costs speed, and the guest asks the engine how it is before it relies on a relaxed instruction.
        .wasm_relaxed_simd(true)
        .relaxed_simd_deterministic(deterministic)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false);
    config
}

/// Advances an engine's epoch until it is dropped.
#[derive(Debug)]
struct Ticker {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: wasmtime::Engine) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("mote-ticker".into()).spawn(move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread holds nothing that could panic, and a drop has no one to tell.
            let _ = thread.join();
        }
    }
}
