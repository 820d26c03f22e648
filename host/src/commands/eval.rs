//! `mote eval`: how often a classifier is right.

use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use mote_models::metrics::{ClassMetrics, ConfusionMatrix, Estimate};
use mote_models::samples::{Inputs, LabelledSet, outputs};
use serde::Serialize;

use super::Context;
use crate::failure::Failure;
use crate::report::{Align, Table, percent};
use crate::sandbox::Session;
use crate::work::latency::Latency;
use crate::work::model::ModelSource;
use crate::work::options::{Kernels, SandboxOptions};
use crate::work::samples::SampleOptions;
use crate::work::{data, parallel};

/// Evaluate a classifier on labelled samples
#[derive(Debug, Args)]
#[command(after_help = data::LABELLED_HELP)]
pub(super) struct Eval {
    /// A .tflite or .onnx file, or `zoo:NAME`
    model: ModelSource,
    /// Labelled samples: an .npz, an .npy with --labels, or a folder of folders [default: a zoo model's own test set]
    data: Option<PathBuf>,
    /// Show which classes are taken for which
    #[arg(long)]
    confusion: bool,
    /// Instances that run in parallel
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZero<usize>,
    #[command(flatten)]
    samples: SampleOptions,
    #[command(flatten)]
    sandbox: SandboxOptions,
}

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    data: String,
    kernels: Kernels,
    samples: u64,
    right: u64,
    top1: Estimate,
    macro_f1: Option<f64>,
    latency: Latency,
    classes: Vec<Class>,
    /// Rows by truth, columns by prediction.
    #[serde(skip_serializing_if = "Option::is_none")]
    confusion: Option<Vec<Vec<u64>>>,
}

#[derive(Debug, Serialize)]
struct Class {
    class: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(flatten)]
    metrics: ClassMetrics,
}

impl Eval {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let model = self.model.load()?;
        let sandbox = self.sandbox.sandbox()?;
        let load = self.sandbox.load(&context.cancel);
        let description = self.model.session(&sandbox, model.clone(), &load)?.description().clone();
        parallel::allowed(self.jobs, description.state_bytes)?;
        let name = self.model.to_string();
        let output = description.outputs.first().ok_or_else(|| data::failure(&name, "the model has no output"))?;
        let (source, set) = self.samples.labelled(self.data.as_deref(), &self.model, &description.inputs)?;
        let LabelledSet { x, y, class_names } = set;
        let inputs = Inputs::new(&description.inputs, vec![x]).map_err(|e| data::failure(&source, e))?;
        let runs = parallel::run(
            self.jobs,
            inputs.len(),
            &context.cancel,
            || self.model.session(&sandbox, model.clone(), &load),
            |session, sample| {
                let bytes = inputs.bytes(0, sample).map_err(|e| data::failure(&source, e))?;
                let (time, found) = timed(session, &bytes).map_err(|e| Failure::of_session(&name, &e))?;
                Ok((time, outputs::class(0, output, &found).map_err(|e| data::failure(&name, e))?))
            },
        )?;
        let mut confusion = ConfusionMatrix::new(class_names.len());
        for (&truth, (_, predicted)) in y.iter().zip(&runs) {
            confusion.add(truth, *predicted);
        }
        let nothing = || data::failure(&source, "has no samples");
        context.format.print(&Report {
            model: name,
            kernels: self.sandbox.build,
            samples: confusion.total(),
            right: confusion.right(),
            top1: confusion.top1().ok_or_else(nothing)?,
            macro_f1: confusion.macro_f1(),
            latency: Latency::of(runs.into_iter().map(|(time, _)| time).collect()).ok_or_else(nothing)?,
            classes: classes(&confusion, &class_names),
            confusion: self.confusion.then(|| confusion.counts().to_vec()),
            data: source,
        })
    }
}

/// One sample from a fresh state: the time of the run alone, and output 0.
fn timed(session: &mut Session, input: &[u8]) -> Result<(std::time::Duration, Vec<u8>), crate::sandbox::SessionError> {
    if session.description().state_bytes > 0 {
        session.reset()?;
    }
    session.write_inputs(&[input])?;
    let started = Instant::now();
    session.run()?;
    let time = started.elapsed();
    Ok((time, session.read_outputs()?.swap_remove(0)))
}

fn classes(confusion: &ConfusionMatrix, names: &[String]) -> Vec<Class> {
    let class = |(class, metrics)| Class { class, name: names.get(class).cloned(), metrics };
    confusion.classes().into_iter().enumerate().map(class).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, data, right, samples, top1, latency, kernels, .. } = self;
        writeln!(f, "{model} on {data}\n")?;
        writeln!(
            f,
            "top-1    {:.4} ({right} of {samples}; 95 % interval {:.4} to {:.4})",
            top1.value, top1.low, top1.high
        )?;
        writeln!(f, "latency  {latency} ({} kernels)\n", kernels.name())?;
        write!(f, "{}", self.class_table())?;
        match &self.confusion {
            Some(counts) => {
                write!(f, "\nrows: true class; columns: what the model said\n{}", self.confusion_table(counts))
            }
            None => Ok(()),
        }
    }
}

impl Report {
    fn class_table(&self) -> Table {
        let mut table = Table::new(&[
            ("Class", Align::Left),
            ("Samples", Align::Right),
            ("Precision", Align::Right),
            ("Recall", Align::Right),
            ("F1", Align::Right),
        ]);
        let share = |share: Option<f64>| share.map_or_else(|| "-".into(), percent);
        for class in &self.classes {
            let ClassMetrics { support, precision, recall, f1 } = class.metrics;
            table.row([class.title(), support.to_string(), share(precision), share(recall), share(f1)]);
        }
        table
    }

    fn confusion_table(&self, counts: &[Vec<u64>]) -> Table {
        let numbers: Vec<String> = (0..counts.len()).map(|class| class.to_string()).collect();
        let mut columns = vec![("", Align::Left)];
        columns.extend(numbers.iter().map(|number| (number.as_str(), Align::Right)));
        let mut table = Table::new(&columns);
        for (class, row) in self.classes.iter().zip(counts) {
            let count = |n: &u64| if *n == 0 { ".".into() } else { n.to_string() };
            table.row(std::iter::once(class.title()).chain(row.iter().map(count)));
        }
        table
    }
}

impl Class {
    fn title(&self) -> String {
        match &self.name {
            Some(name) if *name != self.class.to_string() => format!("{} {name}", self.class),
            _ => self.class.to_string(),
        }
    }
}
