//! What exporters write around image operators is right, and mostly nothing.

use mote_models::data::Array;
use mote_models::graph::Graph;
use mote_models::import::onnx::{self, Imported};

use crate::build::{FLOAT, Model, floats, int, int64s, ints, node, value};
use crate::run::{Tolerance, compute, difference};

const NEAR: Tolerance = Tolerance { relative: 1e-5, absolute: 1e-5, steps: 0 };

fn numbers(count: usize) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(7);
    (0..count).map(|_| random.f32() * 2.0 - 1.0).collect()
}

fn ops(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| node.op.name()).collect()
}

fn import(model: &Model) -> Imported {
    onnx::read(&model.file(13)).unwrap_or_else(|e| panic!("{e}"))
}

/// Two models, the same numbers: their first outputs.
fn both(a: &Imported, b: &Imported) -> [Array; 2] {
    [a, b].map(|imported| {
        let shape = imported.inputs[0].shape.clone();
        let input = Array::new(shape.clone(), numbers(shape.iter().product())).unwrap();
        compute(imported, &[input]).unwrap().swap_remove(0)
    })
}

#[test]
fn shapes_that_exporters_compute_vanish() {
    let model = Model {
        nodes: vec![
            node("Shape", &["x"], &["s"], &[]),
            node("Gather", &["s", "zero"], &["n"], &[int("axis", 0)]),
            node("Unsqueeze", &["n", "first"], &["u"], &[]),
            node("Concat", &["u", "rest"], &["t"], &[int("axis", 0)]),
            node("Reshape", &["x", "t"], &["r"], &[]),
            node("Gemm", &["r", "w"], &["y"], &[]),
        ],
        initializers: vec![
            crate::build::tensor("zero", crate::build::INT64, &[], &[0; 8]),
            int64s("first", &[0]),
            int64s("rest", &[-1]),
            floats("w", &[24, 2], &numbers(48)),
        ],
        inputs: vec![value("x", FLOAT, &[-1, 2, 3, 4])],
        outputs: vec![value("y", FLOAT, &[-1, 2])],
    };
    assert_eq!(ops(&import(&model).graph), ["FULLY_CONNECTED"]);
}

#[test]
fn transposes_around_image_operators_vanish() {
    let conv = || node("Conv", &["i", "w"], &["o"], &[ints("pads", &[1, 1, 1, 1])]);
    let weights = || vec![floats("w", &[4, 3, 3, 3], &numbers(108))];
    // As exporters of networks with channels last write it.
    let last = Model {
        nodes: vec![
            node("Transpose", &["x"], &["i"], &[ints("perm", &[0, 3, 1, 2])]),
            conv(),
            node("Transpose", &["o"], &["y"], &[ints("perm", &[0, 2, 3, 1])]),
        ],
        initializers: weights(),
        inputs: vec![value("x", FLOAT, &[1, 5, 6, 3])],
        outputs: vec![value("y", FLOAT, &[1, 5, 6, 4])],
    };
    let first = Model {
        nodes: vec![node("Conv", &["x", "w"], &["y"], &[ints("pads", &[1, 1, 1, 1])])],
        initializers: weights(),
        inputs: vec![value("x", FLOAT, &[1, 3, 5, 6])],
        outputs: vec![value("y", FLOAT, &[1, 4, 5, 6])],
    };
    let (last, first) = (import(&last), import(&first));
    assert_eq!((ops(&last.graph), ops(&first.graph)), (vec!["CONV_2D"], vec!["CONV_2D"]));
    assert!(last.inputs[0].is_as_in_file() && !first.inputs[0].is_as_in_file());
    let note = first.graph.metadata.notes.get("layout of input x").map(String::as_str);
    assert_eq!(note, Some("NHWC, NCHW in the ONNX file"));
    // The same image: channels last as it is, channels first by way of the placement.
    let image = Array::new([1, 5, 6, 3], numbers(90)).unwrap();
    let nchw = first.inputs[0].to_file(&image).unwrap();
    let (of_last, of_first) = (compute(&last, &[image]).unwrap(), compute(&first, &[nchw]).unwrap());
    let of_first = first.outputs[0].to_graph(&of_first[0]).unwrap();
    assert_eq!(difference(&of_last[0], &of_first, NEAR), None);
}

