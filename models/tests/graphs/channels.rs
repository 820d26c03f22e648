//! Channels that are taken out.

use std::collections::BTreeMap;

use mote_models::data::Array;
use mote_models::graph::{Activation, Graph, Op, Padding};
use mote_models::progress::Silent;
use mote_models::prune::PruneErrorKind;
use mote_models::prune::activity::{Activity, measure};
use mote_models::prune::channels::{Bias, Criterion, LayerOptions, LayerSummary, Options, Summary, Target, prune};
use mote_models::run::{Engine, Native};
use mote_models::samples::Inputs;
use mote_models::{cost, export};

use crate::blocks::{BLOCKS, HEADS};
use crate::net::{ADD, MUL, Net, conv, difference, floats, inputs, outputs};

/// Removing what adds nothing may change results by the order of sums.
const ULPS: f32 = 16.0;

fn network(seed: u64, blocks: &[usize], head: usize) -> Graph {
    let mut net = Net::new(seed);
    let x = net.input(&[1, 5, 6, 3]);
    let mut y = net.conv(x, 5, [3, 3], conv(Padding::Same, 1, Activation::Relu));
    for &block in blocks {
        y = BLOCKS[block].1(&mut net, y);
    }
    let y = HEADS[head].1(&mut net, y);
    let y = net.dense(y, 4, Activation::None);
    let y = net.node(Op::Softmax { beta: 1.0 }, &[y]);
    net.finish(&[y])
}

/// The networks of one block and one head each, and longer ones.
fn networks() -> impl Iterator<Item = (String, Graph)> {
    let short = (0..BLOCKS.len()).flat_map(|block| {
        (0..HEADS.len())
            .map(move |head| (format!("{}, {}", BLOCKS[block].0, HEADS[head].0), network(1, &[block], head)))
    });
    let long = (0..40).map(|seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        let blocks: Vec<usize> = (0..rng.usize(2..5)).map(|_| rng.usize(..BLOCKS.len())).collect();
        let head = rng.usize(..HEADS.len());
        let names: Vec<&str> = blocks.iter().map(|&block| BLOCKS[block].0).collect();
        (format!("{seed}: {}, {}", names.join(", "), HEADS[head].0), network(seed, &blocks, head))
    });
    short.chain(long)
}

fn options(target: Target) -> Options {
    Options { target, align: 1, bias: Bias::Leave, ..Options::default() }
}

fn samples(graph: &Graph, count: u64) -> Inputs {
    let file = export::tflite(graph).unwrap();
    let run = Native.load(&file).unwrap();
    let all: Vec<f32> = (0..count).flat_map(|seed| floats(&inputs(graph, seed)[0])).collect();
    let shape = [&[usize::try_from(count).unwrap()], &graph.value(graph.inputs[0]).shape[1..]].concat();
    Inputs::new(&run.description().inputs, vec![Array::new(shape, all).unwrap()]).unwrap()
}

fn activity(graph: &Graph) -> Activity {
    measure(&Native, graph, &samples(graph, 6), 1e-3, &Silent).unwrap()
}

/// The graph with weights and biases of 0 in all channels that a summary removed.
fn silenced(graph: &Graph, summary: &Summary) -> Graph {
    with_channels(graph, summary, |_| 0.0)
}

/// The graph with weights of 0 and some biases in all channels that a summary removed.
fn with_channels(graph: &Graph, summary: &Summary, bias_of: impl Fn(usize) -> f32) -> Graph {
    let mut graph = graph.clone();
    for layer in &summary.layers {
        let node = graph.nodes[layer.node].clone();
        let (axis, bias) = match node.op {
            Op::DepthwiseConv2d { .. } => (3, 2),
            Op::TransposeConv { .. } => (0, 3),
            _ => (0, 2),
        };
        let (weights, bias) = (node.input(1).unwrap(), node.input(bias).unwrap());
        let mut w = graph.value(weights).as_f32().unwrap().to_owned();
        let mut b = graph.value(bias).as_f32().unwrap().to_owned();
        for &channel in &layer.removed {
            w.index_axis_mut(ndarray::Axis(axis), channel).fill(0.0);
            b[[channel]] = bias_of(channel);
        }
        graph.value_mut(weights).set_constant(w);
        graph.value_mut(bias).set_constant(b);
    }
    graph
}

