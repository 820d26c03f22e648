//! Weights that are pruned by their size.

use std::collections::BTreeMap;

use mote_models::graph::{Activation, Graph, Op, Padding};
use mote_models::prune::weights::{LayerOptions, Norm, Options, Scope, prune};
use mote_models::prune::{Pattern, PruneErrorKind};

use crate::net::{Net, conv};

fn net(seed: u64) -> Graph {
    let mut net = Net::new(seed);
    let x = net.input(&[1, 5, 5, 3]);
    let y = net.conv(x, 6, [3, 3], conv(Padding::Same, 1, Activation::Relu));
    let y = net.depthwise(y, 2, [3, 3], conv(Padding::Same, 1, Activation::Relu));
    let y = net.conv(y, 20, [1, 1], conv(Padding::Same, 1, Activation::Relu));
    let y = net.conv(y, 9, [3, 2], conv(Padding::Valid, 2, Activation::Relu));
    let y = net.flatten(y);
    let y = net.dense(y, 37, Activation::Relu);
    let y = net.dense(y, 4, Activation::None);
    net.finish(&[y])
}

fn everything() -> Options {
    Options { first_layer: true, last_layer: true, depthwise: true, ..Options::default() }
}

fn pattern(text: &str) -> Pattern {
    text.parse().unwrap()
}

#[test]
fn sparsity_is_reached_exactly_in_every_scope() {
    for (scope, norm) in [(Scope::PerLayer, Norm::L1), (Scope::Global, Norm::L2), (Scope::Lamp, Norm::L1)] {
        for sparsity in [0.0, 0.137, 0.5, 0.8, 1.0] {
            let options = Options { sparsity, scope, norm, ..everything() };
            let (graph, summary) = prune(net(1), &options).unwrap();
            graph.check().unwrap();
            let weights: u64 = summary.layers.iter().map(|l| l.weights).sum();
            let zeros: u64 = summary.layers.iter().map(|l| l.zeros).sum();
            let exact = |weights: u64| (f64::from(sparsity) * weights as f64).round() as u64;
            match scope {
                Scope::PerLayer => summary.layers.iter().for_each(|l| assert_eq!(l.zeros, exact(l.weights), "{l:?}")),
                Scope::Global | Scope::Lamp => assert_eq!(zeros, exact(weights), "{scope:?} {sparsity}"),
            }
        }
    }
}

#[test]
fn what_goes_is_smaller_than_what_stays() {
    let options = Options { scope: Scope::Global, sparsity: 0.6, ..everything() };
    let before = net(2);
    let (after, _) = prune(before.clone(), &options).unwrap();
    let (mut gone, mut kept) = (0.0f32, f32::INFINITY);
    for (a, b) in before.values.iter().zip(&after.values).filter(|(a, _)| a.constant.is_some() && a.shape.len() > 1) {
        let (Some(a), Some(b)) = (a.as_f32(), b.as_f32()) else { continue };
        for (a, b) in a.iter().zip(&b) {
            assert!(*b == 0.0 || a == b);
            if *b == 0.0 { gone = gone.max(a.abs()) } else { kept = kept.min(b.abs()) }
        }
    }
    assert!(gone <= kept, "{gone} {kept}");
}

#[test]
fn blocks_are_whole_and_counted() {
    for text in ["16x2", "8x2", "16x1", "4x1", "kernels"] {
        for scope in [Scope::PerLayer, Scope::Lamp] {
            let options = Options { pattern: pattern(text), sparsity: 0.5, scope, ..Options::default() };
            let (graph, summary) = prune(net(3), &options).unwrap();
            let pruned: Vec<_> = summary.layers.iter().filter(|l| l.pruned).collect();
            assert_eq!(pruned.len(), 3, "first, last and depthwise stay: {summary:?}");
            for layer in &summary.layers {
                if !layer.pruned {
                    assert_eq!(layer.zeros, 0, "{layer:?}");
                    continue;
                }
                let node = graph.nodes.iter().find(|n| n.name == layer.name).unwrap();
                let weights = graph.input(node, 1).unwrap().as_f32().unwrap();
                let [rows, columns] = match (text, &node.op) {
                    ("16x2", _) | ("kernels", Op::FullyConnected { .. }) => [16, 2],
                    ("8x2" | "kernels", _) => [8, 2],
                    ("16x1", _) => [16, 1],
                    _ => [4, 1],
                };
                let mut zero_blocks = 0;
                let shape = weights.shape().to_vec();
                let depth = *shape.last().unwrap();
                let flat: Vec<f32> = weights.iter().copied().collect();
                let taps = flat.len() / shape[0] / depth;
                for r in (0..shape[0]).step_by(rows) {
                    for t in 0..taps {
                        for c in (0..depth).step_by(columns) {
                            let zero = (r..shape[0].min(r + rows))
                                .flat_map(|r| (c..depth.min(c + columns)).map(move |c| (r * taps + t) * depth + c))
                                .filter(|&at| flat[at] == 0.0)
                                .count();
                            let size = (shape[0].min(r + rows) - r) * (depth.min(c + columns) - c);
                            assert!(zero == 0 || zero == size, "{text}: a block in part");
                            zero_blocks += u64::from(zero == size);
                        }
                    }
                }
                assert_eq!(layer.zero_blocks, zero_blocks, "{text} {layer:?}");
            }
            let largest = 32.0 / pruned.iter().map(|l| l.weights).min().unwrap() as f64;
            assert!((summary.sparsity() - 0.5).abs() <= largest / 2.0, "{text} {}", summary.sparsity());
        }
    }
}

