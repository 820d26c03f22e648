//! Integer models of the shared test data with their golden outputs: TensorFlow Lite Micro's where it ran the model, else
//! LiteRT's reference kernels'.

use std::path::Path;

use mote_models::data::{Array, npz};

/// A model with golden inputs and outputs, one row a run.
pub(crate) struct Golden {
    pub(crate) name: String,
    pub(crate) model: Vec<u8>,
    pub(crate) inputs: Vec<Array>,
    pub(crate) outputs: Vec<Array>,
}

impl Golden {
    /// Every `.tflite` of the test data whose golden outputs are all integers.
    pub(crate) fn all(root: &Path) -> Vec<Self> {
        let plan = std::fs::read_to_string(root.join("golden_plan.csv")).unwrap();
        let models = plan.lines().skip(1).filter_map(|line| line.split(',').next()?.strip_suffix(".tflite"));
        models.filter_map(|model| Self::of(root, model)).collect()
    }

    fn of(root: &Path, model: &str) -> Option<Self> {
        let name = model.strip_prefix("models/").unwrap_or(model).replace('/', "_");
        let archive = npz::read(&std::fs::read(root.join(format!("golden/{name}.npz"))).ok()?).unwrap();
        let all = |prefix: &str, suffix: &str| -> Vec<Array> {
            (0..).map_while(|k| archive.get(&format!("{prefix}_{k}{suffix}")).cloned()).collect()
        };
        let tflm = all("output", "_tflm");
        let outputs = if tflm.is_empty() { all("output", "_ref") } else { tflm };
        let exact = !outputs.is_empty() && outputs.iter().all(|output| !output.dtype().is_real());
        let model = root.join(format!("{model}.tflite"));
        exact.then(|| Self { name, model: std::fs::read(model).unwrap(), inputs: all("input", ""), outputs })
    }

    /// How many runs there are.
    pub(crate) fn runs(&self) -> usize {
        self.outputs[0].shape()[0]
    }

    /// The bytes of each input of a run.
    pub(crate) fn inputs_of(&self, run: usize) -> Vec<Vec<u8>> {
        self.inputs.iter().map(|array| row(array, run)).collect()
    }

    /// How many values `outputs` of a run have, and how many of them are not the golden ones.
    pub(crate) fn compare(&self, run: usize, outputs: &[Vec<u8>]) -> (u64, u64) {
        assert_eq!(outputs.len(), self.outputs.len(), "{}: number of outputs", self.name);
        let (mut values, mut mismatches) = (0, 0);
        for (array, found) in self.outputs.iter().zip(outputs) {
            let (expected, size) = (row(array, run), array.dtype().size());
            assert_eq!(expected.len(), found.len(), "{}: bytes of an output", self.name);
            values += (expected.len() / size) as u64;
            mismatches += expected.chunks(size).zip(found.chunks(size)).filter(|(a, b)| a != b).count() as u64;
        }
        (values, mismatches)
    }
}

/// The bytes of row `k` along the first axis.
fn row(array: &Array, k: usize) -> Vec<u8> {
    let bytes = array.elements().to_le_bytes();
    let len = bytes.len() / array.shape()[0];
    bytes[k * len..(k + 1) * len].to_vec()
}
