//! From files as people have them to one set of samples as a model takes them.
//!
//! ```text
//! files -> look -> Contents -> guess -> Options, edited -> prepare -> Prepared -> archive (.npz of x and y)
//! ```
//!
//! What comes out is what the commands make of the same files and options: they read them by the same functions
//! ([`crate::samples`]), and where they have no option the archive can be given to them.
//!
//! - [`look`]: what is in the files, without a model.
//! - [`guess`]: how it becomes samples of a model, as far as model and files tell, and why.
//! - [`prepare`]: samples with what a model should say to them, and [`Warning`]s.

mod contents;
mod error;
mod guess;
mod layout;
mod options;
mod picture;
mod read;
mod sound;
mod table;
mod warnings;

use std::borrow::Cow;
use std::collections::BTreeMap;

use mote_abi::Tensor;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::data::{Array, DataError, Elements, npz};
use crate::graph::Metadata;
use crate::judge::{Task, TestSet, Truth};
use crate::progress::Progress;
use crate::samples::{SampleError, Samples, Targeted};

pub use contents::{ArrayInfo, ClassFiles, Contents, Form, Media, TableInfo, look};
pub use error::PrepareError;
pub use guess::{Guess, Why, guess};
pub use options::{Columns, Layout, Options, Resize};
pub use sound::FrontEnd;
pub use warnings::Warning;

/// A file by its name, which tells its format.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The name.
    pub name: &'a str,
    /// The contents.
    pub bytes: &'a [u8],
}

/// The model that samples are for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its inputs.
    pub inputs: &'a [Tensor],
    /// Its outputs.
    pub outputs: &'a [Tensor],
    /// What it tells of them.
    pub metadata: &'a Metadata,
}

/// Samples as a model takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// One array for each of the model's inputs, samples along the first axis.
    pub arrays: Vec<Array>,
    /// What a model should say to them; none where that is not known.
    pub truth: Option<Truth>,
    /// The least and the greatest value of the first array.
    pub range: Range,
    /// Samples or rows that gave none: windows over two labels, rows after the last whole window, files of other formats.
    pub left_out: usize,
    /// What their owner should look at.
    pub warnings: Vec<Warning>,
}

/// Two ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// The lower.
    pub low: f64,
    /// The upper.
    pub high: f64,
}

