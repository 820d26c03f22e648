//! `mote search`: which pruning and quantization keep to given limits, and what each costs.

use std::fmt;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::Args;
use mote_models::judge::TestSet;
use mote_models::prune::Pattern;
use mote_models::search::{Bytes, Constraints, Options, Outcome, Search as Work, SearchError, State};
use mote_models::{export, recipe};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::html::Page;
use crate::report::{bytes, paragraph, searched};
use crate::work::choice::{share, size};
use crate::work::explain::Explain as _;
use crate::work::model::{ModelSource, Network, Precision};
use crate::work::options::{Jobs, Kernels, SandboxOptions};
use crate::work::progress::Bars;
use crate::work::samples::{SampleOptions, Subject};
use crate::work::{data, files};

/// Bytes of the largest stored search that is read.
const STATE_LIMIT: u64 = 64 << 20;

/// Search for the smallest or best model under limits, over pruning and quantization
#[derive(Debug, Args)]
#[command(after_help = data::LABELLED_HELP)]
pub(super) struct Search {
    /// The float model: a .tflite or .onnx file, or `zoo:NAME`
    model: ModelSource,
    /// Labelled samples, in the model's units: some to calibrate, some to choose by, the rest to judge the winner once
    /// [default: a zoo model's own test set]
    data: Option<PathBuf>,
    /// Most bytes of the file, for example 64KiB or 1MB
    #[arg(long, value_name = "BYTES", value_parser = size)]
    max_size: Option<u64>,
    /// Count the bytes of the file after gzip
    #[arg(long)]
    gzip: bool,
    /// Most bytes of memory for activations
    #[arg(long, value_name = "BYTES", value_parser = size)]
    max_ram: Option<u64>,
    /// Most of the accuracy that may be lost against the float model, for example 0.01 or 1%
    #[arg(long, value_name = "DROP", value_parser = share)]
    max_drop: Option<f64>,
    /// Models that are made and evaluated, at most
    #[arg(long, value_name = "N", default_value = "40")]
    trials: NonZero<usize>,
    /// The seed of every draw: the same seed, the same search
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Which weights become 0 together: unstructured, kernels (what Mote's kernels skip), or blocks like 16x2
    #[arg(long, value_name = "PATTERN", default_value_t = Pattern::default())]
    pattern: Pattern,
    /// Store weights with many zeros in TensorFlow Lite's sparse encoding, where that is smaller: Mote and LiteRT run such a file,
    /// TensorFlow Lite Micro does not
    #[arg(long)]
    sparse: bool,
    /// Keep the search in this file: stopped and started again it goes on where it was
    #[arg(long, value_name = "FILE.json")]
    state: Option<PathBuf>,
    /// Write the winner
    #[arg(long, short, value_name = "FILE.tflite")]
    output: Option<PathBuf>,
    /// Write the winner's recipe, for `mote compress`
    #[arg(long, value_name = "FILE.toml")]
    save_recipe: Option<PathBuf>,
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
    model: String,
    data: String,
    kernels: Kernels,
    options: Options,
    #[serde(flatten)]
    outcome: Outcome,
    written: Vec<PathBuf>,
}

impl Search {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let outputs = [&self.output, &self.save_recipe, &self.html, &self.state];
        let outputs: Vec<&Path> = outputs.into_iter().flatten().map(PathBuf::as_path).collect();
        files::apart(&outputs, &[self.model.path(), self.data.as_deref()])?;
        let name = self.model.to_string();
        let engine = self.sandbox.engine(&context.cancel, &self.jobs)?;
        let progress = Bars::new(&context.cancel);
        let Network { source, file, .. } = self.model.network(Precision::Float)?;
        let subject = Subject::new(&self.model, &file, engine.describe(&file, &name)?)?;
        let (data, set) = self.samples.labelled(self.data.as_deref(), &subject)?;
        let fail = |error: SearchError| self.resumable(error.explain(&engine, &name));

        let options = self.options(&subject)?;
        let mut search = self.begin(&source, &set, options).map_err(|e| match e {
            Begin::Failure(failure) => failure,
            Begin::Search(error) => fail(error),
        })?;
        while search.step(&engine, &progress).map_err(fail)? {
            self.store(search.state())?;
        }
        let outcome = search.outcome(&engine, &progress).map_err(fail)?;
        let mut written = Vec::new();
        if let (Some(winner), Some(recipe)) = (outcome.winner, &outcome.recipe) {
            if let Some(path) = &self.output {
                let made = recipe::apply(&engine, &source, set.arrays(), recipe, &progress)
                    .map_err(|e| e.explain(&engine, &name))?;
                debug_assert_eq!(
                    outcome.trials[winner].measured.as_ref().map(|m| m.file_bytes),
                    Some(made.file.len() as u64)
                );
                files::write(path, &made.file)?;
                written.push(path.clone());
            }
            if let Some(path) = &self.save_recipe {
                files::write(path, recipe.to_toml().as_bytes())?;
                written.push(path.clone());
            }
        }
        drop(progress);
        let options = search.state().options.clone();
        let mut report = Report { model: name, data, kernels: self.sandbox.build, options, outcome, written };
        if let Some(path) = &self.html {
            files::write(path, report.page().html().as_bytes())?;
            report.written.push(path.clone());
        }
        context.format.print(&report)?;
        report.verdict()
    }

