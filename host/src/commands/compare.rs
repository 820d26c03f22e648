//! `mote compare`: models side by side.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use mote_models::judge::{self, DEVICES, Device};
use serde::Serialize;

use super::Context;
use crate::failure::Failure;
use crate::report::html::Page;
use crate::report::{judged, paragraph};
use crate::work::explain::Explain as _;
use crate::work::model::ModelSource;
use crate::work::options::{Jobs, Kernels, SandboxOptions};
use crate::work::progress::Bars;
use crate::work::samples::{SampleOptions, Subject};
use crate::work::{data, files};

/// Compare models over the same samples: accuracy, size, memory, latency, energy and the boards that they fit
#[derive(Debug, Args)]
#[command(after_help = data::LABELLED_HELP)]
pub(super) struct Compare {
    /// The original, then its variants: .tflite or .onnx files, `zoo:NAME`, or `zoo:NAME:float`
    #[arg(required = true, num_args = 2..)]
    models: Vec<ModelSource>,
    /// Labelled samples, in the float model's units [default: the first model's own, if it is of the zoo]
    #[arg(long, value_name = "DATA")]
    data: Option<PathBuf>,
    /// Boards that the models may fit, separated by commas [default: all that are known]
    #[arg(long, value_name = "BOARDS", value_delimiter = ',', value_parser = board)]
    device: Vec<&'static Device>,
    /// Timed runs of each model; 0 leaves latency out
    #[arg(long, value_name = "N", default_value_t = 50)]
    runs: usize,
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
    data: String,
    kernels: Kernels,
    #[serde(flatten)]
    judged: judge::Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<PathBuf>,
}

/// A board by its id.
fn board(id: &str) -> Result<&'static Device, String> {
    Device::find(id).ok_or_else(|| {
        let ids: Vec<_> = DEVICES.iter().map(|device| device.id).collect();
        format!("no board of this name is known; there are {}", ids.join(", "))
    })
}

impl Compare {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        if let Some(path) = &self.html {
            let models = self.models.iter().map(ModelSource::path);
            files::apart(&[path], &models.chain([self.data.as_deref()]).collect::<Vec<_>>())?;
        }
        let engine = self.sandbox.engine(&context.cancel, &self.jobs)?;
        let progress = Bars::new(&context.cancel);
        let mut files = Vec::with_capacity(self.models.len());
        for source in &self.models {
            let name = source.to_string();
            let file = source.load()?;
            let description = engine.describe(&file, &name)?;
            files.push((name, file, description));
        }
        let (_, file, description) = &files[0];
        let original = Subject::new(&self.models[0], file, description.clone())?;
        let (data, set) = self.samples.labelled(self.data.as_deref(), &original)?;
        let mut candidates = Vec::with_capacity(files.len());
        for (name, file, _) in &files {
            candidates.push(engine.candidate(name, file, self.runs)?);
        }
        let devices = if self.device.is_empty() { DEVICES.iter().collect() } else { self.device };
        let names: Vec<_> = files.iter().map(|(name, ..)| name.as_str()).collect();
        let judged = judge::Report::new(&engine, &candidates, &set, &devices, &progress)
            .map_err(|e| e.explain(&engine, &names.join(", ")))?;
        drop(progress);
        let report = Report { data, kernels: self.sandbox.build, judged, written: self.html };
        if let Some(path) = &report.written {
            files::write(path, report.page().html().as_bytes())?;
        }
        context.format.print(&report)
    }
}

impl Report {
    fn summary(&self) -> String {
        format!("{} samples of {}, {} kernels", self.judged.samples, self.data, self.kernels.name())
    }

    fn page(&self) -> Page {
        let names = judged::names(&self.judged);
        Page {
            title: format!("{} and {} compared", names[0], names[1..].join(", ")),
            summary: vec![self.summary()],
            sections: judged::sections(&self.judged),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.summary())?;
        writeln!(f, "{}", judged::figures(&self.judged))?;
        writeln!(f, "{}", judged::boards(&self.judged))?;
        for line in judged::flips(&self.judged) {
            writeln!(f, "{}", paragraph(&line))?;
        }
        writeln!(f, "{}", paragraph(&format!("Energy is an {}.", self.judged.energy_source)))?;
        match &self.written {
            Some(path) => writeln!(f, "\nwritten to {}", path.display()),
            None => Ok(()),
        }
    }
}
