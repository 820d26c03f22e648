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

use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, WIPOffset};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::releases::min_runtime_version;
use crate::graph::{Graph, Metadata, Normalization};
use crate::tflite::Model;

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

type Offset = WIPOffset<UnionWIPOffset>;

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
    let inputs = tensors(&mut fbb, graph.inputs.len(), known);
    let known = (!labels.is_empty()).then(|| labelled(&mut fbb));
    let outputs = tensors(&mut fbb, graph.outputs.len(), known);
    let subgraph = table(&mut fbb, &[(2, inputs), (3, outputs)]);
    let subgraphs = tables(&mut fbb, &[subgraph]);
    let name = (!graph.name.is_empty()).then(|| (0, text(&mut fbb, &graph.name)));
    let fields = [(3, subgraphs), (7, text(&mut fbb, MIN_PARSER_VERSION))];
    let root = table(&mut fbb, &name.into_iter().chain(fields).collect::<Vec<_>>());
    fbb.finish(root, Some(IDENTIFIER));
    fbb.finished_data().to_vec()
}

/// The fields of a tensor's table: its normalization as its one process unit.
fn normalized(fbb: &mut FlatBufferBuilder<'_>, normalization: &Normalization) -> (u16, Offset) {
    let mean = WIPOffset::new(fbb.create_vector(&normalization.mean).value());
    let deviation = WIPOffset::new(fbb.create_vector(&normalization.deviation).value());
    let options = table(fbb, &[(0, mean), (1, deviation)]);
    let start = fbb.start_table();
    fbb.push_slot_always(slot(0), NORMALIZATION_OPTIONS);
    fbb.push_slot_always(slot(1), options);
    let unit = WIPOffset::new(fbb.end_table(start).value());
    (4, tables(fbb, &[unit]))
}

/// The fields of a tensor's table: the file that names its classes.
fn labelled(fbb: &mut FlatBufferBuilder<'_>) -> (u16, Offset) {
    let name = text(fbb, LABELS);
    let start = fbb.start_table();
    fbb.push_slot_always(slot(0), name);
    fbb.push_slot_always(slot(2), TENSOR_AXIS_LABELS);
    let file = WIPOffset::new(fbb.end_table(start).value());
    (6, tables(fbb, &[file]))
}

fn tensors(fbb: &mut FlatBufferBuilder<'_>, count: usize, of_first: Option<(u16, Offset)>) -> Offset {
    let list: Vec<Offset> = (0..count)
        .map(|k| {
            let known: Vec<(u16, Offset)> = of_first.filter(|_| k == 0).into_iter().collect();
            table(fbb, &known)
        })
        .collect();
    tables(fbb, &list)
}

fn table(fbb: &mut FlatBufferBuilder<'_>, fields: &[(u16, Offset)]) -> Offset {
    let start = fbb.start_table();
    for &(field, offset) in fields {
        fbb.push_slot_always(slot(field), offset);
    }
    WIPOffset::new(fbb.end_table(start).value())
}

fn tables(fbb: &mut FlatBufferBuilder<'_>, tables: &[Offset]) -> Offset {
    let tables: Vec<WIPOffset<flatbuffers::ForwardsUOffset<u8>>> =
        tables.iter().map(|table| WIPOffset::new(table.value())).collect();
    WIPOffset::new(fbb.create_vector(&tables).value())
}

fn text(fbb: &mut FlatBufferBuilder<'_>, text: &str) -> Offset {
    WIPOffset::new(fbb.create_string(text).value())
}

/// A vtable begins with two lengths of two bytes, then has two bytes for each field.
fn slot(field: u16) -> u16 {
    4 + 2 * field
}
