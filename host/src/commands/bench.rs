//! `mote bench`: how fast a model runs.

mod report;

use std::num::NonZero;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use mote_models::samples::synthetic;
use report::{Batch, OpTime, Report};

use super::Context;
use crate::failure::Failure;
use crate::sandbox::{Guard, Sandbox, Session, SessionError};
use crate::work::batch;
use crate::work::latency::Latency;
use crate::work::model::ModelSource;
use crate::work::options::SandboxOptions;
use crate::work::peak;
use crate::work::throughput::Throughput;

/// Measure a model's latency on seeded input
#[derive(Debug, Args)]
pub(super) struct Bench {
    /// A .tflite or .onnx file, or `zoo:NAME`
    model: ModelSource,
    /// Runs that are timed
    #[arg(long, default_value = "100")]
    runs: NonZero<usize>,
    /// Runs before those, which are not
    #[arg(long, default_value_t = 10)]
    warm_up: usize,
    /// Time each operator too, and hold it against the peak of the machine's 128-bit unit
    #[arg(long)]
    ops: bool,
    /// Count the runs a second of this many instances too, each on a thread of its own, and of one alone
    #[arg(long)]
    jobs: Option<NonZero<usize>>,
    /// Run so many windows of input at once too, in turns with one, as when several wait
    #[arg(long, value_name = "WINDOWS")]
    batch: Option<NonZero<usize>>,
    /// What stops a run that takes too long
    #[arg(long, value_enum, default_value_t = GuardName::Proven)]
    guard: GuardName,
    #[command(flatten)]
    sandbox: SandboxOptions,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum GuardName {
    /// Checks inside the loops until the model has run once within its deadline, between its operators from then on
    Proven,
    /// Checks inside the loops, always
    Epochs,
    /// Checks between a model's operators only, from the start: for models that are trusted
    Steps,
}

impl Bench {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let guard = match self.guard {
            GuardName::Proven => Guard::Proven,
            GuardName::Epochs => Guard::Epochs,
            GuardName::Steps => Guard::BetweenSteps,
        };
        let model = self.model.load()?;
        let started = Instant::now();
        let sandbox = self.sandbox.guarded(guard)?;
        let compile = started.elapsed();
        let started = Instant::now();
        let mut session = self.model.session(&sandbox, model, &self.sandbox.load(&context.cancel))?;
        let load = started.elapsed();

        let inputs: Vec<_> = session.description().inputs.iter().map(synthetic::input).collect();
        let fail = |error| Failure::of_session(&self.model.to_string(), &error);
        let first_run = timed(&mut session, &inputs).map_err(fail)?;
        for _ in 0..self.warm_up {
            timed(&mut session, &inputs).map_err(fail)?;
        }
        let runs = (0..self.runs.get()).map(|_| timed(&mut session, &inputs));
        let times = runs.collect::<Result<Vec<_>, _>>().map_err(fail)?;
        let latency = Latency::of(times).ok_or_else(Failure::cancelled)?;
        let ops = if self.ops { self.time_ops(&mut session, &inputs)? } else { Vec::new() };
        let throughput = match self.jobs {
            Some(jobs) => self.throughput(&sandbox, jobs, &inputs, context)?,
            None => None,
        };
        let batch = self.batch.map(|windows| self.batch(&sandbox, &mut session, windows, context)).transpose()?;
        let macs = session.description().ops.iter().map(|op| op.macs).sum();
        context.format.print(&Report {
            model: self.model.to_string(),
            kernels: self.sandbox.build,
            compile,
            load,
            first_run,
            latency,
            macs,
            macs_per_second: macs as f64 / latency.median.as_secs_f64(),
            memory_bytes: session.memory_bytes().map_err(fail)?,
            throughput,
            batch,
            peak_macs_per_second: self.ops.then(peak::macs_per_second).flatten(),
            ops,
        })
    }

    fn throughput(
        &self,
        sandbox: &Sandbox,
        jobs: NonZero<usize>,
        inputs: &[Vec<u8>],
        context: &Context,
    ) -> Result<Option<Throughput>, Failure> {
        let fail = |error| Failure::of_session(&self.model.to_string(), &error);
        let model = self.model.load()?;
        let open = |_| {
            let mut session = self.model.session(sandbox, model.clone(), &self.sandbox.load(&context.cancel))?;
            // The first run is a model's trial, under the first guard.
            session.infer(inputs).map_err(fail)?;
            Ok(session)
        };
        let mut sessions = (0..jobs.get()).map(open).collect::<Result<Vec<_>, Failure>>()?;
        Throughput::of(&mut sessions, |session| session.infer(inputs).map(|_| ())).map_err(fail)
    }

    fn batch(
        &self,
        sandbox: &Sandbox,
        alone: &mut Session,
        windows: NonZero<usize>,
        context: &Context,
    ) -> Result<Batch, Failure> {
        let file = batch::batched(&self.model, &self.model.load()?, windows)?;
        let mut together = self.model.session(sandbox, file, &self.sandbox.load(&context.cancel))?;
        let fail = |error| Failure::of_session(&self.model.to_string(), &error);
        let mut times = [Vec::new(), Vec::new()];
        for run in 0..self.warm_up + self.runs.get() {
            for (session, times) in [&mut *alone, &mut together].into_iter().zip(&mut times) {
                let inputs: Vec<_> = session.description().inputs.iter().map(synthetic::input).collect();
                let time = timed(session, &inputs).map_err(fail)?;
                if run >= self.warm_up {
                    times.push(time);
                }
            }
        }
        let [alone, together] = times.map(|times| Latency::of(times).map(|latency| latency.median));
        let (Some(alone), Some(together)) = (alone, together) else { return Err(Failure::cancelled()) };
        Ok(Batch { windows, alone, together })
    }

    fn time_ops(&self, session: &mut Session, inputs: &[Vec<u8>]) -> Result<Vec<OpTime>, Failure> {
        let fail = |error| Failure::of_session(&self.model.to_string(), &error);
        let steps = session.description().ops.len();
        let mut times = vec![Vec::with_capacity(self.runs.get()); steps];
        for _ in 0..self.runs.get() {
            session.write_inputs(inputs).map_err(fail)?;
            for (step, times) in times.iter_mut().enumerate() {
                let started = Instant::now();
                session.run_step(step).map_err(fail)?;
                times.push(started.elapsed());
            }
        }
        let medians = times.into_iter().filter_map(Latency::of).map(|latency| latency.median);
        let ops = session.description().ops.iter().zip(medians);
        let time = |(op, median): (&mote_abi::Op, Duration)| OpTime {
            node: op.node,
            op: op.op.clone(),
            kernel: op.kernel.clone(),
            macs: op.macs,
            outputs: op.outputs.iter().map(|tensor| tensor.elements() as u64).sum(),
            median,
        };
        Ok(ops.map(time).collect())
    }
}

/// The time of one run; inputs are written before it.
fn timed(session: &mut Session, inputs: &[Vec<u8>]) -> Result<Duration, SessionError> {
    session.write_inputs(inputs)?;
    let started = Instant::now();
    session.run()?;
    Ok(started.elapsed())
}
