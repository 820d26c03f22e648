//! Making and judging artefacts: tasks that take long, each whole by itself. What a task needs goes in, what it finds comes
//! out, and nothing stays between two. They run wherever an [`Engine`] runs: in the page's worker on the guest's own bytes,
//! in tests in this process.
//!
//! A task is a file here, a variant of [`Task`] and one of [`Product`], and an arm in [`run`].

mod activity;
mod answer;
mod autopsy;
mod benchmark;
mod contrast;
mod export;
mod judge;
mod layers;
mod make;
mod network;
mod prepare;
mod report;
mod samples;
mod search;
mod survey;

use mote_models::export::{CSource, tflite};
use mote_models::judge::autopsy::Options as AutopsyOptions;
use mote_models::judge::{Autopsy, JudgeError};
use mote_models::progress::{Progress, Silent};
use mote_models::recipe::{Recipe, Summaries};
use mote_models::run::{Engine, RunError};
use mote_models::search::Part;
use mote_models::{import, passes};
use serde::{Deserialize, Serialize};

use crate::benchmark::peak::Peak;
use crate::benchmark::suite::{Measured, Place};
use crate::latency::Latency;
use crate::network::Network;
use crate::protocol::{Failure, Kernels};
use crate::search::{Begin, News};

pub use activity::{Channels, Layer};
pub use answer::Answered;
pub use contrast::{Answer, Contrast, Flipped};
pub use judge::Judged;
pub use layers::LayerInfo;
pub use make::Shelf;
pub use prepare::{OfClass, Outcome as Prepared, Preparation, Shown, Summary};
pub use report::{Form, Subject};
pub use survey::Survey;

/// What is to be done, beside buffers. A model file is a `.tflite` or an `.onnx` file; samples are an `.npz` with an array for
/// each of the model's inputs, by number or name, or `x` for one input, and perhaps labels as `y`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Look at the layers of a model. Buffers: a model file.
    Network,
    /// Make samples of files. Buffers: a model file; the files; a front end, where there is one.
    Prepare(Preparation),
    /// Make a model file one that guests load. Buffers: a model file.
    Import,
    /// Count samples. Buffers: a model file, samples.
    Survey,
    /// List the layers with weights. Buffers: a model file.
    Layers,
    /// Read a recipe. Buffers: its file, TOML.
    Recipe,
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
    /// Compare two models answer by answer. Buffers: the original, the variant, samples with labels.
    Contrast {
        /// Places of the samples that both see.
        places: Vec<usize>,
    },
    /// Examine a variant layer by layer. Buffers: the original, the variant, samples with labels.
    Autopsy {
        /// Places of the samples that it is examined by.
        places: Vec<usize>,
        /// How thoroughly.
        options: AutopsyOptions,
    },
    /// Look at what the channels of a float model do. Buffers: the model, samples.
    Activity {
        /// Places of the samples that it sees.
        places: Vec<usize>,
        /// What counts as near zero.
        epsilon: f32,
    },
    /// Let models answer the first sample of a file. Buffers: the file; a front end, empty where there is none; the models.
    Answer {
        /// The file's name, whose ending tells its format.
        name: String,
        /// The name of the variant among the models; none where there is none.
        variant: Option<String>,
    },
    /// Time a model. Buffers: a model file, samples.
    Time {
        /// Places of the samples that it is run on.
        places: Vec<usize>,
    },
    /// Judge models side by side and write that down. Buffers: samples, then a model file for each subject.
    Report {
        /// As what.
        form: Form,
        /// What is known of the models already: the original, then its variants.
        subjects: Vec<Subject>,
        /// Places of the samples that they are judged by.
        places: Vec<usize>,
    },
    /// Write a model as C for TensorFlow Lite Micro. Buffers: a `.tflite` file.
    Export {
        /// What to call it.
        name: String,
    },
    /// Search for the best model, for a while. Buffers: a model file, samples with labels.
    Search {
        /// Where it begins.
        begin: Box<Begin>,
    },
    /// Measure the most that the browser's SIMD does. No buffers.
    Peak {
        /// By the relaxed dot product, too.
        relaxed: bool,
    },
    /// Measure how fast a model is. Buffers: a model file.
    Benchmark {
        /// The builds of the guest that it is measured with.
        kernels: Vec<Kernels>,
    },
}

