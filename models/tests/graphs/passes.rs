//! Clean-up keeps what is computed.

use std::fs;

use mote_models::graph::{Activation, Graph, Node, Op, Padding, TensorType, Value, ValueId};
use mote_models::passes::{Pass, SIMPLIFY, simplify};
use mote_models::{import, passes, zoo};

use crate::common;
use crate::net::{ADD, DIV, MUL, Net, SUB, conv, difference, inputs, outputs, pool};

/// What a pass may change float results by, in units of the last place of the output's largest number: as much as summing in
/// another order would.
const ULPS: f32 = 16.0;

fn names(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| node.op.name()).collect()
}

fn same(name: &str, pass: Pass, graph: &Graph) -> Graph {
    let after = pass(graph.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
    after.check().unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(pass(after.clone()).as_ref(), Ok(&after), "{name} twice");
    let told = |graph: &Graph, ids: &[ValueId]| -> Vec<(String, Vec<usize>)> {
        ids.iter().map(|&id| (graph.value(id).name.clone(), graph.value(id).shape.clone())).collect()
    };
    assert_eq!(told(graph, &graph.inputs), told(&after, &after.inputs), "{name}");
    assert_eq!(told(graph, &graph.outputs), told(&after, &after.outputs), "{name}");
    let is_float = graph.values.iter().all(|v| v.dtype == TensorType::Float32 || v.constant.is_some());
    if is_float {
        let worst = difference(name, graph, &after);
        assert!(worst <= ULPS, "{name}: {worst} ulps");
    } else {
        (0..3).for_each(|seed| assert_eq!(outputs(name, graph, seed), outputs(name, &after, seed), "{name}"));
    }
    after
}

#[test]
fn every_pass_keeps_the_results_of_real_models() {
    for model in zoo::ALL {
        for file in [model.int8, model.float] {
            let graph = import::tflite(file).unwrap();
            SIMPLIFY.iter().for_each(|&(name, pass)| drop(same(name, pass, &graph)));
            same(model.name, simplify, &graph);
        }
    }
    let Some(folder) = common::testdata("every_pass_keeps_the_results_of_real_models") else { return };
    let mut count = 0;
    for folder in ["models/tflite", "models/tflite_ops", "tflite_int16"].map(|name| folder.join(name)) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.ends_with(".tflite") {
                continue;
            }
            let Ok(graph) = import::tflite(&fs::read(&path).unwrap()) else { continue };
            if runs(&graph) {
                SIMPLIFY
                    .iter()
                    .for_each(|&(pass_name, pass)| drop(same(&format!("{name}, {pass_name}"), pass, &graph)));
                let after = same(&name, simplify, &graph);
                println!("{name}: {} nodes, {} after", graph.nodes.len(), after.nodes.len());
                count += 1;
            }
        }
    }
    assert!(count >= 50, "{count}");
}

/// Some single-operator models have no inputs that all the runtime's operators take.
fn runs(graph: &Graph) -> bool {
    use mote_models::run::{Engine, Native};
    let file = mote_models::export::tflite(graph).unwrap();
    Native.load(&file).is_ok_and(|mut run| run.run(&inputs(graph, 0)).is_ok())
}

