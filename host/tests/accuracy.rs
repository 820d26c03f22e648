//! `mote eval` on real samples gives what the reference interpreter gives.

mod common;

use common::command::Mote;
use serde_json::{Value, json};

/// Model, samples, labels, samples right, samples: `golden/accuracy.csv` of the test data, engines `ref` and `tflm`.
const CASES: [(&str, &str, u64, u64); 2] = [
    // 0.9084
    ("kws_dscnn_int8", "kws01", 456, 502),
    // 0.8872
    ("vww_mobilenetv1_int8", "vww01", 118, 133),
];

fn eval(model: &str, set: &str, options: &[&str]) -> Option<Value> {
    let testdata = common::testdata::folder()?;
    let path = |name: String| testdata.join(name).to_string_lossy().into_owned();
    let model = path(format!("models/tflite/{model}.tflite"));
    let samples = path(format!("samples/{set}/{set}_x.npy"));
    let labels = path(format!("samples/{set}/{set}_labels.csv"));
    Some(Mote::new().json(&[&["eval", &model, &samples, "--labels", &labels], options].concat()))
}

#[test]
fn keywords_and_persons_are_told_as_by_the_reference_in_both_builds() {
    for (model, set, right, samples) in CASES {
        for build in ["simd128", "relaxed"] {
            let Some(report) = eval(model, set, &["--build", build, "--jobs", "2"]) else { return };
            println!("{model}, {build}: top-1 {}", report["top1"]["value"]);
            assert_eq!((&report["right"], &report["samples"]), (&json!(right), &json!(samples)), "{model}, {build}");
        }
    }
}

#[test]
fn the_reference_kernels_agree() {
    let (model, set, right, samples) = CASES[0];
    let Some(report) = eval(model, set, &["--build", "reference"]) else { return };
    assert_eq!((&report["right"], &report["samples"]), (&json!(right), &json!(samples)));
}
