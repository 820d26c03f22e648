//! What `mote bench` found.

use std::fmt;
use std::num::NonZero;
use std::time::Duration;

use serde::Serialize;

use crate::report::{Align, Table, bytes, count, duration, percent, rate};
use crate::work::latency::{Latency, seconds};
use crate::work::options::Kernels;
use crate::work::throughput::Throughput;

#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) model: String,
    pub(super) kernels: Kernels,
    #[serde(rename = "compile_s", serialize_with = "seconds")]
    pub(super) compile: Duration,
    #[serde(rename = "load_s", serialize_with = "seconds")]
    pub(super) load: Duration,
    #[serde(rename = "first_run_s", serialize_with = "seconds")]
    pub(super) first_run: Duration,
    pub(super) latency: Latency,
    pub(super) macs: u64,
    pub(super) macs_per_second: f64,
    pub(super) memory_bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) throughput: Option<Throughput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) batch: Option<Batch>,
    /// Multiply-accumulates a second of int8 at the machine's 128-bit peak, where operators were timed and it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) peak_macs_per_second: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ops: Vec<OpTime>,
}

#[derive(Debug, Serialize)]
pub(super) struct OpTime {
    pub(super) node: u32,
    pub(super) op: String,
    pub(super) kernel: String,
    pub(super) macs: u64,
    /// Elements that it puts out: each is scaled, rounded and stored, whatever its number of products.
    pub(super) outputs: u64,
    #[serde(rename = "median_s", serialize_with = "seconds")]
    pub(super) median: Duration,
}

/// Several windows of input in one run.
#[derive(Debug, Serialize)]
pub(super) struct Batch {
    pub(super) windows: NonZero<usize>,
    /// A run of one window, in turns with the others.
    #[serde(rename = "alone_s", serialize_with = "seconds")]
    pub(super) alone: Duration,
    /// A run of all of them.
    #[serde(rename = "together_s", serialize_with = "seconds")]
    pub(super) together: Duration,
}

impl Batch {
    /// Seconds that each window takes among the others.
    fn each(&self) -> f64 {
        self.together.as_secs_f64() / self.windows.get() as f64
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
        if let Some(batch) = &self.batch {
            let each = Duration::from_secs_f64(batch.each());
            table.row([
                format!("{} windows in one run, each", batch.windows),
                format!("{}, {:.2} times as fast", duration(each), batch.alone.as_secs_f64() / batch.each()),
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
