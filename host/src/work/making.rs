//! What the commands share that make a model from another: the model, the samples to make it by and those to judge it by,
//! and the way of the result to its file.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use mote_models::data::Array;
use mote_models::graph::Graph;
use mote_models::judge::{self, Size, TestSet};
use mote_models::recipe::{self, Choice, Recipe, RecipeError};
use mote_models::run::Engine as _;
use mote_models::{import, passes};
use serde::Serialize;

use crate::failure::{Failure, FailureKind};
use crate::report::{Align, Table, bytes, count, judged, layer_names};
use crate::sandbox::Cancel;
use crate::work::engine::SandboxEngine;
use crate::work::explain::Explain as _;
use crate::work::files;
use crate::work::model::{ModelSource, Network, Precision};
use crate::work::options::SandboxOptions;
use crate::work::progress::Bars;
use crate::work::samples::{Given, SampleOptions};

/// What the data of these commands may be, for `--help`.
pub const DATA_HELP: &str = "\
Data:
  FILE.npz  x: samples along the first axis; y: the class of each, from 0
  FILE.npy  samples, with --labels FILE.csv: one row for each sample
  FOLDER    pictures, recordings or arrays as FOLDER/class/file
Some of the samples, evenly spaced, are what the model is made by; it is judged
on the others. --calibrate names samples of their own to make it by: then it is
judged on all of DATA. Without labels nothing is judged.";

/// A model to make another from, and where that goes.
#[derive(Debug, Args)]
pub struct MakeOptions {
    /// The float model: a .tflite or .onnx file, or `zoo:NAME`
    pub model: ModelSource,
    /// Samples, in the float model's units [default: a zoo model's own test set]
    pub data: Option<PathBuf>,
    /// The file to write
    #[arg(long, short, value_name = "FILE.tflite")]
    pub output: PathBuf,
    /// Samples to make the model by; they need no labels [default: some of DATA]
    #[arg(long, value_name = "FILE")]
    pub calibrate: Option<PathBuf>,
    /// Write the recipe that makes the same file again, for `mote compress`
    #[arg(long, value_name = "FILE.toml")]
    pub save_recipe: Option<PathBuf>,
    /// Timed runs of each model; 0 leaves latency out
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub runs: usize,
    /// What the samples are.
    #[command(flatten)]
    pub samples: SampleOptions,
    /// How models are run.
    #[command(flatten)]
    pub sandbox: SandboxOptions,
}

/// A model on the bench, with all that is needed to make another from it.
#[derive(Debug)]
pub struct Making {
    engine: SandboxEngine,
    progress: Bars,
    /// Its name.
    name: String,
    /// Its file as it is.
    source: Arc<[u8]>,
    /// The same as a `.tflite` file.
    file: Arc<[u8]>,
    /// Its network, cleaned up: what a recipe works on first.
    graph: Graph,
    /// Where the samples are from that the recipe looks at, and one array for each input.
    samples: Option<(String, Vec<Array>)>,
    /// Where the samples are from that models are judged by.
    test: Option<(String, TestSet)>,
    /// Whether the two are the same samples.
    shared: bool,
}

/// What was made.
#[derive(Debug, Serialize)]
pub struct Made {
    /// The model that it was made from.
    pub model: String,
    /// The file.
    pub output: PathBuf,
    /// Samples that it was made by, and where they are from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Source>,
    /// Where the samples are from that it was judged by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The model, then what was made of it: how large each is.
    pub sizes: [Size; 2],
    /// The same two, judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<judge::Report>,
    /// What makes the file again.
    pub recipe: Recipe,
    /// Where that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved_recipe: Option<PathBuf>,
}

/// Samples by number and name.
#[derive(Debug, Serialize)]
pub struct Source {
    /// How many.
    pub samples: usize,
    /// Where they are from.
    pub data: String,
}

impl MakeOptions {
    /// Opens the model and its samples.
    pub fn open(&self, cancel: &Cancel) -> Result<Making, Failure> {
        let engine = self.sandbox.engine(cancel)?;
        let name = self.model.to_string();
        let Network { source, file, graph } = self.model.network(Precision::Float)?;
        let graph = passes::simplify(graph).map_err(|e| Failure::new(FailureKind::Model, &name, e))?;
        let inputs = engine.inputs(&file, &name)?;
        let given = match (&self.data, &self.model) {
            (None, ModelSource::File(_)) => None,
            (path, _) => Some(self.samples.given(path.as_deref(), &self.model, &inputs)?),
        };
        let apart = match &self.calibrate {
            Some(path) => Some((path.display().to_string(), self.samples.unlabelled(path, &inputs)?)),
            None => None,
        };
        let shared = apart.is_none();
        let (samples, test) = match given {
            None => (None, None),
            Some(Given::Unlabelled(from, arrays)) => (Some((from, arrays)), None),
            Some(Given::Labelled(from, set)) => (Some((from.clone(), set.arrays().to_vec())), Some((from, set))),
        };
        let samples = apart.or(samples);
        Ok(Making { progress: Bars::new(cancel), engine, name, source, file, graph, samples, test, shared })
    }

    /// Writes the recipe, where it was asked for.
    pub fn save(&self, recipe: &Recipe) -> Result<(), Failure> {
        match &self.save_recipe {
            Some(path) => files::write(path, recipe.to_toml().as_bytes()),
            None => Ok(()),
        }
    }
}

