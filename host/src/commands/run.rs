//! `mote run`: a model's outputs for a file of inputs.

use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;
use mote_abi::Tensor;
use mote_models::data::{Array, npz};
use mote_models::samples::{Inputs, outputs};
use serde::Serialize;

use super::Context;
use crate::failure::Failure;
use crate::report::{Align, Table, extents};
use crate::work::model::ModelSource;
use crate::work::options::{Jobs, SandboxOptions};
use crate::work::samples::NormalizeOptions;
use crate::work::{batch, data, files, parallel};

/// Run a model on inputs from a file
#[derive(Debug, Args)]
#[command(after_help = data::INPUT_HELP)]
pub(super) struct Run {
    /// A .tflite or .onnx file, or `zoo:NAME`
    model: ModelSource,
    /// File of samples: .npz, .npy, .png, .jpg, .wav, .csv, or .bin for raw bytes
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Write the outputs to an .npz, as arrays output_0, output_1, ... with one row for each sample
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Run so many samples at once: dense layers then read their weights once for all of them
    #[arg(long, value_name = "SAMPLES", default_value = "1")]
    batch: NonZero<usize>,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    normalize: NormalizeOptions,
    #[command(flatten)]
    sandbox: SandboxOptions,
}

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    samples: usize,
    outputs: Vec<Output>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<PathBuf>,
}

/// One output: a row of values for each sample, real ones where the tensor has a scale.
#[derive(Debug, Serialize)]
struct Output {
    #[serde(flatten)]
    tensor: Tensor,
    values: Vec<Vec<f32>>,
    /// What the model calls the place of the greatest value of each sample, where it has a name for every place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answers: Vec<String>,
}

impl Run {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        if let Some(path) = &self.output {
            files::apart(&[path], &[self.model.path(), Some(&self.input)])?;
        }
        let model = self.model.load()?;
        let sandbox = self.sandbox.sandbox()?;
        let load = self.sandbox.load(&context.cancel);
        let description = self.model.session(&sandbox, model.clone(), &load)?.description().clone();
        parallel::allowed(self.jobs.jobs, description.state_bytes)?;
        let metadata = self.model.metadata(&model)?;
        let arrays = data::arrays(&self.input, &description.inputs)?;
        let arrays = self.normalize.apply(&self.input, arrays, &metadata)?;
        let inputs = Inputs::new(&description.inputs, arrays).map_err(|e| data::refused(self.input.display(), e))?;
        let fail = |error| Failure::of_session(&self.model.to_string(), &error);
        let whole = match self.batch.get() {
            1 => 0,
            batch => inputs.len() / batch,
        };
        let batched = if whole > 0 { Some(batch::batched(&self.model, &model, self.batch)?) } else { None };
        let open = || {
            let alone = self.model.session(&sandbox, model.clone(), &load)?;
            let together = batched.clone().map(|file| self.model.session(&sandbox, file, &load)).transpose()?;
            Ok((alone, together))
        };
        let encode = |sample| data::encode(&self.input, &inputs, description.inputs.len(), sample);
        // Whole batches first, then what is left over, one by one.
        let pieces = whole + inputs.len() - whole * self.batch.get();
        let rows =
            parallel::run(self.jobs.jobs, pieces, &context.cancel, open, |(alone, together), piece| match together {
                Some(together) if piece < whole => {
                    let first = piece * self.batch.get();
                    let windows = (first..first + self.batch.get()).map(encode).collect::<Result<Vec<_>, _>>()?;
                    batch::infer(together, &windows).map_err(fail)
                }
                Some(_) | None => {
                    let sample = piece + whole * (self.batch.get() - 1);
                    Ok(vec![alone.infer(&encode(sample)?).map_err(fail)?])
                }
            })?;
        let rows: Vec<_> = rows.into_iter().flatten().collect();
        if let Some(path) = &self.output {
            write(path, &description.outputs, &rows)?;
        }
        let outputs = description.outputs.into_iter().enumerate().map(|(k, tensor)| {
            let values = rows.iter().map(|row| outputs::dequantize(k, &tensor, &row[k]));
            let values: Vec<Vec<f32>> = values.collect::<Result<_, _>>().map_err(|e| data::refused(&self.model, e))?;
            // What is told is told of the first output.
            let answers = if k == 0 { answers(&values, &metadata.labels) } else { Vec::new() };
            Ok(Output { tensor, values, answers })
        });
        context.format.print(&Report {
            model: self.model.to_string(),
            samples: rows.len(),
            outputs: outputs.collect::<Result<_, Failure>>()?,
            written: self.output,
        })
    }
}

