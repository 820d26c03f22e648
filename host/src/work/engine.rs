//! The engine of `mote-models` over the sandbox: whatever a command computes with a model, the guest computes.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mote_abi::{ClientError, Description, Tensor};
use mote_models::judge::Candidate;
use mote_models::run::{Engine, Run, RunError};

use crate::failure::Failure;
use crate::sandbox::{Fault, LoadOptions, Sandbox, Session, SessionError};
use crate::work::explain::Explain as _;
use crate::work::latency::Latency;
use crate::work::synthetic;

/// Loads models into a sandbox. A fault is told to the caller in words, as the trait has it, and kept as a [`Failure`] for
/// whoever ends the command.
#[derive(Debug)]
pub struct SandboxEngine {
    sandbox: Sandbox,
    load: LoadOptions,
    failure: Mutex<Option<Failure>>,
}

impl SandboxEngine {
    /// Over this sandbox.
    #[must_use]
    pub fn new(sandbox: Sandbox, load: LoadOptions) -> Self {
        Self { sandbox, load, failure: Mutex::new(None) }
    }

    /// The failure behind the last [`RunError::Engine`], which is then forgotten.
    pub fn take_failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The inputs of a model, which messages call `what`.
    pub fn inputs(&self, model: &[u8], what: &dyn Display) -> Result<Vec<Tensor>, Failure> {
        Ok(self.load(model).map_err(|e| e.explain(self, what))?.description().inputs.clone())
    }

    /// The times of `runs` runs on seeded input, after a tenth as many that are not timed.
    pub fn latency(&self, name: &str, model: &[u8], runs: usize) -> Result<Latency, Failure> {
        let fail = |error: SessionError| Failure::of_session(name, &error);
        let mut session = self.sandbox.load(model, &self.load).map_err(fail)?;
        let inputs: Vec<_> = session.description().inputs.iter().map(synthetic::input).collect();
        let mut timed = || -> Result<Duration, SessionError> {
            self.go_on()?;
            session.write_inputs(&inputs)?;
            let started = Instant::now();
            session.run()?;
            Ok(started.elapsed())
        };
        for _ in 0..runs.div_ceil(10) {
            timed().map_err(fail)?;
        }
        let times = (0..runs).map(|_| timed()).collect::<Result<Vec<_>, _>>().map_err(fail)?;
        Latency::of(times).ok_or_else(Failure::cancelled)
    }

    /// A model to be judged, with the median time of `runs` runs; without one where there are to be none.
    pub fn candidate<'a>(&self, name: &'a str, file: &'a [u8], runs: usize) -> Result<Candidate<'a>, Failure> {
        let latency = (runs > 0).then(|| self.latency(name, file, runs)).transpose()?;
        Ok(Candidate { name, file, latency_seconds: latency.map(|latency| latency.median.as_secs_f64()) })
    }

    /// Short runs end before the sandbox's clock looks at the cancel.
    fn go_on(&self) -> Result<(), SessionError> {
        if self.load.cancel.is_pulled() { Err(ClientError::Fault(Fault::Cancelled)) } else { Ok(()) }
    }

    fn told(&self, error: SessionError) -> RunError {
        if let ClientError::Guest(refusal) = error {
            return RunError::Refused(refusal);
        }
        let failure = Failure::of_session("model", &error);
        let told = RunError::Engine(error.to_string());
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        told
    }
}

impl Engine for SandboxEngine {
    fn load(&self, model: &[u8]) -> Result<Box<dyn Run + '_>, RunError> {
        let session = self.sandbox.load(Arc::<[u8]>::from(model), &self.load).map_err(|e| self.told(e))?;
        Ok(Box::new(Loaded { engine: self, session }))
    }
}

struct Loaded<'e> {
    engine: &'e SandboxEngine,
    session: Session,
}

impl Run for Loaded<'_> {
    fn description(&self) -> &Description {
        self.session.description()
    }

    fn run(&mut self, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, RunError> {
        let Self { engine, session } = self;
        let mut run = || {
            engine.go_on()?;
            if session.description().state_bytes > 0 {
                session.reset()?;
            }
            session.infer(inputs)
        };
        run().map_err(|e| engine.told(e))
    }
}
