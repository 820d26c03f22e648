//! What a file says of its model besides the network, from the places where [the exporter](crate::export) and other tools put it.
//!
//! Entries of other tools are passed over; what is there and damaged is refused, since wrong preprocessing is worse than none.

use std::io::{Cursor, Read};

use mote_runtime::Error;
use mote_runtime::read::flatbuf::Table;
use zip::ZipArchive;

use super::super::{FileErrorKind, ImportError};
use crate::export::metadata::{IDENTIFIER, MODEL_METADATA, NORMALIZATION_OPTIONS, NOTE_PREFIX, TENSOR_AXIS_LABELS};
use crate::graph::{Metadata, Normalization};

/// The largest file of labels that is read.
const LABEL_BYTES: u64 = 1 << 20;
/// Bytes of all notes together. Entries may share a buffer, so a small file could claim many long ones.
const NOTE_BYTES: usize = 1 << 20;

/// The metadata of a file that has been read as a model.
pub(super) fn metadata(file: &[u8]) -> Result<Metadata, ImportError> {
    let root = Table::root(file)?;
    let (entries, buffers) = (root.tables(6)?, root.tables(4)?);
    let mut metadata = Metadata::default();
    let mut left = NOTE_BYTES;
    for k in 0..entries.len() {
        let entry = entries.table(k)?;
        let name = entry.string(0)?;
        let buffer = usize::try_from(entry.u32(1, 0)?).unwrap_or(usize::MAX);
        if let Some(note) = name.strip_prefix(NOTE_PREFIX) {
            let text = buffers.table(buffer)?.vector(0, 1)?.bytes();
            left = left.checked_sub(text.len()).ok_or_else(|| {
                let found = format!("{} more in {name}", text.len());
                refused("metadata", &format!("notes of at most {NOTE_BYTES} bytes"), found)
            })?;
            metadata.notes.insert(note.to_owned(), String::from_utf8_lossy(text).into_owned());
        } else if name == MODEL_METADATA {
            let own = buffers.table(buffer)?.vector(0, 1)?.bytes();
            if own.get(4..8) != Some(IDENTIFIER.as_bytes()) {
                let found = "another identifier";
                return Err(refused("metadata", "a ModelMetadata of the schema M001", found));
            }
            (metadata.normalization, metadata.labels) = model_metadata(file, own)?;
        }
    }
    Ok(metadata)
}

type Known = (Option<Normalization>, Vec<String>);

fn model_metadata(file: &[u8], own: &[u8]) -> Result<Known, ImportError> {
    let root = Table::root(own)?;
    let subgraphs = root.tables(3)?;
    if subgraphs.is_empty() {
        return Ok((None, Vec::new()));
    }
    let subgraph = subgraphs.table(0)?;
    let first = |field| -> Result<Option<Table<'_>>, Error> {
        let tensors = subgraph.tables(field)?;
        if tensors.is_empty() { Ok(None) } else { tensors.table(0).map(Some) }
    };
    let normalization = first(2)?.map_or(Ok(None), |input| normalization(&input))?;
    let labels = match first(3)?.map_or(Ok(None), |output| labels_file(&output))? {
        Some(name) => labels(file, &name)?,
        None => Vec::new(),
    };
    Ok((normalization, labels))
}

/// The first normalization among a tensor's process units.
fn normalization(tensor: &Table<'_>) -> Result<Option<Normalization>, ImportError> {
    let units = tensor.tables(4)?;
    for k in 0..units.len() {
        let unit = units.table(k)?;
        let (NORMALIZATION_OPTIONS, Some(options)) = (unit.u8(0, 0)?, unit.table(1)?) else { continue };
        let numbers = |field| -> Result<Vec<f32>, Error> {
            Ok(options.vector(field, 4)?.scalars().map(f32::from_le_bytes).collect())
        };
        let (mean, deviation) = (numbers(0)?, numbers(1)?);
        let sound = mean.len() == deviation.len() && !mean.is_empty() && mean.iter().all(|m| m.is_finite());
        if !sound || deviation.iter().any(|d| !(d.is_finite() && *d > 0.0)) {
            let expected = "as many deviations above 0 as means in its normalization";
            return Err(refused("metadata of the first input", expected, format!("{mean:?} and {deviation:?}")));
        }
        return Ok(Some(Normalization { mean, deviation }));
    }
    Ok(None)
}

/// The name of the file that names a tensor's classes.
fn labels_file(tensor: &Table<'_>) -> Result<Option<String>, Error> {
    let files = tensor.tables(6)?;
    for k in 0..files.len() {
        let file = files.table(k)?;
        if file.i8(2, 0)? == TENSOR_AXIS_LABELS {
            return file.string(0).map(Some);
        }
    }
    Ok(None)
}

/// The lines of an associated file.
fn labels(file: &[u8], name: &str) -> Result<Vec<String>, ImportError> {
    let place = format!("associated file {name}");
    let refuse = |found: String| refused(&place, "a file of class names in the archive behind the model", found);
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|e| refuse(e.to_string()))?;
    let entry = archive.by_name(name).map_err(|e| refuse(e.to_string()))?;
    let mut text = String::new();
    let read = entry.take(LABEL_BYTES + 1).read_to_string(&mut text).map_err(|e| refuse(e.to_string()))?;
    if read as u64 > LABEL_BYTES {
        return Err(refuse(format!("more than {LABEL_BYTES} bytes")));
    }
    Ok(text.lines().map(str::to_owned).collect())
}

fn refused(place: &str, expected: &str, found: impl Into<String>) -> ImportError {
    ImportError::file(FileErrorKind::Malformed, place, expected, found)
}
