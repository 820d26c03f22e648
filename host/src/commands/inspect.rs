//! `mote inspect`: what is in a model, and what it takes to run it.

use std::collections::BTreeMap;
use std::fmt;

use clap::Args;
use mote_abi::{Build, Description, Op, Tensor};
use mote_models::graph::{Metadata, Normalization};
use mote_models::import;
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::{Align, Table, bytes, count, extents};
use crate::work::model::ModelSource;
use crate::work::options::{Kernels, SandboxOptions};
use crate::work::samples::formula;

/// Names of classes that are shown; the JSON has them all.
const LABELS: usize = 12;

/// Show a model's inputs, outputs, operators, memory and arithmetic, and what it tells of itself
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// A .tflite or .onnx file, or `zoo:NAME`
    model: ModelSource,
    #[command(flatten)]
    sandbox: SandboxOptions,
}

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    kernels: Kernels,
    build: Build,
    macs: u64,
    #[serde(flatten)]
    description: Description,
    metadata: Told,
}

/// What the model tells of itself besides its network.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    normalization: Option<Normalization>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, String>,
}

impl Inspect {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let model = self.model.load()?;
        let sandbox = self.sandbox.sandbox()?;
        let mut session = self.model.session(&sandbox, model.clone(), &self.sandbox.load(&context.cancel))?;
        let description = session.description().clone();
        let build = session.build().map_err(|error| Failure::of_session(&self.model.to_string(), &error))?;
        let metadata = import::metadata(&model);
        let Metadata { labels, normalization, notes } =
            metadata.map_err(|e| Failure::new(FailureKind::Model, &self.model, e))?;
        let metadata = Told { labels, normalization, notes };
        let macs = description.ops.iter().map(|op| op.macs).sum();
        let (model, kernels) = (self.model.to_string(), self.sandbox.build);
        context.format.print(&Report { model, kernels, build, macs, description, metadata })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Description { name, inputs, outputs, ops, .. } = &self.description;
        write!(f, "{}", self.model)?;
        if !name.is_empty() {
            write!(f, ": {name}")?;
        }
        writeln!(f, "\n")?;
        write!(f, "{}", tensors(inputs, outputs))?;
        writeln!(f)?;
        write!(f, "{}", operators(ops))?;
        writeln!(f)?;
        write!(f, "{}", self.totals())?;
        match self.metadata.table() {
            table if table.is_empty() => Ok(()),
            table => write!(f, "\n{table}"),
        }
    }
}

impl Told {
    fn table(&self) -> Table {
        let mut table = Table::new(&[("Metadata", Align::Left), ("", Align::Wrap)]);
        if !self.labels.is_empty() {
            let first: Vec<_> = self.labels.iter().take(LABELS).map(String::as_str).collect();
            let more = if self.labels.len() > LABELS { ", ..." } else { "" };
            table.row(["classes".into(), format!("{}: {}{more}", self.labels.len(), first.join(", "))]);
        }
        if let Some(normalization) = &self.normalization {
            table.row(["input", &formula(normalization)]);
        }
        for (name, text) in &self.notes {
            let lines = text.lines().count();
            let shown = match lines {
                0 | 1 => text.clone(),
                _ => format!("{lines} lines; `mote export` writes a recipe as .toml"),
            };
            table.row([name, &shown]);
        }
        table
    }
}

impl Report {
    fn totals(&self) -> Table {
        let Description { arena_bytes, arena_lower_bound, state_bytes, weight_bytes, file_bytes, .. } =
            self.description;
        let mut table = Table::new(&[("Total", Align::Left), ("", Align::Right), ("", Align::Wrap)]);
        table.row(["multiply-accumulates".into(), count(self.macs), String::new()]);
        table.row(["arena".into(), bytes(arena_bytes), format!("at least {} for any plan", bytes(arena_lower_bound))]);
        if state_bytes > 0 {
            table.row(["of it, state".into(), bytes(state_bytes), "kept between runs".into()]);
        }
        table.row(["weights".into(), bytes(weight_bytes), "as packed for these kernels".into()]);
        table.row(["file".into(), bytes(file_bytes), String::new()]);
        let (build, dot) = match self.build {
            Build::Scalar => ("scalar", ""),
            Build::Simd128 => ("simd128", ""),
            Build::RelaxedSimd => ("relaxed", "the dot product saturates on this machine and is not used"),
            Build::RelaxedDotSigned => ("relaxed", "by this machine's signed dot product"),
            Build::RelaxedDotUnsigned => ("relaxed", "by this machine's unsigned dot product"),
        };
        table.row(["kernels".to_owned(), build.to_owned(), dot.to_owned()]);
        table
    }
}

fn tensors(inputs: &[Tensor], outputs: &[Tensor]) -> Table {
    let mut table = Table::new(&[
        ("Tensor", Align::Left),
        ("Name", Align::Wrap),
        ("Type", Align::Left),
        ("Shape", Align::Left),
        ("Scale", Align::Right),
        ("Zero point", Align::Right),
        ("Bytes", Align::Right),
    ]);
    for (role, tensors) in [("input", inputs), ("output", outputs)] {
        for (k, tensor) in tensors.iter().enumerate() {
            let quantization = tensor.quantization();
            table.row([
                format!("{role} {k}"),
                tensor.name.clone(),
                tensor.dtype.clone(),
                extents(&tensor.shape),
                quantization.map_or_else(String::new, |(scale, _)| scale.to_string()),
                quantization.map_or_else(String::new, |(_, zero_point)| zero_point.to_string()),
                tensor.bytes.to_string(),
            ]);
        }
    }
    table
}

fn operators(ops: &[Op]) -> Table {
    let mut table = Table::new(&[
        ("Op", Align::Right),
        ("Operator", Align::Left),
        ("Kernel", Align::Wrap),
        ("Output", Align::Left),
        ("MACs", Align::Right),
        ("Weights", Align::Right),
        ("Scratch", Align::Right),
    ]);
    for op in ops {
        let outputs: Vec<_> = op.outputs.iter().map(|tensor| extents(&tensor.shape)).collect();
        table.row([
            op.node.to_string(),
            op.op.clone(),
            op.kernel.clone(),
            outputs.join(", "),
            count(op.macs),
            bytes(op.weight_bytes),
            bytes(op.scratch_bytes),
        ]);
    }
    table
}