#[test]
fn a_layer_behind_a_flattened_image_is_the_convolution_of_the_whole() {
    let pool = || node("MaxPool", &["x"], &["p"], &[ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])]);
    let weights = numbers(3 * 2 * 2 * 3);
    let dense = Model {
        nodes: vec![
            pool(),
            node("Flatten", &["p"], &["f"], &[]),
            node("Gemm", &["f", "w", "b"], &["y"], &[int("transB", 1)]),
        ],
        initializers: vec![floats("w", &[3, 12], &weights), floats("b", &[3], &[0.1, 0.2, 0.3])],
        inputs: vec![value("x", FLOAT, &[1, 2, 4, 6])],
        outputs: vec![value("y", FLOAT, &[1, 3])],
    };
    let whole = Model {
        nodes: vec![pool(), node("Conv", &["p", "w", "b"], &["c"], &[]), node("Flatten", &["c"], &["y"], &[])],
        initializers: vec![floats("w", &[3, 2, 2, 3], &weights), floats("b", &[3], &[0.1, 0.2, 0.3])],
        inputs: vec![value("x", FLOAT, &[1, 2, 4, 6])],
        outputs: vec![value("y", FLOAT, &[1, 3])],
    };
    let (dense, whole) = (import(&dense), import(&whole));
    assert_eq!(ops(&dense.graph), ["MAX_POOL_2D", "FULLY_CONNECTED"]);
    let [a, b] = both(&dense, &whole);
    assert_eq!(difference(&a, &b, NEAR), None);
}

#[test]
fn shuffled_channels_are_those_that_a_gather_takes() {
    let ends = |shuffle: Vec<Vec<u8>>, more: Vec<Vec<u8>>| {
        let first = node("Conv", &["x", "w"], &["c"], &[]);
        let last = node("Conv", &["s", "w"], &["y"], &[ints("pads", &[1, 1, 1, 1])]);
        Model {
            nodes: [vec![first], shuffle, vec![last]].concat(),
            initializers: [vec![floats("w", &[6, 6, 3, 3], &numbers(324))], more].concat(),
            inputs: vec![value("x", FLOAT, &[1, 6, 5, 6])],
            outputs: vec![value("y", FLOAT, &[1, 6, 3, 4])],
        }
    };
    let shuffle = ends(
        vec![
            node("Reshape", &["c", "apart"], &["r"], &[]),
            node("Transpose", &["r"], &["t"], &[ints("perm", &[0, 2, 1, 3, 4])]),
            node("Reshape", &["t", "whole"], &["s"], &[]),
        ],
        vec![int64s("apart", &[1, 2, 3, 3, 4]), int64s("whole", &[1, 6, 3, 4])],
    );
    let gather = ends(
        vec![node("Gather", &["c", "order"], &["s"], &[int("axis", 1)])],
        vec![int64s("order", &[0, 3, 1, 4, 2, 5])],
    );
    let [a, b] = both(&import(&shuffle), &import(&gather));
    assert_eq!(difference(&a, &b, NEAR), None);
}

#[test]
fn operands_stretch_along_the_files_axes_whatever_their_order() {
    // A convolution's result, a number a channel and one a column, then an axis that is added and taken away.
    let model = |image: bool| {
        let start = if image {
            node("MaxPool", &["x"], &["p"], &[ints("kernel_shape", &[1, 1])])
        } else {
            node("Identity", &["x"], &["p"], &[])
        };
        Model {
            nodes: vec![
                start,
                node("Mul", &["p", "channel"], &["m"], &[]),
                node("Add", &["m", "column"], &["a"], &[]),
                node("ReduceMean", &["a"], &["r"], &[ints("axes", &[2]), int("keepdims", 0)]),
                node("Softmax", &["r"], &["y"], &[int("axis", 1)]),
            ],
            initializers: vec![
                floats("channel", &[3, 1, 1], &[0.5, -1.5, 2.5]),
                floats("column", &[5], &[1.0, -1.0, 0.5, 0.25, -0.75]),
            ],
            inputs: vec![value("x", FLOAT, &[1, 3, 4, 5])],
            outputs: vec![value("y", FLOAT, &[1, 3, 5])],
        }
    };
    let (image, plain) = (import(&model(true)), import(&model(false)));
    assert!(plain.inputs[0].is_as_in_file() && !image.inputs[0].is_as_in_file());
    let [a, b] = both(&image, &plain);
    assert_eq!(difference(&a, &b, NEAR), None);
}
