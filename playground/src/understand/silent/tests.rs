use mote_models::data::{Array, Elements};
use mote_models::graph::Graph;
use mote_models::progress::Silent;
use mote_models::prune::activity::{ChannelActivity, Moments};
use mote_models::recipe::{self, Recipe};
use mote_models::run::Native;
use mote_models::zoo::DIGITS;
use mote_models::{export, import};

use super::*;
use crate::pipeline::{Product, Task, run};

fn layer(name: &str, op: &str, idle: &[f64], together_with: &[&str]) -> Layer {
    let moments = Moments { mean: 0.0, variance: 0.0, min: 0.0, max: 0.0 };
    let channel = |&idle: &f64| ChannelActivity { moments, near_zero: idle, idle, saturated: 0.0 };
    Layer {
        name: name.into(),
        op: op.into(),
        channels: idle.iter().map(channel).collect(),
        together_with: together_with.iter().map(|&name| name.to_owned()).collect(),
        fixed: None,
    }
}

fn gone(layers: Vec<Layer>, threshold: f64) -> Vec<(String, usize)> {
    let removal = Removal::of(&Channels { samples: 4, layers }, threshold);
    removal.layers.into_iter().map(|(name, loss)| (name, loss.gone)).collect()
}

#[test]
fn silent_channels_of_a_layer_go_and_one_always_stays() {
    let dense = || layer("dense", "FULLY_CONNECTED", &[1.0, 0.9, 0.2, 1.0], &[]);
    assert_eq!(gone(vec![dense()], 1.0), [("dense".to_owned(), 2)]);
    assert_eq!(gone(vec![dense()], 0.9), [("dense".to_owned(), 3)]);
    assert_eq!(gone(vec![dense()], 0.0), [("dense".to_owned(), 3)]);
    let fixed = Layer { fixed: Some("it is an output".into()), ..dense() };
    assert_eq!(gone(vec![fixed], 1.0), []);
}

#[test]
fn a_channels_shade_is_what_it_does() {
    let mut found = layer("dense", "FULLY_CONNECTED", &[1.0, 0.95, 0.0], &[]);
    found.channels[2].near_zero = 0.45;
    assert_eq!((shades(&found, 1.0), found.silent(1.0)), (vec![5, 4, 2], vec![0]));
    assert_eq!((shades(&found, 0.9), found.silent(0.9)), (vec![5, 5, 2], vec![0, 1]));
}

#[test]
fn channels_that_are_added_up_go_where_all_are_silent_and_those_of_a_depthwise_layer_where_one_is() {
    let a = || layer("a", "CONV_2D", &[1.0, 1.0, 0.0], &["b"]);
    let added = layer("b", "CONV_2D", &[1.0, 0.0, 1.0], &["a"]);
    assert_eq!(gone(vec![a(), added], 1.0), [("a".to_owned(), 1)], "told once, by the first");
    let depthwise = layer("b", DEPTHWISE, &[0.0, 0.0, 1.0], &["a"]);
    assert_eq!(gone(vec![a(), depthwise], 1.0), [("a".to_owned(), 2)], "at least one stays");
    let wider = layer("b", "CONV_2D", &[1.0; 4], &["a"]);
    assert_eq!(gone(vec![a(), wider], 1.0), []);
}

#[test]
fn a_share_never_rounds_down_to_one_less() {
    for of in 1..2000 {
        for gone in [1, of / 3, of - 1] {
            let loss = Loss { gone, of };
            let options = Removal { layers: [("x".to_owned(), loss)].into() }.options();
            let share = options.layers["x"].share.unwrap();
            assert_eq!((f64::from(share) * of as f64 + 1e-6) as usize, gone, "{gone} of {of}");
        }
    }
}

/// The zoo's digits, in which channels of the second layer with weights are dead.
fn wounded(dead: &[usize]) -> Vec<u8> {
    let mut graph: Graph = import::tflite(DIGITS.float).unwrap();
    let conv = graph.nodes.iter().position(|node| node.op.name() == "CONV_2D").unwrap();
    for operand in [1, 2] {
        let id = graph.nodes[conv].input(operand).unwrap();
        let (shape, elements) = graph.value(id).constant.clone().unwrap().into_parts();
        let Elements::Float32(mut elements) = elements else { panic!("floats") };
        let step = elements.len() / shape[0];
        for channel in dead {
            elements[channel * step..(channel + 1) * step].fill(0.0);
        }
        graph.value_mut(id).set_constant(Array::new(shape, elements).unwrap());
    }
    export::tflite(&graph).unwrap()
}

#[test]
fn the_channels_that_are_dead_are_those_that_go() {
    let dead = [3, 7, 12];
    let model = wounded(&dead);
    let places: Vec<usize> = (0..100).map(|k| k * 4).collect();
    let task = Task::Activity { places: places.clone(), epsilon: 1e-6 };
    let buffers = [model.clone(), DIGITS.test_data.to_vec()];
    let (product, _) = run(&Native, &task, &buffers, &|| 0.0, &Silent).unwrap();
    let Product::Channels(found) = product else { panic!("{product:?}") };
    assert_eq!(found.samples, 100);
    assert_eq!(found.layers[0].silent(1.0), dead);
    let removal = Removal::of(&found, 1.0);
    let first = removal.layers.get(&found.layers[0].name).copied();
    assert_eq!(first.map(|loss| loss.gone >= dead.len()), Some(true), "{removal:?}");
    let recipe = Recipe {
        calibration: recipe::Choice::listed(places),
        prune_channels: Some(removal.options()),
        ..Recipe::default()
    };
    let made = recipe::apply(&Native, &model, &[DIGITS.test_set().unwrap().x], &recipe, &Silent).unwrap();
    let summary = made.summaries.prune_channels.unwrap();
    let removed = &summary.layers[0].removed;
    assert!(dead.iter().all(|channel| removed.contains(channel)), "{removed:?}");
    for (name, loss) in &removal.layers {
        let layer = summary.layers.iter().find(|layer| layer.name == *name).unwrap();
        assert_eq!(layer.removed.len(), loss.gone, "{name}");
    }
}
