//! Samples from files, as the bytes of a model's inputs.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use mote_abi::Tensor;
use mote_models::data::csv::Column;
use mote_models::data::folders::{Folders, Place};
use mote_models::data::{Array, FileKind, npz};
use mote_models::samples::{InputError, Inputs, LabelledFile, SampleError, Targeted, arrays_of_file};

use crate::failure::{Failure, FailureKind};
use crate::work::files;

/// What `--help` says of input files.
pub const INPUT_HELP: &str = "\
Inputs:
  .npz        arrays input_0, input_1, ... or under the inputs' names; samples
              along the first axis
  .npy, .csv  one array; the rows of a table are samples
  .png, .jpg  one picture of the input's size, in its channels
  .wav        one recording's samples
  .bin, .raw  elements in the input's own type, little-endian
Integers are taken as they are; uint8 pictures for an int8 input are shifted
by -128, which are the same pictures. Real numbers are quantized by the
input's own scale and zero point. Channels that stand first (3x32x32) are moved
to where the input has them (32x32x3). Where the model tells how its input is
made from raw values, or --mean and --deviation do, it is made so; raw elements
(.bin) are always taken as they are.";

/// What `--help` says of labelled samples.
pub const LABELLED_HELP: &str = "\
Data:
  FILE.npz  x: samples along the first axis; y: what a model should say to each
  FILE.npy  samples, with --labels FILE.csv: one row for each sample
  FOLDER    pictures, recordings or arrays as FOLDER/class/file; also as a .zip
Labels are classes from 0 or by name. For --task anomaly they are 0 for normal
samples and 1 for others, or folders of which one is called normal, good or ok;
the model gives its input back, and its error is judged. For --task regression
they are the numbers that are wanted. Without --task, data and model tell.
Samples are brought into the model's input as `mote run --help` says.";

/// A failure about data.
pub fn failure(what: impl Display, reason: impl Display) -> Failure {
    Failure::new(FailureKind::Data, what, reason)
}

/// What data is and should be, in the one wording that all commands have for it.
pub fn refused(what: impl Display, error: impl Into<InputError>) -> Failure {
    match error.into() {
        InputError::Data(error) => failure(what, error),
        InputError::Sample(SampleError { kind: _, place, expected, found, remedy }) => {
            failure(what, format!("{place}: expected {expected}, found {found}")).remedy(remedy)
        }
    }
}

/// Reads a file of samples for a model's inputs: one array for each.
pub fn arrays(path: &Path, tensors: &[Tensor]) -> Result<Vec<Array>, Failure> {
    let kind = kind(path)?;
    let bytes = files::read(path, files::DATA_FILE_LIMIT, FailureKind::Data)?;
    arrays_of_file(tensors, kind, &bytes).map_err(|e| refused(path.display(), e))
}

/// Whether an `.npz` has an array of this name.
pub fn archive_has(path: &Path, name: &str) -> Result<bool, Failure> {
    let bytes = files::read(path, files::DATA_FILE_LIMIT, FailureKind::Data)?;
    Ok(npz::read(&bytes).map_err(|e| failure(path.display(), e))?.get(name).is_some())
}

/// One sample as the bytes of each input.
pub fn encode(path: &Path, inputs: &Inputs, count: usize, sample: usize) -> Result<Vec<Vec<u8>>, Failure> {
    (0..count).map(|k| inputs.bytes(k, sample).map_err(|e| refused(path.display(), e))).collect()
}

/// Where the labels of samples are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Labels<'a> {
    /// A table, for an `.npy` of samples.
    pub table: Option<&'a Path>,
    /// The column of that table.
    pub column: Option<&'a str>,
}

/// Reads labelled samples: an `.npz` of `x` and `y`, an `.npy` with a table of labels, or a folder of folders.
pub fn labelled(path: &Path, labels: Labels<'_>, input: &Tensor) -> Result<Targeted, Failure> {
    let refused = |e: InputError| refused(path.display(), e);
    let fail = |reason: &str| failure(path.display(), reason);
    if path.is_dir() {
        return Targeted::from_folders(input, labelled_files(path)?).map_err(refused);
    }
    let bytes = files::read(path, files::DATA_FILE_LIMIT, FailureKind::Data)?;
    match (kind(path)?, labels.table) {
        (FileKind::Zip, None) => zipped(&bytes).and_then(|files| Targeted::from_folders(input, files)).map_err(refused),
        (FileKind::Npz, None) => Targeted::from_npz(&bytes).map_err(refused),
        (FileKind::Npy, Some(table)) => {
            let rows = files::read(table, files::DATA_FILE_LIMIT, FailureKind::Data)?;
            let column = labels.column.map(column);
            Targeted::from_npy_and_csv(&bytes, &rows, column.as_ref())
                .map_err(|e| self::refused(format!("{} with {}", path.display(), table.display()), e))
        }
        (FileKind::Npy, None) => {
            Err(fail("has samples but no labels").remedy("name a CSV of labels with --labels FILE.csv"))
        }
        (FileKind::Npz, Some(_)) => Err(Failure::new(FailureKind::Usage, "--labels", "an .npz has its labels in `y`")),
        (other, _) => Err(fail(&format!("{other} files have no labels")).remedy(
            "give an .npz of x and y, an .npy with --labels FILE.csv, or a folder or .zip with one folder for each class",
        )),
    }
}

/// The files of a zip archive of folders.
fn zipped(bytes: &[u8]) -> Result<Vec<LabelledFile>, InputError> {
    let mut folders = Folders::open(bytes)?;
    let places = folders.files().to_vec();
    let read =
        |(k, place): (usize, Place)| Ok(LabelledFile { label: place.label, name: place.name, bytes: folders.read(k)? });
    places.into_iter().enumerate().map(read).collect()
}

/// A column by its name, or by its place from 0.
fn column(text: &str) -> Column {
    text.parse().map_or_else(|_| Column::Name(text.to_owned()), Column::Index)
}

/// What is in a file, by its name.
pub fn kind(path: &Path) -> Result<FileKind, Failure> {
    FileKind::from_name(&path.to_string_lossy()).ok_or_else(|| {
        failure(path.display(), "its name does not tell what is in it")
            .remedy("end the name in .npz, .npy, .png, .jpg, .wav, .csv or, for raw elements, .bin")
    })
}

/// The files of `folder/class/`, in order of their names. Hidden ones are left out.
fn labelled_files(folder: &Path) -> Result<Vec<LabelledFile>, Failure> {
    let mut labelled = Vec::new();
    for class in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        for file in entries(&class)?.into_iter().filter(|path| path.is_file()) {
            labelled.push(LabelledFile {
                label: name(&class),
                name: name(&file),
                bytes: files::read(&file, files::DATA_FILE_LIMIT, FailureKind::Data)?,
            });
        }
    }
    Ok(labelled)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = read().map_err(|e| failure(folder.display(), e))?;
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
