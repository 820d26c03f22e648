//! The options that say what samples are, and what a model should say to them; the same for every command that judges.

use std::path::{Path, PathBuf};

use clap::Args;
use mote_abi::Tensor;
use mote_models::data::{Array, FileKind};
use mote_models::graph::Normalization;
use mote_models::judge::TestSet;
use mote_models::samples::{LabelledSet, SampleError};

use crate::failure::{Failure, FailureKind};
use crate::work::data;
use crate::work::model::ModelSource;

/// How labels and samples are read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Samples")]
pub struct SampleOptions {
    /// CSV with one row for each sample of an .npy
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Column of that CSV that holds the classes: its name, or its place from 0 [default: label, y or the only one]
    #[arg(long, value_name = "COLUMN", requires = "labels")]
    pub column: Option<String>,
    /// Names of the classes, in the order of the model's output, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub classes: Vec<String>,
    /// The model takes (value - MEAN) / DEVIATION of what is in the data: one number, or one for each channel
    #[arg(long, value_name = "MEAN", value_delimiter = ',', allow_negative_numbers = true, requires = "deviation")]
    pub mean: Vec<f32>,
    /// See --mean
    #[arg(long, value_name = "DEVIATION", value_delimiter = ',', requires = "mean")]
    pub deviation: Vec<f32>,
}

impl SampleOptions {
    /// How the model's input is made from what is in the data, where that is said.
    #[must_use]
    pub fn normalization(&self) -> Option<Normalization> {
        let Self { mean, deviation, .. } = self;
        (!mean.is_empty()).then(|| Normalization { mean: mean.clone(), deviation: deviation.clone() })
    }

    /// The samples for a model of these inputs, and what they are called. Without a path they are a zoo model's own.
    pub fn labelled(
        &self,
        path: Option<&Path>,
        model: &ModelSource,
        inputs: &[Tensor],
    ) -> Result<(String, LabelledSet), Failure> {
        let [input] = inputs else {
            let found = format!("has {} inputs; labelled samples are for models of one", inputs.len());
            return Err(data::failure(model, found).remedy("use `mote run`, and compare its outputs"));
        };
        let Some(path) = path else {
            let ModelSource::Zoo { .. } = model else {
                return Err(Failure::new(FailureKind::Usage, model, "DATA is missing")
                    .remedy("name the labelled samples; only zoo models bring their own"));
            };
            let source = format!("{model}'s test set");
            let set = model.zoo()?.test_set().map_err(|e| data::failure(&source, e))?;
            return Ok((source, set));
        };
        let classes = match (model, &self.classes[..]) {
            (ModelSource::Zoo { .. }, []) => model.zoo()?.labels().map(str::to_owned).collect(),
            (_, named) => named.to_vec(),
        };
        let labels = data::Labels { table: self.labels.clone(), column: self.column.clone() };
        let mut set = data::labelled(path, &labels, input, &classes)?;
        if let Some(normalization) = self.normalization() {
            set.x = normalization.apply(&set.x).map_err(|e| data::failure(path.display(), e))?;
        }
        Ok((path.display().to_string(), set))
    }

    /// The samples, labelled if they have labels.
    pub fn given(&self, path: Option<&Path>, model: &ModelSource, inputs: &[Tensor]) -> Result<Given, Failure> {
        match path {
            Some(path) if !self.has_labels(path)? => {
                Ok(Given::Unlabelled(path.display().to_string(), self.unlabelled(path, inputs)?))
            }
            path => {
                let (source, set) = self.labelled(path, model, inputs)?;
                let set = set.try_into().map_err(|e: SampleError| data::failure(&source, e))?;
                Ok(Given::Labelled(source, set))
            }
        }
    }

    /// Samples without labels: one array for each input.
    pub fn unlabelled(&self, path: &Path, inputs: &[Tensor]) -> Result<Vec<Array>, Failure> {
        let arrays = data::arrays(path, inputs)?;
        let Some(normalization) = self.normalization() else { return Ok(arrays) };
        let normalized = arrays.iter().map(|array| normalization.apply(array));
        normalized.collect::<Result<_, _>>().map_err(|e| data::failure(path.display(), e))
    }

    /// Whether a file or folder says what a model should say to its samples.
    fn has_labels(&self, path: &Path) -> Result<bool, Failure> {
        if path.is_dir() || self.labels.is_some() {
            return Ok(true);
        }
        match data::kind(path)? {
            FileKind::Npz => data::archive_has(path, "y"),
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