/// What came of a [`Task`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// The layers.
    Network(Network),
    /// What became of files. Buffers: the archive, empty where there is none; the levels of those samples that are shown.
    Prepared(Box<Prepared>),
    /// What guests load. Buffers: the `.tflite` file.
    Imported,
    /// The samples suit the model.
    Surveyed(Survey),
    /// The recipe.
    Recipe(Box<Recipe>),
    /// The layers, in the order in which they run.
    Layers {
        /// Each of them.
        layers: Vec<LayerInfo>,
    },
    /// The artefact. Buffers: its `.tflite` file.
    Made {
        /// What was done.
        summaries: Summaries,
    },
    /// How good the model is.
    Judged(Box<Judged>),
    /// Which answers changed. Buffers: pictures of the first of these samples.
    Contrasted(Box<Contrast>),
    /// What compressing did to each layer.
    Autopsied(Box<Autopsy>),
    /// What the channels do.
    Channels(Box<Channels>),
    /// What the models say.
    Answered {
        /// In the order of the models.
        answers: Vec<Answered>,
        /// The file's name.
        name: String,
        /// The variant's.
        variant: Option<String>,
    },
    /// How long one run takes.
    Timed {
        /// None when no block of runs was long enough for the clock.
        latency: Option<Latency>,
    },
    /// The report. Buffers: its text.
    Reported,
    /// The model as C. Buffers: the header, the source.
    Exported {
        /// The name before `.h` and `.c`.
        name: String,
    },
    /// The search has gone on for a while; what it has found was told.
    Searched {
        /// What it has chosen, on each part of the samples; none before its end.
        parts: Option<Vec<Part>>,
    },
    /// The most that the browser's SIMD does.
    Peaked(Peak),
    /// How fast a model is.
    Benchmarked(Measured),
}

/// Who hears of a task before it ends: how far it is, and what it has found.
pub trait Listener: Progress {
    /// Takes in a piece of what a search finds.
    fn found(&self, news: News);
}

impl Listener for Silent {
    fn found(&self, _: News) {}
}

impl Product {
    /// The failure that a product is for who asked for another one.
    pub(crate) fn unexpected(&self) -> Failure {
        // Not what it answered: to write that down, all that any task finds would have to be writable for people.
        Failure::Page("the worker answered something else than it was asked".into())
    }
}

/// Does a task. `place` has the clock, and what benchmarks need.
///
/// # Errors
/// What does not suit, in the words of who found it.
pub fn run(
    engine: &dyn Engine,
    task: &Task,
    buffers: &[Vec<u8>],
    place: &dyn Place,
    listener: &dyn Listener,
) -> Result<(Product, Vec<Vec<u8>>), Failure> {
    run_with(&mut Shelf::default(), engine, task, buffers, place, listener)
}

