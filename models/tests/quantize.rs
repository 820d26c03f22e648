//! Quantized graphs against the float ones that they were made from, in the runtime.

use std::collections::BTreeMap;

use mote_models::data::{Array, Elements};
use mote_models::graph::{Activation, Conv2d, Graph, Node, Op, Padding, Pool2d, TensorType, Value, ValueId};
use mote_models::progress::{Cancelled, Progress, Silent};
use mote_models::quantize::{
    self, Calibration, Granularity, Interface, Layer, Options, QuantizeError, Quantized, Rounding, Scheme,
};
use mote_models::run::{Engine, Native};
use mote_models::samples::{Inputs, outputs};
use mote_models::{export, import, zoo};
use ndarray::ArrayD;

/// A graph under construction, of seeded weights.
struct Make {
    graph: Graph,
    random: fastrand::Rng,
}

impl Make {
    fn new(shape: &[usize]) -> (Self, ValueId) {
        let mut graph = Graph::default();
        let x = graph.add(Value::new("x", TensorType::Float32, shape));
        graph.inputs.push(x);
        (Self { graph, random: fastrand::Rng::with_seed(7) }, x)
    }

    fn constant(&mut self, name: &str, shape: &[usize], reach: f32) -> ValueId {
        let elements = (0..shape.iter().product()).map(|_| (self.random.f32() * 2.0 - 1.0) * reach).collect();
        self.graph.add(Value::constant_f32(name, ArrayD::from_shape_vec(shape, elements).unwrap()))
    }

    fn integers(&mut self, name: &str, elements: Vec<i32>, shape: &[usize]) -> ValueId {
        self.graph.add(Value::constant(name, Array::new(shape, Elements::Int32(elements)).unwrap()))
    }

    /// Adds a node; its output takes the node's name and the shape that follows.
    fn node(&mut self, name: &str, op: Op, inputs: &[ValueId]) -> ValueId {
        let y = self.graph.add(Value::new(name, TensorType::Float32, []));
        self.graph.nodes.push(Node::new(name, op, inputs, &[y]));
        self.graph.infer_shapes().unwrap_or_else(|e| panic!("{name}: {e}"));
        y
    }

    fn ends(mut self, outputs: &[ValueId]) -> Graph {
        self.graph.outputs = outputs.to_vec();
        self.graph.check().unwrap();
        self.graph
    }
}

const PLAIN: Conv2d = Conv2d { padding: Padding::Same, stride: [1, 1], dilation: [1, 1], activation: Activation::None };

fn conv(make: &mut Make, name: &str, x: ValueId, [filters, k, channels]: [usize; 3], options: Conv2d) -> ValueId {
    let w = make.constant(&format!("{name}/w"), &[filters, k, k, channels], 0.5);
    let b = make.constant(&format!("{name}/b"), &[filters], 0.3);
    make.node(name, Op::Conv2d(options), &[x, w, b])
}

fn dense(make: &mut Make, name: &str, x: ValueId, [units, depth]: [usize; 2], activation: Activation) -> ValueId {
    let w = make.constant(&format!("{name}/w"), &[units, depth], 0.5);
    let b = make.constant(&format!("{name}/b"), &[units], 0.3);
    make.node(name, Op::FullyConnected { activation, keep_num_dims: false }, &[x, w, b])
}