#[test]
fn removing_what_is_silent_changes_nothing_in_any_kind_of_group() {
    let mut shrunk = BTreeMap::new();
    for (name, graph) in networks() {
        let half = options(Target::Channels(0.45));
        let (_, summary) = prune(graph.clone(), &half, None).unwrap_or_else(|e| panic!("{name}: {e}"));
        let silent = silenced(&graph, &summary);
        let (pruned, again) = prune(silent.clone(), &half, None).unwrap_or_else(|e| panic!("{name}: {e}"));
        let removed =
            |summary: &Summary| -> Vec<Vec<usize>> { summary.layers.iter().map(|l| l.removed.clone()).collect() };
        assert_eq!(removed(&summary), removed(&again), "{name}: silent channels go first");
        let worst = difference(&name, &silent, &pruned);
        assert!(worst <= ULPS, "{name}: {worst} ulps");
        assert!(again.macs_after < again.macs_before, "{name}: {again:?}");
        assert_eq!(
            (cost::total_macs(&silent), cost::total_macs(&pruned)),
            (again.macs_before, again.macs_after),
            "{name}"
        );
        let names = |graph: &Graph| graph.nodes.iter().map(|n| n.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&silent), names(&pruned), "{name}");
        for layer in &again.layers {
            assert_eq!(layer.channels_before - layer.removed.len(), layer.channels_after, "{name}: {layer:?}");
            assert!(layer.fixed.is_none() || layer.removed.is_empty(), "{name}: {layer:?}");
            *shrunk.entry(layer.op.clone()).or_insert(0) += usize::from(!layer.removed.is_empty());
        }
    }
    println!("{shrunk:?}");
    for op in ["CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED"] {
        assert!(shrunk[op] >= 5, "{shrunk:?}");
    }
}

