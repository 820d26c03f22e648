//! Models that are no classifiers, in every command that judges: detectors of anomalies and regressions.

mod common;

use common::command::Mote;
use mote_models::data::{Array, npz};
use mote_models::export;
use mote_models::graph::{Activation, Graph, Node, Op, TensorType, Value};
use serde_json::{Value as Json, json};

/// A network of dense layers: each has its outputs, and a weight for each output and input.
fn dense(inputs: usize, layers: &[(usize, Vec<f32>)]) -> Vec<u8> {
    let mut graph = Graph::default();
    let mut x = graph.add(Value::new("x", TensorType::Float32, vec![1, inputs]));
    graph.inputs.push(x);
    let mut width = inputs;
    for (k, (units, weights)) in layers.iter().enumerate() {
        let constant = |name: &str, shape: &[usize], numbers: Vec<f32>| {
            Value::constant(format!("{name}_{k}"), Array::new(shape, numbers).unwrap())
        };
        let w = graph.add(constant("w", &[*units, width], weights.clone()));
        let bias = graph.add(constant("b", &[*units], vec![0.0; *units]));
        let y = graph.add(Value::new(format!("dense_{k}"), TensorType::Float32, vec![1, *units]));
        let op = Op::FullyConnected { activation: Activation::None, keep_num_dims: false };
        let name = format!("dense_{k}");
        let inputs = vec![Some(x), Some(w), Some(bias)];
        graph.nodes.push(Node { name, op, inputs, outputs: vec![y], intermediates: vec![] });
        (x, width) = (y, *units);
    }
    graph.outputs.push(x);
    export::tflite(&graph).unwrap()
}

/// An autoencoder of 8 inputs that keeps what lies in the first four directions and loses the rest.
fn autoencoder() -> Vec<u8> {
    let keep: Vec<f32> = (0..4 * 8).map(|i| f32::from(u8::from(i / 8 == i % 8))).collect();
    let back: Vec<f32> = (0..8 * 4).map(|i| f32::from(u8::from(i / 4 == i % 4))).collect();
    dense(8, &[(4, keep), (8, back)])
}

/// Normal samples lie in the first four directions, a little beside; anomalous ones leave them, more or less.
fn recordings(mote: &Mote) {
    let mut random = fastrand::Rng::with_seed(5);
    let mut x = Vec::new();
    for sample in 0..60 {
        let off = if sample % 3 == 0 { 0.5 } else { 0.3 };
        for k in 0..8 {
            let number = random.f32() * 2.0 - 1.0;
            x.push(if k < 4 { number } else { number * off });
        }
    }
    let y: Vec<u8> = (0..60).map(|sample| u8::from(sample % 3 == 0)).collect();
    let arrays = (Array::new([60, 8], x).unwrap(), Array::vector(y));
    mote.file("recordings.npz", npz::write([("x", &arrays.0), ("y", &arrays.1)]).unwrap());
}

#[test]
fn an_autoencoder_is_judged_by_how_well_it_tells_anomalies() {
    let mote = Mote::new();
    mote.file("model.tflite", autoencoder());
    recordings(&mote);
    let eval = mote.json(&["eval", "model.tflite", "recordings.npz"]);
    let auc = eval["auc"]["value"].as_f64().unwrap();
    assert_eq!((&eval["task"], &eval["anomalous"], &eval["normal"]), (&json!("anomaly"), &json!(20), &json!(40)));
    assert!((0.8..1.0).contains(&auc), "the sets overlap: {eval}");
    assert!(mote.ok(&["eval", "model.tflite", "recordings.npz"]).contains("AUC"));
    assert_eq!(eval["auc"], mote.json(&["eval", "model.tflite", "recordings.npz", "--jobs", "3"])["auc"]);

    let quantize = ["quantize", "model.tflite", "recordings.npz", "-o", "made.tflite", "--runs", "0"];
    let report = mote.json(&[&quantize[..], &["--html", "page.html"]].concat());
    let accuracy = |report: &Json, k: usize| report["judged"]["variants"][k]["accuracy"].clone();
    assert_eq!(accuracy(&report, 1)["task"], json!("anomaly"));
    let [before, after] = [0, 1].map(|k| accuracy(&report, k)["auc"]["value"].as_f64().unwrap());
    assert!((before - after).abs() < 0.1, "{report}");
    let page = std::fs::read_to_string(mote.path("page.html")).unwrap();
    assert!(page.contains("AUC") && !page.contains("top-1") && !page.contains("macro-F1"));

    let compare = ["compare", "model.tflite", "made.tflite", "--data", "recordings.npz", "--runs", "0"];
    let compared = mote.json(&compare);
    assert_eq!(compared["variants"][0]["accuracy"]["auc"], eval["auc"]);
    let text = mote.ok(&compare);
    assert!(text.contains("AUC") && !text.contains("same class"), "{text}");
    let autopsy = mote.json(&["autopsy", "model.tflite", "made.tflite", "recordings.npz"]);
    assert!(autopsy["layers"].as_array().unwrap().iter().any(|layer| layer["sensitivity"].is_object()), "{autopsy}");
    let search = ["search", "model.tflite", "recordings.npz", "--max-drop", "10%", "--trials", "3", "--html", "s.html"];
    let found = mote.json(&search);
    assert_eq!(found["parts"][2]["chosen"]["task"], json!("anomaly"), "{found}");
    assert!(std::fs::read_to_string(mote.path("s.html")).unwrap().contains("AUC against bytes"));
}

