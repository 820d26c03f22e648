//! A network by the graph that its file is.

use mote_models::cost;
use mote_models::data::DType;
use mote_models::graph::{Activation, Conv2d, Graph, Node, Op, Padding, Pool2d, Quantization, Value, ValueId};
use mote_models::judge::reals;
use mote_models::weighted::activation;

use super::{Histogram, Kind, Layer, Network, Tensor, Weights};

/// Inputs, nodes and outputs of a graph, with the numbers that each learned.
#[must_use]
pub fn of_graph(graph: &Graph) -> Network {
    let mut network = Network::default();
    let producers = graph.producers();
    let first_node = graph.inputs.len();
    // Which layer gives a value: a node, else an input; constants have none.
    let giver = |id: ValueId| match producers.get(id.index()).copied().flatten() {
        Some(node) => Some(first_node + node),
        None => graph.inputs.iter().position(|&input| input == id),
    };
    for &id in &graph.inputs {
        let gives = vec![tensor(graph.value(id))];
        let name = graph.value(id).name.clone();
        network.layers.push(Layer { kind: Kind::Input, op: "Input".into(), name, gives, ..Layer::default() });
    }
    let mut edges = Vec::new();
    for (k, node) in graph.nodes.iter().enumerate() {
        edges.extend(node.present_inputs().filter_map(&giver).map(|from| (from, first_node + k)));
        network.layers.push(layer(graph, node));
    }
    for &id in &graph.outputs {
        edges.extend(giver(id).map(|from| (from, network.layers.len())));
        let reads = vec![tensor(graph.value(id))];
        let name = graph.value(id).name.clone();
        network.layers.push(Layer { kind: Kind::Output, op: "Output".into(), name, reads, ..Layer::default() });
    }
    // State that a network writes for its next run goes back; it is no edge of this one.
    edges.retain(|(from, to)| from < to);
    edges.sort_unstable();
    edges.dedup();
    network.edges = edges;
    network
}

fn layer(graph: &Graph, node: &Node) -> Layer {
    let values = || node.present_inputs().map(|id| graph.value(id));
    let weights: Vec<Weights> = values().filter_map(weights).collect();
    Layer {
        kind: Kind::Op,
        op: node.op.name().into(),
        name: node.name.clone(),
        reads: values().filter(|value| value.constant.is_none()).map(tensor).collect(),
        gives: node.outputs.iter().map(|&id| tensor(graph.value(id))).collect(),
        parameters: weights.iter().map(|weights| weights.count).sum(),
        weights,
        macs: cost::macs(graph, node),
        options: options(&node.op),
    }
}

fn tensor(value: &Value) -> Tensor {
    Tensor {
        name: value.name.clone(),
        dtype: value.dtype.element().map_or("resource", DType::name).into(),
        shape: value.shape.iter().map(|&extent| u32::try_from(extent).unwrap_or(u32::MAX)).collect(),
        quantization: value.quantization.as_ref().map(quantization).unwrap_or_default(),
    }
}

fn quantization(Quantization { scales, zero_points, axis }: &Quantization) -> String {
    match (&scales[..], &zero_points[..]) {
        ([], _) => String::new(),
        ([scale], zero_points) => format!("scale {scale}, zero point {}", zero_points.first().copied().unwrap_or(0)),
        (scales, _) => {
            let least = scales.iter().copied().fold(f32::INFINITY, f32::min);
            let most = scales.iter().copied().fold(0.0, f32::max);
            format!("{} scales along axis {axis}, {least} to {most}", scales.len())
        }
    }
}

/// Of a constant that stands for real numbers; shapes, axes and the like are none.
fn weights(value: &Value) -> Option<Weights> {
    let count = value.len() as u64;
    let numbers: Vec<f64> = reals(value)?.filter(|number| number.is_finite()).collect();
    let share = 1.0 / numbers.len().max(1) as f64;
    let mean = numbers.iter().sum::<f64>() * share;
    let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() * share;
    Some(Weights {
        tensor: tensor(value),
        count,
        zeros: numbers.iter().filter(|&&number| number == 0.0).count() as u64,
        mean,
        deviation: variance.sqrt(),
        histogram: Histogram::of(numbers.iter().copied()),
    })
}

