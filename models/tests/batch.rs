//! Several windows in one run give what each gives alone.

mod common;

use std::fs;
use std::num::NonZero;

use common::testdata;
use mote_models::data::Array;
use mote_models::graph::{Activation, Graph, Node, Op, TensorType, Value};
use mote_models::run::{Engine, Native};
use mote_models::samples::synthetic;
use mote_models::{export, import, zoo};

const WINDOWS: NonZero<usize> = NonZero::new(3).unwrap();

/// Fails where a window's outputs are other bytes than alone. Returns why a network cannot be batched.
fn try_batched(name: &str, file: &[u8]) -> Result<(), String> {
    let graph = import::tflite(file).unwrap();
    let batched = graph.batched(WINDOWS).map_err(|e| e.to_string())?;
    let mut alone = Native.load(file).unwrap();
    let mut together = Native.load(&export::tflite(&batched).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
    let inputs: Vec<Vec<u8>> = together.description().inputs.iter().map(synthetic::input).collect();
    let found = together.run(&inputs).unwrap();
    for window in 0..WINDOWS.get() {
        let own = |all: &Vec<u8>| {
            let bytes = all.len() / WINDOWS;
            all[window * bytes..][..bytes].to_vec()
        };
        let expected = alone.run(&inputs.iter().map(own).collect::<Vec<_>>()).unwrap();
        assert!(found.iter().map(own).eq(expected), "{name}: window {window} has other outputs");
    }
    Ok(())
}

#[test]
fn windows_of_the_zoos_models_have_their_own_results() {
    for model in zoo::ALL {
        try_batched(model.name, model.int8).unwrap();
        try_batched(model.name, model.float).unwrap();
    }
}

#[test]
fn windows_of_real_models_have_their_own_results() {
    let Some(data) = testdata("windows_of_real_models") else { return };
    let mut batched = Vec::new();
    for folder in ["tflite", "tflite_ops"] {
        let entries = fs::read_dir(data.join("models").join(folder)).unwrap();
        for path in entries.map(|entry| entry.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "tflite"))
        {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let file = fs::read(&path).unwrap();
            // What does not load alone has no results to compare with.
            if import::tflite(&file).is_err() || Native.load(&file).is_err() {
                continue;
            }
            match try_batched(&name, &file) {
                Ok(()) => batched.push(name),
                Err(refusal) => assert!(refusal.contains("expected"), "{name}: {refusal}"),
            }
        }
    }
    println!("batched: {batched:?}");
    assert!(batched.len() >= 4, "{batched:?}");
}

/// A network of one input and one node.
fn network(shape: &[usize], op: Op, more: &[Value]) -> Graph {
    let mut graph = Graph::default();
    let x = graph.add(Value::new("x", TensorType::Float32, shape));
    let mut inputs = vec![x];
    inputs.extend(more.iter().map(|value| graph.add(value.clone())));
    let y = graph.add(Value::new("y", TensorType::Float32, []));
    graph.nodes = vec![Node::new("y", op, &inputs, &[y])];
    (graph.inputs, graph.outputs) = (vec![x], vec![y]);
    graph.infer_shapes().unwrap();
    graph
}

#[test]
fn what_would_mix_windows_is_refused() {
    let axes = |axes: &[i32]| Value::constant("axes", Array::new([axes.len()], axes.to_vec()).unwrap());
    let rows = Value::constant("rows", Array::new([2, 4], vec![1f32; 8]).unwrap());
    let cases = [
        ("no batch", network(&[4], Op::Relu, &[])),
        ("a batch already", network(&[2, 4], Op::Relu, &[])),
        ("a sum over the batch", network(&[1, 1, 4], Op::Sum { keep_dims: false }, &[axes(&[0])])),
        ("the batch moved", network(&[1, 1, 4], Op::Transpose, &[axes(&[1, 0, 2])])),
        ("another axis in front", network(&[1, 4], Op::ExpandDims, &[axes(&[0])])),
        (
            "rows of a constant",
            network(&[1, 4], Op::Add { activation: Activation::None, pot_scale_int16: false }, &[rows]),
        ),
        ("its shape", network(&[1, 4], Op::Shape { output: TensorType::Int32 }, &[])),
    ];
    for (name, graph) in cases {
        let error = graph.batched(WINDOWS).map(|_| ()).unwrap_err();
        assert!(!error.place.is_empty() && !error.found.is_empty(), "{name}: {error}");
    }
    let graph = network(&[1, 4], Op::Reshape { shape: vec![1, 2, 2] }, &[axes(&[1, 2, 2])]);
    let batched = graph.batched(WINDOWS).unwrap();
    assert_eq!(batched.value(batched.outputs[0]).shape, [3, 2, 2]);
}