/// Convolution, depthwise convolution, pool, residual sum, concatenation with a prescribed scale, dense layer, softmax.
fn network() -> Graph {
    let (mut make, x) = Make::new(&[1, 8, 8, 3]);
    let relu = Conv2d { activation: Activation::Relu, ..PLAIN };
    let a = conv(&mut make, "first", x, [6, 3, 3], Conv2d { stride: [2, 2], ..relu });
    let w = make.constant("depthwise/w", &[1, 3, 3, 6], 0.7);
    let b = make.constant("depthwise/b", &[6], 0.2);
    let d = make.node("depthwise", Op::DepthwiseConv2d { conv: relu, multiplier: 1 }, &[a, w, b]);
    let p = conv(&mut make, "pointwise", d, [6, 1, 6], PLAIN);
    let sum = make.node("sum", Op::Add { activation: Activation::Relu6, pot_scale_int16: false }, &[a, p]);
    let gate = make.node("gate", Op::Logistic, &[sum]);
    let both = make.node("both", Op::Concatenation { axis: 3, activation: Activation::None }, &[sum, gate]);
    let pool = Pool2d { padding: Padding::Valid, stride: [4, 4], window: [4, 4], activation: Activation::None };
    let mean = make.node("mean", Op::AveragePool2d(pool), &[both]);
    let shape = make.integers("shape", vec![1, 12], &[2]);
    let flat = make.node("flat", Op::Reshape { shape: vec![1, 12] }, &[mean, shape]);
    let scores = dense(&mut make, "scores", flat, [4, 12], Activation::None);
    let y = make.node("y", Op::Softmax { beta: 1.0 }, &[scores]);
    make.ends(&[y])
}

fn samples(graph: &Graph, count: usize, seed: u64) -> Inputs {
    let mut random = fastrand::Rng::with_seed(seed);
    let inputs = Native.load(&export::tflite(graph).unwrap()).unwrap().description().inputs.clone();
    let array = |input: &mote_models::run::Tensor| {
        let elements: Vec<f32> = (0..count * input.elements()).map(|_| random.f32() * 2.0 - 1.0).collect();
        Array::new([count, input.elements()], elements).unwrap()
    };
    let arrays = inputs.iter().map(array).collect();
    Inputs::new(&inputs, arrays).unwrap()
}

/// The outputs of a graph for reals, as reals.
fn answers(graph: &Graph, samples: &Inputs) -> Vec<Vec<f32>> {
    let mut run = Native.load(&export::tflite(graph).unwrap()).unwrap_or_else(|e| panic!("{e}"));
    let description = run.description().clone();
    let mut all = Vec::new();
    for i in 0..samples.len() {
        let fed: Vec<Vec<u8>> = (description.inputs.iter().enumerate())
            .map(|(k, input)| {
                let reals = Elements::Float32(
                    samples.bytes(k, i).unwrap().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
                );
                let row = Array::new([1, input.elements()], reals).unwrap();
                Inputs::new(std::slice::from_ref(input), vec![row]).unwrap().bytes(0, 0).unwrap()
            })
            .collect();
        for (k, bytes) in run.run(&fed).unwrap().iter().enumerate() {
            all.push(outputs::dequantize(k, &description.outputs[k], bytes).unwrap());
        }
    }
    all
}

fn quantized(graph: &Graph, options: &Options) -> Quantized {
    quantize::run(&Native, graph, &samples(graph, 24, 1), options, &Silent).unwrap_or_else(|e| panic!("{e}"))
}

/// The largest difference between the outputs of two graphs, on samples that were not calibrated with.
fn difference(float: &Graph, other: &Graph) -> f32 {
    let unseen = samples(float, 8, 2);
    let pairs = answers(float, &unseen).into_iter().zip(answers(other, &unseen));
    pairs.flat_map(|(a, b)| a.into_iter().zip(b).map(|(a, b)| (a - b).abs()).collect::<Vec<_>>()).fold(0.0, f32::max)
}

#[test]
fn every_scheme_stays_within_a_few_steps_of_the_float_network() {
    let graph = network();
    let step = 1.0 / 256.0;
    let cases = [
        ("int8", Options::default(), 8.0 * step),
        ("plain int8", Options::plain(), 8.0 * step),
        ("per tensor", Options { weights: Granularity::PerTensor, ..Options::default() }, 12.0 * step),
        ("dense per channel", Options { dense_weights: Granularity::PerChannel, ..Options::default() }, 8.0 * step),
        ("16x8", Options { scheme: Scheme::Int16x8, ..Options::default() }, 2.0 * step),
        ("weight-only", Options { scheme: Scheme::WeightOnly, ..Options::default() }, 4.0 * step),
        ("float ends", Options { interface: Interface::Float, ..Options::default() }, 8.0 * step),
        (
            "mixed",
            Options { keep_float: ["depthwise", "scores"].map(String::from).into(), ..Options::default() },
            8.0 * step,
        ),
    ];
    for (name, options, most) in cases {
        let Quantized { graph: stored, .. } = quantized(&graph, &options);
        let found = difference(&graph, &stored);
        assert!(found <= most, "{name}: {} steps, at most {} expected", found / step, most / step);
        let file = export::tflite(&stored).unwrap();
        assert_eq!(import::tflite(&file).map(|g| g.nodes.len()).unwrap(), stored.nodes.len(), "{name}");
    }
}