/// What people ask of an operator beside its shapes.
fn options(op: &Op) -> Vec<(String, String)> {
    let mut options = Vec::new();
    let mut tell = |name: &str, value: String| options.push((name.to_owned(), value));
    let pair = |[rows, columns]: [i32; 2]| format!("{rows} × {columns}");
    let padded = |padding: Padding| match padding {
        Padding::Same => "same".to_owned(),
        Padding::Valid => "none".to_owned(),
    };
    match op {
        Op::Conv2d(Conv2d { padding, stride, dilation, .. })
        | Op::DepthwiseConv2d { conv: Conv2d { padding, stride, dilation, .. }, .. } => {
            tell("stride", pair(*stride));
            tell("padding", padded(*padding));
            if *dilation != [1, 1] {
                tell("dilation", pair(*dilation));
            }
        }
        Op::TransposeConv { padding, stride, .. } => {
            tell("stride", pair(*stride));
            tell("padding", padded(*padding));
        }
        Op::AveragePool2d(Pool2d { padding, stride, window, .. })
        | Op::MaxPool2d(Pool2d { padding, stride, window, .. }) => {
            tell("window", pair(*window));
            tell("stride", pair(*stride));
            tell("padding", padded(*padding));
        }
        Op::Concatenation { axis, .. } | Op::Gather { axis, .. } => tell("axis", axis.to_string()),
        _ => {}
    }
    match activation(op) {
        None | Some(Activation::None) => {}
        Some(Activation::Relu) => tell("activation", "ReLU".into()),
        Some(Activation::ReluN1To1) => tell("activation", "clamped to -1 to 1".into()),
        Some(Activation::Relu6) => tell("activation", "ReLU6".into()),
        Some(Activation::Tanh) => tell("activation", "tanh".into()),
    }
    options
}

#[cfg(test)]
mod tests {
    use mote_models::import;
    use mote_models::run::{Engine, Native};
    use mote_models::zoo::DIGITS;

    use super::super::{Measures, layout, of_description};
    use super::*;

    #[test]
    fn a_graph_and_what_the_guest_tells_are_the_same_network() {
        for model in [DIGITS.float, DIGITS.int8] {
            let graph = of_graph(&import::tflite(model).unwrap());
            let told = of_description(Native.load(model).unwrap().description());
            let shape = |network: &Network| {
                let layers = network.layers.iter().map(|layer| (layer.op.clone(), layer.macs, layer.gives.clone()));
                (layers.collect::<Vec<_>>(), network.edges.clone())
            };
            assert_eq!(shape(&graph), shape(&told));
            assert!(layout(graph.layers.len(), &graph.edges, Measures::default()).is_some());
        }
    }

    #[test]
    fn weights_are_real_numbers_and_all_are_counted() {
        let (float, int8) =
            (of_graph(&import::tflite(DIGITS.float).unwrap()), of_graph(&import::tflite(DIGITS.int8).unwrap()));
        let counts = |network: &Network| network.layers.iter().map(|layer| layer.parameters).collect::<Vec<_>>();
        assert_eq!(counts(&float), counts(&int8));
        assert!(counts(&float).iter().sum::<u64>() > 1000);
        for (a, b) in float.layers.iter().zip(&int8.layers) {
            for (a, b) in a.weights.iter().zip(&b.weights) {
                assert_eq!(a.histogram.counts.iter().sum::<u64>(), a.count);
                let step = (a.histogram.high - a.histogram.low) / 100.0;
                assert!((a.mean - b.mean).abs() <= step && (a.deviation - b.deviation).abs() <= step, "{a:?}\n{b:?}");
            }
        }
    }
}
