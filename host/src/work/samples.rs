//! The options that say what samples are, and what a model should say to them; the same for every command that judges.

use std::path::{Path, PathBuf};

use clap::Args;
use mote_abi::{Description, Tensor};
use mote_models::data::{Array, FileKind};
use mote_models::graph::{Metadata, Normalization};
use mote_models::judge::{Task, TestSet};
use mote_models::recipe::Told;
use mote_models::samples::{InputError, Targeted};

use crate::failure::{Failure, FailureKind};
use crate::work::choice::one_of;
use crate::work::model::ModelSource;
use crate::work::{data, files};

/// Bytes of the largest file of class names that is read.
const NAMES_LIMIT: u64 = 1 << 20;

/// How a model's input is made from what is in the data.
#[derive(Debug, Clone, Default, Args)]
pub struct NormalizeOptions {
    /// The model takes (value - MEAN) / DEVIATION of what is in the data: one number, or one for each channel; 0 and 1 take it
    /// as it is [default: as the model tells]
    #[arg(long, value_name = "MEAN", value_delimiter = ',', allow_negative_numbers = true, requires = "deviation")]
    pub mean: Vec<f32>,
    /// See --mean
    #[arg(long, value_name = "DEVIATION", value_delimiter = ',', requires = "mean")]
    pub deviation: Vec<f32>,
}

/// What a model may not tell itself: its classes, and how its input is made.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Metadata")]
pub struct ModelOptions {
    /// A .txt with the names of the classes, one a line
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Names of the classes, in the order of the model's output, separated by commas [default: those that the model tells]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "labels")]
    pub classes: Vec<String>,
    /// Raw values.
    #[command(flatten)]
    pub normalize: NormalizeOptions,
}

impl ModelOptions {
    /// The names of the classes that were given; none where none were.
    pub fn names(&self) -> Result<Vec<String>, Failure> {
        match &self.labels {
            Some(path) => names_in(path),
            None => Ok(self.classes.clone()),
        }
    }
}

/// The lines of a file of class names.
fn names_in(path: &Path) -> Result<Vec<String>, Failure> {
    let bytes = files::read(path, NAMES_LIMIT, FailureKind::Data)?;
    let text = String::from_utf8(bytes).map_err(|e| data::failure(path.display(), e))?;
    Ok(text.lines().map(|line| line.trim().to_owned()).collect())
}

/// How labels and samples are read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Samples")]
pub struct SampleOptions {
    /// What the model is for: classification, anomaly or regression [default: as data and model tell]
    #[arg(long, value_parser = one_of::<Task>(&["classification", "anomaly", "regression"]))]
    pub task: Option<Task>,
    /// A .csv with one row for each sample of an .npy, or a .txt with the names of the classes, one a line; may be given twice
    #[arg(long, value_name = "FILE")]
    pub labels: Vec<PathBuf>,
    /// Column of that CSV that holds the labels: its name, or its place from 0 [default: label, y or the only one]
    #[arg(long, value_name = "COLUMN", requires = "labels")]
    pub column: Option<String>,
    /// Names of the classes, in the order of the model's output, separated by commas [default: those that the model tells]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub classes: Vec<String>,
    /// Raw values.
    #[command(flatten)]
    pub normalize: NormalizeOptions,
}

/// A model that samples are for.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// Where it comes from.
    pub source: &'a ModelSource,
    /// Its inputs and outputs.
    pub description: Description,
    /// What it tells of them.
    pub metadata: Metadata,
}

impl<'a> Subject<'a> {
    /// A model of these `.tflite` bytes.
    pub fn new(source: &'a ModelSource, file: &[u8], description: Description) -> Result<Self, Failure> {
        Ok(Self { source, description, metadata: source.metadata(file)? })
    }
}

impl NormalizeOptions {
    /// What was asked for.
    #[must_use]
    pub fn given(&self) -> Option<Normalization> {
        let Self { mean, deviation } = self;
        (!mean.is_empty()).then(|| Normalization { mean: mean.clone(), deviation: deviation.clone() })
    }

    /// Takes this one where none was asked for.
    pub fn otherwise(&mut self, normalization: &Normalization) {
        if self.mean.is_empty() {
            (self.mean, self.deviation) = (normalization.mean.clone(), normalization.deviation.clone());
        }
    }

    /// Arrays as the model takes them. That it is done by what the model tells is noted on standard error.
    pub fn apply(&self, path: &Path, arrays: Vec<Array>, model: &Metadata) -> Result<Vec<Array>, Failure> {
        let given = self.given();
        let Some(normalization) = given.as_ref().or(model.normalization.as_ref()) else { return Ok(arrays) };
        if !path.is_dir() && data::kind(path)? == FileKind::Raw {
            return Ok(arrays);
        }
        if given.is_none() {
            let how = formula(normalization);
            eprintln!(
                "note: {} is taken as {how}, as the model tells; --mean 0 --deviation 1 takes it as it is",
                path.display()
            );
        }
        let made = arrays.iter().enumerate().map(|(k, array)| match k {
            // What is told is told of the first input.
            1.. if given.is_none() => Ok(array.clone()),
            _ => normalization.apply(array).map_err(|e| data::refused(path.display(), e)),
        });
        made.collect()
    }
}