#[test]
fn every_calibration_is_usable_and_none_holds_less_than_the_values_in_the_middle() {
    let graph = network();
    for calibration in [
        Calibration::MinMax,
        Calibration::Average,
        Calibration::Percentile,
        Calibration::Mse,
        Calibration::Entropy,
        Calibration::Auto,
    ] {
        let Quantized { graph: stored, report } = quantized(&graph, &Options { calibration, ..Options::default() });
        assert!(difference(&graph, &stored) <= 16.0 / 256.0, "{calibration:?}");
        for layer in &report.layers {
            assert!(layer.clipped <= 0.4, "{calibration:?}: {} clips {}", layer.node, layer.clipped);
            assert!(layer.calibration != Calibration::Auto, "{}", layer.node);
        }
    }
}

#[test]
fn scales_are_as_the_specification_says() {
    let stored = quantized(&network(), &Options::default()).graph;
    let of = |name: &str| {
        let value = stored.values.iter().find(|value| value.name == name).unwrap();
        let q = value.quantization.clone().unwrap();
        (value.dtype, q.scales, q.zero_points, q.axis)
    };
    assert_eq!(of("y"), (TensorType::Int8, vec![1.0 / 256.0], vec![-128], 0));
    assert_eq!(of("gate"), (TensorType::Int8, vec![1.0 / 256.0], vec![-128], 0));
    assert_eq!(of("both"), of("sum"), "a concatenation has its inputs' scale");
    assert_eq!(of("gate/rescaled"), of("both"), "and an input of a prescribed scale comes to it by a QUANTIZE");
    assert_eq!((of("mean"), of("flat")), (of("both"), of("both")));
    let (dtype, scales, zeros, axis) = of("depthwise/w");
    assert_eq!((dtype, scales.len(), zeros, axis), (TensorType::Int8, 6, vec![0; 6], 3));
    let (dtype, bias, ..) = of("first/b");
    assert_eq!(dtype, TensorType::Int32);
    let (x, w) = (of("x").1[0], of("first/w").1);
    assert_eq!(bias, w.iter().map(|w| x * w).collect::<Vec<_>>());
    assert_eq!(of("scores/w").1.len(), 1, "dense layers have one scale");
    for value in &stored.values {
        if let (Some(q), TensorType::Int8) = (&value.quantization, value.dtype) {
            assert!(q.zero_points.iter().all(|z| (-128..=127).contains(z)), "{}", value.name);
            let weights = value.constant.as_ref().map(Array::elements);
            if let Some(Elements::Int8(weights)) = weights {
                assert!(!weights.contains(&-128), "{}", value.name);
            }
        }
    }
}

#[test]
fn pruned_weights_stay_zero() {
    let mut graph = network();
    for name in ["first/w", "depthwise/w", "scores/w"] {
        let id = graph.ids().find(|&id| graph.value(id).name == name).unwrap();
        let mut w = graph.value(id).as_f32().unwrap().to_owned();
        w.iter_mut().step_by(3).for_each(|w| *w = 0.0);
        graph.value_mut(id).set_constant(w);
    }
    let stored = quantized(&graph, &Options::default()).graph;
    for name in ["first/w", "depthwise/w", "scores/w"] {
        let value = stored.values.iter().find(|value| value.name == name).unwrap();
        let integers = value.as_integers().unwrap();
        assert!(integers.iter().step_by(3).all(|&w| w == 0), "{name}");
        assert!(integers.iter().any(|&w| w != 0), "{name}");
    }
}

