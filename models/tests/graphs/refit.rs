//! Weights that are fitted after pruning.

use std::collections::BTreeMap;

use mote_models::data::Array;
use mote_models::graph::{Activation, Graph, Op, Padding};
use mote_models::progress::Silent;
use mote_models::prune::{PruneErrorKind, channels, refit, weights};
use mote_models::run::{Engine, Native};
use mote_models::samples::Inputs;
use mote_models::{export, graph};

use crate::net::{Net, conv, difference, floats, inputs};

const SAME: graph::Conv2d = conv(Padding::Same, 1, Activation::Relu);

fn network(seed: u64) -> Graph {
    let mut net = Net::new(seed);
    let x = net.input(&[1, 6, 5, 4]);
    let y = net.conv(x, 12, [3, 3], SAME);
    let y = net.depthwise(y, 1, [3, 3], SAME);
    let y = net.conv(y, 16, [1, 1], SAME);
    let y = net.conv(y, 10, [3, 2], conv(Padding::Same, 2, Activation::Relu6));
    let y = net.flatten(y);
    let y = net.dense(y, 8, Activation::Relu);
    let y = net.dense(y, 4, Activation::None);
    net.finish(&[y])
}

fn samples(graph: &Graph, from: u64, count: u64) -> Inputs {
    let file = export::tflite(graph).unwrap();
    let run = Native.load(&file).unwrap();
    let all: Vec<f32> = (from..from + count).flat_map(|seed| floats(&inputs(graph, seed)[0])).collect();
    let shape = [&[usize::try_from(count).unwrap()], &graph.value(graph.inputs[0]).shape[1..]].concat();
    Inputs::new(&run.description().inputs, vec![Array::new(shape, all).unwrap()]).unwrap()
}

/// Samples that the comparison, which takes the first seeds, does not see.
fn others(graph: &Graph) -> Inputs {
    samples(graph, 100, 60)
}

/// What both do to some networks: before fitting, and after.
fn errors(prune: impl Fn(Graph) -> (Graph, BTreeMap<usize, Vec<usize>>)) -> (f32, f32) {
    (0..6).fold((0.0, 0.0), |(before, after), seed| {
        let graph = network(seed);
        let (pruned, removed) = prune(graph.clone());
        let fitted = refit(&Native, &graph, pruned.clone(), &removed, &others(&graph), &Silent).unwrap();
        fitted.check().unwrap();
        for (a, b) in pruned.nodes.iter().zip(&fitted.nodes).filter(|(a, _)| a.inputs.len() == 3) {
            let (a, b) = (pruned.input(a, 1).unwrap().as_f32().unwrap(), fitted.input(b, 1).unwrap().as_f32().unwrap());
            assert!(a.iter().zip(&b).all(|(a, b)| *a != 0.0 || *b == 0.0), "zeros stay");
        }
        let error = |graph_after: &Graph| difference("seed", &graph, graph_after);
        (before + error(&pruned), after + error(&fitted))
    })
}

#[test]
fn weights_that_stay_take_over_and_zeros_stay() {
    for pattern in ["unstructured", "8x2", "2:4"] {
        let options = weights::Options { pattern: pattern.parse().unwrap(), ..weights::Options::default() };
        let (before, after) = errors(|graph| (weights::prune(graph, &options).unwrap().0, BTreeMap::new()));
        assert!(after < before * 0.9, "{pattern}: {before} {after}");
    }
}

#[test]
fn channels_that_stay_take_over() {
    let options =
        channels::Options { target: channels::Target::Channels(0.3), align: 1, ..channels::Options::default() };
    let (before, after) = errors(|graph| {
        let (pruned, summary) = channels::prune(graph, &options, None).unwrap();
        (pruned, summary.removed())
    });
    assert!(after < before * 0.9, "{before} {after}");
}

/// What is gone is the same as what stays: once more of that, and nothing is missing.
#[test]
fn a_repeated_neuron_is_made_up_for() {
    let mut net = Net::new(3);
    let x = net.input(&[1, 4]);
    let mut rows = net.numbers(6 * 4, 0.7);
    rows.copy_within(0..4, 4);
    // Smaller than all others, and equal.
    rows[..8].iter_mut().for_each(|w| *w *= 0.3);
    let (weights, bias) = (net.constant(&[6, 4], rows), net.constant(&[6], vec![0.1, 0.1, 0.5, 0.6, 0.7, 0.8]));
    let y = net.node(Op::FullyConnected { activation: Activation::Relu, keep_num_dims: false }, &[x, weights, bias]);
    let y = net.dense(y, 3, Activation::None);
    let graph = net.finish(&[y]);
    let options =
        channels::Options { target: channels::Target::Channels(0.17), align: 1, ..channels::Options::default() };
    let (pruned, summary) = channels::prune(graph.clone(), &options, None).unwrap();
    assert!(matches!(summary.layers[0].removed[..], [0 | 1]), "{summary:?}");
    let samples = samples(&graph, 100, 2000);
    let fitted = refit(&Native, &graph, pruned.clone(), &summary.removed(), &samples, &Silent).unwrap();
    let (before, after) = (difference("pruned", &graph, &pruned), difference("fitted", &graph, &fitted));
    // What is left is the pull towards the weights as they were.
    assert!(after < before * 0.1, "{before} {after}");
}

#[test]
fn graphs_that_do_not_belong_together_are_refused() {
    let graph = network(4);
    let options = channels::Options { target: channels::Target::Channels(0.3), ..channels::Options::default() };
    let (pruned, _) = channels::prune(graph.clone(), &options, None).unwrap();
    let none = BTreeMap::new();
    let error = refit(&Native, &graph, pruned.clone(), &none, &others(&graph), &Silent).unwrap_err();
    assert!(error.kind == PruneErrorKind::Graph && error.expected.contains("channels"), "{error}");
    let mut other = pruned;
    other.nodes.retain(|node| !matches!(node.op, Op::Reshape { .. }));
    let error = refit(&Native, &graph, other, &none, &others(&graph), &Silent).unwrap_err();
    assert_eq!(error.kind, PruneErrorKind::Graph, "{error}");
}
