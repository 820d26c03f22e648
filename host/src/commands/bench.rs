//! `mote bench`: how fast a model runs.

use std::fmt;
use std::num::NonZero;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use mote_models::samples::synthetic;
use serde::Serialize;

use super::Context;
use crate::failure::Failure;
use crate::report::{Align, Table, bytes, count, duration, percent, rate};
use crate::sandbox::{Guard, Sandbox, Session};
use crate::work::latency::{Latency, seconds};
use crate::work::model::ModelSource;
use crate::work::options::{Kernels, SandboxOptions};
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

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    kernels: Kernels,
    #[serde(rename = "compile_s", serialize_with = "seconds")]
    compile: Duration,
    #[serde(rename = "load_s", serialize_with = "seconds")]
    load: Duration,
    #[serde(rename = "first_run_s", serialize_with = "seconds")]
    first_run: Duration,
    latency: Latency,
    macs: u64,
    macs_per_second: f64,
    memory_bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    throughput: Option<Throughput>,
    /// Multiply-accumulates a second of int8 at the machine's 128-bit peak, where operators were timed and it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_macs_per_second: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ops: Vec<OpTime>,
}

#[derive(Debug, Serialize)]
struct OpTime {
    node: u32,
    op: String,
    kernel: String,
    macs: u64,
    /// Elements that it puts out: each is scaled, rounded and stored, whatever its number of products.
    outputs: u64,
    #[serde(rename = "median_s", serialize_with = "seconds")]
    median: Duration,
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
        let timed = |session: &mut Session| {
            session.write_inputs(&inputs)?;
            let started = Instant::now();
            session.run()?;
            Ok(started.elapsed())
        };
        let fail = |error| Failure::of_session(&self.model.to_string(), &error);
        let first_run = timed(&mut session).map_err(fail)?;
        for _ in 0..self.warm_up {
            timed(&mut session).map_err(fail)?;
        }
        let times = (0..self.runs.get()).map(|_| timed(&mut session)).collect::<Result<Vec<_>, _>>().map_err(fail)?;
        let latency = Latency::of(times).ok_or_else(Failure::cancelled)?;
        let ops = if self.ops { self.time_ops(&mut session, &inputs)? } else { Vec::new() };
        let throughput = match self.jobs {
            Some(jobs) => self.throughput(&sandbox, jobs, &inputs, context)?,
            None => None,
        };
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

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {} kernels, {} runs\n", self.model, self.kernels.name(), self.latency.runs)?;
        let mut table = Table::new(&[("Time", Align::Left), ("", Align::Right)]);
        for (name, time) in [
            ("prepare the runtime", self.compile),
            ("load the model", self.load),
            ("first run", self.first_run),
            ("run, median", self.latency.median),
            ("run, p95", self.latency.p95),
            ("run, fastest", self.latency.min),
        ] {
            table.row([name.into(), duration(time)]);
        }
        table.row([
            "multiply-accumulates".into(),
            format!("{}, {}", count(self.macs), rate(self.macs_per_second, "MAC")),
        ]);
        table.row(["memory of the guest".into(), bytes(self.memory_bytes as u64)]);
        if let Some(throughput) = &self.throughput {
            table.row(["one instance".into(), rate(throughput.alone_per_second, "run")]);
            table.row([
                format!("{} instances", throughput.jobs),
                format!("{}, {:.2} times one", rate(throughput.together_per_second, "run"), throughput.scaling()),
            ]);
        }
        write!(f, "{table}")?;
        if self.ops.is_empty() {
            return Ok(());
        }
        write!(f, "\n{}", self.op_table())
    }
}

impl Report {
    fn op_table(&self) -> Table {
        let whole: Duration = self.ops.iter().map(|op| op.median).sum();
        let mut table = Table::new(&[
            ("Op", Align::Right),
            ("Operator", Align::Left),
            ("Kernel", Align::Wrap),
            ("Median", Align::Right),
            ("Share", Align::Right),
            ("MACs", Align::Right),
            ("an output", Align::Right),
            ("Rate", Align::Right),
            ("Of peak", Align::Right),
        ]);
        let of_peak = |macs: u64, time: Duration| match self.peak_macs_per_second {
            Some(peak) if macs > 0 => percent(macs as f64 / time.as_secs_f64() / peak),
            Some(_) | None => String::new(),
        };
        for op in &self.ops {
            let speed = op.macs as f64 / op.median.as_secs_f64();
            table.row([
                op.node.to_string(),
                op.op.clone(),
                op.kernel.clone(),
                duration(op.median),
                percent(op.median.as_secs_f64() / whole.as_secs_f64()),
                count(op.macs),
                op.macs.checked_div(op.outputs).filter(|&each| each > 0).map_or_else(String::new, count),
                if op.macs == 0 { String::new() } else { rate(speed, "MAC") },
                of_peak(op.macs, op.median),
            ]);
        }
        let all = of_peak(self.macs, whole);
        table.row(["", "all, one by one", "", &duration(whole), "", "", "", "", &all]);
        table
    }
}
