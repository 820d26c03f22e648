//! Files with inputs and what they give here.

use std::fs;
use std::path::{Path, PathBuf};

use mote_models::data::npz;
use mote_models::graph::Graph;
use mote_models::run::{Engine as _, Native, Tensor};
use mote_models::{export, import, zoo};

use crate::compare::{Allowed, Difference};
use crate::engines::Engine;
use crate::pieces;

/// Inputs of a run.
pub(crate) type Inputs = Vec<Vec<u8>>;

/// A file, what it is fed, and what it gives here.
pub(crate) struct Case {
    pub(crate) group: &'static str,
    pub(crate) name: String,
    pub(crate) file: Vec<u8>,
    /// Bytes of the arena that TensorFlow Lite Micro runs it in.
    pub(crate) arena: usize,
    pub(crate) inputs: Vec<Inputs>,
    outputs: Vec<Vec<Vec<u8>>>,
    tensors: Vec<Tensor>,
    allowed: [Allowed; 2],
}

impl Case {
    /// A graph as it is written, on seeded inputs where it is given none; none where the runtime refuses it.
    pub(crate) fn new(group: &'static str, name: &str, graph: &Graph, inputs: Option<Vec<Inputs>>) -> Option<Self> {
        Self::written(group, name, graph, &export::Options::default(), inputs)
    }