#[test]
fn channels_that_are_constant_on_the_data_go_into_the_next_bias() {
    let mut folded = 0;
    for (name, graph) in networks() {
        let half = options(Target::Channels(0.45));
        let (_, summary) = prune(graph.clone(), &half, None).unwrap();
        // Constant at other numbers than 0, wherever weights are 0; sums, products and means of such are constant, too.
        let constant = with_channels(&graph, &summary, |channel| 0.2 + channel as f32 * 0.1);
        let activity = activity(&constant);
        let by_activity = Options { criterion: Criterion::Activity, bias: Bias::Constant, ..half };
        let (pruned, summary) =
            prune(constant.clone(), &by_activity, Some(&activity)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let exactly: u64 = summary.layers.iter().map(|l| l.folded.exactly).sum();
        // Inputs that a layer lost: channels of convolutions, columns of dense layers.
        let lost = |layer: &LayerSummary| {
            let inputs = |graph: &Graph| match graph.nodes[layer.node].op {
                Op::DepthwiseConv2d { .. } => 0,
                _ => *graph.input(&graph.nodes[layer.node], 1).unwrap().shape.last().unwrap(),
            };
            (inputs(&constant) - inputs(&pruned)) as u64
        };
        let lost: u64 = summary.layers.iter().map(lost).sum();
        assert!(lost > 0, "{name}");
        // Others read padding beside the channel, or it was multiplied by what is not constant.
        if lost == exactly {
            folded += exactly;
            let worst = difference(&name, &constant, &pruned);
            assert!(worst <= ULPS, "{name}: {worst} ulps, {summary:?}");
        }
    }
    println!("{folded} inputs folded");
    assert!(folded >= 20, "{folded}");
}

fn padded(padding: Padding) -> (Graph, Summary) {
    let mut net = Net::new(3);
    let x = net.input(&[1, 7, 7, 2]);
    let y = net.conv(x, 8, [1, 1], conv(Padding::Valid, 1, Activation::Relu));
    let y = net.conv(y, 4, [3, 3], conv(padding, 1, Activation::Relu));
    let y = net.mean(y, false);
    let y = net.dense(y, 3, Activation::None);
    let graph = net.finish(&[y]);
    let (_, summary) = prune(graph.clone(), &options(Target::Channels(0.5)), None).unwrap();
    let first = Summary { layers: summary.layers[..1].to_vec(), ..summary };
    (with_channels(&graph, &first, |c| 0.5 + c as f32), first)
}

#[test]
fn a_constant_is_folded_exactly_where_no_window_reaches_into_padding() {
    for (padding, is_exact) in [(Padding::Valid, true), (Padding::Same, false)] {
        let (graph, first) = padded(padding);
        let activity = activity(&graph);
        let name = graph.nodes[0].name.clone();
        let layers = BTreeMap::from([(name, LayerOptions { share: Some(0.5), keep: false })]);
        let with = |bias| Options {
            criterion: Criterion::Activity,
            bias,
            layers: layers.clone(),
            ..options(Target::Channels(0.0))
        };
        let (folded, summary) = prune(graph.clone(), &with(Bias::Constant), Some(&activity)).unwrap();
        assert_eq!(summary.layers[0].removed, first.layers[0].removed, "constant channels go first");
        let counts = summary.layers[1].folded;
        assert_eq!((counts.exactly, counts.near_padding, counts.by_mean), if is_exact { (4, 0, 0) } else { (0, 4, 0) });
        let (lost, _) = prune(graph.clone(), &with(Bias::Leave), Some(&activity)).unwrap();
        let (error, dropped) = (difference("folded", &graph, &folded), difference("lost", &graph, &lost));
        if is_exact {
            assert!(error <= ULPS, "{error}");
        } else {
            // The mean over all places, which is all that comes after it, would be kept but for the activation.
            assert!(error * 5.0 < dropped, "{error} {dropped}");
        }
    }
}

#[test]
fn means_in_the_bias_keep_the_output_nearer() {
    let (mut leave, mut mean) = (0.0, 0.0);
    for seed in 0..12 {
        let graph = network(seed, &[0, 1, 3], 0);
        let activity = activity(&graph);
        let with = |bias| Options { bias, ..options(Target::Channels(0.3)) };
        let error = |bias| difference("seed", &graph, &prune(graph.clone(), &with(bias), Some(&activity)).unwrap().0);
        leave += error(Bias::Leave);
        mean += error(Bias::Mean);
    }
    assert!(mean < leave, "{mean} {leave}");
}

#[test]
fn a_share_of_macs_goes_and_not_much_more() {
    for share in [0.25, 0.5, 0.75] {
        for criterion in [Criterion::L1, Criterion::L2, Criterion::Activity] {
            let mut net = Net::new(5);
            let x = net.input(&[1, 12, 12, 3]);
            let mut y = net.conv(x, 32, [3, 3], conv(Padding::Same, 1, Activation::Relu));
            for _ in 0..3 {
                y = net.depthwise(y, 1, [3, 3], conv(Padding::Same, 1, Activation::Relu));
                y = net.conv(y, 48, [1, 1], conv(Padding::Same, 1, Activation::Relu));
            }
            let y = net.mean(y, false);
            let y = net.dense(y, 5, Activation::None);
            let graph = net.finish(&[y]);
            let activity = activity(&graph);
            let options =
                Options { criterion, target: Target::Macs(share), align: 4, minimum: 8, ..Options::default() };
            let (pruned, summary) = prune(graph.clone(), &options, Some(&activity)).unwrap();
            let left = summary.macs_after as f32 / summary.macs_before as f32;
            assert!(left <= 1.0 - share && left > 1.0 - share - 0.1, "{share}: {left}");
            for layer in &summary.layers[..summary.layers.len() - 1] {
                assert!(layer.channels_after % 4 == 0 && layer.channels_after >= 8, "{layer:?}");
            }
            assert_eq!(outputs("run", &pruned, 0)[0].len(), 5 * 4);
            let bytes = |graph: &Graph| export::tflite(graph).unwrap().len();
            assert!(bytes(&pruned) < bytes(&graph));
        }
    }
}

#[test]
fn what_cannot_shrink_says_why() {
    let reason = |block: usize, layer: &str| {
        let graph = network(1, &[block], 0);
        let (_, summary) = prune(graph, &options(Target::Channels(0.4)), None).unwrap();
        summary.layers.iter().filter(|l| l.op == layer).find_map(|l| l.fixed.clone()).unwrap_or_default()
    };
    let named = |name: &str| BLOCKS.iter().position(|(block, _)| *block == name).unwrap();
    assert_eq!(reason(0, "FULLY_CONNECTED"), "SOFTMAX reads it");
    assert!(reason(named("groups"), "CONV_2D").contains("in groups"));
    assert!(reason(named("pad of channels"), "CONV_2D").contains("PAD adds channels"));
    assert!(reason(named("apart and together"), "CONV_2D").contains("SLICE reads it"));

    // Sums with the input, and outputs of the graph.
    let mut net = Net::new(1);
    let x = net.input(&[1, 4, 4, 3]);
    let y = net.conv(x, 3, [3, 3], conv(Padding::Same, 1, Activation::Relu));
    let y = net.node(ADD, &[x, y]);
    let y = net.conv(y, 4, [1, 1], conv(Padding::Same, 1, Activation::Relu));
    let graph = net.finish(&[y]);
    let (same, summary) = prune(graph.clone(), &options(Target::Channels(0.5)), None).unwrap();
    assert_eq!(same, graph);
    let reasons: Vec<_> = summary.layers.iter().map(|l| l.fixed.clone().unwrap()).collect();
    assert_eq!(reasons, ["ADD joins it with what cannot shrink", "it makes an output of the graph"]);
}

#[test]
fn the_factors_of_batch_normalization_choose_before_it_is_folded() {
    let mut net = Net::new(6);
    let x = net.input(&[1, 4, 4, 3]);
    let y = net.conv(x, 6, [3, 3], conv(Padding::Same, 1, Activation::None));
    let factors = net.constant(&[6], vec![1.0, -0.01, 2.0, 0.02, -3.0, 0.5]);
    let terms = net.weights(&[6], 1.0);
    let y = net.node(MUL, &[y, factors]);
    let y = net.node(ADD, &[y, terms]);
    let y = net.node(Op::Relu, &[y]);
    let y = net.flatten(y);
    let y = net.dense(y, 3, Activation::None);
    let graph = net.finish(&[y]);
    let options = Options { criterion: Criterion::BatchNorm, ..options(Target::Channels(0.5)) };
    let (pruned, summary) = prune(graph.clone(), &options, None).unwrap();
    assert_eq!(summary.layers[0].removed, [1, 3, 5]);
    assert!(outputs("run", &pruned, 1)[0].len() == 12);
    let folded = mote_models::passes::simplify(graph).unwrap();
    let error = prune(folded, &options, None).unwrap_err();
    assert!(error.kind == PruneErrorKind::Graph && error.remedy.contains("before it is simplified"), "{error}");
}

#[test]
fn options_that_cannot_be_met_are_refused_with_what_can() {
    let graph = network(1, &[0, 1], 0);
    let names: Vec<&str> = graph.nodes.iter().map(|n| n.name.as_str()).collect();
    let of = |name: &str, keep, share| BTreeMap::from([(name.to_owned(), LayerOptions { keep, share })]);
    let last = graph.nodes[graph.nodes.len() - 2].name.clone();
    let cases = [
        (Options { target: Target::Macs(1.0), ..Options::default() }, PruneErrorKind::Option, "target"),
        (Options { target: Target::Macs(0.99), minimum: 4, ..Options::default() }, PruneErrorKind::Option, "up to 0."),
        (Options { criterion: Criterion::Activity, ..Options::default() }, PruneErrorKind::Option, "activity"),
        (Options { layers: of("nobody", true, None), ..Options::default() }, PruneErrorKind::Layer, names[0]),
        (
            Options { layers: of(&last, false, Some(0.5)), ..Options::default() },
            PruneErrorKind::Layer,
            "SOFTMAX reads it",
        ),
    ];
    for (options, kind, words) in cases {
        let error = prune(graph.clone(), &options, None).unwrap_err();
        assert!(error.kind == kind && error.to_string().contains(words), "{error}");
    }
    let other = activity(&network(1, &[4], 0));
    let error = prune(graph.clone(), &Options::default(), Some(&other)).unwrap_err();
    assert_eq!(error.kind, PruneErrorKind::Data, "{error}");

    let first = graph.nodes[0].name.clone();
    let options = Options { layers: of(&first, true, None), ..options(Target::Channels(0.5)) };
    let (_, summary) = prune(graph, &options, None).unwrap();
    assert!(summary.layers[0].removed.is_empty() && !summary.layers[1].removed.is_empty());
}

#[test]
fn options_are_written_as_people_write_them() {
    let text =
        r#"{"criterion": "batch-norm", "target": {"macs": 0.5}, "bias": "constant", "layers": {"a": {"share": 0.25}}}"#;
    let options: Options = serde_json::from_str(text).unwrap();
    assert_eq!(
        (options.criterion, options.target, options.bias),
        (Criterion::BatchNorm, Target::Macs(0.5), Bias::Constant)
    );
    assert_eq!(options.layers["a"].share, Some(0.25));
    let again: Options = serde_json::from_str(&serde_json::to_string(&options).unwrap()).unwrap();
    assert_eq!(options, again);
    assert!(serde_json::from_str::<Options>(r#"{"criteria": "l1"}"#).is_err());
}