#[test]
fn a_regression_is_judged_by_its_error() {
    let mote = Mote::new();
    mote.file("model.tflite", dense(3, &[(1, vec![1.0, -2.0, 0.5])]));
    let x: Vec<f32> = (0..120).map(|i| ((i * 37) % 101) as f32 / 50.0 - 1.0).collect();
    // The model's answers, half of them 0.25 off.
    let answer = |row: &[f32]| row[0] - 2.0 * row[1] + 0.5 * row[2];
    let y: Vec<f32> = x.chunks(3).enumerate().map(|(i, row)| answer(row) + 0.25 * (i / 2 % 2) as f32).collect();
    let arrays = (Array::new([40, 3], x).unwrap(), Array::vector(y));
    mote.file("set.npz", npz::write([("x", &arrays.0), ("y", &arrays.1)]).unwrap());
    let eval = mote.json(&["eval", "model.tflite", "set.npz"]);
    assert_eq!(eval["task"], json!("regression"));
    let near = |json: &Json, wanted: f64| (json["value"].as_f64().unwrap() - wanted).abs() < 1e-6;
    assert!(near(&eval["rmse"], 0.25 / 2f64.sqrt()) && near(&eval["mae"], 0.125), "{eval}");
    let text = mote.ok(&["eval", "model.tflite", "set.npz"]);
    assert!(text.contains("RMSE") && text.contains("MAE"), "{text}");
    let quantize = ["quantize", "model.tflite", "set.npz", "-o", "made.tflite", "--runs", "0"];
    let report = mote.json(&quantize);
    let rmse = report["judged"]["variants"][1]["accuracy"]["rmse"]["value"].as_f64().unwrap();
    assert!((0.1..0.25).contains(&rmse), "{report}");
    let text = mote.ok(&quantize);
    assert!(text.contains("RMSE") && text.contains("mean absolute error") && !text.contains("top-1"), "{text}");
}

#[test]
fn labels_of_another_task_are_refused_with_the_one_to_take() {
    let mote = Mote::new();
    mote.file("model.tflite", autoencoder());
    let x = Array::new([3, 8], vec![0.5f32; 24]).unwrap();
    let set = |name: &str, y: Vec<f32>| mote.file(name, npz::write([("x", &x), ("y", &Array::vector(y))]).unwrap());
    set("fractions.npz", vec![0.0, 0.5, 1.0]);
    set("classes.npz", vec![0.0, 1.0, 2.0]);
    set("normal.npz", vec![0.0; 3]);
    for (data, task, words) in [
        ("fractions.npz", "classification", ["0.5", "regression"]),
        ("classes.npz", "anomaly", ["0 or 1", "normal"]),
        ("classes.npz", "regression", ["8 values a sample", "every element"]),
        ("normal.npz", "anomaly", ["anomalies", "all kinds"]),
    ] {
        let stderr = mote.fails(4, &["eval", "model.tflite", data, "--task", task]);
        for word in words {
            assert!(stderr.contains(word), "{data} {task}: {stderr}");
        }
    }
    let stderr = mote.fails(2, &["eval", "model.tflite", "normal.npz", "--task", "ranking"]);
    assert!(stderr.contains("anomaly"), "{stderr}");
}
