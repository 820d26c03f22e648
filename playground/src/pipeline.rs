//! Making and judging artefacts: tasks that take long, each whole by itself. What a task needs goes in, what it finds comes
//! out, and nothing stays between two. They run wherever an [`Engine`] runs: in the page's worker on the guest's own bytes,
//! in tests in this process.

use mote_models::data::{Array, npz};
use mote_models::export::{self, CSource};
use mote_models::graph::Graph;
use mote_models::judge::{Accuracy, JudgeError, Size, TestSet, evaluate};
use mote_models::progress::Progress;
use mote_models::recipe::{self, Recipe, RecipeError, Summaries};
use mote_models::run::{Engine, Run, RunError};
use mote_models::samples::{Inputs, LabelledSet, arrays_of_npz};
use mote_models::{import, passes};
use serde::{Deserialize, Serialize};

use crate::latency::{Blocks, Latency};
use crate::protocol::Failure;

/// The array of an archive that holds labels.
const LABELS: &str = "y";

/// How well a model does and what it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// How large it is.
    pub size: Size,
    /// How well it does on the samples that it was judged by; none where they have no labels.
    pub accuracy: Option<Accuracy>,
    /// How long one run takes; none when no block of runs was long enough for the clock.
    pub latency: Option<Latency>,
}

/// What there is of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// How many.
    pub samples: usize,
    /// Whether each has a label.
    pub labelled: bool,
}

/// What is to be done, beside buffers. A model file is a `.tflite` or an `.onnx` file; samples are an `.npz` with an array for
/// each of the model's inputs, by number or name, or `x` for one input, and perhaps labels as `y`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Task {
    /// Count samples. Buffers: a model file, samples.
    Survey,
    /// Make an artefact. Buffers: a model file; samples, empty for a recipe that looks at none.
    Make {
        /// How.
        recipe: Box<Recipe>,
    },
    /// Judge a model, and time it. Buffers: a model file, samples.
    Judge {
        /// Places of the samples that it is judged by.
        places: Vec<usize>,
    },
    /// Write a model as C for TensorFlow Lite Micro. Buffers: a `.tflite` file.
    Export {
        /// What to call it.
        name: String,
    },
}

/// What came of a [`Task`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Product {
    /// The samples suit the model.
    Surveyed(Survey),
    /// The artefact. Buffers: its `.tflite` file.
    Made {
        /// What was done.
        summaries: Summaries,
    },
    /// How good the model is.
    Judged(Box<Judged>),
    /// The model as C. Buffers: the header, the source.
    Exported {
        /// The name before `.h` and `.c`.
        name: String,
    },
}

/// Does a task. `now` is a clock in milliseconds.
///
/// # Errors
/// What does not suit, in the words of who found it.
pub fn run(
    engine: &dyn Engine,
    task: &Task,
    buffers: &[Vec<u8>],
    now: &dyn Fn() -> f64,
    progress: &dyn Progress,
) -> Result<(Product, Vec<Vec<u8>>), Failure> {
    match (task, buffers) {
        (Task::Survey, [model, samples]) => Ok((Product::Surveyed(survey(engine, model, samples)?), Vec::new())),
        (Task::Make { recipe }, [source, samples]) => {
            let (file, summaries) = make(engine, source, samples, recipe, progress)?;
            Ok((Product::Made { summaries }, vec![file]))
        }
        (Task::Judge { places }, [model, samples]) => {
            let judged = judge(engine, model, samples, places, now, progress)?;
            Ok((Product::Judged(judged.into()), Vec::new()))
        }
        (Task::Export { name }, [file]) => {
            let CSource { name, header, source } = c_source(engine, &export::identifier(name), file)?;
            Ok((Product::Exported { name }, vec![header.into_bytes(), source.into_bytes()]))
        }
        (Task::Survey | Task::Make { .. } | Task::Judge { .. } | Task::Export { .. }, _) => {
            Err(Failure::Page(format!("a task came with {} buffers, which is not how many it takes", buffers.len())))
        }
    }
}

/// A model file as the `.tflite` file that guests load: itself if it is one, else what it is after import and clean-up.
///
/// # Errors
/// When it cannot be imported.
pub fn loadable(model: &[u8]) -> Result<Vec<u8>, Failure> {
    if import::is_tflite(model) {
        return Ok(model.to_vec());
    }
    let graph = import::onnx(model).map_err(Failure::Import)?;
    let file = passes::simplify(graph).and_then(|graph| export::tflite(&graph));
    file.map_err(|error| Failure::Recipe(error.into()))
}

/// Applies a recipe; gives the artefact's file and what was done.
fn make(
    engine: &dyn Engine,
    source: &[u8],
    samples: &[u8],
    recipe: &Recipe,
    progress: &dyn Progress,
) -> Result<(Vec<u8>, Summaries), Failure> {
    let arrays = if samples.is_empty() { Vec::new() } else { arrays(engine, &loadable(source)?, samples)? };
    let made = recipe::apply(engine, source, &arrays, recipe, progress).map_err(Failure::Recipe)?;
    Ok((made.file, made.summaries))
}

