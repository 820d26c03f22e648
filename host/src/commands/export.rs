//! `mote export`: a model in the forms that others take.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use mote_models::graph::Graph;
use mote_models::{export, passes};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::{Align, Table, bytes};
use crate::work::files;
use crate::work::model::{ModelSource, Network, Precision};

/// Write a model as others take it: an ONNX file as .tflite, the names of its classes
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("form").args(["output", "labels"]).required(true).multiple(true)))]
pub(super) struct Export {
    /// A .tflite or .onnx file, or `zoo:NAME`
    model: ModelSource,
    /// Write it as .tflite, cleaned up: constants folded, activations fused, what nobody reads left out
    #[arg(long, short, value_name = "FILE.tflite")]
    output: Option<PathBuf>,
    /// Write the names of its classes, one a line
    #[arg(long, value_name = "FILE.txt")]
    labels: Option<PathBuf>,
    /// Names of the classes, in the order of the model's output, separated by commas [default: the model's own]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "labels")]
    classes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    /// Nodes of the file, and after the clean-up.
    nodes: [usize; 2],
    written: Vec<Written>,
}

#[derive(Debug, Serialize)]
struct Written {
    file: PathBuf,
    bytes: u64,
}

impl Export {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let fail = |e: &dyn fmt::Display| Failure::new(FailureKind::Model, &self.model, e);
        let Network { graph, .. } = self.model.network(Precision::Int8)?;
        let before = graph.nodes.len();
        let clean = passes::simplify(graph).map_err(|e| fail(&e))?;
        // All forms are made before the first is written.
        let mut forms: Vec<(&PathBuf, Vec<u8>)> = Vec::new();
        if let Some(path) = &self.output {
            forms.push((path, export::tflite(&clean).map_err(|e| fail(&e))?));
        }
        if let Some(path) = &self.labels {
            forms.push((path, self.label_text(&clean)?));
        }
        let mut written = Vec::with_capacity(forms.len());
        for (path, content) in forms {
            files::write(path, &content)?;
            written.push(Written { file: path.clone(), bytes: content.len() as u64 });
        }
        context.format.print(&Report { model: self.model.to_string(), nodes: [before, clean.nodes.len()], written })
    }

    fn label_text(&self, graph: &Graph) -> Result<Vec<u8>, Failure> {
        let labels = match (&self.classes[..], &graph.metadata.labels[..]) {
            ([], []) => match self.model.zoo() {
                Ok(zoo) => zoo.labels().map(str::to_owned).collect(),
                Err(_) => {
                    return Err(Failure::new(
                        FailureKind::Usage,
                        &self.model,
                        "does not tell the names of its classes",
                    )
                    .remedy("name them with --classes NAMES"));
                }
            },
            ([], labels) => labels.to_vec(),
            (named, _) => named.to_vec(),
        };
        Ok(labels.iter().flat_map(|label| [label, "\n"]).collect::<String>().into_bytes())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, after] = self.nodes;
        writeln!(f, "{}: {after} operators, {before} before the clean-up\n", self.model)?;
        let mut table = Table::new(&[("Written", Align::Wrap), ("", Align::Right)]);
        for Written { file, bytes: size } in &self.written {
            table.row([file.display().to_string(), bytes(*size)]);
        }
        write!(f, "{table}")
    }
}
