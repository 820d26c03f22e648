//! `mote autopsy`: what compressing did to each layer.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use mote_models::judge;
use mote_models::judge::autopsy::{Autopsy as Found, Options};
use mote_models::{export, passes};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::html::Page;
use crate::report::{activity, autopsied, paragraph};
use crate::work::explain::Explain as _;
use crate::work::model::{ModelSource, Precision};
use crate::work::options::{Jobs, Kernels, SandboxOptions};
use crate::work::progress::Bars;
use crate::work::samples::{SampleOptions, Subject};
use crate::work::{data, files};

/// Compare a compressed model with its original, layer by layer, and say what is wrong
#[derive(Debug, Args)]
#[command(after_help = data::LABELLED_HELP)]
pub(super) struct Autopsy {
    /// The float original: a .tflite or .onnx file, or `zoo:NAME`
    original: ModelSource,
    /// What was made of it
    variant: ModelSource,
    /// Labelled samples, in the original's units [default: a zoo model's own test set]
    data: Option<PathBuf>,
    /// The most samples that layers are compared on
    #[arg(long, value_name = "N", default_value_t = Options::default().samples)]
    layer_samples: usize,
    /// The most samples that each layer's own cost is measured on; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = Options::default().sensitivity_samples)]
    sensitivity_samples: usize,
    /// What counts as near zero in the activity of the original's channels
    #[arg(long, value_name = "NUMBER", default_value_t = Options::default().epsilon)]
    epsilon: f32,
    /// Write the report as a page with plots, too
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    samples: SampleOptions,
    #[command(flatten)]
    sandbox: SandboxOptions,
}

#[derive(Debug, Serialize)]
struct Report {
    original: String,
    variant: String,
    data: String,
    samples: usize,
    kernels: Kernels,
    /// The findings, in words.
    findings_in_words: Vec<String>,
    #[serde(flatten)]
    autopsy: Found,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<PathBuf>,
}

impl Autopsy {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        if let Some(path) = &self.html {
            files::apart(&[path], &[self.original.path(), self.variant.path(), self.data.as_deref()])?;
        }
        let engine = self.sandbox.engine(&context.cancel, &self.jobs)?;
        let progress = Bars::new(&context.cancel);
        let of_model = |source: &ModelSource, e: &dyn fmt::Display| Failure::new(FailureKind::Model, source, e);
        let original = self.original.network(Precision::Float)?.graph;
        let original = passes::simplify(original).map_err(|e| of_model(&self.original, &e))?;
        let variant = self.variant.network(Precision::Int8)?.graph;
        let file = export::tflite(&original).map_err(|e| of_model(&self.original, &e))?;
        let description = engine.describe(&file, &self.original)?;
        let subject = Subject::new(&self.original, &file, description)?;
        let (data, set) = self.samples.labelled(self.data.as_deref(), &subject)?;
        let (samples, sensitivity_samples) = (self.layer_samples, self.sensitivity_samples);
        let options = Options { samples, sensitivity_samples, epsilon: self.epsilon };
        let autopsy = judge::autopsy(&engine, &original, &variant, &set, &options, &progress)
            .map_err(|e| e.explain(&engine, &self.variant))?;
        drop(progress);
        let report = Report {
            original: self.original.to_string(),
            variant: self.variant.to_string(),
            samples: set.len(),
            data,
            kernels: self.sandbox.build,
            findings_in_words: autopsy.findings.iter().map(ToString::to_string).collect(),
            autopsy,
            written: self.html,
        };
        if let Some(path) = &report.written {
            files::write(path, report.page().html().as_bytes())?;
        }
        context.format.print(&report)
    }
}

impl Report {
    fn summary(&self) -> String {
        let Self { variant, original, samples, data, .. } = self;
        format!("{variant} against {original} on {samples} samples of {data}")
    }

    fn page(&self) -> Page {
        Page {
            title: format!("Autopsy of {}", self.variant),
            summary: vec![self.summary(), autopsied::fidelity(&self.autopsy)],
            sections: autopsied::sections(&self.autopsy),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", paragraph(&self.summary()))?;
        writeln!(f, "{}\n", paragraph(&autopsied::fidelity(&self.autopsy)))?;
        writeln!(f, "{}", autopsied::layers(&self.autopsy))?;
        if !self.autopsy.activity.layers.is_empty() {
            writeln!(f, "{}\n", paragraph(&activity::legend(&self.autopsy.activity)))?;
            writeln!(f, "{}", activity::table(&self.autopsy.activity))?;
        }
        if self.findings_in_words.is_empty() {
            writeln!(f, "nothing stands out")?;
        }
        for finding in &self.findings_in_words {
            writeln!(f, "{}", paragraph(&format!("- {finding}")))?;
        }
        if let Some(flips) = autopsied::flips(&self.autopsy) {
            writeln!(f, "{}", paragraph(&format!("- {flips}")))?;
        }
        match &self.written {
            Some(path) => writeln!(f, "\nwritten to {}", path.display()),
            None => Ok(()),
        }
    }
}