impl Making {
    /// Which samples a recipe looks at when its user has not said so: at most `most`, and at most half of those that are
    /// to be judged by too.
    #[must_use]
    pub fn choice(&self, most: usize) -> Choice {
        let count = self.samples.as_ref().and_then(|(_, arrays)| arrays.first()?.shape().first().copied()).unwrap_or(0);
        let judged_too = self.shared && self.test.is_some();
        Choice { samples: most.min(if judged_too { count.div_ceil(2) } else { count }), ..Choice::default() }
    }

    /// The name of the one node that `part` is the name of, or is a part of the name of.
    pub fn layer(&self, option: &str, part: &str) -> Result<String, Failure> {
        let names = || self.graph.nodes.iter().map(|node| node.name.as_str());
        let found: Vec<_> = match names().find(|name| *name == part) {
            Some(name) => vec![name],
            None => names().filter(|name| name.contains(part)).collect(),
        };
        match found[..] {
            [name] => Ok(name.to_owned()),
            [] => {
                let all = layer_names(names());
                Err(Failure::new(FailureKind::Usage, option, format!("{} has no layer {part}", self.name))
                    .remedy(format!("it has {}", all.join(", "))))
            }
            _ => Err(Failure::new(FailureKind::Usage, option, format!("{part} may be any of {}", found.join(", ")))
                .remedy("give more of the name")),
        }
    }

    /// Makes what the recipe says, judges it, and writes it to its file; and the recipe, where that was asked for.
    pub fn finish(self, recipe: Recipe, options: &MakeOptions) -> Result<(Made, recipe::Made), Failure> {
        let Self { engine, progress, name, source, file, samples, test, shared, .. } = self;
        if recipe.quantize.is_some() && samples.is_none() {
            return Err(Failure::new(FailureKind::Usage, &name, "DATA is missing")
                .remedy("name samples as the model will meet them, with or without labels; 100 are plenty"));
        }
        let arrays = samples.as_ref().map_or(&[][..], |(_, arrays)| arrays);
        let made = recipe::apply(&engine, &source, arrays, &recipe, &progress).map_err(|error| {
            let data = samples.as_ref().map(|(data, _)| data).filter(|_| matches!(error, RecipeError::Samples(_)));
            error.explain(&engine, data.unwrap_or(&name))
        })?;
        let looked_at = &made.summaries.calibration;
        let test = test.map(|(data, set)| match (shared, set.len()) {
            (true, count) if looked_at.len() < count => {
                let rest: Vec<_> = (0..count).filter(|place| !looked_at.contains(place)).collect();
                (data, set.take(&rest))
            }
            _ => (data, set),
        });
        let title = options.output.display().to_string();
        let size = |name: &str, file: &[u8]| {
            let run = engine.load(file).map_err(|e| e.explain(&engine, &name))?;
            Ok::<_, Failure>(Size::of(file, run.description(), import::tflite(file).ok().as_ref()))
        };
        let sizes = [size(&name, &file)?, size(&title, &made.file)?];
        let judged = test.as_ref().map(|(data, set)| {
            let original = engine.candidate(&name, &file, options.runs)?;
            let candidates = [original, engine.candidate(&title, &made.file, options.runs)?];
            judge::Report::new(&engine, &candidates, set, &[], &progress).map_err(|e| e.explain(&engine, data))
        });
        let judged = judged.transpose()?;
        drop(progress);
        files::write(&options.output, &made.file)?;
        options.save(&recipe)?;
        let told = Made {
            model: name,
            output: options.output.clone(),
            calibration: samples.map(|(data, _)| Source { samples: looked_at.len(), data }).filter(|s| s.samples > 0),
            data: test.map(|(data, _)| data),
            sizes,
            judged,
            recipe,
            saved_recipe: options.save_recipe.clone(),
        };
        Ok((told, made))
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(judged) = &self.judged {
            writeln!(f, "{}", judged::figures(judged))?;
            for line in judged::flips(judged) {
                writeln!(f, "{}", crate::report::paragraph(&line))?;
            }
        } else {
            writeln!(f, "{}", self.size_table())?;
        }
        let from = self.calibration.as_ref().map(|source| &source.data);
        if let Some(Source { samples, data }) = &self.calibration {
            writeln!(f, "made by {samples} samples of {data}")?;
        }
        match (&self.data, &self.judged) {
            (Some(data), Some(judged)) if from == Some(data) => {
                writeln!(f, "judged on the {} others", judged.samples)?;
            }
            (Some(data), Some(judged)) => writeln!(f, "judged on {} samples of {data}", judged.samples)?,
            _ => writeln!(f, "not judged: there are no labels")?,
        }
        writeln!(f, "written to {}", self.output.display())?;
        match &self.saved_recipe {
            Some(path) => writeln!(f, "recipe written to {}", path.display()),
            None => Ok(()),
        }
    }
}

impl Made {
    fn size_table(&self) -> Table {
        let mut table = Table::new(&[("", Align::Left), ("before", Align::Right), ("after", Align::Right)]);
        let [before, after] = &self.sizes;
        let mut row = |title: &str, of: &dyn Fn(&Size) -> Option<String>| {
            if let (Some(before), Some(after)) = (of(before), of(after)) {
                table.row([title.to_owned(), before, after]);
            }
        };
        row("file", &|s| Some(bytes(s.file_bytes)));
        row("file, gzipped", &|s| Some(bytes(s.gzip_bytes)));
        row("parameters", &|s| s.weights.map(|w| count(w.parameters)));
        row("of them not 0", &|s| s.weights.map(|w| count(w.non_zeros)));
        row("multiply-accumulates", &|s| Some(count(s.macs)));
        row("arena", &|s| Some(bytes(s.arena_bytes)));
        table
    }
}
