//! The engine of `mote-models` over the sandbox: whatever a command computes with a model, the guest computes.

use std::fmt::Display;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use mote_abi::{ClientError, Description};
use mote_models::judge::Candidate;
use mote_models::run::{Bytes, Engine, Run, RunError};
use mote_models::samples::synthetic;

use crate::failure::Failure;
use crate::sandbox::{Fault, LoadOptions, Sandbox, Session, SessionError};
use crate::work::explain::Explain as _;
use crate::work::latency::Latency;

/// Samples that each instance gets at once: enough to outweigh the start of its thread.
const SHARE: usize = 8;

/// Loads models into a sandbox; many samples are shared among several instances. A fault is told to the caller in words, as the trait has it, and kept as a [`Failure`] for
/// whoever ends the command.
#[derive(Debug)]
pub struct SandboxEngine {
    sandbox: Sandbox,
    load: LoadOptions,
    jobs: NonZero<usize>,
    failure: Mutex<Option<Failure>>,
}

impl SandboxEngine {
    /// Over this sandbox, with so many instances where there are samples for them.
    #[must_use]
    pub fn new(sandbox: Sandbox, load: LoadOptions, jobs: NonZero<usize>) -> Self {
        Self { sandbox, load, jobs, failure: Mutex::new(None) }
    }

    /// The failure behind the last [`RunError::Engine`], which is then forgotten.
    pub fn take_failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What the runtime tells of a model, which messages call `what`.
    pub fn describe(&self, model: &[u8], what: &dyn Display) -> Result<Description, Failure> {
        Ok(self.load(model).map_err(|e| e.explain(self, what))?.description().clone())
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

    /// One sample from a fresh state.
    fn run_one(&self, session: &mut Session, inputs: &[Vec<u8>]) -> Result<Bytes, SessionError> {
        self.go_on()?;
        if session.description().state_bytes > 0 {
            session.reset()?;
        }
        session.infer(inputs)
    }

    fn run_all(&self, session: &mut Session, samples: &[Bytes]) -> Result<Vec<Bytes>, SessionError> {
        samples.iter().map(|inputs| self.run_one(session, inputs)).collect()
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
        let model = Arc::<[u8]>::from(model);
        let first = self.sandbox.load(Arc::clone(&model), &self.load).map_err(|e| self.told(e))?;
        Ok(Box::new(Loaded { engine: self, model, first, others: Vec::new() }))
    }
}

struct Loaded<'e> {
    engine: &'e SandboxEngine,
    model: Arc<[u8]>,
    first: Session,
    /// Made when there is a batch to share.
    others: Vec<Session>,
}

impl Loaded<'_> {
    /// What `run_batch` gives, by the instances' own threads. Each takes a stretch of the samples, so the first failure in the
    /// order of the instances is the first in that of the samples.
    fn shared(&mut self, samples: &[Bytes]) -> Result<Vec<Bytes>, SessionError> {
        let Self { engine, model, first, others } = self;
        let engine = *engine;
        let stretch = samples.len().div_ceil(engine.jobs.get());
        let instances = samples.len().div_ceil(stretch);
        while others.len() + 1 < instances {
            others.push(engine.sandbox.load(Arc::clone(model), &engine.load)?);
        }
        thread::scope(|scope| {
            let sessions = std::iter::once(first).chain(others);
            let work = |(samples, session): (_, _)| scope.spawn(move || engine.run_all(session, samples));
            let threads: Vec<_> = samples.chunks(stretch).zip(sessions).map(work).collect();
            let mut results = Vec::with_capacity(samples.len());
            for thread in threads {
                results.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(results)
        })
    }
}

impl Run for Loaded<'_> {
    fn description(&self) -> &Description {
        self.first.description()
    }

    fn run(&mut self, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, RunError> {
        self.engine.run_one(&mut self.first, inputs).map_err(|e| self.engine.told(e))
    }

    fn batch(&self) -> usize {
        match self.engine.jobs.get() {
            1 => 1,
            jobs => jobs * SHARE,
        }
    }

    fn run_batch(&mut self, samples: &[Bytes]) -> Result<Vec<Bytes>, RunError> {
        let results = match samples.len().min(self.engine.jobs.get()) {
            0 | 1 => self.engine.run_all(&mut self.first, samples),
            _ => self.shared(samples),
        };
        results.map_err(|e| self.engine.told(e))
    }
}