/// The place of the greatest value, the first of equals.
fn greatest(values: &[f32]) -> Option<usize> {
    (0..values.len()).reduce(|a, b| if values[b] > values[a] { b } else { a }).filter(|_| values.len() > 1)
}

/// The name of each sample's greatest value; none unless every value has one.
fn answers(rows: &[Vec<f32>], labels: &[String]) -> Vec<String> {
    let name = |row: &Vec<f32>| labels.get(greatest(row)?).filter(|_| row.len() == labels.len()).cloned();
    rows.iter().map(name).collect::<Option<_>>().unwrap_or_default()
}

fn write(path: &std::path::Path, tensors: &[Tensor], rows: &[Vec<Vec<u8>>]) -> Result<(), Failure> {
    let mut arrays: Vec<(String, Array)> = Vec::with_capacity(tensors.len());
    for (k, tensor) in tensors.iter().enumerate() {
        let bytes: Vec<u8> = rows.iter().flat_map(|row| &row[k]).copied().collect();
        let array = outputs::array(k, tensor, rows.len(), &bytes).map_err(|e| data::refused(path.display(), e))?;
        arrays.push((format!("output_{k}"), array));
    }
    let bytes = npz::write(arrays.iter().map(|(name, array)| (name.as_str(), array)));
    files::write(path, &bytes.map_err(|e| data::failure(path.display(), e))?)
}

/// Rows of the table: more are for a file.
const ROWS: usize = 20;

/// Values of a row: more are told by their range.
const VALUES: usize = 12;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let samples = if self.samples == 1 { "sample" } else { "samples" };
        writeln!(f, "{}, {} {samples}", self.model, self.samples)?;
        for (k, output) in self.outputs.iter().enumerate() {
            let Tensor { name, dtype, shape, .. } = &output.tensor;
            let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
            writeln!(f, "\noutput {k}{name}, {dtype} {}", extents(shape))?;
            write!(f, "{}", output.table())?;
        }
        if self.samples > ROWS && self.written.is_none() {
            writeln!(f, "... {} more; --output FILE.npz writes them all", self.samples - ROWS)?;
        }
        match &self.written {
            Some(path) => writeln!(f, "\nwritten to {}", path.display()),
            None => Ok(()),
        }
    }
}

impl Output {
    fn table(&self) -> Table {
        let named = !self.answers.is_empty();
        let mut columns = vec![("Sample", Align::Right), ("Greatest at", Align::Right)];
        columns.extend(named.then_some(("Answer", Align::Left)));
        columns.push(("Values", Align::Wrap));
        let mut table = Table::new(&columns);
        for (sample, values) in self.values.iter().take(ROWS).enumerate() {
            let mut row = vec![sample.to_string(), greatest(values).map_or_else(String::new, |at| at.to_string())];
            row.extend(self.answers.get(sample).cloned());
            row.push(summary(values));
            table.row(row);
        }
        table
    }
}

fn summary(values: &[f32]) -> String {
    if values.len() <= VALUES {
        return values.iter().map(|v| number(*v)).collect::<Vec<_>>().join(" ");
    }
    let (low, high) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    format!("{} values from {} to {}", values.len(), number(low), number(high))
}

/// Four decimals where that tells something, else as short as it is.
fn number(value: f32) -> String {
    if value == 0.0 || (1e-3..1e5).contains(&value.abs()) {
        let text = format!("{value:.4}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    format!("{value:.3e}")
}
