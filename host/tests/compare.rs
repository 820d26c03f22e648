//! `mote compare` as a user runs it.

mod common;

use common::command::Mote;
use mote_models::data::{Array, npz};
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};

#[test]
fn an_original_and_its_variants_stand_side_by_side() {
    let mote = Mote::new();
    let report = mote.json(&["compare", "zoo:digits:float", "zoo:digits", "--runs", "3", "--html", "report.html"]);
    let [original, variant] = report["variants"].as_array().unwrap().as_slice() else { panic!("{report}") };
    for (file, model) in [(DIGITS.float, original), (DIGITS.int8, variant)] {
        assert_eq!(model["size"]["file_bytes"], json!(file.len()));
        assert!(model["latency_seconds"].as_f64().unwrap() > 0.0);
        assert_eq!(model["fits"].as_array().unwrap().len(), mote_models::judge::DEVICES.len());
    }
    // What `mote eval` says of the same file.
    let eval = mote.json(&["eval", "zoo:digits"]);
    assert_eq!(variant["accuracy"]["top1"]["value"], eval["top1"]["value"]);
    assert_eq!(report["samples"], eval["samples"]);
    let macs = mote.json(&["inspect", "zoo:digits"])["macs"].clone();
    assert_eq!((&original["size"]["macs"], &variant["size"]["macs"]), (&macs, &macs));
    assert_eq!(original["change"], Value::Null);
    assert!(variant["change"]["fidelity"]["sqnr_db"].as_f64().unwrap() > 20.0, "{variant}");

    let page = std::fs::read_to_string(mote.path("report.html")).unwrap();
    for word in ["<svg", "prefers-color-scheme:dark", "zoo:digits:float", "<th scope=\"row\""] {
        assert!(page.contains(word), "{word}");
    }
    let page = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!page.contains("http:") && !page.contains("https:"), "nothing is fetched");
}

#[test]
fn the_table_has_a_column_for_each_model() {
    let mote = Mote::new();
    mote.file("a/model.tflite", DIGITS.float);
    mote.file("b/model.tflite", DIGITS.int8);
    mote.file("set.npz", DIGITS.test_data);
    let args = ["compare", "a/model.tflite", "b/model.tflite", "zoo:digits", "--data", "set.npz", "--runs", "0"];
    let text = mote.ok(&[&args[..], &["--device", "pico,pi5"]].concat());
    for word in ["a/model.tflite", "b/model.tflite", "zoo:digits", "top-1", "1.0000", "RP2040", "Raspberry Pi 5"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    for word in ["latency", "ESP32"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn raw_values_are_normalized_for_every_model_alike() {
    let mote = Mote::new();
    let set = DIGITS.test_set().unwrap();
    let elements = set.x.elements();
    // The zoo's samples are sixteenths.
    let raw: Vec<u8> = (0..elements.len()).map(|i| (elements.real(i).unwrap() * 16.0) as u8).collect();
    let x = Array::new(set.x.shape(), raw).unwrap();
    let y = Array::vector(set.y.iter().map(|&y| y as u8).collect::<Vec<_>>());
    mote.file("raw.npz", npz::write([("x", &x), ("y", &y)]).unwrap());
    let compare = ["compare", "zoo:digits:float", "zoo:digits", "--data", "raw.npz", "--runs", "0"];
    let report = mote.json(&[&compare[..], &["--mean", "0", "--deviation", "16"]].concat());
    for variant in report["variants"].as_array().unwrap() {
        assert_eq!(variant["accuracy"]["top1"]["value"], json!(1.0), "{variant}");
    }
    assert!(mote.fails(2, &[&compare[..], &["--mean", "0"]].concat()).contains("--deviation"));
    let failure = mote.fails(4, &[&compare[..], &["--mean", "0", "--deviation", "0"]].concat());
    assert!(failure.contains("raw.npz") && failure.contains("above 0"), "{failure}");
}

#[test]
fn failures_name_the_model_and_leave_no_page() {
    let mote = Mote::new();
    mote.file("digits.tflite", DIGITS.int8);
    mote.file("broken.tflite", b"no model");
    for (code, args, words) in [
        (2, &["compare", "zoo:digits"][..], ["2 values", "MODELS"]),
        (2, &["compare", "digits.tflite", "zoo:digits"], ["digits.tflite", "DATA is missing"]),
        (2, &["compare", "zoo:digits", "zoo:digits", "--device", "abacus"], ["abacus", "esp32s3"]),
        (3, &["compare", "zoo:digits", "broken.tflite", "--html", "r.html"], ["broken.tflite", "malformed"]),
        (1, &["compare", "zoo:digits", "zoo:digits", "--runs", "0", "--html", "no/r.html"], ["no/r.html", "folder"]),
    ] {
        let stderr = mote.fails(code, args);
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
    }
    assert!(!mote.path("r.html").exists());
}
