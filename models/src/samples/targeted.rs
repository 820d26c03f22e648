//! Samples with their labels as they stand in files, before it is known what they mean.

use mote_abi::Tensor;

use super::error::{InputError, SampleError, SampleErrorKind, extents};
use super::inputs::arrays_of_file;
use super::labelled::LabelledFile;
use crate::data::csv::{Column, Table};
use crate::data::npz::{self, Npz};
use crate::data::{Array, Elements, FileKind, npy};

/// Samples and what stands beside each, for a model of one input.
#[derive(Debug, Clone, PartialEq)]
pub struct Targeted {
    /// Samples along the first axis.
    pub x: Array,
    /// What stands beside each.
    pub targets: Targets,
}

/// What stands beside samples.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Numbers, samples along the first axis.
    Numbers(Array),
    /// Words, one for each sample.
    Words(Vec<String>),
}

impl Targets {
    /// How many samples have one.
    fn len(&self) -> usize {
        match self {
            Targets::Numbers(array) => array.shape().first().copied().unwrap_or(0),
            Targets::Words(words) => words.len(),
        }
    }

    /// Words that are all numbers, as numbers.
    #[must_use]
    pub fn numbers(&self) -> Option<Array> {
        match self {
            Targets::Numbers(array) => Some(array.clone()),
            Targets::Words(words) => {
                let numbers: Option<Vec<f64>> = words.iter().map(|word| word.trim().parse().ok()).collect();
                numbers.map(Array::vector)
            }
        }
    }
}

impl Targeted {
    /// Reads an `.npz` of `x` and `y`.
    pub fn from_npz(bytes: &[u8]) -> Result<Self, InputError> {
        Ok(Self::from_archive(npz::read(bytes)?)?)
    }

    /// Takes `x` and `y` of an `.npz` that was read.
    pub fn from_archive(mut npz: Npz) -> Result<Self, SampleError> {
        let names = npz.names();
        let mut take = |name: &str| {
            npz.take(name).ok_or_else(|| SampleError {
                kind: SampleErrorKind::Missing,
                place: "labelled archive".into(),
                expected: format!("an array {name}"),
                found: format!("the arrays {names}"),
                remedy: "write it with numpy.savez(file, x=samples, y=classes)".into(),
            })
        };
        Self::new(take("x")?, Targets::Numbers(take("y")?))
    }

    /// Reads the samples of an `.npy` and what stands beside them in a table, one row a sample. Without a column to take, the
    /// column `label` or `y` or the only one is taken.
    pub fn from_npy_and_csv(samples: &[u8], table: &[u8], column: Option<&Column>) -> Result<Self, InputError> {
        let x = npy::read(samples)?;
        let table = Table::read(table)?;
        let candidates = [Column::Name("label".into()), Column::Name("y".into())];
        let column = match column {
            Some(column) => column,
            None if table.columns() == 1 => &Column::Index(0),
            None => candidates.iter().find(|c| table.find(c).is_ok()).unwrap_or(&candidates[0]),
        };
        let words = table.text(column)?.into_iter().map(str::to_owned).collect();
        Ok(Self::new(x, Targets::Words(words))?)
    }

    /// Reads files that lie in folders named after their classes, each as `input` takes it. All must have one shape.
    pub fn from_folders(input: &Tensor, files: impl IntoIterator<Item = LabelledFile>) -> Result<Self, InputError> {
        let mut labels = Vec::new();
        let mut stacked: Option<(Vec<usize>, Elements)> = None;
        for LabelledFile { label, name, bytes } in files {
            let place = format!("{label}/{name}");
            let kind = FileKind::from_name(&name).ok_or_else(|| SampleError {
                kind: SampleErrorKind::DType,
                place: place.clone(),
                expected: "a file ending in .png, .jpg, .wav, .npy, .npz, .csv or .bin".into(),
                found: name,
                remedy: "take other files out of the folders".into(),
            })?;
            for array in arrays_of_file(std::slice::from_ref(input), kind, &bytes).map_err(|e| at(&place, e))? {
                let (shape, elements) = array.into_parts();
                let found = format!("{} of {}", extents(&shape), elements.dtype());
                match &mut stacked {
                    None => stacked = Some((shape, elements)),
                    Some((first, all)) => {
                        let expected = format!("{} of {}, as in the first file", extents(first), all.dtype());
                        if *first != shape || !all.append(elements) {
                            return Err(InputError::Sample(SampleError {
                                kind: SampleErrorKind::Shape,
                                place,
                                expected,
                                found,
                                remedy: "bring all files to the model's input size and one format".into(),
                            }));
                        }
                    }
                }
                labels.push(label.clone());
            }
        }
        let Some((shape, elements)) = stacked else {
            return Err(InputError::Sample(SampleError {
                kind: SampleErrorKind::Missing,
                place: "labelled folders".into(),
                expected: "at least one file in a folder named after its class".into(),
                found: "none".into(),
                remedy: "lay the files out as DATA/class/file.png".into(),
            }));
        };
        let x = Array::new([vec![labels.len()], shape].concat(), elements).map_err(|error| SampleError {
            kind: SampleErrorKind::Shape,
            place: "labelled folders".into(),
            expected: "samples of one shape".into(),
            found: error.to_string(),
            remedy: "bring all files to the model's input size and one format".into(),
        })?;
        Ok(Self::new(x, Targets::Words(labels))?)
    }

    fn new(x: Array, targets: Targets) -> Result<Self, SampleError> {
        let samples = x.shape().first().copied().unwrap_or(0);
        if samples != targets.len() {
            return Err(SampleError {
                kind: SampleErrorKind::Count,
                place: "labels".into(),
                expected: format!("{samples}, as there are samples"),
                found: targets.len().to_string(),
                remedy: "give each sample one label, in the samples' order".into(),
            });
        }
        Ok(Self { x, targets })
    }
}

fn at(place: &str, error: InputError) -> InputError {
    match error {
        InputError::Data(mut error) => {
            error.place = format!("{place}, {}", error.place);
            InputError::Data(error)
        }
        InputError::Sample(mut error) => {
            error.place = format!("{place}, {}", error.place);
            InputError::Sample(error)
        }
    }
}
