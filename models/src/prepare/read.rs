//! Files as one array of samples and what stands beside each.

use mote_abi::Tensor;

use super::contents::{Form, form, table_of};
use super::error::PrepareError;
use super::{FrontEnd, Named, Options, layout, picture, sound, table};
use crate::data::csv::Column;
use crate::data::folders::Folders;
use crate::data::{Array, Elements, FileKind, image, npy, npz, wav};
use crate::progress::Progress;
use crate::samples::{InputError, SampleError, SampleErrorKind, Targeted, Targets, arrays_of_file};

/// The array of an archive that holds labels, and the one that holds samples.
const LABELS: &str = "y";
const SAMPLES: &str = "x";

/// What was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) x: Array,
    pub(super) targets: Option<Targets>,
    pub(super) left_out: usize,
}

pub(super) fn read(
    files: &[Named<'_>],
    options: &Options,
    input: &Tensor,
    front_end: Option<&mut FrontEnd<'_>>,
    progress: &dyn Progress,
) -> Result<Read, PrepareError> {
    let form = form(files)?;
    let whole = |targeted: Targeted| Read { x: targeted.x, targets: Some(targeted.targets), left_out: 0 };
    match (form, files) {
        (Form::Archive, [file, ..]) => archive(input, file.bytes),
        (Form::Array, files) => {
            let (samples, labels) = table_of(files);
            let Some(samples) = samples else { return Err(nothing().into()) };
            match labels {
                None => Ok(Read { x: npy::read(samples)?, targets: None, left_out: 0 }),
                Some(labels) => {
                    let column = options.columns.label.map(Column::Index);
                    Ok(whole(Targeted::from_npy_and_csv(samples, labels, column.as_ref())?))
                }
            }
        }
        (Form::Table, [file, ..]) => table::samples(file.bytes, &options.columns, input),
        (Form::Folders, [file, ..]) => folders(file.bytes, options, input, front_end, progress),
        (Form::Archive | Form::Table | Form::Folders, []) => Err(nothing().into()),
    }
}

fn nothing() -> SampleError {
    SampleError::missing("files", "a file of samples", "none", "open an .npz, .npy, .csv or .zip")
}

/// `x`, or else what a model's only input takes of an archive, and `y` where it is there.
fn archive(input: &Tensor, bytes: &[u8]) -> Result<Read, PrepareError> {
    let mut npz = npz::read(bytes)?;
    let targets = npz.take(LABELS).map(Targets::Numbers);
    let x = match npz.take(SAMPLES) {
        Some(x) => x,
        None => {
            let names = npz.names();
            let only = (npz.arrays.len() == 1).then(|| npz.arrays.swap_remove(0).1);
            only.or_else(|| npz.take("input_0")).or_else(|| npz.take(&input.name)).ok_or_else(|| {
                let remedy = "write it with numpy.savez(file, x=samples, y=classes)";
                SampleError::missing("archive", "an array x of samples", &format!("the arrays {names}"), remedy)
            })?
        }
    };
    let count = |array: &Array| array.shape().first().copied().unwrap_or(0);
    if let Some(Targets::Numbers(y)) = &targets
        && count(y) != count(&x)
    {
        return Err(uneven(count(&x), count(y)).into());
    }
    Ok(Read { x, targets, left_out: 0 })
}

fn uneven(samples: usize, labels: usize) -> SampleError {
    SampleError {
        kind: SampleErrorKind::Count,
        place: "labels".into(),
        expected: format!("{samples}, as there are samples"),
        found: labels.to_string(),
        remedy: "give each sample one label, in the samples' order".into(),
    }
}

/// Files of a zip archive, one after the other: each becomes a sample before the next is read.
fn folders(
    bytes: &[u8],
    options: &Options,
    input: &Tensor,
    mut front_end: Option<&mut FrontEnd<'_>>,
    progress: &dyn Progress,
) -> Result<Read, PrepareError> {
    let mut folders = Folders::open(bytes)?;
    let places = folders.files().to_vec();
    let mut stacked: Option<(Vec<usize>, Elements)> = None;
    let mut labels = Vec::with_capacity(places.len());
    for (k, place) in places.iter().enumerate() {
        progress.at("read files", k, places.len())?;
        let name = format!("{}/{}", place.label, place.name);
        let bytes = folders.read(k)?;
        let array = one(&place.name, &bytes, options, input, front_end.as_deref_mut()).map_err(|e| at(&name, e))?;
        let (shape, elements) = array.into_parts();
        let found = format!("{} of {}", layout::extents(&shape), elements.dtype());
        match &mut stacked {
            None => stacked = Some((shape, elements)),
            Some((first, all)) => {
                let expected = format!("{} of {}, as in the first file", layout::extents(first), all.dtype());
                if *first != shape || !all.append(elements) {
                    let remedy =
                        "let pictures be scaled, or bring all files to the model's input size and one format".into();
                    return Err(
                        SampleError { kind: SampleErrorKind::Shape, place: name, expected, found, remedy }.into()
                    );
                }
            }
        }
        labels.push(place.label.clone());
    }
    let (shape, elements) = stacked.ok_or_else(nothing)?;
    let x = Array::new([vec![labels.len()], shape].concat(), elements).map_err(|error| {
        SampleError::missing("files", "samples of one shape", &error.to_string(), "bring all files to one format")
    })?;
    Ok(Read { x, targets: Some(Targets::Words(labels)), left_out: folders.passed_over() })
}

/// One file as one sample.
fn one(
    name: &str,
    bytes: &[u8],
    options: &Options,
    input: &Tensor,
    front_end: Option<&mut FrontEnd<'_>>,
) -> Result<Array, PrepareError> {
    let Some(kind) = FileKind::from_name(name) else { return Err(nothing().into()) };
    let frame = picture::frame(input);
    let channels = frame.map_or(image::Channels::AsStored, |frame| frame.channels);
    let fitted = |array| match frame {
        Some(frame) => picture::fit(array, frame, options.resize),
        None => array,
    };
    match kind {
        FileKind::Png => Ok(fitted(image::read_png(bytes, channels)?)),
        FileKind::Jpeg => Ok(fitted(image::read_jpeg(bytes, channels)?)),
        FileKind::Wav => sound::sample(wav::read(bytes)?, options.step, input, front_end),
        FileKind::Npy | FileKind::Npz | FileKind::Csv | FileKind::Raw | FileKind::Zip => {
            let arrays = arrays_of_file(std::slice::from_ref(input), kind, bytes)?;
            arrays.into_iter().next().ok_or_else(|| nothing().into())
        }
    }
}

/// The same error, its place inside a file.
fn at(name: &str, error: PrepareError) -> PrepareError {
    match error {
        PrepareError::Input(InputError::Data(mut error)) => {
            error.place = format!("{name}, {}", error.place);
            PrepareError::Input(InputError::Data(error))
        }
        PrepareError::Input(InputError::Sample(mut error)) => {
            error.place = format!("{name}, {}", error.place);
            PrepareError::Input(InputError::Sample(error))
        }
        error @ (PrepareError::Run(_) | PrepareError::Cancelled(_)) => error,
    }
}
