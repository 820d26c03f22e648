//! The sandbox's options on the command line.

use std::num::NonZero;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::failure::Failure;
use crate::sandbox::engine::{DEADLINE, MEMORY_CAP};
use crate::sandbox::{Cancel, Engine, Guard, LoadOptions, Sandbox, Settings, guest};
use crate::work::engine::SandboxEngine;

/// Which kernels run the model. All give the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kernels {
    /// 128-bit SIMD
    Simd128,
    /// 128-bit SIMD and relaxed SIMD
    Relaxed,
    /// The scalar reference kernels: slow, and obviously right
    Reference,
}

impl Kernels {
    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kernels::Simd128 => "simd128",
            Kernels::Relaxed => "relaxed",
            Kernels::Reference => "reference",
        }
    }

    /// The fastest of this machine. Cranelift has one instruction for the relaxed dot product on Arm, and a saturating stretch of
    /// them elsewhere, so that there the relaxed build has nothing to use.
    const fn best() -> Self {
        if cfg!(target_arch = "aarch64") { Kernels::Relaxed } else { Kernels::Simd128 }
    }

    fn module(self) -> &'static [u8] {
        match self {
            Kernels::Simd128 | Kernels::Reference => guest::SIMD128,
            Kernels::Relaxed => guest::RELAXED_SIMD,
        }
    }
}

/// How a model is run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sandbox")]
pub struct SandboxOptions {
    /// Kernels that run the model
    #[arg(long, value_enum, default_value_t = Kernels::best())]
    pub build: Kernels,
    /// Seconds that loading the model, and each run, may take
    #[arg(long, value_name = "SECONDS", default_value_t = DEADLINE.as_secs_f64(), value_parser = seconds)]
    #[arg(allow_negative_numbers = true)]
    pub deadline: f64,
    /// MiB of memory that the model and its runtime may take
    #[arg(long, value_name = "MIB", default_value_t = MEMORY_CAP >> 20, value_parser = memory)]
    #[arg(allow_negative_numbers = true)]
    pub memory: usize,
}

/// How many samples go through a model at once.
#[derive(Debug, Clone, Copy, Args)]
pub struct Jobs {
    /// Instances of a model that share the samples; the results are the same for any number
    #[arg(long, value_name = "N", default_value = "1")]
    pub jobs: NonZero<usize>,
}

impl Jobs {
    /// One instance.
    pub const ONE: Self = Self { jobs: NonZero::<usize>::MIN };
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|&s| s > 0.0 && Duration::try_from_secs_f64(s).is_ok());
    seconds.ok_or_else(|| "a number of seconds above 0".into())
}

fn memory(text: &str) -> Result<usize, String> {
    /// WebAssembly's 32-bit memories end there.
    const MOST: usize = 4096;
    match text.parse() {
        Ok(mib @ 1..=MOST) => Ok(mib),
        _ => Err(format!("a whole number from 1 to {MOST}")),
    }
}

impl SandboxOptions {
    /// The sandbox that they ask for.
    pub fn sandbox(&self) -> Result<Sandbox, Failure> {
        self.guarded(Guard::default())
    }

    /// The same under a guard of the caller's choice.
    pub fn guarded(&self, guard: Guard) -> Result<Sandbox, Failure> {
        let settings = Settings {
            guard,
            deadline: Duration::from_secs_f64(self.deadline),
            memory_cap: self.memory << 20,
            ..Settings::default()
        };
        let engine = Engine::new(settings)?;
        if let Some(error) = engine.cache_error() {
            eprintln!("note: compiling the runtime afresh, its cache is off: {error}");
        }
        Ok(Sandbox::new(&engine, self.build.module())?)
    }

    /// An engine over that sandbox, with as many instances at work as are asked for.
    pub fn engine(&self, cancel: &Cancel, jobs: &Jobs) -> Result<SandboxEngine, Failure> {
        Ok(SandboxEngine::new(self.sandbox()?, self.load(cancel), jobs.jobs))
    }

    /// How models are loaded into it.
    #[must_use]
    pub fn load(&self, cancel: &Cancel) -> LoadOptions {
        LoadOptions { reference: self.build == Kernels::Reference, cancel: cancel.clone() }
    }
}
