//! Files to graphs and back: what the runtime computes must not change by a bit.

mod common;

use std::fs;
use std::path::Path;

use mote_models::import::{self, ImportError};
use mote_models::{export, zoo};
use mote_runtime::{LoadOptions, Session};

#[test]
fn the_zoos_models_run_the_same_after_import_and_export() {
    for model in zoo::ALL {
        for file in [model.int8, model.float] {
            same_bits(model.name, file);
        }
    }
}

/// Files that the runtime runs and no graph holds, by what the importer says.
const NOT_IMPORTED: [&str; 3] = ["subgraphs", "LSTM version", "CALL_ONCE"];

#[test]
fn real_models_run_the_same_after_import_and_export() {
    let Some(folder) = common::testdata("real_models_run_the_same_after_import_and_export") else { return };
    let (mut same, mut refused) = (0, 0);
    for folder in ["models/tflite", "models/tflite_ops", "tflite_int16"].map(|name| folder.join(name)) {
        for path in tflite_files(&folder) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let file = fs::read(&path).unwrap();
            if Session::load(&file, &LoadOptions::default()).is_err() {
                continue;
            }
            match import::tflite(&file) {
                Ok(_) => {
                    same_bits(&name, &file);
                    same += 1;
                }
                Err(error) => {
                    let text = error.to_string();
                    assert!(NOT_IMPORTED.iter().any(|reason| text.contains(reason)), "{name}: {text}");
                    refused += 1;
                }
            }
        }
    }
    println!("{same} models run the same, {refused} are refused by name");
    assert!(same >= 50, "{same}");
}

#[test]
fn operators_that_are_not_supported_are_listed_together() {
    use mote_models::tflite::{Model, Op, Tensor, TensorType, write};
    let tensor = |name| Tensor::new(name, TensorType::Float32, &[1, 4]);
    let custom = |code: &str| Op::Custom { code: code.into(), options: Vec::new() };
    let mut model = Model::single(custom("First"), 1, vec![tensor("x")], vec![tensor("y")]);
    let second = Model::single(custom("Second"), 2, vec![tensor("y")], vec![tensor("z")]);
    let mut operator = second.subgraphs[0].operators[0].clone();
    (operator.inputs, operator.outputs) = (vec![Some(1)], vec![2]);
    model.subgraphs[0].push(tensor("z"));
    model.subgraphs[0].operators.push(operator);
    let Err(ImportError::Nodes(nodes)) = import::tflite(&write(&model)) else { panic!("not refused by node") };
    let told: Vec<_> = nodes.iter().map(|n| (n.index, n.name.as_str(), n.op.as_str(), n.version)).collect();
    assert_eq!(told, [(0, "y", "custom operator First", 1), (1, "z", "custom operator Second", 2)]);
    assert_eq!(nodes[1].dtypes, ["float32"]);
}

fn tflite_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "tflite"));
    paths.sort();
    paths
}

/// Runs a file and what becomes of it on the same seeded bytes.
fn same_bits(name: &str, file: &[u8]) {
    let graph = import::tflite(file).unwrap_or_else(|e| panic!("{name}: {e}"));
    let again = export::tflite(&graph).unwrap_or_else(|e| panic!("{name}: {e}"));
    let load = |file| Session::load(file, &LoadOptions::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
    let (mut one, mut other) = (load(file), load(&again));
    for seed in 0..2 {
        assert_eq!(run(&mut one, seed), run(&mut other, seed), "{name}");
    }
}

fn run(session: &mut Session, seed: u64) -> Result<Vec<Vec<u8>>, String> {
    let mut random = fastrand::Rng::with_seed(seed);
    let dtypes: Vec<_> = session.inputs().map(|input| input.dtype).collect();
    for (k, dtype) in dtypes.into_iter().enumerate() {
        // Indices are small; real numbers must be numbers.
        let input = session.input_mut(k).unwrap();
        match dtype {
            mote_runtime::DType::F32 => {
                input.as_chunks_mut::<4>().0.iter_mut().for_each(|x| *x = (random.f32() * 2.0 - 1.0).to_le_bytes());
            }
            mote_runtime::DType::I8 | mote_runtime::DType::U8 | mote_runtime::DType::I16 => random.fill(input),
            _ => input.fill(0),
        }
    }
    session.run().map_err(|e| e.to_string())?;
    Ok((0..session.outputs().len()).map(|k| session.output(k).unwrap().to_vec()).collect())
}
