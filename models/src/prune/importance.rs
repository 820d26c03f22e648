//! How much each channel is worth.

use ndarray::{ArrayD, Axis};

use super::activity::{Activity, LayerActivity};
use super::channels::Criterion;
use super::groups::{Along, Channels, Group};
use super::{PruneError, PruneErrorKind};
use crate::graph::{Graph, Node, Op, ValueId};
use crate::weighted::weighted;

/// The importance of each channel at its root; 0 for channels that no layer makes.
///
/// By norm and by batch-norm scale: the mean, over the layers that make the channel, of its norm divided by the mean norm of the
/// layer's channels. By activity: the sum, over the layers that read it, of the share of what they add up that comes from it.
pub(super) fn importance(
    graph: &Graph,
    channels: &Channels,
    groups: &[Group],
    criterion: Criterion,
    activity: Option<&Activity>,
) -> Result<Vec<f64>, PruneError> {
    let mut scores = Scores { sums: vec![0.0; channels.len()], layers: vec![0; channels.len()] };
    match criterion {
        Criterion::L1 | Criterion::L2 => {
            for (&n, made) in &channels.made {
                let Some(places) = weighted(&graph.nodes[n].op) else { continue };
                let Some(weights) = graph.input(&graph.nodes[n], places.weights).and_then(|w| w.as_f32()) else {
                    continue;
                };
                let norms = norms(&weights.to_owned(), places.out_axis, criterion == Criterion::L1);
                scores.add_in_proportion(channels, made, &norms);
            }
            Ok(scores.means())
        }
        Criterion::BatchNorm => {
            let factors = factors(graph, channels);
            for (along, sizes) in &factors {
                scores.add_in_proportion(channels, &along.channels, sizes);
            }
            if let Some(group) = groups.iter().find(|group| group.channels.iter().any(|&c| scores.layers[c] == 0)) {
                return Err(PruneError::new(
                    PruneErrorKind::Graph,
                    format!("layer {}", graph.nodes[group.layers[0]].name),
                    "a MUL by one constant for each channel after it",
                    "none",
                    "give the graph as imported, before it is simplified, or take another criterion",
                ));
            }
            Ok(scores.means())
        }
        Criterion::Activity => {
            let activity = activity.ok_or_else(|| {
                let remedy = "measure it on some samples, or take another criterion";
                PruneError::new(PruneErrorKind::Option, "criterion", "the activity on some samples", "none", remedy)
            })?;
            for (n, node) in graph.nodes.iter().enumerate() {
                if let (Some(read), Some(layer)) =
                    (read_channels(graph, channels, n), layer_activity(activity, n, &node.name))
                {
                    scores.add_shares(channels, &read, graph, n, layer);
                }
            }
            Ok(scores.sums)
        }
    }
}

struct Scores {
    sums: Vec<f64>,
    layers: Vec<u32>,
}

impl Scores {
    /// Adds sizes in proportion to their mean, at the roots of their channels.
    fn add_in_proportion(&mut self, channels: &Channels, made: &[usize], sizes: &[f64]) {
        let mut by_root = std::collections::BTreeMap::<usize, f64>::new();
        for (&channel, size) in made.iter().zip(sizes) {
            *by_root.entry(channels.root(channel)).or_default() += size;
        }
        let mean = by_root.values().sum::<f64>() / by_root.len().max(1) as f64;
        for (root, size) in by_root {
            self.sums[root] += if mean > 0.0 { size / mean } else { 0.0 };
            self.layers[root] += 1;
        }
    }

    /// Adds each read channel's share of the mean square of what a layer sums up, channels taken as independent:
    /// `variance(x_k) * sum of w_k^2`. The variance, since a channel's mean can go into the bias.
    fn add_shares(&mut self, channels: &Channels, read: &Along, graph: &Graph, n: usize, layer: &LayerActivity) {
        let node = &graph.nodes[n];
        let Some(places) = weighted(&node.op) else { return };
        let Some(weights) = graph.input(node, places.weights).and_then(|w| w.as_f32()) else { return };
        let squares = weights.mapv(|w| f64::from(w) * f64::from(w));
        let parts = squares.axis_iter(Axis(read.axis)).zip(&layer.inputs).map(|(w, x)| w.sum() * x.variance);
        let parts: Vec<f64> = parts.collect();
        let whole: f64 = parts.iter().sum();
        for (&channel, part) in read.channels.iter().zip(parts) {
            self.sums[channels.root(channel)] += if whole > 0.0 { part / whole } else { 0.0 };
        }
    }

    fn means(self) -> Vec<f64> {
        self.sums.iter().zip(self.layers).map(|(sum, layers)| sum / f64::from(layers.max(1))).collect()
    }
}

/// The channels along the inputs of a layer's weights.
pub(super) fn read_channels(graph: &Graph, channels: &Channels, n: usize) -> Option<Along> {
    let node = &graph.nodes[n];
    let places = weighted(&node.op)?;
    let axis = places.in_axis?;
    channels.axes[node.input(places.weights)?.index()].iter().find(|along| along.axis == axis).cloned()
}

/// What is known of a layer's data.
pub(super) fn layer_activity<'a>(activity: &'a Activity, n: usize, name: &str) -> Option<&'a LayerActivity> {
    activity.layers.iter().find(|layer| layer.node == n && layer.name == name)
}

fn norms(weights: &ArrayD<f32>, axis: usize, is_l1: bool) -> Vec<f64> {
    let norm = |filter: ndarray::ArrayViewD<'_, f32>| {
        let sizes = filter.iter().map(|&w| f64::from(w).abs());
        if is_l1 { sizes.sum() } else { sizes.map(|w| w * w).sum::<f64>().sqrt() }
    };
    weights.axis_iter(Axis(axis)).map(norm).collect()
}

/// The constants by which channels are multiplied, and their sizes.
fn factors(graph: &Graph, channels: &Channels) -> Vec<(Along, Vec<f64>)> {
    let muls = graph.nodes.iter().filter(|node| matches!(node.op, Op::Mul { .. }));
    let of = |id: ValueId| {
        let along = channels.axes[id.index()].first()?.clone();
        let factors = graph.value(id).as_f32().filter(|factors| factors.len() == along.channels.len())?;
        Some((along, factors.iter().map(|&f| f64::from(f).abs()).collect()))
    };
    muls.flat_map(Node::present_inputs).filter_map(of).collect()
}