#[test]
fn batch_normalization_folds_into_every_layer_around_it() {
    let image = [1, 6, 5, 4];
    let plain = |padding| conv(padding, 1, Activation::None);
    type Build = fn(&mut Net, ValueId) -> ValueId;
    let layers: [(&str, Build); 6] = [
        ("conv", |net, x| net.conv(x, 6, [3, 3], conv(Padding::Same, 2, Activation::None))),
        ("grouped conv", |net, x| {
            let (w, b) = (net.weights(&[6, 2, 3, 2], 0.4), net.weights(&[6], 0.4));
            net.node(Op::Conv2d(conv(Padding::Valid, 1, Activation::None)), &[x, w, b])
        }),
        ("depthwise", |net, x| net.depthwise(x, 2, [3, 3], conv(Padding::Valid, 1, Activation::None))),
        ("transposed", |net, x| {
            let (shape, w) = (net.integers(&[4], &[1, 12, 10, 3]), net.weights(&[3, 3, 3, 4], 0.4));
            let stride = [2, 2];
            let op = Op::TransposeConv { padding: Padding::Same, stride, activation: Activation::None };
            net.node(op, &[shape, w, x])
        }),
        ("dense", |net, x| net.dense(x, 7, Activation::None)),
        ("dense without bias", |net, x| {
            let x = net.reshape(x, &[30, 4]);
            let w = net.weights(&[7, 4], 0.4);
            net.node(Op::FullyConnected { activation: Activation::None, keep_num_dims: true }, &[x, w])
        }),
    ];
    for (name, layer) in layers {
        let mut net = Net::new(1);
        let x = net.input(&image);
        let y = layer(&mut net, x);
        let channels = *net.shape(y).last().unwrap();
        let factor = net.constant(&[channels], (0..channels).map(|c| c as f32 * 0.3 - 0.7).collect());
        let term = net.weights(&[1, channels], 1.0);
        let divisor = net.constant(&[1], vec![3.0]);
        let y = net.node(MUL, &[y, factor]);
        let y = net.node(SUB, &[term, y]);
        let y = net.node(DIV, &[y, divisor]);
        let y = net.node(Op::Relu, &[y]);
        let graph = net.finish(&[y]);
        let layer_name = graph
            .nodes
            .iter()
            .find(|n| n.inputs.len() > 1 && n.op != Op::Relu && !matches!(n.op, Op::Reshape { .. }))
            .unwrap()
            .name
            .clone();
        let after = same(name, simplify, &graph);
        let last = after.nodes.last().unwrap();
        assert_eq!(last.name, layer_name, "{name}: {:?}", names(&after));
    }
    // Before a layer: terms only where the window stays inside the image.
    let cases = [
        ("inside", Padding::Valid, true, 1),
        ("leaves it", Padding::Same, true, 2),
        ("no term", Padding::Same, false, 1),
    ];
    for (name, padding, has_term, nodes) in cases {
        for kind in 0..3 {
            let mut net = Net::new(2);
            let x = net.input(&image);
            let factor = net.weights(&[4], 1.0);
            let term = net.weights(&[4], 1.0);
            let y = net.node(MUL, &[x, factor]);
            let y = if has_term { net.node(ADD, &[term, y]) } else { y };
            let y = match kind {
                0 => net.conv(y, 6, [3, 3], plain(padding)),
                1 => net.depthwise(y, 2, [3, 3], plain(padding)),
                _ => {
                    let w = net.weights(&[6, 3, 3, 2], 0.4);
                    net.node(Op::Conv2d(plain(padding)), &[y, w])
                }
            };
            let graph = net.finish(&[y]);
            let after = same(name, simplify, &graph);
            // Where the term cannot be folded, the factor before it stays, too: it is no neighbour of the layer.
            let expected = if nodes == 1 { 1 } else { 3 };
            assert_eq!(after.nodes.len(), expected, "{name} {kind}: {:?}", names(&after));
        }
    }
    let mut net = Net::new(3);
    let x = net.input(&image);
    let factor = net.weights(&[4], 1.0);
    let term = net.weights(&[4], 1.0);
    let y = net.node(MUL, &[x, factor]);
    let y = net.node(ADD, &[y, term]);
    let y = net.dense(y, 5, Activation::Relu);
    let after = same("before dense", simplify, &net.finish(&[y]));
    assert_eq!(names(&after), ["FULLY_CONNECTED"]);
}

