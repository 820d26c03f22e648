//! Values inside a network, seen from outside.

use mote_models::graph::ValueId;
use mote_models::run::{Engine, Native, observe};
use mote_models::{export, import, zoo};

#[test]
fn observed_values_are_what_each_step_computes_and_change_no_output() {
    let graph = import::tflite(zoo::DIGITS.int8).unwrap();
    let all: Vec<ValueId> = graph.ids().collect();
    let (observed, values) = observe(&graph, &all);
    let computed: usize = graph.nodes.iter().map(|node| node.outputs.len()).sum();
    assert_eq!(values.len(), computed, "everything that is computed, and nothing else");
    assert_eq!(values[..graph.outputs.len()], graph.outputs, "the network's own outputs come first");

    let (file, seen) = (export::tflite(&graph).unwrap(), export::tflite(&observed).unwrap());
    let (mut plain, mut open) = (Native.load(&file).unwrap(), Native.load(&seen).unwrap());
    let bytes = usize::try_from(plain.description().inputs[0].bytes).unwrap();
    let input: Vec<u8> = (0..bytes).map(|k| (k * 37 % 256) as u8).collect();
    let (few, many) =
        (plain.run(std::slice::from_ref(&input)).unwrap(), open.run(std::slice::from_ref(&input)).unwrap());
    assert_eq!(many[..few.len()], few);

    // The last layer alone, fed with what was observed before it, gives the observed output.
    let last = graph.nodes.len() - 1;
    let mut tail = graph.clone();
    let fed = graph.nodes[last].input(0).unwrap();
    tail.retain_nodes(|n, _| n == last);
    tail.inputs = vec![fed];
    let mut tail = Native.load(&export::tflite(&tail).map_err(|e| e.to_string()).unwrap()).unwrap();
    let place = values.iter().position(|&value| value == fed).unwrap();
    assert_eq!(tail.run(&[many[place].clone()]).unwrap(), few);
}

#[test]
fn inputs_of_another_size_or_number_are_refused() {
    let mut model = Native.load(zoo::DIGITS.int8).unwrap();
    for inputs in [vec![], vec![vec![0; 3]], vec![vec![0; 64], vec![0; 64]]] {
        let error = model.run(&inputs).unwrap_err().to_string();
        assert!(error.starts_with("usage: session: expected"), "{error}");
    }
}
