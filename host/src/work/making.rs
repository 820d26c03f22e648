//! What the commands share that make a model from another: the model, the samples to make it by and those to judge it by,
//! and the way of the result to its file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use mote_models::data::Array;
use mote_models::graph::Graph;
use mote_models::judge::{self, Size, TestSet, Truth};
use mote_models::recipe::{self, Choice, Recipe, RecipeError, Rule, Told};
use mote_models::{export, import, passes};

use crate::failure::{Failure, FailureKind};
use crate::report::html::Section;
use crate::report::layer_names;
use crate::report::made::{Made, Source};
use crate::sandbox::Cancel;
use crate::work::engine::SandboxEngine;
use crate::work::explain::Explain as _;
use crate::work::files;
use crate::work::model::{ModelSource, Network, Precision};
use crate::work::options::{Jobs, SandboxOptions};
use crate::work::progress::Bars;
use crate::work::samples::{Given, SampleOptions, Subject};

/// What the data of these commands may be, for `--help`.
pub const DATA_HELP: &str = "\
Data:
  FILE.npz  x: samples along the first axis; y: what the model should say to each
  FILE.npy  samples, with --labels FILE.csv: one row for each sample
  FOLDER    pictures, recordings or arrays as FOLDER/class/file
Labels are as `mote eval --help` says. Some of the samples, of each class its
share, are what the model is made by; it is judged on the others. --calibrate
names samples of their own to make it by: then it is judged on all of DATA.
Without labels nothing is judged.";

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
    /// Write the report as a page with plots, too
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Timed runs of each model; 0 leaves latency out
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub runs: usize,
    /// How many samples at once.
    #[command(flatten)]
    pub jobs: Jobs,
    /// Store weights with many zeros in TensorFlow Lite's sparse encoding, where that is smaller: Mote and LiteRT run such a file,
    /// TensorFlow Lite Micro does not
    #[arg(long)]
    pub sparse: bool,
    /// What the samples are. Names of classes and --mean, --deviation travel in the file.
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
    /// What the command line says that the file is to tell of itself.
    given: Told,
    /// The same, with what is known of a zoo model.
    told: Told,
    /// Where the samples are from that the recipe looks at, and one array for each input.
    samples: Option<(String, Vec<Array>)>,
    /// Where the samples are from that models are judged by.
    test: Option<(String, TestSet)>,
    /// Whether the two are the same samples.
    shared: bool,
}

impl MakeOptions {
    /// Opens the model and its samples.
    pub fn open(&self, cancel: &Cancel) -> Result<Making, Failure> {
        self.apart(&[])?;
        let engine = self.sandbox.engine(cancel, &self.jobs)?;
        let name = self.model.to_string();
        let Network { source, file, graph } = self.model.network(Precision::Float)?;
        let graph = passes::simplify(graph).map_err(|e| Failure::new(FailureKind::Model, &name, e))?;
        let subject = Subject::new(&self.model, &file, engine.describe(&file, &name)?)?;
        let given = match (&self.data, &self.model) {
            (None, ModelSource::File(_)) => None,
            (path, _) => Some(self.samples.given(path.as_deref(), &subject)?),
        };
        let apart = match &self.calibrate {
            Some(path) => Some((path.display().to_string(), self.samples.unlabelled(path, &subject)?)),
            None => None,
        };
        let shared = apart.is_none();
        let (samples, test) = match given {
            None => (None, None),
            Some(Given::Unlabelled(from, arrays)) => (Some((from, arrays)), None),
            Some(Given::Labelled(from, set)) => (Some((from.clone(), set.arrays().to_vec())), Some((from, set))),
        };
        let samples = apart.or(samples);
        let given = Told { labels: self.samples.names()?, normalization: self.samples.normalize.given() };
        let told = self.samples.told(&subject)?;
        let progress = Bars::new(cancel);
        Ok(Making { progress, engine, name, source, file, graph, given, told, samples, test, shared })
    }

    /// Refuses to overwrite what is read, which `others` are read besides.
    pub fn apart(&self, others: &[Option<&Path>]) -> Result<(), Failure> {
        let outputs: Vec<&Path> = [Some(&self.output), self.save_recipe.as_ref(), self.html.as_ref()]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
            .collect();
        let own = [self.model.path(), self.data.as_deref(), self.calibrate.as_deref()];
        files::apart(&outputs, &[&own[..], others].concat())
    }

    /// Writes the report as a page, where that was asked for: what was made, then what was done for it.
    pub fn page(&self, made: &Made, done: Vec<Section>) -> Result<(), Failure> {
        let Some(path) = &self.html else { return Ok(()) };
        files::write(path, made.page(done).html().as_bytes())
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
    /// to be judged by too, of each class its share.
    #[must_use]
    pub fn choice(&self, most: usize) -> Choice {
        let count = self.samples.as_ref().and_then(|(_, arrays)| arrays.first()?.shape().first().copied()).unwrap_or(0);
        let judging = self.test.as_ref().filter(|_| self.shared).map(|(_, set)| set.truth());
        let rule = match judging.and_then(Truth::groups) {
            Some(_) => Rule::Stratified,
            None => Rule::Spread,
        };
        let samples = most.min(if judging.is_some() { count.div_ceil(2) } else { count });
        Choice { rule, samples, ..Choice::default() }
    }

    /// What the file is to tell of itself, for a new recipe.
    #[must_use]
    pub fn told(&self) -> Told {
        self.told.clone()
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
        let Self { engine, progress, name, source, file, given, samples, test, shared, .. } = self;
        let recipe = completed(recipe, given, options);
        if recipe.quantize.is_some() && samples.is_none() {
            return Err(Failure::new(FailureKind::Usage, &name, "DATA is missing")
                .remedy("name samples as the model will meet them, with or without labels; 100 are plenty"));
        }
        let arrays = samples.as_ref().map_or(&[][..], |(_, arrays)| arrays);
        let classes = test.as_ref().filter(|_| shared).and_then(|(_, set)| set.truth().groups());
        let looked_at = recipe::Samples::new(arrays, classes.as_deref());
        let made = recipe::apply(&engine, &source, looked_at, &recipe, &progress).map_err(|error| {
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
        let size = |name: &str, file: &[u8], graph: Option<&Graph>| {
            Ok::<_, Failure>(Size::of(file, &engine.describe(file, &name)?, graph))
        };
        let original = import::tflite(&file).ok();
        let sizes = [size(&name, &file, original.as_ref())?, size(&title, &made.file, Some(&made.graph))?];
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
            sparse_weights: export::sparse_weights(&made.graph, &recipe.export),
            recipe,
            saved_recipe: options.save_recipe.clone(),
            page: options.html.clone(),
        };
        Ok((told, made))
    }
}

/// A recipe with what the command line says of the file besides.
fn completed(mut recipe: Recipe, given: Told, options: &MakeOptions) -> Recipe {
    if !given.labels.is_empty() {
        recipe.metadata.labels = given.labels;
    }
    recipe.metadata.normalization = recipe.metadata.normalization.or(given.normalization);
    recipe.export.sparse |= options.sparse;
    recipe
}