#[test]
fn folding_leaves_pruned_weights_pruned_and_shared_ones_alone() {
    let mut net = Net::new(4);
    let x = net.input(&[1, 4]);
    let w = net.constant(&[2, 4], vec![0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 3.0, 4.0]);
    let dense = Op::FullyConnected { activation: Activation::None, keep_num_dims: false };
    let factor = net.constant(&[2], vec![-2.0, 0.5]);
    let y = net.node(dense.clone(), &[x, w]);
    let y = net.node(MUL, &[y, factor]);
    let graph = net.finish(&[y]);
    let after = same("pruned", simplify, &graph);
    let weights = after.input(&after.nodes[0], 1).unwrap().as_f32().unwrap().to_owned();
    let bits: Vec<u32> = weights.iter().map(|w| w.to_bits()).collect();
    assert_eq!(bits, [0.0f32, -2.0, 0.0, -4.0, 0.0, 0.0, 1.5, 2.0].map(f32::to_bits), "zeros are 0, not -0");

    let mut net = Net::new(4);
    let x = net.input(&[1, 4]);
    let (w, factor) = (net.weights(&[4, 4], 1.0), net.constant(&[], vec![2.0]));
    let y = net.node(dense.clone(), &[x, w]);
    let y = net.node(MUL, &[y, factor]);
    let y = net.node(dense, &[y, w]);
    let after = same("shared", simplify, &net.finish(&[y]));
    assert_eq!(names(&after), ["FULLY_CONNECTED", "MUL", "FULLY_CONNECTED"]);
}

#[test]
fn activations_go_into_the_operator_before_them() {
    use Activation::{None, Relu, Relu6, ReluN1To1};
    let cases = [
        ("relu", None, Op::Relu, Some(Relu)),
        ("relu6 after relu", Relu, Op::Relu6, Some(Relu6)),
        ("relu after relu6", Relu6, Op::Relu, Some(Relu6)),
        ("to -1..1", None, Op::ReluN1To1, Some(ReluN1To1)),
        ("to 0..1", Relu, Op::ReluN1To1, Option::None),
    ];
    for (name, first, then, expected) in cases {
        let ops = [
            Op::Add { activation: first, pot_scale_int16: false },
            Op::Mul { activation: first },
            Op::MaxPool2d(mote_models::graph::Pool2d { activation: first, ..pool(Padding::Same, 2, 2) }),
            Op::Conv2d(conv(Padding::Same, 1, first)),
        ];
        for op in ops {
            let mut net = Net::new(5);
            let x = net.input(&[1, 4, 4, 3]);
            let scale = net.constant(&[], vec![9.0]);
            let scaled = net.node(MUL, &[x, scale]);
            let w = net.weights(&[3, 1, 1, 3], 2.0);
            let operands = match op {
                Op::MaxPool2d(_) => vec![scaled],
                Op::Conv2d(_) => vec![scaled, w],
                _ => vec![scaled, x],
            };
            let y = net.node(op, &operands);
            let y = net.node(then.clone(), &[y]);
            let graph = net.finish(&[y]);
            let after = same(name, passes::fuse_activations, &graph);
            assert_eq!(after.nodes.len(), if expected.is_some() { 2 } else { 3 }, "{name}");
            let found = match after.nodes[1].op {
                Op::Add { activation, .. } | Op::Mul { activation } => activation,
                Op::MaxPool2d(p) => p.activation,
                Op::Conv2d(c) => c.activation,
                _ => panic!("{name}"),
            };
            assert_eq!(found, expected.unwrap_or(first), "{name}");
        }
    }
    // Somebody else wants it as it was.
    let mut net = Net::new(5);
    let x = net.input(&[1, 3]);
    let y = net.dense(x, 3, None);
    let z = net.node(Op::Relu, &[y]);
    let sum = net.node(ADD, &[y, z]);
    assert_eq!(same("read twice", simplify, &net.finish(&[sum])).nodes.len(), 3);
}