/// Prepares samples. A front end makes a model's features of recordings; without one a recording's own samples are taken.
///
/// # Errors
/// When files cannot be read, do not suit the options, or do not give what the model takes.
pub fn prepare(
    files: &[Named<'_>],
    options: &Options,
    model: Subject<'_>,
    front_end: Option<&mut FrontEnd<'_>>,
    progress: &dyn Progress,
) -> Result<Prepared, PrepareError> {
    let input = match model.inputs {
        [input] => input,
        inputs => return several(files, inputs),
    };
    let read = read::read(files, options, input, front_end, progress)?;
    progress.at("prepare samples", 0, 1)?;
    let x = layout::arrange(read.x, options.layout, input)?;
    if x.elements().is_empty() {
        let remedy = "give at least one, with as many numbers as the model takes";
        return Err(SampleError::missing("samples", "at least one whole sample", "none", remedy).into());
    }
    let raw = range(&x);
    let x = match &options.normalization {
        Some(normalization) => normalization.apply(&x)?,
        None => narrow(x),
    };
    let range = if options.normalization.is_some() { range(&x) } else { raw };
    check(input, &x)?;
    let named: &[String] = if options.classes.is_empty() { &model.metadata.labels } else { &options.classes };
    let mut warnings = warnings::of_values(input, &x, range, raw, options, model.metadata);
    let (arrays, truth) = match read.targets {
        None => (vec![x], None),
        Some(targets) => {
            let samples = Targeted { x, targets };
            let task = Task::guess(&samples, model.inputs, model.outputs);
            let set = TestSet::of(samples, task, named)?;
            warnings.extend(warnings::of_classes(set.truth(), named, model.outputs));
            let (arrays, truth) = set.into_parts();
            (arrays, Some(truth))
        }
    };
    Ok(Prepared { arrays, truth, range, left_out: read.left_out, warnings })
}

/// A model of several inputs takes its arrays from an archive, as they are.
fn several(files: &[Named<'_>], inputs: &[Tensor]) -> Result<Prepared, PrepareError> {
    let bytes = match (contents::form(files)?, files) {
        (Form::Archive, [file]) => file.bytes,
        _ => {
            let expected = format!("an .npz with an array for each of the model's {} inputs", inputs.len());
            let remedy = "write one with numpy.savez(file, input_0=..., input_1=...)";
            return Err(SampleError::missing("inputs", &expected, "another file", remedy).into());
        }
    };
    let arrays = crate::samples::arrays_of_npz(inputs, bytes)?;
    crate::samples::Inputs::new(inputs, arrays.clone())?;
    let range = arrays.first().map(range).unwrap_or_default();
    Ok(Prepared { arrays, truth: None, range, left_out: 0, warnings: Vec::new() })
}

/// Real numbers in the precision that models have; the rounding is the one that encoding does.
fn narrow(x: Array) -> Array {
    match x.into_parts() {
        (shape, Elements::Float64(reals)) => {
            let reals: Vec<f32> = reals.into_iter().map(|real| real as f32).collect();
            Array::new(shape, reals).expect("as many elements as before")
        }
        (shape, elements) => Array::new(shape, elements).expect("as it was taken apart"),
    }
}

/// Values that are no numbers are passed over.
fn range(x: &Array) -> Range {
    let reals = (0..x.elements().len()).filter_map(|i| x.elements().real(i)).filter(|real| real.is_finite());
    let ends = reals.fold(None, |ends: Option<(f64, f64)>, real| match ends {
        None => Some((real, real)),
        Some((low, high)) => Some((low.min(real), high.max(real))),
    });
    let (low, high) = ends.unwrap_or_default();
    Range { low, high }
}

/// Makes sure that the model takes these samples: those that hold the least and the greatest value stand for all.
fn check(input: &Tensor, x: &Array) -> Result<(), PrepareError> {
    let place = |better: &dyn Fn(f64, f64) -> bool| {
        let reals = (0..x.elements().len()).filter_map(|i| Some((i, x.elements().real(i)?)));
        reals.reduce(|best, found| if better(found.1, best.1) { found } else { best }).map(|(at, _)| at)
    };
    let ends = [place(&|found, best| found < best), place(&|found, best| found > best || found.is_nan())];
    for at in ends.into_iter().flatten() {
        let sample = at / input.elements().max(1);
        let encoded = Samples::new(0, input, x.rows(&[sample])).and_then(|samples| samples.bytes(0));
        encoded.map_err(|error| SampleError { place: format!("{} (sample {sample})", error.place), ..error })?;
    }
    Ok(())
}

impl Prepared {
    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrays.first().and_then(|array| array.shape().first()).copied().unwrap_or(0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names of the classes, where they are known.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        match &self.truth {
            Some(Truth::Classes { names, .. }) => names,
            Some(Truth::Anomalies(_) | Truth::Values(_)) | None => &[],
        }
    }

    /// The group of each sample: [`Truth::groups`].
    #[must_use]
    pub fn groups(&self) -> Option<Cow<'_, [usize]>> {
        self.truth.as_ref()?.groups()
    }

    /// For each sample the place of the first one that is equal to it, itself where there is none before it.
    #[must_use]
    pub fn firsts(&self) -> Vec<usize> {
        let mut seen: BTreeMap<[u8; 32], usize> = BTreeMap::new();
        let key = |i: usize| -> [u8; 32] {
            let rows = self.arrays.iter().map(|array| array.rows(&[i]).into_parts().1.to_le_bytes());
            Sha256::digest(rows.collect::<Vec<_>>().concat()).into()
        };
        (0..self.len()).map(|i| *seen.entry(key(i)).or_insert(i)).collect()
    }

    /// The samples as one file: `x`, or `input_0`, `input_1`, ... where there are several, and `y` where that is known.
    ///
    /// # Errors
    /// When an array has more than a zip archive holds.
    pub fn archive(&self) -> Result<Vec<u8>, DataError> {
        let y = self.truth.as_ref().map(|truth| match truth {
            Truth::Classes { y, .. } => Array::vector(y.iter().map(|&class| class as i64).collect::<Vec<_>>()),
            Truth::Anomalies(anomalous) => Array::vector(anomalous.iter().map(|&a| i64::from(a)).collect::<Vec<_>>()),
            Truth::Values(values) => values.clone(),
        });
        let names: Vec<String> = match self.arrays.len() {
            1 => vec!["x".into()],
            count => (0..count).map(|k| format!("input_{k}")).collect(),
        };
        let arrays = names.iter().map(String::as_str).zip(&self.arrays);
        npz::write(arrays.chain(y.iter().map(|y| ("y", y))))
    }
}

#[cfg(test)]
mod tests;