/// The same with a shelf on which work lies that later tasks would do again. Tasks give the same with any shelf.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    shelf: &mut Shelf,
    engine: &dyn Engine,
    task: &Task,
    buffers: &[Vec<u8>],
    place: &dyn Place,
    listener: &dyn Listener,
) -> Result<(Product, Vec<Vec<u8>>), Failure> {
    let (progress, now): (&dyn Progress, _) = (listener, || place.now());
    match (task, buffers) {
        (Task::Network, [model]) => Ok((Product::Network(network::network(model)?), Vec::new())),
        (Task::Prepare(preparation), [model, files @ ..]) => {
            let (outcome, buffers) = prepare::prepare(engine, preparation, model, files, progress)?;
            Ok((Product::Prepared(outcome.into()), buffers))
        }
        (Task::Import, [model]) => Ok((Product::Imported, vec![loadable(model)?])),
        (Task::Survey, [model, samples]) => {
            Ok((Product::Surveyed(survey::survey(engine, model, samples)?), Vec::new()))
        }
        (Task::Layers, [model]) => Ok((Product::Layers { layers: layers::layers(model)? }, Vec::new())),
        (Task::Recipe, [file]) => {
            let recipe = Recipe::from_toml(&String::from_utf8_lossy(file)).map_err(Failure::Recipe)?;
            Ok((Product::Recipe(recipe.into()), Vec::new()))
        }
        (Task::Make { recipe }, [source, samples]) => {
            let (file, summaries) = make::make(shelf, engine, source, samples, recipe, progress)?;
            Ok((Product::Made { summaries }, vec![file]))
        }
        (Task::Judge { places }, [model, samples]) => {
            let judged = judge::judge(engine, model, samples, places, &now, progress)?;
            Ok((Product::Judged(judged.into()), Vec::new()))
        }
        (Task::Contrast { places }, [original, variant, samples]) => {
            let (contrast, pictures) = contrast::contrast(engine, [original, variant], samples, places, progress)?;
            Ok((Product::Contrasted(contrast.into()), pictures))
        }
        (Task::Autopsy { places, options }, [original, variant, samples]) => {
            let found = autopsy::autopsy(engine, [original, variant], samples, places, options, progress)?;
            Ok((Product::Autopsied(found.into()), Vec::new()))
        }
        (Task::Activity { places, epsilon }, [model, samples]) => {
            let found = activity::activity(engine, model, samples, places, *epsilon, progress)?;
            Ok((Product::Channels(found.into()), Vec::new()))
        }
        (Task::Answer { name, variant }, [given, front_end, models @ ..]) => {
            let answers = answer::answer(engine, name, given, front_end, models, progress)?;
            Ok((Product::Answered { answers, name: name.clone(), variant: variant.clone() }, Vec::new()))
        }
        (Task::Time { places }, [model, samples]) => {
            Ok((Product::Timed { latency: judge::time(engine, model, samples, places, &now)? }, Vec::new()))
        }
        (Task::Report { form, subjects, places }, [samples, models @ ..]) if models.len() == subjects.len() => {
            let text = report::report(engine, *form, subjects, models, samples, places, progress)?;
            Ok((Product::Reported, vec![text.into_bytes()]))
        }
        (Task::Export { name }, [file]) => {
            let CSource { name, header, source } = export::c_source(engine, name, file)?;
            Ok((Product::Exported { name }, vec![header.into_bytes(), source.into_bytes()]))
        }
        (Task::Search { begin }, [source, samples]) => {
            let parts = search::search(engine, [source, samples], begin, &now, listener)?;
            Ok((Product::Searched { parts }, Vec::new()))
        }
        (Task::Peak { relaxed }, []) => Ok((Product::Peaked(Peak::measure(place, *relaxed)?), Vec::new())),
        (Task::Benchmark { kernels }, [model]) => {
            Ok((Product::Benchmarked(benchmark::benchmark(place, model, kernels, progress)?), Vec::new()))
        }
        (
            Task::Network
            | Task::Prepare(_)
            | Task::Import
            | Task::Survey
            | Task::Layers
            | Task::Recipe
            | Task::Make { .. }
            | Task::Judge { .. }
            | Task::Time { .. }
            | Task::Report { .. }
            | Task::Contrast { .. }
            | Task::Autopsy { .. }
            | Task::Activity { .. }
            | Task::Answer { .. }
            | Task::Export { .. }
            | Task::Search { .. }
            | Task::Peak { .. }
            | Task::Benchmark { .. },
            _,
        ) => Err(Failure::Page(format!("a task came with {} buffers, which is not how many it takes", buffers.len()))),
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
    let file = passes::simplify(graph).and_then(|graph| tflite(&graph));
    file.map_err(|error| Failure::Recipe(error.into()))
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