#[test]
fn of_four_in_a_row_two_stay() {
    let (graph, summary) = prune(net(4), &Options { pattern: pattern("2:4"), ..Options::default() }).unwrap();
    let dense = summary.layers.iter().find(|l| l.pruned && l.op == "FULLY_CONNECTED").unwrap();
    let node = graph.nodes.iter().find(|n| n.name == dense.name).unwrap();
    let weights = graph.input(node, 1).unwrap().as_f32().unwrap().to_owned();
    for row in weights.rows() {
        for group in row.to_vec().chunks(4) {
            assert_eq!(group.iter().filter(|&&w| w != 0.0).count(), group.len().min(2));
        }
    }
}

#[test]
fn layers_have_their_own_ways_by_name() {
    let graph = net(5);
    let names: Vec<String> = graph.nodes.iter().map(|n| n.name.clone()).collect();
    let own = |sparsity, keep| LayerOptions { sparsity, keep, pattern: None };
    let layers = BTreeMap::from([(names[0].clone(), own(Some(0.25), false)), (names[2].clone(), own(None, true))]);
    let (_, summary) = prune(graph.clone(), &Options { layers, ..Options::default() }).unwrap();
    let by = |name: &str| summary.layers.iter().find(|l| l.name == name).unwrap();
    assert_eq!(by(&names[0]).zeros, (0.25f64 * by(&names[0]).weights as f64).round() as u64);
    assert_eq!((by(&names[2]).zeros, by(&names[2]).pruned), (0, false));

    let layers = BTreeMap::from([("nobody".to_owned(), own(None, true))]);
    let error = prune(graph.clone(), &Options { layers, ..Options::default() }).unwrap_err();
    assert_eq!(error.kind, PruneErrorKind::Layer);
    assert!(error.expected.contains(&names[0]) && error.found == "nobody", "{error}");
    let error = prune(graph, &Options { sparsity: 1.5, ..Options::default() }).unwrap_err();
    assert_eq!((error.kind, error.place.as_str()), (PruneErrorKind::Option, "sparsity"));
}

#[test]
fn what_is_pruned_stays_pruned_when_it_is_pruned_less() {
    let (once, first) = prune(net(6), &Options { sparsity: 0.7, ..everything() }).unwrap();
    let (twice, second) = prune(once.clone(), &Options { sparsity: 0.5, ..everything() }).unwrap();
    assert_eq!(once, twice);
    assert_eq!(first, second);
}

#[test]
fn options_are_written_as_people_write_them() {
    let options: Options = serde_json::from_str(
        r#"{"sparsity": 0.8, "pattern": "16x2", "scope": "per-layer", "layers": {"a": {"keep": true}}}"#,
    )
    .unwrap();
    assert_eq!((options.pattern, options.scope), (pattern("16x2"), Scope::PerLayer));
    assert!(options.layers["a"].keep);
    let again: Options = serde_json::from_str(&serde_json::to_string(&options).unwrap()).unwrap();
    assert_eq!(options, again);
    for wrong in [r#"{"sparsty": 1}"#, r#"{"pattern": "16"}"#, r#"{"pattern": "4:2"}"#, r#"{"pattern": "0x2"}"#] {
        assert!(serde_json::from_str::<Options>(wrong).is_err(), "{wrong}");
    }
}
