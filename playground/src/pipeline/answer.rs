//! Several models on one input, which is prepared as data are.

use std::io::{Cursor, Write};

use mote_models::data::csv::Header;
use mote_models::data::{Array, FileKind};
use mote_models::import;
use mote_models::prepare::{self, FrontEnd, Named, Subject};
use mote_models::progress::Progress;
use mote_models::run::Engine;
use mote_models::samples::{Inputs, outputs};
use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{data, loadable, of_run};
use crate::protocol::Failure;

/// The folder of an archive of one file.
const FOLDER: &str = "given";

/// What a model said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Its first output.
    pub scores: Vec<f32>,
    /// Names of the classes; empty when they are not known.
    pub labels: Vec<String>,
}

/// The answers of models to the first sample of a file. The sample is prepared for the first model; the others take the same
/// numbers, each in its own coding.
pub(super) fn answer(
    engine: &dyn Engine,
    name: &str,
    given: &[u8],
    front_end: &[u8],
    models: &[Vec<u8>],
    progress: &dyn Progress,
) -> Result<Vec<Answered>, Failure> {
    let Some(first) = models.first() else { return Err(Failure::Page("there is no model to answer".into())) };
    let arrays = prepared(engine, name, given, front_end, &loadable(first)?, progress)?;
    let mut answers = Vec::with_capacity(models.len());
    for model in models {
        let file = loadable(model)?;
        let mut run = engine.load(&file).map_err(of_run)?;
        let inputs = Inputs::new(&run.description().inputs, arrays.clone()).map_err(|error| data(&error))?;
        let fed = inputs.sample(0).map_err(|error| data(&error))?;
        let found = run.run(&fed).map_err(of_run)?;
        let output = run.description().outputs.first();
        let scores = output.zip(found.first()).map(|(output, bytes)| outputs::dequantize(0, output, bytes));
        let scores = scores.transpose().map_err(|error| data(&error))?.unwrap_or_default();
        answers.push(Answered { scores, labels: metadata(&file).labels });
    }
    Ok(answers)
}

fn metadata(file: &[u8]) -> mote_models::graph::Metadata {
    import::tflite(file).map(|graph| graph.metadata).unwrap_or_default()
}

/// The samples of a file, as a model takes them.
fn prepared(
    engine: &dyn Engine,
    name: &str,
    given: &[u8],
    front_end: &[u8],
    model: &[u8],
    progress: &dyn Progress,
) -> Result<Vec<Array>, Failure> {
    let run = engine.load(model).map_err(of_run)?;
    let metadata = metadata(model);
    let description = run.description();
    let subject = Subject { inputs: &description.inputs, outputs: &description.outputs, metadata: &metadata };
    let (name, given) = match FileKind::from_name(name) {
        Some(FileKind::Png | FileKind::Jpeg | FileKind::Wav) => ("given.zip", zipped(name, given)),
        _ => (name, given.to_vec()),
    };
    let files = [Named { name, bytes: &given }];
    let contents = prepare::look(&files, Header::Guess).map_err(|error| data(&error))?;
    let mut options = prepare::guess(&contents, subject).options;
    if let Some(table) = &contents.table {
        // What is given to be answered has no label: each column of numbers is the model's.
        options.columns.label = None;
        options.columns.features = (0..table.columns()).filter(|&at| table.numeric.get(at) == Some(&true)).collect();
    }
    let mut front_end = match front_end {
        [] => None,
        file => {
            let run = engine.load(file).map_err(of_run)?;
            Some(FrontEnd::new(run).map_err(|error| data(&error))?)
        }
    };
    let prepared = prepare::prepare(&files, &options, subject, front_end.as_mut(), progress);
    Ok(prepared.map_err(|error| data(&error))?.arrays)
}

/// A file alone in a folder of an archive: the form in which pictures and recordings are data.
fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let started = zip.start_file(format!("{FOLDER}/{name}"), stored);
    let written = started.map_err(std::io::Error::other).and_then(|()| zip.write_all(bytes));
    let finished = written.and_then(|()| zip.finish().map_err(std::io::Error::other));
    finished.expect("writing to memory does not fail").into_inner()
}
