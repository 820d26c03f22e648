//! What is told of neurons and channels, against networks whose outputs are known.

use mote_models::data::Array;
use mote_models::export;
use mote_models::graph::{Activation, Conv2d, Graph, Op, Padding};
use mote_models::progress::{Cancelled, Progress, Silent};
use mote_models::prune::PruneErrorKind;
use mote_models::prune::activity::{Activity, LayerView, measure};
use mote_models::run::{Engine, Native};
use mote_models::samples::Inputs;

use crate::net::{MUL, Net, conv};

fn inputs(graph: &Graph, shape: &[usize], numbers: Vec<f32>) -> Inputs {
    let file = export::tflite(graph).unwrap();
    let run = Native.load(&file).unwrap();
    Inputs::new(&run.description().inputs, vec![Array::new(shape, numbers).unwrap()]).unwrap()
}

fn dense(activation: Activation, weights: Vec<f32>, bias: Vec<f32>) -> Graph {
    let mut net = Net::new(0);
    let x = net.input(&[1, 2]);
    let units = bias.len();
    let (weights, bias) = (net.constant(&[units, 2], weights), net.constant(&[units], bias));
    let y = net.node(Op::FullyConnected { activation, keep_num_dims: false }, &[x, weights, bias]);
    let y = net.dense(y, 2, Activation::None);
    net.finish(&[y])
}

#[test]
fn neurons_are_counted_over_samples() {
    // x0; -x0, which is silent where x0 > 0; 2 always; 10 x1, which saturates.
    let weights = vec![1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 10.0];
    let graph = dense(Activation::Relu6, weights, vec![0.0, 0.0, 2.0, 0.0]);
    let samples = inputs(&graph, &[4, 2], vec![1.0, 0.1, 2.0, 0.6, 3.0, 1.0, -2.0, 2.0]);
    let activity = measure(&Native, &graph, &samples, 0.01, &Silent).unwrap();
    let Activity { samples, layers, .. } = &activity;
    let [first, _] = &layers[..] else { panic!("two layers") };
    assert_eq!((*samples, first.outputs.len(), first.inputs.len()), (4, 4, 2));
    let near_zero: Vec<f64> = first.outputs.iter().map(|c| c.near_zero).collect();
    assert_eq!(near_zero, [0.25, 0.75, 0.0, 0.0]);
    let saturated: Vec<f64> = first.outputs.iter().map(|c| c.saturated).collect();
    assert_eq!(saturated, [0.0, 0.0, 0.0, 0.75]);
    let constant: Vec<bool> = first.outputs.iter().map(|c| c.moments.is_constant()).collect();
    assert_eq!(constant, [false, false, true, false]);
    let view = activity.view();
    let LayerView { channels, near_zero, idle, saturated, silent, constant, .. } = &view.layers[0];
    assert_eq!((*channels, *near_zero, *idle, *saturated), (4, 0.25, 0.25, 0.1875));
    assert_eq!((&silent[..], &constant[..]), (&[][..], &[2][..]));
    let m = first.outputs[0].moments;
    assert_eq!((m.mean, m.variance, m.min, m.max), (1.5, 1.25, 0.0, 3.0));
    let x = first.inputs[0];
    assert_eq!((x.mean, x.variance, x.min, x.max), (1.0, 3.5, -2.0, 3.0));
    assert_eq!(layers[1].inputs[2].mean, 2.0);
}

#[test]
fn without_an_upper_end_the_layers_largest_number_is_it() {
    let graph = dense(Activation::Relu, vec![1.0, 0.0, 0.0, 1.0], vec![0.0, 0.0]);
    let samples = inputs(&graph, &[3, 2], vec![4.0, 5.0, 5.0, 1.0, 5.0, -1.0]);
    let activity = measure(&Native, &graph, &samples, 0.0, &Silent).unwrap();
    let saturated: Vec<f64> = activity.layers[0].outputs.iter().map(|c| c.saturated).collect();
    assert_eq!(saturated, [2.0 / 3.0, 1.0 / 3.0]);
}

#[test]
fn channels_are_counted_over_pixels_after_an_activation_of_its_own() {
    let mut net = Net::new(0);
    let x = net.input(&[1, 2, 2, 1]);
    let slide: Conv2d = conv(Padding::Valid, 1, Activation::None);
    let (weights, bias) = (net.constant(&[2, 1, 1, 1], vec![1.0, -1.0]), net.constant(&[2], vec![0.0, 0.0]));
    let y = net.node(Op::Conv2d(slide), &[x, weights, bias]);
    let factor = net.constant(&[2], vec![2.0, 3.0]);
    let y = net.node(MUL, &[y, factor]);
    let y = net.node(Op::Relu, &[y]);
    let y = net.flatten(y);
    let y = net.dense(y, 2, Activation::None);
    let graph = net.finish(&[y]);
    let samples = inputs(&graph, &[2, 2, 2, 1], vec![1.0, 2.0, 3.0, -1.0, 1.0, 1.0, 1.0, 1.0]);
    let activity = measure(&Native, &graph, &samples, 0.0, &Silent).unwrap();
    let [a, b] = activity.layers[0].outputs[..] else { panic!("two channels") };
    assert_eq!((a.near_zero, a.moments.max, b.near_zero, b.moments.max), (0.125, 6.0, 0.875, 3.0));
    // The dense layer has a column for each pixel of each channel.
    let means: Vec<f64> = activity.layers[1].inputs.iter().map(|m| m.mean).collect();
    assert_eq!(means, [2.0, 0.0, 3.0, 0.0, 4.0, 0.0, 1.0, 1.5]);
}

#[test]
fn no_samples_and_a_cancel_are_errors_of_their_kind() {
    struct Never;
    impl Progress for Never {
        fn at(&self, _: &str, _: usize, _: usize) -> Result<(), Cancelled> {
            Err(Cancelled)
        }
    }
    let graph = dense(Activation::Relu, vec![1.0; 4], vec![0.0; 2]);
    let none = inputs(&graph, &[0, 2], vec![]);
    assert_eq!(measure(&Native, &graph, &none, 0.0, &Silent).unwrap_err().kind, PruneErrorKind::Data);
    let one = inputs(&graph, &[1, 2], vec![1.0; 2]);
    assert_eq!(measure(&Native, &graph, &one, 0.0, &Never).unwrap_err().kind, PruneErrorKind::Cancelled);
}

#[test]
fn a_channel_is_idle_on_samples_that_leave_all_its_pixels_near_zero() {
    // x, which is idle on the second sample only; -x, on the others; nothing at all.
    let mut net = Net::new(0);
    let x = net.input(&[1, 1, 2, 1]);
    let (weights, bias) = (net.constant(&[3, 1, 1, 1], vec![1.0, -1.0, 0.0]), net.constant(&[3], vec![0.0; 3]));
    let y = net.node(Op::Conv2d(conv(Padding::Same, 1, Activation::Relu)), &[x, weights, bias]);
    let graph = net.finish(&[y]);
    let samples = inputs(&graph, &[4, 1, 2, 1], vec![1.0, 0.0, -1.0, -2.0, 0.0, 3.0, 2.0, 2.0]);
    let activity = measure(&Native, &graph, &samples, 1e-6, &Silent).unwrap();
    let idle: Vec<f64> = activity.layers[0].outputs.iter().map(|c| c.idle).collect();
    assert_eq!(idle, [0.25, 0.75, 1.0]);
    let view = activity.view();
    assert_eq!((&view.layers[0].silent[..], view.layers[0].near_zero), (&[2][..], (0.5 + 0.75 + 1.0) / 3.0));
}