/// Counts samples, after making sure that they suit the model's inputs.
fn survey(engine: &dyn Engine, model: &[u8], samples: &[u8]) -> Result<Survey, Failure> {
    let file = loadable(model)?;
    let arrays = arrays(engine, &file, samples)?;
    let run = engine.load(&file).map_err(of_run)?;
    let inputs = Inputs::new(&run.description().inputs, arrays).map_err(|error| data(&error))?;
    Ok(Survey { samples: inputs.len(), labelled: labelled(samples)?.is_some() })
}

/// Judges a model by those samples whose places are given, and times it on them.
fn judge(
    engine: &dyn Engine,
    model: &[u8],
    samples: &[u8],
    places: &[usize],
    now: &dyn Fn() -> f64,
    progress: &dyn Progress,
) -> Result<Judged, Failure> {
    let file = loadable(model)?;
    let accuracy = match labelled(samples)? {
        None => None,
        Some(set) => {
            let set = TestSet::try_from(set).map_err(|error| data(&error))?;
            let set = set.take(&within(places, set.len())?);
            let found = evaluate(engine, &file, &set, progress).map_err(of_judge)?;
            Some(Accuracy::of(&set, &found.predictions).map_err(of_judge)?)
        }
    };
    let arrays = arrays(engine, &file, samples)?;
    let mut run = engine.load(&file).map_err(of_run)?;
    let inputs = Inputs::new(&run.description().inputs, arrays).map_err(|error| data(&error))?;
    let latency = latency(run.as_mut(), &inputs, &within(places, inputs.len())?, now)?;
    let size = Size::of(&file, run.description(), import::tflite(&file).ok().as_ref());
    Ok(Judged { size, accuracy, latency })
}

fn c_source(engine: &dyn Engine, name: &str, file: &[u8]) -> Result<CSource, Failure> {
    let graph: Graph = import::tflite(file).map_err(Failure::Import)?;
    let run = engine.load(file).map_err(of_run)?;
    export::c_source(name, &graph, run.description()).map_err(|error| Failure::Recipe(RecipeError::Graph(error)))
}

/// Times blocks of runs over samples in turn; a run is timed from the input's bytes to the output's.
fn latency(
    run: &mut dyn Run,
    inputs: &Inputs,
    places: &[usize],
    now: &dyn Fn() -> f64,
) -> Result<Option<Latency>, Failure> {
    let mut blocks = Blocks::default();
    while !blocks.suffice() {
        let Some(&sample) = places.get(blocks.count() % places.len().max(1)) else { return Ok(None) };
        let fed = inputs.sample(sample).map_err(|error| data(&error))?;
        let (start, mut runs) = (now(), 0);
        while !blocks.add(runs, now() - start) {
            run.run(&fed).map_err(of_run)?;
            runs += 1;
        }
    }
    Ok(blocks.latency())
}

fn arrays(engine: &dyn Engine, file: &[u8], samples: &[u8]) -> Result<Vec<Array>, Failure> {
    let run = engine.load(file).map_err(of_run)?;
    arrays_of_npz(&run.description().inputs, samples).map_err(|error| data(&error))
}

/// The samples with their labels; none where there are no labels.
fn labelled(samples: &[u8]) -> Result<Option<LabelledSet>, Failure> {
    let archive = npz::read(samples).map_err(|error| data(&error))?;
    if !archive.arrays.iter().any(|(name, _)| name == LABELS) {
        return Ok(None);
    }
    LabelledSet::from_npz(samples, &[]).map(Some).map_err(|error| data(&error))
}

/// The places, all of which are below `count`.
fn within(places: &[usize], count: usize) -> Result<Vec<usize>, Failure> {
    match places.iter().find(|&&place| place >= count) {
        Some(place) => Err(Failure::Data(format!("expected samples below {count}, found {place}"))),
        None => Ok(places.to_vec()),
    }
}

fn data(error: &dyn std::fmt::Display) -> Failure {
    Failure::Data(error.to_string())
}

fn of_run(error: RunError) -> Failure {
    match error {
        RunError::Refused(refusal) => Failure::Guest(refusal),
        RunError::Engine(what) => Failure::Trap(what),
    }
}

fn of_judge(error: JudgeError) -> Failure {
    match error {
        JudgeError::Run(error) => of_run(error),
        JudgeError::Samples(error) => data(&error),
        JudgeError::Import(error) => Failure::Import(error),
        JudgeError::Graph(error) => Failure::Recipe(error.into()),
        JudgeError::Activity(error) => Failure::Recipe(error.into()),
        JudgeError::Cancelled(cancelled) => Failure::Page(cancelled.to_string()),
    }
}

#[cfg(test)]
mod tests;
