//! Whole integer models in the sandbox, in every build of the guest, against the golden outputs of the shared test data: the bits
//! of TensorFlow Lite Micro, or of LiteRT's reference kernels where the former does not run the model.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use mote::sandbox::{Engine, LoadOptions, Sandbox, Session, Settings, guest};
use mote_abi::ClientError;
use mote_models::data::csv::{Column, Table};
use mote_models::data::{Array, npz};

/// Models that the guest may refuse. This one declares a float32 sum of int8 operands; interpreters overwrite the declared type,
/// each with another result.
const REFUSED: [&str; 1] = ["add_quantized_int8"];

/// What became of a model's golden outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// So many values were compared, and so many of them differ.
    Compared { values: usize, mismatches: usize },
    /// Its outputs are real numbers.
    Real,
    /// It has operators that the guest does not run.
    Unsupported,
}

#[test]
fn integer_models_give_the_golden_bits_in_every_build() {
    let Some(root) = common::testdata::folder() else { return };
    let cases = cases(&root);
    assert!(!cases.is_empty());
    let engine = Engine::new(Settings::default()).unwrap();
    let mut wrong = Vec::new();
    for (build, wasm, reference) in [
        ("simd128", guest::SIMD128, false),
        ("relaxed", guest::RELAXED_SIMD, false),
        ("reference", guest::SIMD128, true),
    ] {
        let sandbox = Sandbox::new(&engine, wasm).unwrap();
        let options = LoadOptions { reference, ..LoadOptions::default() };
        let (mut models, mut values, mut mismatches, mut unsupported) = (0, 0, 0, 0);
        for (model, golden) in &cases {
            match outcome(&sandbox, &options, model, golden) {
                Ok(Outcome::Compared { values: v, mismatches: m }) => {
                    models += 1;
                    values += v;
                    mismatches += m;
                    if m > 0 {
                        wrong.push(format!("{build}: {}: {m} of {v} values differ", model.display()));
                    }
                }
                Ok(Outcome::Unsupported) if REFUSED.iter().any(|name| model.file_stem() == Some(name.as_ref())) => {
                    unsupported += 1;
                }
                Ok(Outcome::Unsupported) => wrong.push(format!("{build}: {} is refused", model.display())),
                Ok(Outcome::Real) => {}
                Err(error) => wrong.push(format!("{build}: {}: {error}", model.display())),
            }
        }
        println!(
            "{build}: {models} integer models, {values} values, {mismatches} mismatches; {unsupported} unsupported"
        );
        assert!(models > 0, "{build}: no integer model was compared");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each model of the plan that has golden outputs, with the file of these.
fn cases(root: &Path) -> Vec<(PathBuf, PathBuf)> {
    let plan = Table::read(&fs::read(root.join("golden_plan.csv")).unwrap()).unwrap();
    let models = plan.text(&Column::Index(0)).unwrap();
    let case = |model: &str| {
        let stem = model.strip_prefix("models/").unwrap_or(model).strip_suffix(".tflite")?;
        let golden = root.join(format!("golden/{}.npz", stem.replace('/', "_")));
        golden.exists().then(|| (root.join(model), golden))
    };
    models.into_iter().filter_map(case).collect()
}

fn outcome(sandbox: &Sandbox, options: &LoadOptions, model: &Path, golden: &Path) -> Result<Outcome, String> {
    let golden = npz::read(&fs::read(golden).unwrap()).unwrap();
    let numbered = |name: &str| (0..).map_while(|k| golden.get(&name.replace('K', &k.to_string()))).collect::<Vec<_>>();
    let inputs = numbered("input_K");
    let of_micro = numbered("output_K_tflm");
    let outputs = if of_micro.is_empty() { numbered("output_K_ref") } else { of_micro };
    if outputs.iter().any(|output| output.dtype().is_real()) {
        return Ok(Outcome::Real);
    }
    let mut session = match sandbox.load(fs::read(model).unwrap(), options) {
        Ok(session) => session,
        Err(ClientError::Guest(refusal)) if refusal.kind == "unsupported" => return Ok(Outcome::Unsupported),
        Err(error) => return Err(error.to_string()),
    };
    let runs = outputs.first().ok_or("no golden output")?.shape()[0];
    let (mut values, mut mismatches) = (0, 0);
    for run in 0..runs {
        let found = infer(&mut session, &inputs, run).map_err(|e| e.to_string())?;
        for (array, found) in outputs.iter().zip(found) {
            let expected = row(array, run, runs);
            let size = array.dtype().size();
            values += expected.len() / size;
            let differing = expected.chunks(size).zip(found.chunks(size)).filter(|(a, b)| a != b).count();
            mismatches += if expected.len() == found.len() { differing } else { expected.len() / size };
        }
    }
    Ok(Outcome::Compared { values, mismatches })
}

/// One run from a fresh state.
fn infer(session: &mut Session, inputs: &[&Array], run: usize) -> Result<Vec<Vec<u8>>, mote::sandbox::SessionError> {
    session.reset()?;
    let bytes: Vec<_> = inputs.iter().map(|array| row(array, run, array.shape()[0])).collect();
    session.infer(&bytes)
}

/// The bytes of row `i` of `rows`.
fn row(array: &Array, i: usize, rows: usize) -> Vec<u8> {
    let bytes = array.elements().to_le_bytes();
    let len = bytes.len() / rows;
    bytes[i * len..(i + 1) * len].to_vec()
}
