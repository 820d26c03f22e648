//! Autopsies: networks with a known wound, and real ones.

mod common;

use std::fs;

use mote_models::data::{Array, Elements};
use mote_models::graph::{Graph, ValueId};
use mote_models::judge::autopsy::{Autopsy, Layer, Options};
use mote_models::judge::{Finding, TestSet, Truth, autopsy};
use mote_models::progress::Silent;
use mote_models::run::Native;
use mote_models::{import, zoo};

fn digits() -> TestSet {
    zoo::DIGITS.test_set().unwrap().try_into().unwrap()
}

fn examine(original: &Graph, variant: &Graph, set: &TestSet) -> Autopsy {
    let options = Options { samples: 30, sensitivity_samples: 30, ..Options::default() };
    autopsy(&Native, original, variant, set, &options, &Silent).unwrap()
}

fn float() -> Graph {
    import::tflite(zoo::DIGITS.float).unwrap()
}

fn int8() -> Graph {
    import::tflite(zoo::DIGITS.int8).unwrap()
}

/// The layer whose converted name contains `part`.
fn layer<'a>(autopsy: &'a Autopsy, part: &str) -> &'a Layer {
    autopsy.layers.iter().find(|layer| layer.name.contains(part)).unwrap()
}

/// Node and weights of the first layer with an operator.
fn first(graph: &Graph, op: &str) -> (usize, ValueId) {
    let n = graph.nodes.iter().position(|node| node.op.name() == op).unwrap();
    (n, graph.nodes[n].input(1).unwrap())
}

#[test]
fn a_network_beside_itself_has_nothing_to_tell() {
    let options = Options { samples: 5, sensitivity_samples: 5, ..Options::default() };
    let found = autopsy(&Native, &float(), &float(), &digits().take(&[0, 1, 2, 3, 4]), &options, &Silent).unwrap();
    assert_eq!(found.unpaired, 0);
    assert!(found.flips.is_empty() && found.fidelity.sqnr_db.is_none());
    for layer in &found.layers {
        assert_eq!((layer.sqnr_db, layer.sensitivity, layer.clipped), (None, None, 0.0), "{}", layer.name);
        assert!(layer.cosine.is_none_or(|cosine| (cosine - 1.0).abs() < 1e-9), "{}", layer.name);
    }
    let constant = |finding: &Finding| matches!(finding, Finding::ConstantChannels { .. });
    assert!(found.findings.iter().all(constant), "few samples leave some channels at 0: {:?}", found.findings);
}

#[test]
fn the_converters_int8_has_its_likeness_layer_by_layer() {
    let found = examine(&float(), &int8(), &digits());
    assert_eq!((found.layers.len(), found.unpaired), (10, 0));
    for layer in &found.layers {
        let db = layer.sqnr_db.unwrap();
        assert!(db > 30.0 && db < 60.0, "{}: {db} dB", layer.name);
        assert!(layer.aligned_sqnr_db.unwrap() >= db && layer.cosine.unwrap() > 0.999, "{}", layer.name);
        assert!(layer.sensitivity.unwrap().output_sqnr_db.unwrap() > db - 0.1, "{}: one layer costs less", layer.name);
    }
    let conv = layer(&found, "re_lu_1/Relu").weights.as_ref().unwrap();
    let sum = |counts: &[u64]| counts.iter().sum::<u64>();
    assert_eq!(sum(&conv.before.counts), conv.parameters);
    let stored = conv.stored.as_ref().unwrap();
    assert_eq!((sum(&stored.counts), stored.min.abs().max(stored.max)), (conv.parameters, 127.0));
    assert!((conv.before.max - conv.after.max).abs() < 0.01 * conv.before.max);
    assert!(!found.findings.iter().any(|f| matches!(f, Finding::Clips { .. } | Finding::Dominates { .. })));
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Autopsy>(&json).unwrap(), found);
}

#[test]
fn inputs_of_another_scale_are_found() {
    let TestSetParts { x, y } = parts(&digits());
    let bright: Vec<f32> = (0..x.elements().len()).map(|i| (x.elements().real(i).unwrap() * 255.0) as f32).collect();
    let x = Array::new(x.shape(), bright).unwrap();
    let set = TestSet::new(vec![x], Truth::Classes { y, names: vec![] }).unwrap().take(&[0, 1, 2, 3, 4, 5]);
    let found = examine(&float(), &int8(), &set);
    let text = found.findings[0].to_string();
    assert!(text.contains("looks like 0..255, calibrated on 0..1:"), "{text}");
}

struct TestSetParts {
    x: Array,
    y: Vec<usize>,
}

fn parts(set: &TestSet) -> TestSetParts {
    let Truth::Classes { y, .. } = set.truth() else { panic!("classes") };
    TestSetParts { x: set.arrays()[0].clone(), y: y.clone() }
}