#[test]
fn identities_go() {
    type Build = fn(&mut Net, ValueId) -> ValueId;
    let cases: [(&str, usize, Build); 14] = [
        ("reshape to itself", 0, |net, x| net.reshape(x, &[1, 4, 6, 2])),
        ("reshape there and back", 0, |net, x| {
            let y = net.reshape(x, &[8, 6]);
            net.reshape(y, &[1, 4, 6, 2])
        }),
        ("three reshapes", 1, |net, x| {
            let y = net.reshape(x, &[8, 6]);
            let y = net.reshape(y, &[48]);
            net.reshape(y, &[2, 24])
        }),
        ("transposes that undo each other", 0, |net, x| {
            let there = net.integers(&[4], &[0, 3, 1, 2]);
            let back = net.integers(&[4], &[0, 2, 3, 1]);
            let y = net.node(Op::Transpose, &[x, there]);
            net.node(Op::Transpose, &[y, back])
        }),
        ("two transposes", 1, |net, x| {
            let axes = net.integers(&[4], &[0, 3, 1, 2]);
            let y = net.node(Op::Transpose, &[x, axes]);
            net.node(Op::Transpose, &[y, axes])
        }),
        ("transpose of the batch", 1, |net, x| {
            let axes = net.integers(&[4], &[1, 0, 2, 3]);
            net.node(Op::Transpose, &[x, axes])
        }),
        ("pad by nothing", 0, |net, x| net.pad(x, &[[0, 0]; 4])),
        ("concatenation of one", 0, |net, x| {
            net.node(Op::Concatenation { axis: 3, activation: Activation::None }, &[x])
        }),
        ("plus 0", 0, |net, x| {
            let zero = net.constant(&[2], vec![0.0; 2]);
            net.node(ADD, &[zero, x])
        }),
        ("0 minus", 1, |net, x| {
            let zero = net.constant(&[2], vec![0.0; 2]);
            net.node(SUB, &[zero, x])
        }),
        ("times 1, over 1", 0, |net, x| {
            let one = net.constant(&[1], vec![1.0]);
            let y = net.node(MUL, &[x, one]);
            net.node(DIV, &[y, one])
        }),
        ("all of it", 0, |net, x| {
            let (begin, size) = (net.integers(&[4], &[0; 4]), net.integers(&[4], &[-1; 4]));
            net.node(Op::Slice, &[x, begin, size])
        }),
        ("backwards", 1, |net, x| {
            let (begin, end) = (net.integers(&[4], &[0, 0, 5, 0]), net.integers(&[4], &[1, 4, -7, 2]));
            let step = net.integers(&[4], &[1, 1, -1, 1]);
            net.node(Op::StridedSlice(Default::default()), &[x, begin, end, step])
        }),
        ("pool of one", 0, |net, x| net.node(Op::MaxPool2d(pool(Padding::Valid, 1, 1)), &[x])),
    ];
    for (name, expected, build) in cases {
        let mut net = Net::new(6);
        let x = net.input(&[1, 4, 6, 2]);
        let x = net.node(Op::Abs, &[x]);
        let y = build(&mut net, x);
        let after = same(name, simplify, &net.finish(&[y]));
        assert_eq!(after.nodes.len(), 1 + expected, "{name}: {:?}", names(&after));
    }
}

#[test]
fn pads_go_into_the_window_after_them_where_they_are_equal() {
    let relu = |net: &mut Net, x| net.node(Op::Relu, &[x]);
    // A name, extents, stride, window, paddings of rows and columns, whether it is SAME.
    let cases = [
        ("3x3 by 1", [7, 6], 1, 3, [[1, 1], [1, 1]], true),
        ("stride 2, odd", [7, 9], 2, 3, [[1, 1], [1, 1]], true),
        ("stride 2, even: SAME pads after only", [8, 8], 2, 3, [[1, 1], [1, 1]], false),
        ("stride 2, even, as SAME does", [8, 8], 2, 3, [[0, 1], [0, 1]], true),
        ("more than SAME", [7, 6], 1, 3, [[2, 2], [1, 1]], false),
    ];
    for (name, [h, w], stride, k, [rows, columns], merges) in cases {
        for kind in 0..4 {
            let mut net = Net::new(7);
            let x = net.input(&[1, h, w, 2]);
            let x = relu(&mut net, x);
            let y = net.pad(x, &[[0, 0], rows, columns, [0, 0]]);
            let slide = conv(Padding::Valid, stride, Activation::None);
            let y = match kind {
                0 => net.conv(y, 3, [k, k], slide),
                1 => net.depthwise(y, 2, [k, k], slide),
                2 => net.node(Op::MaxPool2d(pool(Padding::Valid, k as i32, stride)), &[y]),
                _ => net.node(Op::AveragePool2d(pool(Padding::Valid, k as i32, stride)), &[y]),
            };
            let after = same(name, simplify, &net.finish(&[y]));
            let merges = merges && kind != 3;
            assert_eq!(after.nodes.len(), if merges { 2 } else { 3 }, "{name} {kind}: {:?}", names(&after));
        }
    }
    let mut net = Net::new(8);
    let x = net.input(&[1, 5, 5, 2]);
    let y = net.pad(x, &[[0, 0], [1, 0], [0, 1], [0, 0]]);
    let y = net.pad(y, &[[0, 0], [0, 2], [1, 0], [0, 0]]);
    let after = same("nested", simplify, &net.finish(&[y]));
    assert_eq!(names(&after), ["PAD"]);
    let mut net = Net::new(8);
    let x = net.input(&[1, 5, 5, 2]);
    let y = net.pad(x, &[[0, 0], [1, 1], [1, 1], [0, 0]]);
    let y = net.node(Op::MaxPool2d(pool(Padding::Valid, 3, 1)), &[y]);
    let after = same("a padded 0 may win", simplify, &net.finish(&[y]));
    assert_eq!(names(&after), ["PAD", "MAX_POOL_2D"]);
}