#[test]
fn weights_of_fewer_bits_take_fewer_values_and_keep_more_of_the_output_when_rounded_together() {
    let graph = network();
    let samples = samples(&graph, 60, 1);
    let weights = ["first/w", "depthwise/w", "pointwise/w", "scores/w"];
    let largest = |graph: &Graph, name: &str| {
        let value = graph.values.iter().find(|value| value.name == name).unwrap();
        value.as_integers().unwrap().iter().map(|w| w.abs()).max().unwrap()
    };
    let layers = [("first".to_owned(), Layer { weight_bits: Some(6), ..Layer::default() })].into();
    for scheme in [Scheme::Int8, Scheme::Int16x8, Scheme::WeightOnly] {
        let options = Options { scheme, weight_bits: 4, layers: BTreeMap::clone(&layers), ..Options::default() };
        let stored = quantize::run(&Native, &graph, &samples, &options, &Silent).unwrap().graph;
        for name in weights {
            let most = if name == "first/w" { 31 } else { 7 };
            let found = largest(&stored, name);
            assert!(found <= most && found > most / 2, "{scheme:?}, {name}: {found}");
        }
    }
    let sqnr = |options: Options| {
        let report = quantize::run(&Native, &graph, &samples, &options, &Silent).unwrap().report;
        report.outputs_sqnr_db[0].unwrap()
    };
    let [eight, five, nearest] = [
        sqnr(Options::default()),
        sqnr(Options { weight_bits: 5, ..Options::default() }),
        sqnr(Options { weight_bits: 5, ..Options::plain() }),
    ];
    assert!(eight > five && five > nearest, "{eight} dB, with 5 bits {five} dB, rounded to the nearest {nearest} dB");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let graph = network();
    let file = || export::tflite(&quantized(&graph, &Options::default()).graph).unwrap();
    assert_eq!(file(), file());
}

#[test]
fn adaptive_rounding_and_corrected_biases_beat_the_nearest_on_the_output() {
    let (mut make, x) = Make::new(&[1, 32]);
    let mut y = x;
    for (k, name) in ["a", "b", "c"].into_iter().enumerate() {
        // A few great weights make one scale for the tensor coarse.
        let w = make.constant(&format!("{name}/w"), &[32, 32], 0.4);
        let mut array = make.graph.value(w).as_f32().unwrap().to_owned();
        array[[k, 5]] = 8.0;
        make.graph.value_mut(w).set_constant(array);
        let b = make.constant(&format!("{name}/b"), &[32], 0.3);
        y = make.node(name, Op::FullyConnected { activation: Activation::Relu, keep_num_dims: false }, &[y, w, b]);
    }
    let graph = make.ends(&[y]);
    let sqnr = |options: Options| {
        let samples = samples(&graph, 100, 1);
        let report = quantize::run(&Native, &graph, &samples, &options, &Silent).unwrap().report;
        report.outputs_sqnr_db[0].unwrap()
    };
    let plain = sqnr(Options::plain());
    let rounded = sqnr(Options { rounding: Rounding::Adaptive, correct_bias: true, ..Options::plain() });
    assert!(rounded > plain + 3.0, "{rounded} dB against {plain} dB");
}

#[test]
fn a_bias_far_beyond_its_weights_makes_the_scale_coarser_and_not_the_bias_wrong() {
    let (mut make, x) = Make::new(&[1, 4]);
    let w = make.constant("w", &[2, 4], 1e-8);
    let b = make.graph.add(Value::constant_f32("b", ArrayD::from_shape_vec(vec![2], vec![50.0, -20.0]).unwrap()));
    let y = make.node("y", Op::FullyConnected { activation: Activation::None, keep_num_dims: false }, &[x, w, b]);
    let graph = make.ends(&[y]);
    for scheme in [Scheme::Int8, Scheme::Int16x8] {
        let stored = quantized(&graph, &Options { scheme, ..Options::default() }).graph;
        let found = difference(&graph, &stored);
        assert!(found <= 70.0 / 255.0, "{scheme:?}: {found}");
    }
}