#[test]
fn a_layer_with_a_range_too_narrow_clips_and_dominates() {
    let mut variant = int8();
    let (conv, _) = first(&variant, "DEPTHWISE_CONV_2D");
    let result = variant.nodes[conv].outputs[0];
    variant.value_mut(result).quantization.as_mut().unwrap().scales[0] *= 0.1;
    let found = examine(&float(), &variant, &digits());
    let name = &found.layers[1].name;
    let clips = found.findings.iter().find_map(|f| match f {
        Finding::Clips { layer, share, .. } => Some((layer, *share)),
        _ => None,
    });
    let (layer, share) = clips.expect("a clipped layer");
    assert!(layer == name && share > 0.05 && share == found.layers[1].clipped, "{layer} {share}");
    assert!(
        found
            .findings
            .iter()
            .any(|f| matches!(f, Finding::Dominates { layer, share, .. } if layer == name && *share > 0.9))
    );
    let alone = found.layers[1].sensitivity.unwrap();
    assert!(found.layers[2].sensitivity.unwrap().output_sqnr_db > alone.output_sqnr_db);
}

#[test]
fn channels_that_say_nothing_are_told_from_channels_that_were_lost() {
    let zeroed = |mut graph: Graph, channel: usize| {
        let (conv, weights) = first(&graph, "CONV_2D");
        let bias = graph.nodes[conv].input(2).unwrap();
        for (id, step) in [(weights, 9), (bias, 1)] {
            let (shape, elements) = graph.value(id).constant.clone().unwrap().into_parts();
            let Elements::Float32(mut elements) = elements else { panic!("floats") };
            elements[channel * step..(channel + 1) * step].fill(0.0);
            graph.value_mut(id).set_constant(Array::new(shape, elements).unwrap());
        }
        graph
    };
    let found = examine(&zeroed(float(), 3), &zeroed(zeroed(float(), 3), 7), &digits());
    let constant = found
        .findings
        .iter()
        .any(|f| matches!(f, Finding::ConstantChannels { channels, of: 16, .. } if channels == &[3]));
    let vanished =
        found.findings.iter().any(|f| matches!(f, Finding::VanishedChannels { channels, .. } if channels == &[7]));
    assert!(constant && vanished, "{:?}", found.findings);
}

#[test]
fn channels_that_were_scaled_are_no_errors() {
    // The first convolution's channels times 1, 4, 16, ..., and the depthwise one's weights divided by as much.
    let mut variant = float();
    let (conv, weights) = first(&variant, "CONV_2D");
    let bias = variant.nodes[conv].input(2).unwrap();
    let (_, depthwise) = first(&variant, "DEPTHWISE_CONV_2D");
    let factor = |channel: usize| 4f32.powi(channel as i32 % 4);
    for (id, of) in [(weights, 9), (bias, 1), (depthwise, 0)] {
        let (shape, elements) = variant.value(id).constant.clone().unwrap().into_parts();
        let Elements::Float32(elements) = elements else { panic!("floats") };
        let scaled = elements.iter().enumerate().map(|(i, w)| match of {
            0 => w / factor(i % 16),
            step => w * factor(i / step),
        });
        let array = Array::new(shape, scaled.collect::<Vec<f32>>()).unwrap();
        variant.value_mut(id).set_constant(array);
    }
    let found = examine(&float(), &variant, &digits());
    assert_eq!((&found.flips[..], found.rescaled), (&[][..], 1));
    assert!(found.findings.contains(&Finding::Rescaled { layers: 1, not_followed: 0 }), "{:?}", found.findings);
    for layer in &found.layers {
        assert!(layer.sqnr_db.is_none_or(|db| db > 100.0), "{}: compared likewise", layer.name);
        assert!(layer.sensitivity.is_none_or(|s| s.output_sqnr_db.is_none_or(|db| db > 100.0)), "{}", layer.name);
    }
}

#[test]
fn layers_find_their_like_whatever_the_converter_called_them() {
    let Some(folder) = common::testdata("layers_find_their_like_whatever_the_converter_called_them") else { return };
    // The keyword network's two files start with different operators.
    for (model, unpaired) in [("vww_mobilenetv1", 0), ("ic_resnet8", 0), ("ad_autoencoder", 0), ("kws_dscnn", 9)] {
        let read = |kind: &str| {
            let file = fs::read(folder.join(format!("models/tflite/{model}_{kind}.tflite"))).unwrap();
            import::tflite(&file).unwrap()
        };
        let (original, variant) = (read("float"), read("int8"));
        let shape = &original.value(original.inputs[0]).shape;
        let x = Array::new([&[1], &shape[1..]].concat(), vec![0.5f32; shape.iter().product()]).unwrap();
        let set = TestSet::new(vec![x], Truth::Classes { y: vec![0], names: vec![] }).unwrap();
        let options = Options { samples: 1, sensitivity_samples: 0, ..Options::default() };
        let found = autopsy(&Native, &original, &variant, &set, &options, &Silent).unwrap();
        assert_eq!(found.unpaired, unpaired, "{model}");
    }
}
