//! `mote eval`: how well a model does.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use mote_models::judge::{Accuracy, Predictions, Reader, Task, Truth};
use mote_models::metrics::{ClassMetrics, ConfusionMatrix, Estimate};
use mote_models::samples::{Inputs, SampleError};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::{Align, Table, percent};
use crate::sandbox::{Session, SessionError};
use crate::work::latency::Latency;
use crate::work::model::ModelSource;
use crate::work::options::{Jobs, Kernels, SandboxOptions};
use crate::work::samples::{SampleOptions, Subject};
use crate::work::{data, parallel};

/// Evaluate a model on labelled samples: a classifier, a detector of anomalies or a regression
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
    #[command(flatten)]
    jobs: Jobs,
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
    samples: usize,
    latency: Latency,
    #[serde(flatten)]
    found: Found,
}

/// How well the model does.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Found {
    Classifier(Classifier),
    Other(Accuracy),
}

#[derive(Debug, Serialize)]
struct Classifier {
    task: Task,
    right: u64,
    top1: Estimate,
    macro_f1: Option<f64>,
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
        parallel::allowed(self.jobs.jobs, description.state_bytes)?;
        let name = self.model.to_string();
        let subject = Subject::new(&self.model, &model, description)?;
        let (source, set) = self.samples.labelled(self.data.as_deref(), &subject)?;
        let Subject { description, .. } = subject;
        let refused = |e: SampleError| data::refused(&source, e);
        let inputs = Inputs::new(&description.inputs, set.arrays().to_vec()).map_err(refused)?;
        let reader = Reader::new(&set, &description, &inputs).map_err(refused)?;
        let runs = parallel::run(
            self.jobs.jobs,
            inputs.len(),
            &context.cancel,
            || self.model.session(&sandbox, model.clone(), &load),
            |session, sample| {
                let fed = inputs.sample(sample).map_err(refused)?;
                let (time, found) = timed(session, &fed).map_err(|e| Failure::of_session(&name, &e))?;
                Ok((time, reader.read(sample, &fed, &found).map_err(|e| data::refused(&name, e))?))
            },
        )?;
        let (times, said): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
        let (predictions, _) = reader.predictions(said);
        let nothing = || data::failure(&source, "has no samples");
        let found = match (set.truth(), predictions) {
            (Truth::Classes { y, names }, Predictions::Classes(predicted)) => {
                let mut confusion = ConfusionMatrix::new(names.len());
                y.iter().zip(predicted).for_each(|(&truth, predicted)| confusion.add(truth, predicted));
                Found::Classifier(Classifier {
                    task: set.task(),
                    right: confusion.right(),
                    top1: confusion.top1().ok_or_else(nothing)?,
                    macro_f1: confusion.macro_f1(),
                    classes: classes(&confusion, names),
                    confusion: self.confusion.then(|| confusion.counts().to_vec()),
                })
            }
            (_, predictions) => {
                let accuracy = Accuracy::of(&set, &predictions);
                Found::Other(accuracy.map_err(|e| Failure::new(FailureKind::Data, &source, e))?)
            }
        };
        context.format.print(&Report {
            model: name,
            kernels: self.sandbox.build,
            samples: set.len(),
            latency: Latency::of(times).ok_or_else(nothing)?,
            data: source,
            found,
        })
    }
}

/// One sample from a fresh state: the time of the run alone, and the outputs.
fn timed(session: &mut Session, inputs: &[Vec<u8>]) -> Result<(Duration, Vec<Vec<u8>>), SessionError> {
    if session.description().state_bytes > 0 {
        session.reset()?;
    }
    session.write_inputs(inputs)?;
    let started = Instant::now();
    session.run()?;
    let time = started.elapsed();
    Ok((time, session.read_outputs()?))
}

fn classes(confusion: &ConfusionMatrix, names: &[String]) -> Vec<Class> {
    let class = |(class, metrics)| Class { class, name: names.get(class).cloned(), metrics };
    confusion.classes().into_iter().enumerate().map(class).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, data, samples, latency, kernels, found } = self;
        writeln!(f, "{model} on {data}\n")?;
        let of = |f: &mut fmt::Formatter<'_>, name: &str, Estimate { value, low, high }: &Estimate, of: &str| {
            writeln!(f, "{name:8} {value:.4} ({of}; 95 % interval {low:.4} to {high:.4})")
        };
        match found {
            Found::Classifier(Classifier { right, top1, .. }) => {
                of(f, "top-1", top1, &format!("{right} of {samples}"))?;
            }
            Found::Other(Accuracy::Classification { top1, .. }) => of(f, "top-1", top1, &format!("{samples} samples"))?,
            Found::Other(Accuracy::Anomaly { auc, anomalous, normal }) => {
                of(f, "AUC", auc, &format!("{anomalous} anomalous, {normal} normal samples"))?;
            }
            Found::Other(Accuracy::Regression { rmse, mae }) => {
                of(f, "RMSE", rmse, &format!("{samples} samples"))?;
                of(f, "MAE", mae, "mean absolute error")?;
            }
        }
        writeln!(f, "latency  {latency} ({} kernels)", kernels.name())?;
        match found {
            Found::Classifier(classifier) => write!(f, "\n{classifier}"),
            Found::Other(_) => Ok(()),
        }
    }
}

impl fmt::Display for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.class_table())?;
        match &self.confusion {
            Some(counts) => {
                write!(f, "\nrows: true class; columns: what the model said\n{}", self.confusion_table(counts))
            }
            None => Ok(()),
        }
    }
}

impl Classifier {
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