#[test]
fn operators_without_a_stored_form_stay_float_and_say_why() {
    let (mut make, x) = Make::new(&[1, 6]);
    let a = dense(&mut make, "dense", x, [6, 6], Activation::Relu);
    let one = make.constant("one", &[6], 0.0);
    let two = make.graph.add(Value::constant_f32("two", ArrayD::from_elem(vec![6], 2.0)));
    let b = make.node("shifted", Op::Add { activation: Activation::None, pot_scale_int16: false }, &[a, one]);
    let c = make.node("halved", Op::Div { activation: Activation::None }, &[b, two]);
    let y = make.node("y", Op::Relu, &[c]);
    let graph = make.ends(&[y]);
    let Quantized { graph: stored, report } = quantized(&graph, &Options::default());
    let reasons: Vec<_> = report.layers.iter().map(|layer| (layer.node.as_str(), layer.float.is_some())).collect();
    assert_eq!(reasons, [("dense", false), ("shifted", false), ("halved", true), ("y", false)]);
    let ops: Vec<&str> = stored.nodes.iter().map(|node| node.op.name()).collect();
    assert_eq!(ops, ["FULLY_CONNECTED", "ADD", "DEQUANTIZE", "DIV", "QUANTIZE", "RELU"]);
    assert!(difference(&graph, &stored) <= 0.1);
}

#[test]
fn wrong_input_is_refused_by_name() {
    let graph = network();
    let refused = |graph: &Graph, options: &Options, samples: &Inputs| match quantize::run(
        &Native, graph, samples, options, &Silent,
    ) {
        Err(QuantizeError::Unsuited { place, expected, .. }) => format!("{place}: {expected}"),
        other => panic!("{:?}", other.map(|q| q.report)),
    };
    let all = samples(&graph, 4, 1);
    let unknown = Options { keep_float: ["nobody".to_owned()].into(), ..Options::default() };
    assert_eq!(refused(&graph, &unknown, &all), "layer nobody: the name of a node of the network");
    let layers = [("nobody".to_owned(), Layer::default())].into();
    let unknown = Options { layers, ..Options::default() };
    assert_eq!(refused(&graph, &unknown, &all), "layer nobody: the name of a node of the network");
    let stored = quantized(&graph, &Options::default()).graph;
    assert!(refused(&stored, &Options::default(), &all).ends_with("a float32 network"));
    for bits in [0, 1, 9] {
        let layer = Layer { weight_bits: Some(bits), ..Layer::default() };
        let layers = [("first".to_owned(), layer)].into();
        for options in [Options { weight_bits: bits, ..Options::default() }, Options { layers, ..Options::default() }] {
            assert_eq!(refused(&graph, &options, &all), "weight-bits: 2 to 8");
        }
    }
    let none = Options { samples: 0, ..Options::default() };
    assert_eq!(refused(&graph, &none, &all), "samples: at least one to calibrate with");
    let tensors = Native.load(&export::tflite(&graph).unwrap()).unwrap().description().inputs.clone();
    let odd = Array::new([1, 192], vec![f32::NAN; 192]).unwrap();
    let odd = Inputs::new(&tensors, vec![odd]).unwrap();
    assert!(refused(&graph, &Options::default(), &odd).ends_with("in sample 0: finite numbers"));
}

