//! The table operator x importer of this crate's README: it must say what the vectors say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use mote_models::data::npz;
use mote_models::import::{self, onnx};
use mote_runtime::ops::OpCode;

use crate::common;
use crate::vectors::{Tally, tally};

/// The lines between which the table stands.
const MARKS: (&str, &str) = ("<!-- operators: begin -->\n", "<!-- operators: end -->");

/// Exports of PyTorch of one operator that become what no operator vector becomes.
const FURTHER: [(&str, &str); 4] = [
    ("test_Conv2d_depthwise", "Conv"),
    ("test_Linear_no_bias", "MatMul"),
    ("test_operator_pad", "Pad"),
    ("test_operator_permute2", "Transpose"),
];

/// For each operator of the runtime the vectors that the importer of `.tflite` takes, of all.
fn from_tflite() -> BTreeMap<String, (usize, usize)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/testdata/ops");
    let index = fs::read_to_string(folder.join("index.csv")).unwrap();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for row in index.lines().skip(1) {
        let [file, op, ..] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let vectors = npz::read(&fs::read(folder.join(file)).unwrap()).unwrap();
        let model = vectors.get("model").unwrap().elements().to_le_bytes();
        let (taken, all) = counts.entry(op.to_owned()).or_default();
        *taken += usize::from(import::tflite(&model).is_ok());
        *all += 1;
    }
    counts
}

fn table(onnx_tallies: &BTreeMap<String, Tally>) -> String {
    let tflite = from_tflite();
    let mut becomes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (op, tally) in onnx_tallies {
        for layer in &tally.layers {
            becomes.entry(layer).or_default().insert(op);
        }
    }
    let mut text = String::from(
        "| operator of the runtime | vectors taken from `.tflite` | made of these ONNX operators |\n| --- | --- | --- |\n",
    );
    for code in OpCode::ALL {
        let (taken, all) = tflite.get(code.name()).copied().unwrap_or_default();
        let from: Vec<&str> = becomes.get(code.name()).into_iter().flatten().copied().collect();
        let from = if from.is_empty() { "-".to_owned() } else { from.join(", ") };
        writeln!(text, "| `{}` | {taken} of {all} | {from} |", code.name()).unwrap();
    }
    text.push_str("\n| ONNX operator | imported | vectors passed | refused |\n| --- | --- | --- | --- |\n");
    let known: BTreeSet<String> = onnx::operators().collect();
    let names: BTreeSet<&String> = known.iter().chain(onnx_tallies.keys()).collect();
    for name in names {
        let (passed, refused) = onnx_tallies.get(name).map_or((0, 0), |tally| (tally.passed, tally.refused));
        let imported = if known.contains(name) { "yes" } else { "no" };
        writeln!(text, "| `{name}` | {imported} | {passed} | {refused} |").unwrap();
    }
    text
}

#[test]
fn the_readme_says_which_operators_are_imported() {
    let Some(folder) = common::testdata("the_readme_says_which_operators_are_imported") else { return };
    let (mut tallies, _) = tally(&folder.join("onnx_node"));
    for (name, operator) in FURTHER {
        let model = fs::read(folder.join("onnx_torch").join(name).join("model.onnx")).unwrap();
        let graph = onnx::import(&model).unwrap();
        tallies.entry(operator.to_owned()).or_default().notes(&graph);
    }
    let table = table(&tallies);
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let stands = readme.split_once(MARKS.0).and_then(|(_, rest)| rest.split_once(MARKS.1)).map(|(table, _)| table);
    assert_eq!(stands, Some(table.as_str()), "models/README.md: put this table between its marks\n{table}");
}