/// `(value - 127.5) / 63.75`.
#[must_use]
pub fn formula(Normalization { mean, deviation }: &Normalization) -> String {
    let list = |numbers: &[f32]| match numbers {
        [one] => one.to_string(),
        _ => format!("[{}]", numbers.iter().map(f32::to_string).collect::<Vec<_>>().join(", ")),
    };
    format!("(value - {}) / {}", list(mean), list(deviation))
}

impl SampleOptions {
    /// The table of labels and the file of names among the files that were given.
    fn label_files(&self) -> Result<(Option<&Path>, Option<&Path>), Failure> {
        let is_names = |path: &&PathBuf| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("txt"));
        let (names, tables): (Vec<_>, Vec<_>) = self.labels.iter().partition(is_names);
        match (&tables[..], &names[..]) {
            ([] | [_], [] | [_]) => Ok((tables.first().map(|p| p.as_path()), names.first().map(|p| p.as_path()))),
            _ => Err(Failure::new(FailureKind::Usage, "--labels", "two files of one kind")
                .remedy("give one .csv of labels and one .txt of the classes' names")),
        }
    }

    /// The names of the classes that were given; none where none were.
    pub fn names(&self) -> Result<Vec<String>, Failure> {
        match (&self.classes[..], self.label_files()?.1) {
            ([], None) => Ok(Vec::new()),
            ([], Some(path)) => names_in(path),
            (named, None) => Ok(named.to_vec()),
            (_, Some(_)) => Err(Failure::new(FailureKind::Usage, "--classes", "--labels names the classes too")),
        }
    }

    /// What a file that is made of a model is to tell of itself: what the command line says, or of a zoo model, whose file does not
    /// tell them, the names of its classes.
    pub fn told(&self, model: &Subject<'_>) -> Result<Told, Failure> {
        let labels = match (self.names()?, model.source) {
            (names, ModelSource::Zoo { .. }) if names.is_empty() => model.metadata.labels.clone(),
            (names, _) => names,
        };
        Ok(Told { labels, normalization: self.normalize.given() })
    }

    /// The samples for a model, and what they are called. Without a path they are a zoo model's own.
    pub fn labelled(&self, path: Option<&Path>, model: &Subject<'_>) -> Result<(String, TestSet), Failure> {
        let Description { inputs, outputs, .. } = &model.description;
        let [input] = &inputs[..] else {
            let found = format!("has {} inputs; labelled samples are for models of one", inputs.len());
            return Err(data::failure(model.source, found).remedy("use `mote run`, and compare its outputs"));
        };
        let names = match self.names()? {
            named if named.is_empty() => model.metadata.labels.clone(),
            named => named,
        };
        let (source, samples) = match path {
            Some(path) => {
                let labels = data::Labels { table: self.label_files()?.0, column: self.column.as_deref() };
                let Targeted { x, targets } = data::labelled(path, labels, input)?;
                let x = self.normalize.apply(path, vec![x], &model.metadata)?.swap_remove(0);
                (path.display().to_string(), Targeted { x, targets })
            }
            None => {
                let ModelSource::Zoo { .. } = model.source else {
                    return Err(Failure::new(FailureKind::Usage, model.source, "DATA is missing")
                        .remedy("name the labelled samples; only zoo models bring their own"));
                };
                let source = format!("{}'s test set", model.source);
                let read = Targeted::from_npz(model.source.zoo()?.test_data);
                let samples = read.map_err(|e| data::refused(&source, e))?;
                (source, samples)
            }
        };
        let task = self.task.unwrap_or_else(|| Task::guess(&samples, inputs, outputs));
        let set = TestSet::of(samples, task, &names).map_err(|e| data::refused(&source, InputError::Sample(e)))?;
        Ok((source, set))
    }

    /// The samples, labelled if they have labels.
    pub fn given(&self, path: Option<&Path>, model: &Subject<'_>) -> Result<Given, Failure> {
        match path {
            Some(path) if !self.has_labels(path)? => {
                Ok(Given::Unlabelled(path.display().to_string(), self.unlabelled(path, model)?))
            }
            path => self.labelled(path, model).map(|(source, set)| Given::Labelled(source, set)),
        }
    }

    /// Samples without labels: one array for each input.
    pub fn unlabelled(&self, path: &Path, model: &Subject<'_>) -> Result<Vec<Array>, Failure> {
        let inputs: &[Tensor] = &model.description.inputs;
        self.normalize.apply(path, data::arrays(path, inputs)?, &model.metadata)
    }

    /// Whether a file or folder says what a model should say to its samples.
    fn has_labels(&self, path: &Path) -> Result<bool, Failure> {
        if path.is_dir() || self.label_files()?.0.is_some() {
            return Ok(true);
        }
        match data::kind(path)? {
            FileKind::Npz => data::archive_has(path, "y"),
            FileKind::Zip => Ok(true),
            FileKind::Npy | FileKind::Png | FileKind::Jpeg | FileKind::Wav | FileKind::Csv | FileKind::Raw => Ok(false),
        }
    }
}

/// Samples, and where they are from.
#[derive(Debug)]
pub enum Given {
    /// With what a model should say to them.
    Labelled(String, TestSet),
    /// Without: one array for each input.
    Unlabelled(String, Vec<Array>),
}