#[test]
fn progress_cancels_at_every_stage() {
    struct After(std::cell::Cell<usize>);
    impl Progress for After {
        fn at(&self, _: &str, done: usize, total: usize) -> Result<(), Cancelled> {
            assert!(done <= total);
            let left = self.0.get();
            self.0.set(left.wrapping_sub(1));
            if left == 0 { Err(Cancelled) } else { Ok(()) }
        }
    }
    let graph = network();
    let samples = samples(&graph, 3, 1);
    let mut finished = 0;
    for calls in (0..200).step_by(5) {
        match quantize::run(&Native, &graph, &samples, &Options::default(), &After(calls.into())) {
            Err(QuantizeError::Cancelled) => assert_eq!(finished, 0, "cancelled after {calls} calls"),
            Ok(_) => finished += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(finished > 0, "more than 200 stages");
}

#[test]
fn options_are_plain_data() {
    let text = r#"{"scheme": "16x8", "calibration": "min-max", "keep-float": ["y"], "layers": {"first": {"weights": "per-tensor"}}}"#;
    let options: Options = serde_json::from_str(text).unwrap();
    assert_eq!((options.scheme, options.calibration, options.equalize), (Scheme::Int16x8, Calibration::MinMax, true));
    assert_eq!(options.weights_of("first", false), Granularity::PerTensor);
    assert_eq!(options.weights_of("second", false), Granularity::PerChannel);
    let again: Options = serde_json::from_value(serde_json::to_value(&options).unwrap()).unwrap();
    assert_eq!(again, options);
    assert!(serde_json::from_str::<Options>(r#"{"schema": "int8"}"#).is_err());
}

#[test]
fn the_zoos_digits_keep_their_accuracy() {
    let graph = import::tflite(zoo::DIGITS.float).unwrap();
    let set = zoo::DIGITS.test_set().unwrap();
    let tensors = Native.load(zoo::DIGITS.float).unwrap().description().inputs.clone();
    let inputs = Inputs::new(&tensors, vec![set.x.clone()]).unwrap();
    let Quantized { graph: stored, .. } =
        quantize::run(&Native, &graph, &inputs, &Options::default(), &Silent).unwrap();
    let file = export::tflite(&stored).unwrap();
    assert!(
        file.len() <= zoo::DIGITS.int8.len(),
        "{} bytes, the converter's has {}",
        file.len(),
        zoo::DIGITS.int8.len()
    );
    let right = |file: &[u8]| {
        let mut run = Native.load(file).unwrap();
        let description = run.description().clone();
        let inputs = Inputs::new(&description.inputs, vec![set.x.clone()]).unwrap();
        let is_right = |&i: &usize| {
            let bytes = run.run(&[inputs.bytes(0, i).unwrap()]).unwrap();
            outputs::class(0, &description.outputs[0], &bytes[0]).unwrap() == set.y[i]
        };
        (0..inputs.len()).filter(is_right).count()
    };
    let (float, ours, converted) = (right(zoo::DIGITS.float), right(&file), right(zoo::DIGITS.int8));
    assert!(ours + 2 >= float.min(converted), "{ours} right, float {float}, the converter's int8 {converted}");
}

#[test]
fn equalized_channels_compute_the_same_in_float32_and_lose_less_in_int8() {
    let mut graph = network();
    // Channels of the first layer a hundred times apart.
    for name in ["depthwise/w", "depthwise/b"] {
        let id = graph.ids().find(|&id| graph.value(id).name == name).unwrap();
        let mut w = graph.value(id).as_f32().unwrap().to_owned();
        w.iter_mut().enumerate().for_each(|(k, w)| *w *= [0.02, 1.0, 0.3, 2.0, 0.05, 0.6][k % 6]);
        graph.value_mut(id).set_constant(w);
    }
    let given = samples(&graph, 24, 1);
    let equalized = quantize::equalize(&Native, &graph, &given, &Options::default(), &Silent).unwrap();
    assert_ne!(equalized, graph);
    let found = difference(&graph, &equalized);
    assert!(found <= 1e-5, "{found}");
    let sqnr = |graph: &Graph| {
        let report = quantize::run(&Native, graph, &given, &Options::plain(), &Silent).unwrap().report;
        report.layers.iter().find(|layer| layer.node == "pointwise").unwrap().sqnr_db.unwrap()
    };
    let (before, after) = (sqnr(&graph), sqnr(&equalized));
    assert!(after > before, "{after} dB after, {before} dB before");
}
