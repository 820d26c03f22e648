//! The operator vectors of the ONNX project, those of its PyTorch exports, and whole models: each is imported, exported and run.
//! A vector either has the known result or is refused with a reason; a wrong result fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use mote_models::data::Array;
use mote_models::graph::Graph;
use mote_models::import::onnx;

use crate::build::field;
use crate::common;
use crate::run::{Outcome, Tolerance, check};

/// The files `PREFIX_0.pb`, `PREFIX_1.pb` and on.
fn tensors(folder: &Path, prefix: &str) -> Vec<(Vec<u8>, Array)> {
    let read = |k: usize| fs::read(folder.join(format!("{prefix}_{k}.pb"))).ok();
    let tensor = |bytes: Vec<u8>| {
        let array = onnx::tensor(&bytes).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        (bytes, array)
    };
    (0..).map_while(read).map(tensor).collect()
}

/// The model with tensors as its initializers: a message that stands twice is merged.
fn with_initializers(model: &[u8], tensors: &[Vec<u8>]) -> Vec<u8> {
    let all: Vec<u8> = tensors.iter().flat_map(|tensor| field(5, tensor)).collect();
    [model, &field(7, &all)].concat()
}

/// What became of the vectors of an operator.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    /// Of those, with side inputs as constants.
    pub(crate) with_constants: usize,
    pub(crate) refused: usize,
    /// The operators of the runtime that bear the node's name.
    pub(crate) layers: BTreeSet<String>,
}

impl Tally {
    fn pass(&mut self, model: &[u8]) {
        self.passed += 1;
        self.notes(&onnx::import(model).expect("imported before"));
    }

    /// What the operator became.
    pub(crate) fn notes(&mut self, graph: &Graph) {
        let layers = graph.nodes.iter().filter(|node| !node.name.contains('/'));
        self.layers.extend(layers.map(|node| node.op.name().to_owned()));
    }
}

/// One vector: as it stands, and if it is refused so, with all inputs but the first as constants, as exporters write them.
fn vector(folder: &Path, data: &Path, tolerance: Tolerance, tally: &mut Tally) -> Result<Option<String>, String> {
    let model = fs::read(folder.join("model.onnx")).map_err(|e| e.to_string())?;
    let (inputs, outputs) = (tensors(data, "input"), tensors(data, "output"));
    let outputs: Vec<Array> = outputs.into_iter().map(|(_, array)| array).collect();
    let fed: Vec<Array> = inputs.iter().map(|(_, array)| array.clone()).collect();
    let reason = match check(&model, &fed, &outputs, tolerance) {
        Outcome::Pass => {
            tally.pass(&model);
            return Ok(None);
        }
        Outcome::Wrong(what) => return Err(what),
        Outcome::Refused(reason) => reason,
    };
    let first = usize::from(inputs.len() > 1);
    if inputs.len() > first {
        let constants: Vec<Vec<u8>> = inputs[first..].iter().map(|(bytes, _)| bytes.clone()).collect();
        let model = with_initializers(&model, &constants);
        match check(&model, &fed[..first], &outputs, tolerance) {
            Outcome::Pass => {
                tally.pass(&model);
                tally.with_constants += 1;
                return Ok(None);
            }
            Outcome::Wrong(what) => return Err(format!("with constants: {what}")),
            Outcome::Refused(reason) => {
                tally.refused += 1;
                return Ok(Some(reason));
            }
        }
    }
    tally.refused += 1;
    Ok(Some(reason))
}

/// All operator vectors: what became of those of each operator, and what is wrong.
pub(crate) fn tally(folder: &Path) -> (BTreeMap<String, Tally>, Vec<String>) {
    let index = fs::read_to_string(folder.join("index.csv")).unwrap();
    let (mut by_operator, mut wrong) = (BTreeMap::<String, Tally>::new(), Vec::new());
    for row in index.lines().skip(1) {
        let [case, op, _, relative, absolute] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let tolerance =
            Tolerance { relative: relative.parse().unwrap(), absolute: absolute.parse().unwrap(), steps: 0 };
        let data = folder.join(case);
        match vector(&data, &data, tolerance, by_operator.entry(op.to_owned()).or_default()) {
            Ok(None) => {}
            Ok(Some(reason)) => println!("refused {case}: {}", reason.replace('\n', " ")),
            Err(what) => wrong.push(format!("{case}: {what}")),
        }
    }
    (by_operator, wrong)
}

#[test]
fn operator_vectors_are_right_or_refused() {
    let Some(folder) = common::testdata("operator_vectors_are_right_or_refused") else { return };
    let (by_operator, wrong) = tally(&folder.join("onnx_node"));
    let sum = |f: fn(&Tally) -> usize| by_operator.values().map(f).sum::<usize>();
    let (passed, with_constants, refused) = (sum(|t| t.passed), sum(|t| t.with_constants), sum(|t| t.refused));
    println!("{passed} passed ({with_constants} of them with side inputs as constants), {refused} refused");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn exports_of_pytorch_are_right_or_refused() {
    let Some(folder) = common::testdata("exports_of_pytorch_are_right_or_refused") else { return };
    let mut folders: Vec<_> =
        fs::read_dir(folder.join("onnx_torch")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let (mut tally, mut wrong) = (Tally::default(), Vec::new());
    let tolerance = Tolerance { relative: 1e-3, absolute: 1e-5, steps: 0 };
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        match vector(&folder, &folder.join("test_data_set_0"), tolerance, &mut tally) {
            Ok(None) => {}
            Ok(Some(reason)) => println!("refused {name}: {}", reason.replace('\n', " ")),
            Err(what) => wrong.push(format!("{name}: {what}")),
        }
    }
    let Tally { passed, refused, .. } = tally;
    println!("{passed} passed, {refused} refused");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
