//! What a graph says that it costs is what the runtime counts.

use std::fs;

use mote_models::run::{Engine, Native};
use mote_models::{cost, export, import, zoo};

use crate::common;

fn compare(name: &str, file: &[u8]) -> bool {
    let Ok(graph) = import::tflite(file) else { return false };
    let file = export::tflite(&graph).unwrap();
    let Ok(run) = Native.load(&file) else { return false };
    for op in &run.description().ops {
        let node = &graph.nodes[op.node as usize];
        assert_eq!(cost::macs(&graph, node), op.macs, "{name}, {} ({})", node.name, op.op);
    }
    assert_eq!(cost::total_macs(&graph), run.description().ops.iter().map(|op| op.macs).sum::<u64>(), "{name}");
    true
}

#[test]
fn a_graph_counts_as_the_runtime_does() {
    for model in zoo::ALL {
        assert!(compare(model.name, model.int8) && compare(model.name, model.float), "{}", model.name);
    }
    let Some(folder) = common::testdata("a_graph_counts_as_the_runtime_does") else { return };
    let mut count = 0;
    for folder in ["models/tflite", "models/tflite_ops", "tflite_int16"].map(|name| folder.join(name)) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "tflite") {
                count += usize::from(compare(&path.display().to_string(), &fs::read(&path).unwrap()));
            }
        }
    }
    assert!(count >= 50, "{count}");
}
