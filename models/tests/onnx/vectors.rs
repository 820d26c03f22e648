//! The operator vectors of the ONNX project, those of its PyTorch exports, and whole models: each is imported, exported and run.
//! A vector either has the known result or is refused with a reason; a wrong result fails the test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mote_models::data::Array;
use mote_models::import::onnx;

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

/// A field of a message: its number, and the bytes that it holds.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
    out
}

/// The model with tensors as its initializers: a message that stands twice is merged.
fn with_initializers(model: &[u8], tensors: &[Vec<u8>]) -> Vec<u8> {
    let all: Vec<u8> = tensors.iter().flat_map(|tensor| field(5, tensor)).collect();
    [model, &field(7, &all)].concat()
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) with_constants: usize,
    pub(crate) refused: usize,
}

/// One vector: as it stands, and if it is refused so, with all inputs but the first as constants, as exporters write them.
fn vector(folder: &Path, data: &Path, tolerance: Tolerance, tally: &mut Tally) -> Result<Option<String>, String> {
    let model = fs::read(folder.join("model.onnx")).map_err(|e| e.to_string())?;
    let (inputs, outputs) = (tensors(data, "input"), tensors(data, "output"));
    let outputs: Vec<Array> = outputs.into_iter().map(|(_, array)| array).collect();
    let fed: Vec<Array> = inputs.iter().map(|(_, array)| array.clone()).collect();
    let reason = match check(&model, &fed, &outputs, tolerance) {
        Outcome::Pass => {
            tally.passed += 1;
            return Ok(None);
        }
        Outcome::Wrong(what) => return Err(what),
        Outcome::Refused(reason) => reason,
    };
    let first = usize::from(inputs.len() > 1);
    if inputs.len() > first {
        let constants: Vec<Vec<u8>> = inputs[first..].iter().map(|(bytes, _)| bytes.clone()).collect();
        match check(&with_initializers(&model, &constants), &fed[..first], &outputs, tolerance) {
            Outcome::Pass => {
                tally.passed += 1;
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

#[test]
fn operator_vectors_are_right_or_refused() {
    let Some(folder) = common::testdata("operator_vectors_are_right_or_refused") else { return };
    let folder = folder.join("onnx_node");
    let index = fs::read_to_string(folder.join("index.csv")).unwrap();
    let mut by_operator: BTreeMap<String, Tally> = BTreeMap::new();
    let (mut all, mut wrong) = (Tally::default(), Vec::new());
    for row in index.lines().skip(1) {
        let [case, op, _, relative, absolute] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let tolerance =
            Tolerance { relative: relative.parse().unwrap(), absolute: absolute.parse().unwrap(), steps: 0 };
        let data = folder.join(case);
        let tally = by_operator.entry(op.to_owned()).or_default();
        match vector(&data, &data, tolerance, tally) {
            Ok(None) => {}
            Ok(Some(reason)) => println!("refused {case}: {}", reason.replace('\n', " ")),
            Err(what) => wrong.push(format!("{case}: {what}")),
        }
    }
    for tally in by_operator.values() {
        all.passed += tally.passed;
        all.with_constants += tally.with_constants;
        all.refused += tally.refused;
    }
    let Tally { passed, with_constants, refused } = all;
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
