//! Metadata in the places where other tools look for it.
//!
//! - The entry `TFLITE_METADATA`: a FlatBuffer of its own, `ModelMetadata`, that says how the first input is normalized and
//!   which associated file names the classes of the first output.
//! - The entry `min_runtime_version`: the release of TensorFlow Lite from which on all the operators are known.
//! - An entry for each note, under its name behind [`NOTE_PREFIX`].
//! - Associated files: a zip archive behind the FlatBuffer, its entries stored.
//!
//! Source: `metadata_schema.fbs` of tflite-support; its `MetadataPopulator` appends the archive in the same way.

use std::io::{Cursor, Seek, SeekFrom, Write};

use flatbuffers::FlatBufferBuilder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::releases::min_runtime_version;
use crate::graph::{Graph, Metadata, Normalization};
use crate::tflite::Model;
use crate::tflite::table::{Offset, Slot, table, text, vector};

/// Name of the entry with the `ModelMetadata`.
pub(crate) const MODEL_METADATA: &str = "TFLITE_METADATA";
/// `file_identifier` of its schema.
pub(crate) const IDENTIFIER: &str = "M001";
/// What the names of notes begin with in a file, so that they are told from other tools' entries.
pub(crate) const NOTE_PREFIX: &str = "mote.";
/// `AssociatedFileType`: a class a line, in the order of an axis of the tensor.
pub(crate) const TENSOR_AXIS_LABELS: i8 = 2;
/// `ProcessUnitOptions`: the member of the union that a normalization is.
pub(crate) const NORMALIZATION_OPTIONS: u8 = 1;

const LABELS: &str = "labels.txt";
const RUNTIME_VERSION: &str = "min_runtime_version";
/// The entry has this length, whatever the version's.
const RUNTIME_VERSION_BYTES: usize = 16;
/// The release of the metadata library from which on all that is used here is known.
const MIN_PARSER_VERSION: &str = "1.0.0";

/// The entries of a graph's file; none where nothing is known of it.
pub(super) fn entries(graph: &Graph, model: &Model) -> Vec<(String, Vec<u8>)> {
    let Metadata { labels, normalization, notes } = &graph.metadata;
    if labels.is_empty() && normalization.is_none() && notes.is_empty() {
        return Vec::new();
    }
    let mut version = min_runtime_version(model).into_bytes();
    version.resize(RUNTIME_VERSION_BYTES, 0);
    let mut entries = vec![(RUNTIME_VERSION.to_owned(), version)];
    if !labels.is_empty() || normalization.is_some() {
        entries.push((MODEL_METADATA.to_owned(), model_metadata(graph)));
    }
    entries.extend(notes.iter().map(|(name, text)| (format!("{NOTE_PREFIX}{name}"), text.clone().into_bytes())));
    entries
}

/// The file with its associated files behind it.
pub(super) fn with_files(file: Vec<u8>, metadata: &Metadata) -> Vec<u8> {
    if metadata.labels.is_empty() {
        return file;
    }
    let mut archive = Cursor::new(file);
    let appended = archive.seek(SeekFrom::End(0)).map_err(Into::into).and_then(|_| {
        let mut zip = ZipWriter::new(archive);
        let stored = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default());
        zip.start_file(LABELS, stored)?;
        zip.write_all(labels_txt(&metadata.labels).as_bytes())?;
        zip.finish()
    });
    appended.expect("writing to memory does not fail").into_inner()
}

/// Names of classes, one a line.
#[must_use]
pub fn labels_txt(labels: &[String]) -> String {
    labels.iter().map(|label| format!("{}\n", label.replace(['\r', '\n'], " "))).collect()
}

fn model_metadata(graph: &Graph) -> Vec<u8> {
    let Metadata { labels, normalization, .. } = &graph.metadata;
    let mut fbb = FlatBufferBuilder::new();
    // One table for each tensor, in order; what is known is known of the first.
    let known = normalization.as_ref().map(|normalization| normalized(&mut fbb, normalization));
    let inputs = tensors(&mut fbb, graph.inputs.len(), &known.unwrap_or_default());
    let known = (!labels.is_empty()).then(|| labelled(&mut fbb));
    let outputs = tensors(&mut fbb, graph.outputs.len(), &known.unwrap_or_default());
    let (name, description) = (Slot::Absent, Slot::Absent);
    let subgraph = table(&mut fbb, &[name, description, inputs, outputs]);
    let subgraphs = vector(&mut fbb, &[subgraph]);
    let name = text(&mut fbb, &graph.name);
    let min_parser_version = text(&mut fbb, MIN_PARSER_VERSION);
    let (description, version) = (Slot::Absent, Slot::Absent);
    let (author, license, files) = (Slot::Absent, Slot::Absent, Slot::Absent);
    let fields = [name, description, version, subgraphs, author, license, files, min_parser_version];
    let root = table(&mut fbb, &fields);
    fbb.finish(root, Some(IDENTIFIER));
    fbb.finished_data().to_vec()
}

/// The fields of a tensor's table: its normalization as its one process unit.
fn normalized(fbb: &mut FlatBufferBuilder<'_>, normalization: &Normalization) -> Vec<Slot> {
    let mean = Slot::Offset(fbb.create_vector(&normalization.mean).as_union_value());
    let deviation = Slot::Offset(fbb.create_vector(&normalization.deviation).as_union_value());
    let options = table(fbb, &[mean, deviation]);
    let unit = table(fbb, &[Slot::UByte(NORMALIZATION_OPTIONS), Slot::Offset(options)]);
    let units = vector(fbb, &[unit]);
    let (name, description, dimension_names, content) = (Slot::Absent, Slot::Absent, Slot::Absent, Slot::Absent);
    vec![name, description, dimension_names, content, units]
}

/// The fields of a tensor's table: the file that names its classes.
fn labelled(fbb: &mut FlatBufferBuilder<'_>) -> Vec<Slot> {
    let name = text(fbb, LABELS);
    let description = Slot::Absent;
    let file = table(fbb, &[name, description, Slot::Byte(TENSOR_AXIS_LABELS)]);
    let files = vector(fbb, &[file]);
    let (name, description, dimension_names, content) = (Slot::Absent, Slot::Absent, Slot::Absent, Slot::Absent);
    let (process_units, stats) = (Slot::Absent, Slot::Absent);
    vec![name, description, dimension_names, content, process_units, stats, files]
}

fn tensors(fbb: &mut FlatBufferBuilder<'_>, count: usize, of_first: &[Slot]) -> Slot {
    let list: Vec<Offset> = (0..count).map(|k| table(fbb, if k == 0 { of_first } else { &[] })).collect();
    vector(fbb, &list)
}