#[test]
fn what_is_known_is_computed_and_what_is_unused_goes() {
    let mut net = Net::new(9);
    let x = net.input(&[1, 2, 3]);
    let (a, b) = (net.weights(&[3], 1.0), net.weights(&[1], 1.0));
    let sum = net.node(ADD, &[a, b]);
    let factor = net.node(Op::Exp, &[sum]);
    let shape = net.node(Op::Shape { output: TensorType::Int32 }, &[x]);
    net.graph.value_mut(shape).dtype = TensorType::Int32;
    let y = net.node(MUL, &[x, factor]);
    let unused = net.node(Op::Neg, &[y]);
    net.node(Op::Abs, &[unused]);
    let same_shape = net.graph.add(Value::new("reshaped", TensorType::Float32, [1, 2, 3]));
    net.graph.nodes.push(Node::new("reshape", Op::Reshape { shape: vec![] }, &[y, shape], &[same_shape]));
    let y = net.node(Op::Tanh, &[same_shape]);
    let graph = net.finish(&[y]);
    let after = same("known", simplify, &graph);
    assert_eq!(names(&after), ["MUL", "TANH"]);
    assert_eq!(after.values.len(), 4);
}

/// As a framework writes it down: nothing folded, nothing fused.
#[test]
fn whole_networks_become_layers_only() {
    for seed in 0..8 {
        let mut net = Net::new(seed);
        let mut y = net.input(&[1, 12, 10, 3]);
        for layer in 0..3 {
            let (filters, padded) = (net.rng.usize(2..7), net.rng.bool());
            let channels = net.shape(y)[3];
            if padded {
                y = net.pad(y, &[[0, 0], [1, 1], [1, 1], [0, 0]]);
            }
            let padding = if padded { Padding::Valid } else { Padding::Same };
            let is_depthwise = layer == 1;
            let slide = conv(padding, 1, Activation::None);
            y = if is_depthwise { net.depthwise(y, 1, [3, 3], slide) } else { net.conv(y, filters, [3, 3], slide) };
            let channels = if is_depthwise { channels } else { filters };
            for op in [SUB, MUL, ADD] {
                let constant = net.weights(&[channels], 0.5);
                y = net.node(op, &[y, constant]);
            }
            y = net.node(Op::Relu6, &[y]);
        }
        let y = if net.rng.bool() { net.mean(y, true) } else { y };
        let y = net.flatten(y);
        let y = net.dense(y, 4, Activation::None);
        let y = net.node(Op::Softmax { beta: 1.0 }, &[y]);
        let after = same(&format!("seed {seed}"), simplify, &net.finish(&[y]));
        let layers = ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "SOFTMAX", "MEAN", "RESHAPE"];
        assert!(names(&after).iter().all(|name| layers.contains(name)), "seed {seed}: {:?}", names(&after));
    }
}

#[test]
fn an_output_keeps_its_name_and_an_input_is_not_handed_out_as_one() {
    let mut net = Net::new(10);
    let x = net.input(&[1, 3]);
    let y = net.reshape(x, &[1, 3]);
    let after = same("only an identity", simplify, &net.finish(&[y]));
    assert_eq!(names(&after), ["RESHAPE"]);
}
