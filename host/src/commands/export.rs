//! `mote export`: a model in the forms that others take.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use mote_models::export::{CSource, Options};
use mote_models::graph::Graph;
use mote_models::recipe::{self, RECIPE_NOTE, Told};
use mote_models::{export, passes};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::{Align, Table, bytes};
use crate::work::files;
use crate::work::model::{ModelSource, Network, Precision};
use crate::work::options::{Jobs, SandboxOptions};
use crate::work::samples::ModelOptions;

/// Write a model as others take it: an ONNX file as .tflite, C source for TensorFlow Lite Micro and Arduino, the names of its
/// classes, the recipe that made it
#[derive(Debug, Args)]
#[command(after_help = FORMS_HELP)]
pub(super) struct Export {
    /// A .tflite or .onnx file, or `zoo:NAME`
    model: ModelSource,
    /// File to write, in the form that its ending says; may be given several times
    #[arg(long, short, value_name = "FILE", required = true)]
    output: Vec<PathBuf>,
    /// Store weights of a .tflite with many zeros in TensorFlow Lite's sparse encoding, where that is smaller: Mote and LiteRT
    /// run such a file, TensorFlow Lite Micro does not
    #[arg(long)]
    sparse: bool,
    #[command(flatten)]
    told: ModelOptions,
    #[command(flatten)]
    sandbox: SandboxOptions,
}

/// What `--help` says of the forms.
const FORMS_HELP: &str = "\
Forms:
  .tflite         the model, cleaned up: constants folded, activations fused,
                  what nobody reads left out
  .h .c .cc .cpp  C source and header for TensorFlow Lite Micro and Arduino: the
                  model's bytes, the arena that it needs, its scales and classes,
                  the operators to register. Both files are written,
                  whichever is named; .h alone stands for .h and .c
  .txt            the names of its classes, one a line
  .toml           the recipe that made it, for `mote compress --recipe`";

/// What a file is to hold, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Tflite,
    C,
    Labels,
    Recipe,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Failure> {
        let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "tflite" => Ok(Form::Tflite),
            "h" | "c" | "cc" | "cpp" => Ok(Form::C),
            "txt" => Ok(Form::Labels),
            "toml" => Ok(Form::Recipe),
            _ => Err(Failure::new(FailureKind::Usage, path.display(), "its name does not tell what to write")
                .remedy("end it in .tflite, .h, .c, .cc, .cpp, .txt or .toml")),
        }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    /// Nodes of the file, and after the clean-up.
    nodes: [usize; 2],
    /// Bytes of arena that TensorFlow Lite Micro takes, where C was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    micro_arena_bytes: Option<u64>,
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
        let forms = self.output.iter().map(|path| Ok((path, Form::of(path)?))).collect::<Result<Vec<_>, Failure>>()?;
        let Network { source, file, graph } = self.model.network(Precision::Int8)?;
        let before = graph.nodes.len();
        let mut clean = passes::simplify(graph).map_err(|e| fail(&e))?;
        let metadata = self.model.metadata(&file)?;
        let named = self.told.names()?;
        let told = Told {
            labels: if named.is_empty() { metadata.labels } else { named },
            normalization: self.told.normalize.given(),
        };
        told.tell(&mut clean).map_err(|e| Failure::new(FailureKind::Usage, &self.model, e))?;
        // All forms are made before the first is written.
        let mut contents: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        let mut arena = None;
        for (path, form) in forms {
            match form {
                Form::Tflite => contents.push((path.clone(), self.tflite(&clean, &source).map_err(|e| fail(&e))?)),
                // Its source, which is asked for too, brings it.
                Form::C if self.output.iter().any(|other| is_source_of(other, path)) => {}
                Form::C => {
                    let (CSource { header, source, .. }, arena_bytes) = self.c_source(path, &clean, context)?;
                    let is_header = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("h"));
                    let source_path = if is_header { path.with_extension("c") } else { path.clone() };
                    contents.push((path.with_extension("h"), header.into_bytes()));
                    contents.push((source_path, source.into_bytes()));
                    arena = Some(arena_bytes as u64);
                }
                Form::Labels => contents.push((path.clone(), self.label_text(&clean)?)),
                Form::Recipe => {
                    let text = metadata.notes.get(RECIPE_NOTE).ok_or_else(|| {
                        Failure::new(FailureKind::Usage, &self.model, "does not tell the recipe that made it")
                            .remedy("files made by quantize, prune, compress and search do")
                    })?;
                    contents.push((path.clone(), text.clone().into_bytes()));
                }
            }
        }
        let outputs: Vec<&Path> = contents.iter().map(|(path, _)| path.as_path()).collect();
        files::apart(&outputs, &[self.model.path()])?;
        let mut written = Vec::with_capacity(contents.len());
        for (path, content) in contents {
            files::write(&path, &content)?;
            written.push(Written { bytes: content.len() as u64, file: path });
        }
        let nodes = [before, clean.nodes.len()];
        context.format.print(&Report { model: self.model.to_string(), nodes, micro_arena_bytes: arena, written })
    }

    /// The file. Where it is not the very file that was read, it notes what it was made from.
    fn tflite(&self, graph: &Graph, source: &[u8]) -> Result<Vec<u8>, mote_models::graph::GraphError> {
        let options = Options { sparse: self.sparse };
        let same = export::tflite_with(graph, &options)?;
        if same == source {
            return Ok(same);
        }
        let mut noted = graph.clone();
        recipe::note_source(&mut noted, &recipe::sha256(source));
        export::tflite_with(&noted, &options)
    }

    /// The two files, and the arena that they name.
    fn c_source(&self, path: &Path, graph: &Graph, context: &Context) -> Result<(CSource, usize), Failure> {
        let fail = |e: &dyn fmt::Display| Failure::new(FailureKind::Model, &self.model, e);
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if name.contains(['"', '\\', '\n']) {
            return Err(Failure::new(FailureKind::Usage, path.display(), "C cannot include a file of this name")
                .remedy("take quotes, backslashes and line ends out of it"));
        }
        let engine = self.sandbox.engine(&context.cancel, &Jobs::ONE)?;
        let file = export::tflite(graph).map_err(|e| fail(&e))?;
        let description = engine.describe(&file, &self.model)?;
        let c = export::c_source(&name, graph, &description).map_err(|e| fail(&e))?;
        Ok((c, export::micro_arena_bytes(graph, &description)))
    }

    fn label_text(&self, graph: &Graph) -> Result<Vec<u8>, Failure> {
        match &graph.metadata.labels[..] {
            [] => Err(Failure::new(FailureKind::Usage, &self.model, "does not tell the names of its classes")
                .remedy("name them with --classes NAMES")),
            labels => Ok(export::labels_txt(labels).into_bytes()),
        }
    }
}

/// Whether a file is the C source of the header.
fn is_source_of(file: &Path, header: &Path) -> bool {
    file != header && file.with_extension("h") == header && Form::of(file).is_ok_and(|form| form == Form::C)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, after] = self.nodes;
        writeln!(f, "{}: {after} operators, {before} before the clean-up\n", self.model)?;
        let mut table = Table::new(&[("Written", Align::Wrap), ("", Align::Right)]);
        for Written { file, bytes: size } in &self.written {
            table.row([file.display().to_string(), bytes(*size)]);
        }
        write!(f, "{table}")?;
        match self.micro_arena_bytes {
            Some(arena) => writeln!(f, "\nTensorFlow Lite Micro runs it in an arena of {arena} bytes."),
            None => Ok(()),
        }
    }
}
