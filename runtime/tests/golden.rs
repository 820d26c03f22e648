//! Whole models against the golden outputs of the shared test data: integer models must give the bits of TensorFlow Lite Micro, or of
//! LiteRT's reference kernels where the former does not run them; float models stay within a few units in the last place.
//!
//! `MOTE_MODELS=kws,vww` runs only models whose file name contains one of these.

mod common;

use std::path::{Path, PathBuf};

use common::{Difference, Npz, difference, inputs, is_exact, load, run, shared};

/// Units in the last place of the output's largest magnitude that float networks may differ by: sums are taken in another order,
/// layer after layer.
const FLOAT_UNITS: f64 = 64.0;

/// The models that have a golden output, with the name of the golden file.
fn models(root: &Path) -> Vec<(PathBuf, PathBuf)> {
    let plan = std::fs::read_to_string(root.join("golden_plan.csv")).unwrap();
    let wanted = std::env::var("MOTE_MODELS").ok();
    plan.lines()
        .skip(1)
        .filter_map(|line| {
            let model = line.split(',').next()?;
            let stem = model.strip_prefix("models/").unwrap_or(model).strip_suffix(".tflite")?;
            let golden = root.join(format!("golden/{}.npz", stem.replace('/', "_")));
            let chosen = wanted.as_ref().is_none_or(|w| w.split(',').any(|part| stem.contains(part)));
            (chosen && golden.exists()).then(|| (root.join(model), golden))
        })
        .collect()
}

/// Models that are refused, and what their refusal says: operators outside this runtime's list, and a file whose quantized sum
/// says that it is float32 (its two golden engines take that for different things).
const NOT_RUN: &[(&str, &str)] = &[
    ("l_group_norm_2_groups_op", "builtin operator 206"),
    ("l_simple_group_norm_op", "builtin operator 206"),
    ("l_l2_norm_composite", "builtin operator 206"),
    ("nested_while", "builtin operator 119"),
    ("q_broadcast_to", "builtin operator 130"),
    ("add_quantized_int8", "int8, int8, -> float32"),
];

#[test]
fn models_equal_the_golden_outputs() {
    let Some(root) = shared() else {
        println!("skipped: the shared test data (../shared/testdata, or MOTE_TESTDATA) is not here");
        return;
    };
    let mut failures = Vec::new();
    let (mut exact, mut float) = (Difference::default(), Difference::default());
    let mut counts = (0, 0, 0);
    for (model, golden) in models(&root) {
        let name = model.file_stem().unwrap().to_string_lossy().into_owned();
        match compare(&model, &golden) {
            Ok((is_exact, d)) => {
                let (sum, count) = if is_exact { (&mut exact, &mut counts.0) } else { (&mut float, &mut counts.1) };
                *count += 1;
                sum.compared += d.compared;
                sum.differing += d.differing;
                sum.largest = sum.largest.max(d.largest);
                let limit = if is_exact { 0.0 } else { FLOAT_UNITS };
                println!("{name}: {} values, {} differ, by up to {:.1}", d.compared, d.differing, d.largest);
                if d.largest > limit {
                    failures.push(format!("{name}: {} of {} differ, by up to {}", d.differing, d.compared, d.largest));
                }
            }
            Err(why) if NOT_RUN.iter().any(|(n, what)| *n == name && why.contains(what)) => {
                counts.2 += 1;
                println!("{name}: not run: {why}");
            }
            Err(why) => failures.push(format!("{name}: {why}")),
        }
    }
    println!("integer: {} models, {} values, {} mismatches", counts.0, exact.compared, exact.differing);
    println!("float: {} models, {} values, largest difference {:.1} units", counts.1, float.compared, float.largest);
    println!("refused as unsupported: {} models", counts.2);
    assert!(failures.is_empty(), "{} models:\n{}", failures.len(), failures.join("\n"));
}

/// Runs a model over its golden inputs, in a fresh state for each; whether it is compared exactly, and the difference.
fn compare(model: &Path, golden: &Path) -> Result<(bool, Difference), String> {
    let mut session = load(&std::fs::read(model).unwrap()).map_err(|e| e.to_string())?;
    let mut npz = Npz::open(golden);
    let inputs = inputs(&mut npz);
    let engine = if npz.has("output_0_tflm") { "tflm" } else { "ref" };
    let outputs: Vec<_> = (0..).map_while(|k| npz.get(&format!("output_{k}_{engine}"))).collect();
    let mut sum = Difference::default();
    let mut all_exact = true;
    for row in 0..outputs[0].shape[0] {
        session.reset().map_err(|e| e.to_string())?;
        run(&mut session, &inputs, row).map_err(|e| e.to_string())?;
        for (k, expected) in outputs.iter().enumerate() {
            let dtype = session.outputs().nth(k).ok_or(format!("no output {k}"))?.dtype;
            all_exact &= is_exact(dtype);
            let d = difference(expected.dtype, expected.row(row), session.output(k).unwrap());
            sum.compared += d.compared;
            sum.differing += d.differing;
            sum.largest = sum.largest.max(d.largest);
        }
    }
    Ok((all_exact, sum))
}
