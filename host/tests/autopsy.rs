//! `mote autopsy` as a user runs it.

mod common;

use common::command::Mote;
use mote_models::data::{Array, npz};
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};

#[test]
fn every_layer_is_compared_and_the_page_has_plots() {
    let mote = Mote::new();
    let report = mote.json(&["autopsy", "zoo:digits", "zoo:digits", "--html", "report.html"]);
    let layers = report["layers"].as_array().unwrap();
    assert!(layers.len() >= 8, "{report}");
    for layer in layers {
        assert!(layer["cosine"].as_f64().unwrap() > 0.99, "{layer}");
        assert!(layer["sqnr_db"].as_f64().unwrap() > 20.0, "{layer}");
    }
    // What `mote compare` says of the same two.
    let compared = mote.json(&["compare", "zoo:digits:float", "zoo:digits", "--runs", "0"]);
    let change = &compared["variants"][1]["change"];
    assert_eq!((&report["fidelity"], &report["flips"]), (&change["fidelity"], &change["flips"]));
    let page = std::fs::read_to_string(mote.path("report.html")).unwrap();
    for word in ["Findings", "Signal to noise", "Ranges", "Weights", "Activity", "<svg"] {
        assert!(page.contains(word), "{word}");
    }
    let text = mote.ok(&["autopsy", "zoo:digits", "zoo:digits", "--sensitivity-samples", "0"]);
    for word in ["450 samples", "SQNR", "dense_1/MatMul", "Saturated"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn samples_of_another_scale_are_told() {
    let mote = Mote::new();
    let set = DIGITS.test_set().unwrap();
    let pixels: Vec<f32> = (0..100 * 64).map(|i| set.x.elements().real(i).unwrap() as f32 * 255.0).collect();
    let x = Array::new([100, 8, 8, 1], pixels).unwrap();
    let y = Array::vector(set.y[..100].iter().map(|&y| y as u8).collect::<Vec<_>>());
    mote.file("bytes.npz", npz::write([("x", &x), ("y", &y)]).unwrap());
    let report = mote.json(&["autopsy", "zoo:digits", "zoo:digits", "bytes.npz", "--sensitivity-samples", "0"]);
    let first = report["findings_in_words"][0].as_str().unwrap();
    assert!(first.contains("looks like 0..255") && first.contains("calibrated on 0..1"), "{first}");
    assert_eq!(report["findings"][0]["finding"], json!("input-scale"));
    let normalized = ["--mean", "0", "--deviation", "255", "--sensitivity-samples", "0"];
    let report = mote.json(&[&["autopsy", "zoo:digits", "zoo:digits", "bytes.npz"], &normalized[..]].concat());
    let scale = |finding: &Value| finding["finding"] == json!("input-scale");
    assert!(!report["findings"].as_array().unwrap().iter().any(scale), "{report}");
}

#[test]
fn failures_name_what_is_wrong() {
    let mote = Mote::new();
    mote.file("model.tflite", DIGITS.float);
    mote.file("broken.tflite", b"no model");
    for (code, args, words) in [
        (2, &["autopsy", "zoo:digits"][..], ["<VARIANT>", "Usage"]),
        (2, &["autopsy", "model.tflite", "zoo:digits"], ["model.tflite", "DATA is missing"]),
        (3, &["autopsy", "zoo:digits", "broken.tflite"], ["broken.tflite", "malformed"]),
        (4, &["autopsy", "zoo:digits", "zoo:digits", "missing.npz"], ["missing.npz", "no such file"]),
    ] {
        let stderr = mote.fails(code, args);
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
    }
}

#[test]
fn any_number_of_instances_sees_the_same() {
    let mote = Mote::new();
    for command in
        [&["autopsy", "zoo:digits", "zoo:digits"][..], &["compare", "zoo:digits:float", "zoo:digits", "--runs", "0"]]
    {
        let seen = |jobs| mote.json(&[command, &["--jobs", jobs]].concat());
        assert_eq!(seen("1"), seen("3"), "{command:?}");
    }
}