    fn options(&self, model: &Subject<'_>) -> Result<Options, Failure> {
        Ok(Options {
            constraints: Constraints { bytes: self.max_size, ram_bytes: self.max_ram, drop: self.max_drop },
            bytes: if self.gzip { Bytes::Gzip } else { Bytes::File },
            trials: self.trials.get(),
            seed: self.seed,
            pattern: self.pattern,
            metadata: self.samples.told(model)?,
            export: export::Options { sparse: self.sparse },
            ..Options::default()
        })
    }

    /// A new search, or the one that was kept.
    fn begin<'a>(&self, source: &'a [u8], set: &'a TestSet, options: Options) -> Result<Work<'a>, Begin> {
        let Some(path) = self.state.as_ref().filter(|path| path.exists()) else {
            return Work::new(source, set, options).map_err(Begin::Search);
        };
        let fail = |reason: &dyn fmt::Display| {
            let failure = Failure::new(FailureKind::Usage, path.display(), reason);
            Begin::Failure(failure.remedy("name another file for --state to begin a new search"))
        };
        let bytes = files::read(path, STATE_LIMIT, FailureKind::Usage).map_err(Begin::Failure)?;
        let mut state: State =
            serde_json::from_slice(&bytes).map_err(|e| fail(&format!("is no stored search: {e}")))?;
        // More trials are more of the same search.
        state.options.trials = options.trials;
        if state.options != options {
            return Err(fail(&"is a search with other options"));
        }
        Work::resume(source, set, state).map_err(|error| fail(&error))
    }

    fn store(&self, state: &State) -> Result<(), Failure> {
        let Some(path) = &self.state else { return Ok(()) };
        let text = serde_json::to_vec(state).map_err(|e| Failure::new(FailureKind::Work, path.display(), e))?;
        files::write(path, &text)
    }

    /// A cancel tells how to go on.
    fn resumable(&self, failure: Failure) -> Failure {
        match (failure.kind, &self.state) {
            (FailureKind::Cancelled, Some(_)) => failure.remedy("the same command goes on where it was"),
            (FailureKind::Cancelled, None) => failure.remedy("with --state FILE a search can go on later"),
            _ => failure,
        }
    }
}

/// Why no search began.
enum Begin {
    Failure(Failure),
    Search(SearchError),
}

impl Report {
    /// A search that found nothing has failed, after it told what it saw.
    fn verdict(&self) -> Result<(), Failure> {
        if self.outcome.winner.is_some() {
            return Ok(());
        }
        let failure = Failure::new(FailureKind::Work, &self.model, "nothing that was tried keeps to the limits");
        Err(match self.outcome.nearest.map(|k| &self.outcome.trials[k]) {
            Some(trial) => {
                failure.remedy(format!("loosen them, or try more with --trials; nearest is {}", trial.choices))
            }
            None => failure.remedy("see why each was refused with --json"),
        })
    }

    fn summary(&self) -> String {
        let Self { model, data, outcome, .. } = self;
        let split = &outcome.split;
        format!(
            "{} models tried for {model}: calibrated on {} samples of {data}, chosen by {} others, the winner judged on {} more",
            outcome.trials.len(),
            split.calibration.len(),
            split.validation.len(),
            split.test.len()
        )
    }

    fn limits(&self) -> String {
        let Constraints { bytes: most, ram_bytes, drop } = self.options.constraints;
        let kind = match self.options.bytes {
            Bytes::File => "of file",
            Bytes::Gzip => "of file after gzip",
        };
        let limits = [
            most.map(|most| format!("{} {kind}", bytes(most))),
            ram_bytes.map(|most| format!("{} of RAM", bytes(most))),
            drop.map(|drop| format!("{drop} of accuracy lost")),
        ];
        let limits: Vec<_> = limits.into_iter().flatten().collect();
        if limits.is_empty() { "no limits".into() } else { format!("at most {}", limits.join(", ")) }
    }

    fn page(&self) -> Page {
        Page {
            title: format!("Search over {}", self.model),
            summary: vec![format!("{}.", self.summary()), format!("Limits: {}.", self.limits())],
            sections: searched::sections(&self.outcome, self.options.bytes),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", paragraph(&self.summary()))?;
        writeln!(f, "limits: {}\n", self.limits())?;
        writeln!(f, "{}", searched::front(&self.outcome))?;
        writeln!(f, "{}", searched::parts(&self.outcome))?;
        for path in &self.written {
            writeln!(f, "written to {}", path.display())?;
        }
        Ok(())
    }
}
