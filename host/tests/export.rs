//! `mote export`, and ONNX files wherever a model is taken.

mod common;

use common::command::Mote;
use mote_models::zoo::DIGITS;
use serde_json::json;

#[test]
fn an_exported_model_computes_the_same() {
    let mote = Mote::new();
    mote.file("set.npz", DIGITS.test_data);
    let report = mote.json(&["export", "zoo:digits", "-o", "out.tflite", "--labels", "labels.txt"]);
    assert_eq!(report["written"].as_array().unwrap().len(), 2);
    let (own, out) = (mote.json(&["eval", "zoo:digits"]), mote.json(&["eval", "out.tflite", "set.npz"]));
    assert_eq!((&own["top1"], &own["samples"]), (&out["top1"], &out["samples"]));
    assert_eq!(std::fs::read_to_string(mote.path("labels.txt")).unwrap(), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert!(mote.ok(&["export", "zoo:digits", "-o", "out.tflite"]).contains("out.tflite"));
}

#[test]
fn failures_have_their_exit_code_and_a_remedy() {
    let mote = Mote::new();
    mote.file("model.tflite", DIGITS.int8);
    mote.file("broken.tflite", b"no model");
    mote.file("broken.onnx", b"no model");
    for (code, args, words) in [
        (1, &["export", "zoo:digits", "-o", "missing/out.tflite"][..], ["missing/out.tflite", "folder"]),
        (2, &["export", "zoo:digits"], ["--output", "--labels"]),
        (2, &["export", "model.tflite", "--labels", "labels.txt"], ["model.tflite", "--classes"]),
        (3, &["export", "broken.tflite", "-o", "out.tflite"], ["broken.tflite", "malformed"]),
        (3, &["inspect", "broken.onnx"], ["broken.onnx", "malformed"]),
    ] {
        let stderr = mote.fails(code, args);
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
    }
}

#[test]
fn onnx_files_go_wherever_models_go() {
    let Some(testdata) = common::testdata::folder() else { return };
    let mote = Mote::new();
    let kws = testdata.join("models/onnx/kws_submission.onnx").to_string_lossy().into_owned();
    let inspected = mote.json(&["inspect", &kws]);
    mote.ok(&["export", &kws, "-o", "kws.tflite"]);
    let exported = mote.json(&["inspect", "kws.tflite"]);
    assert_eq!((&inspected["macs"], &inspected["ops"]), (&exported["macs"], &exported["ops"]));
    // golden/accuracy.csv of the test data: ONNX Runtime tells 0.9143 of the 502 samples, of which the real value is
    // (stored - 83) * 0.5847029.
    let data = |name: &str| testdata.join("samples/kws01").join(name).to_string_lossy().into_owned();
    let (x, y) = (data("kws01_x.npy"), data("kws01_labels.csv"));
    let samples = [&x, "--labels", &y, "--mean", "83", "--deviation", "1.7102703"];
    let eval = mote.json(&[&["eval", &kws], &samples[..], &["--jobs", "2"]].concat());
    assert_eq!((&eval["right"], &eval["samples"]), (&json!(459), &json!(502)));

    let args = [&["quantize", &kws], &samples[..], &["-o", "kws8.tflite", "--save-recipe", "r.toml", "--runs", "0"]];
    let report = mote.json(&args.concat());
    let judged = &report["judged"]["variants"];
    let top1 = |k: usize| judged[k]["accuracy"]["top1"]["value"].as_f64().unwrap();
    assert!(top1(1) > top1(0) - 0.03, "{judged}");
    mote.ok(&[&["compress", &kws], &samples[..], &["-o", "again.tflite", "--recipe", "r.toml", "--runs", "0"]].concat());
    assert!(std::fs::read(mote.path("kws8.tflite")).unwrap() == std::fs::read(mote.path("again.tflite")).unwrap());
}
