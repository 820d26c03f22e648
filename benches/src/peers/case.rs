//! Networks with inputs and the outputs that they must come close to.

use std::path::Path;
use std::{fs, io};

use mote_models::data::{Array, npz};
use mote_models::graph::{Graph, Op, Value};
use mote_models::run::{Engine as _, Native};
use mote_models::samples::Inputs;
use mote_models::{import, zoo};

use crate::forms::onnx;
use crate::models::{MLPERF_TINY, testdata};

/// Inputs of each case.
const ROWS: usize = 4;

/// A network to run.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name in the figures.
    pub name: String,
    /// The `.tflite` file, int8 from end to end.
    pub model: Vec<u8>,
    /// The same, to be put into other forms.
    pub graph: Graph,
    /// The input's bytes, run by run.
    pub inputs: Vec<Vec<u8>>,
    /// The output's bytes, run by run.
    pub expected: Vec<Vec<u8>>,
    /// Multiply-accumulates of one run.
    pub macs: u64,
}

/// MLPerf Tiny's int8 networks with their golden outputs (TensorFlow Lite Micro's), where the test data is there,
/// and the zoo's, whose golden outputs are those of our scalar reference.
///
/// # Panics
/// When a file is there and is not what it should be.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let folder = testdata();
    for (name, file) in MLPERF_TINY {
        match golden(&folder, name, file) {
            Ok(case) => all.push(case),
            Err(error) => eprintln!("{name}: left out, {file}: {error}; MOTE_TESTDATA names the test data"),
        }
    }
    for model in zoo::ALL {
        let set = model.test_set().expect("the zoo's test set");
        let loaded = Native.load(model.int8).expect("a model");
        let inputs = Inputs::new(&loaded.description().inputs, vec![set.x]).expect("samples that fit");
        let inputs = (0..ROWS).map(|row| inputs.bytes(0, row).expect("a sample")).collect();
        all.push(Case::new(&format!("{}_int8", model.name), model.int8.to_vec(), inputs, None));
    }
    all
}

fn golden(folder: &Path, name: &str, file: &str) -> io::Result<Case> {
    let model = fs::read(folder.join(file))?;
    let archive = npz::read(&fs::read(folder.join(format!("golden/tflite_{name}.npz")))?).expect("a golden archive");
    let rows = |array: &str| rows(archive.get(array).unwrap_or_else(|| panic!("{name}: golden data without {array}")));
    Ok(Case::new(name, model, rows("input_0"), Some(rows("output_0_tflm"))))
}

/// The first bytes along the first axis.
fn rows(array: &Array) -> Vec<Vec<u8>> {
    let bytes = array.elements().to_le_bytes();
    bytes.chunks(bytes.len() / array.shape()[0]).take(ROWS).map(<[u8]>::to_vec).collect()
}

impl Case {
    fn new(name: &str, model: Vec<u8>, inputs: Vec<Vec<u8>>, expected: Option<Vec<Vec<u8>>>) -> Self {
        let graph = import::tflite(&model).expect("a network");
        let mut native = Native.load(&model).expect("a model");
        let macs = native.description().ops.iter().map(|op| op.macs).sum();
        let run = |input: &Vec<u8>| native.run(std::slice::from_ref(input)).expect("a run").swap_remove(0);
        let expected = expected.unwrap_or_else(|| inputs.iter().map(run).collect());
        Self { name: name.into(), graph, inputs, expected, macs, model }
    }

    /// The tensor that goes in.
    #[must_use]
    pub fn input(&self) -> &Value {
        self.graph.value(self.graph.inputs[0])
    }

    /// The tensor that comes out.
    #[must_use]
    pub fn output(&self) -> &Value {
        self.graph.value(self.graph.outputs[0])
    }

    /// Whether the output tells classes apart; else it is a signal.
    #[must_use]
    pub fn is_classifier(&self) -> bool {
        self.graph.nodes.last().is_some_and(|node| matches!(node.op, Op::Softmax { .. }))
    }

    /// The golden outputs as real numbers.
    #[must_use]
    pub fn expected_real(&self) -> Vec<Vec<f32>> {
        self.expected.iter().map(|bytes| onnx::real(self.output(), bytes)).collect()
    }

    /// What one step of the output's integers is worth.
    ///
    /// # Panics
    /// When the output is not quantized.
    #[must_use]
    pub fn output_scale(&self) -> f32 {
        self.output().quantization.as_ref().expect("a quantized output").scales[0]
    }
}