    /// The same with options of the file.
    pub(crate) fn written(
        group: &'static str,
        name: &str,
        graph: &Graph,
        options: &export::Options,
        inputs: Option<Vec<Inputs>>,
    ) -> Option<Self> {
        let file = export::tflite_with(graph, options).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut run = Native.load(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
        let inputs = inputs.unwrap_or_else(|| (0..RUNS).map(|seed| seeded(&run.description().inputs, seed)).collect());
        let arena = export::micro_arena_bytes(graph, run.description());
        let outputs: Result<_, _> = inputs.iter().map(|inputs| run.run(inputs)).collect();
        let tensors = run.description().outputs.clone();
        drop(run);
        let name = name.to_owned();
        Some(Self { group, name, file, arena, inputs, outputs: outputs.ok()?, tensors, allowed: [Allowed::Same; 2] })
    }

    pub(crate) fn with(mut self, engine: Engine, allowed: Allowed) -> Self {
        self.allowed[engine as usize] = allowed;
        self
    }

    pub(crate) fn allowed(&self, engine: Engine) -> Allowed {
        self.allowed[engine as usize]
    }

    pub(crate) fn is_float(&self) -> bool {
        self.tensors.iter().any(|tensor| tensor.dtype == "float32")
    }

    /// Between what an engine gave and ours.
    pub(crate) fn difference(&self, mut answer: &[u8]) -> Result<Difference, String> {
        let mut sum = Difference::default();
        for (tensor, ours) in self.outputs.iter().flat_map(|run| self.tensors.iter().zip(run)) {
            let theirs = answer.split_off(..ours.len()).ok_or("it gave fewer bytes than ours")?;
            sum = sum.and(Difference::of(&tensor.dtype, ours, theirs));
        }
        if answer.is_empty() { Ok(sum) } else { Err(format!("it gave {} bytes more than ours", answer.len())) }
    }
}

/// Runs of each file on seeded inputs.
const RUNS: u64 = 3;

/// Bytes for all inputs: integers over their whole range, small indices, real numbers from -1 to 1.
pub(crate) fn seeded(tensors: &[Tensor], seed: u64) -> Inputs {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bytes = |tensor: &Tensor| {
        let mut input = vec![0; usize::try_from(tensor.bytes).unwrap()];
        match tensor.dtype.as_str() {
            "float32" => {
                let values = input.as_chunks_mut::<4>().0.iter_mut();
                values.for_each(|x| *x = (random.f32() * 2.0 - 1.0).to_le_bytes());
            }
            "int8" | "uint8" | "int16" => random.fill(&mut input),
            _ => {}
        }
        input
    };
    tensors.iter().map(&mut bytes).collect()
}

/// The models of the zoo, whole and in pieces.
pub(crate) fn zoo() -> Vec<Case> {
    let mut cases = Vec::new();
    for model in zoo::ALL {
        for (kind, file) in [("int8", model.int8), ("float", model.float)] {
            let graph = import::tflite(file).unwrap_or_else(|e| panic!("{}: {e}", model.name));
            cases.extend(whole("zoo", &format!("{}_{kind}", model.name), &graph));
        }
    }
    cases
}

/// The shared test data's models, whole and in pieces.
pub(crate) fn models(testdata: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    let folders =
        [("models", "models/tflite"), ("odd models", "models/tflite_ops"), ("int16 operators", "tflite_int16")];
    for (group, folder) in folders {
        for path in files(&testdata.join(folder), "tflite") {
            let file = fs::read(&path).unwrap();
            // What is not run or not imported here, and why, is the runtime's and the import's test.
            if let (Ok(_), Ok(graph)) = (Native.load(&file), import::tflite(&file)) {
                cases.extend(whole(group, &stem(&path), &graph));
            }
        }
    }
    cases
}

/// Models whose original files an engine does not run either, and what it says of them.
pub(crate) const NOT_RUN: [(&str, Engine, &str); 9] = [
    ("audio_preprocessor_float", Engine::LiteRt, "unresolved custom op: SignalWindow"),
    ("audio_preprocessor_int8", Engine::LiteRt, "unresolved custom op: SignalWindow"),
    // It has float activations over int8 weights.
    ("kws_dscnn_dynrange", Engine::Micro, "failed to allocate tensors"),
    // RELU_N1_TO_1 is not among its operators, peepholes and normalization not in its LSTM.
    ("l_simple_relu1_op", Engine::Micro, "failed to allocate tensors"),
    ("q_unidirectional_sequence_lstm_quantized", Engine::Micro, "failed to allocate tensors"),
    ("unidirectional_sequence_lstm", Engine::Micro, "failed to allocate tensors"),
    // Its shapes are left out, and an axis to be taken from a scalar is named.
    ("l_simple_squeeze", Engine::Micro, "failed to allocate tensors"),
    ("l_simple_squeeze", Engine::LiteRt, "squeeze.cc"),
    // The output's shape is of another batch.
    ("transpose_conv2", Engine::LiteRt, "transpose_conv.cc"),
];

/// A model that LiteRT writes beyond its memory for, so that whatever it runs after it may fail.
const ABORTS: &str = "keyword_scrambled_int8";

/// A model and, if it computes in integers, its operators one by one.
pub(crate) fn whole(group: &'static str, name: &str, graph: &Graph) -> Vec<Case> {
    let mut cases = pieces::cases(name, graph);
    if let Some(case) = Case::new(group, name, graph, None) {
        // Where dense layers round otherwise, only the pieces tell by how much.
        let litert = match name {
            ABORTS => Allowed::NotTried,
            _ if pieces::rounds_otherwise(graph) => Allowed::AnyValues,
            _ => Allowed::Same,
        };
        cases.push(case.with(Engine::LiteRt, litert));
    }
    cases
}

/// The runtime's operator vectors. Where the two engines differ or one does not run a case, their index says so.
pub(crate) fn vectors() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/testdata/ops");
    let index = fs::read_to_string(folder.join("index.csv")).unwrap();
    let mut lines = index.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| columns.iter().position(|c| *c == name).unwrap_or_else(|| panic!("no column {name}"));
    let (file, engine, difference) = (column("file"), column("engine"), column("ref_minus_tflm"));
    let mut cases = Vec::new();
    for line in lines {
        let row: Vec<&str> = line.split(',').collect();
        let vectors = npz::read(&fs::read(folder.join(row[file])).unwrap()).unwrap();
        let bytes = |name: &str| vectors.get(name).map(|array| array.elements().to_le_bytes());
        let Ok(graph) = import::tflite(&bytes("model").expect("a model in each file")) else { continue };
        let runs = vectors.get("input_0").map_or(1, |array| array.shape()[0]);
        let inputs: Vec<Vec<u8>> = (0..).map_while(|k| bytes(&format!("input_{k}"))).collect();
        let row_of =
            |input: &Vec<u8>, run: usize| input[run * input.len() / runs..(run + 1) * input.len() / runs].to_vec();
        let inputs = (0..runs).map(|run| inputs.iter().map(|input| row_of(input, run)).collect()).collect();
        let Some(case) = Case::new("operator vectors", row[file].trim_end_matches(".npz"), &graph, Some(inputs)) else {
            continue;
        };
        let apart: Option<f64> = row[difference].parse().ok();
        let held = |name: &str| match apart {
            _ if row[engine] == name => Allowed::Same,
            Some(apart) if apart <= 1.0 && pieces::rounds_otherwise(&graph) => Allowed::OneStep,
            Some(0.0) => Allowed::Same,
            Some(_) | None => Allowed::Anything,
        };
        let (micro, litert) = (held("tflm"), held("ref"));
        cases.push(case.with(Engine::Micro, micro).with(Engine::LiteRt, litert));
    }
    cases
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
