//! Neurons and channels that are taken out, with everything that depends on them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::compensate::{Folded, compensate};
use super::groups::{Channels, Group};
use super::importance::{importance, layer_activity, read_channels};
use super::plan::Plan;
use super::remove::remove;
use super::{PruneError, PruneErrorKind};
use crate::cost;
use crate::graph::{Graph, Node, TensorType};
use crate::weighted::weighted;

/// How channels are pruned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// What makes a channel unimportant.
    pub criterion: Criterion,
    /// How much is to go.
    pub target: Target,
    /// What becomes of what the channels had been adding.
    pub bias: Bias,
    /// Channels that stay in every layer at least; at least 1.
    pub minimum: usize,
    /// Channels go until a multiple of this many stays, since kernels compute that many at once. For layers of few channels it is
    /// halved until four times as many would fit. 1 for any number.
    pub align: usize,
    /// What is otherwise for single layers, by the names of their nodes. It holds for all layers that shrink together with it.
    pub layers: BTreeMap<String, LayerOptions>,
}

/// What is otherwise for a layer.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LayerOptions {
    /// Whether it keeps its channels.
    pub keep: bool,
    /// The share of its channels that goes, whatever the target.
    pub share: Option<f32>,
}

/// What makes a channel unimportant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// A small sum of the sizes of its weights, in proportion to its layer's other channels.
    L1,
    /// A small root of the sum of their squares, likewise.
    #[default]
    L2,
    /// A small factor of batch normalization, likewise. The graph must be as imported: folding hides the factors.
    BatchNorm,
    /// A small share in what the next layers add up on the user's data, after its mean: channels that are silent or constant
    /// go first. Needs an [`Activity`].
    Activity,
}

/// How much is to go: a share from 0 to below 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// This share of the channels of every layer, as near below it as alignment allows.
    Channels(f32),
    /// At least this share of the graph's multiply-accumulates, wherever channels are worth least.
    Macs(f32),
}

/// What becomes of what removed channels had been adding to the next layers. Their inputs' means must be known for it: without an
/// [`Activity`] it is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bias {
    /// It is lost.
    Leave,
    /// Of channels that are constant on the data it goes into the next bias.
    Constant,
    /// The mean of all of them goes into the next bias.
    #[default]
    Mean,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            criterion: Criterion::default(),
            target: Target::Macs(0.5),
            bias: Bias::default(),
            minimum: 1,
            align: 8,
            layers: BTreeMap::new(),
        }
    }
}

/// What became of the channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Layers with weights, in the order in which they run.
    pub layers: Vec<LayerSummary>,
    /// Multiply-accumulates of the graph before.
    pub macs_before: u64,
    /// And after.
    pub macs_after: u64,
}

impl Summary {
    /// The channels that went, by node: what [`refit`](super::refit()) asks for.
    #[must_use]
    pub fn removed(&self) -> BTreeMap<usize, Vec<usize>> {
        self.layers.iter().map(|layer| (layer.node, layer.removed.clone())).collect()
    }
}

/// What became of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSummary {
    /// Place of its node in the graph, before and after.
    pub node: usize,
    /// Its name.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// Its channels or neurons before.
    pub channels_before: usize,
    /// And after.
    pub channels_after: usize,
    /// Those that went, by their places before.
    pub removed: Vec<usize>,
    /// Its multiply-accumulates before.
    pub macs_before: u64,
    /// And after.
    pub macs_after: u64,
    /// Other layers that shrink together with it.
    pub together_with: Vec<String>,
    /// Why it cannot shrink, if it cannot.
    pub fixed: Option<String>,
    /// What of the inputs that it lost went into its bias.
    pub folded: Folded,
}

/// Takes out the channels that are worth least. Whatever depends on a channel shrinks with it: biases, depthwise convolutions in
/// both directions, the weights of the layers that read it, through pools, pads, flattening and concatenations; where channels
/// are added up, all layers that add to them shrink together. Outputs of the graph keep their shape, as do layers next to
/// operators that take channels apart; the summary says why.
///
/// Nothing is trained afterwards. Layers and their names stay as they are, so a channel's way through `graph` can be followed.
///
/// # Errors
/// When the options do not make sense or name layers that are not there, the graph is not float32, the criterion lacks what it
/// needs, or the target is out of reach.
pub fn prune(graph: Graph, options: &Options, activity: Option<&Activity>) -> Result<(Graph, Summary), PruneError> {
    graph.check()?;
    check_options(options)?;
    check_float(&graph)?;
    let mut channels = Channels::of(&graph);
    let groups = channels.groups();
    check_names(&graph, &channels, &groups, options)?;
    if let Some(activity) = activity {
        check_activity(&graph, &channels, activity)?;
    }
    let scores = importance(&graph, &channels, &groups, options.criterion, activity)?;
    let removed = Plan::new(&graph, &channels, &groups, options, &scores).choose()?;

    let mut summary = before(&graph, &channels, &groups);
    let mut graph = graph;
    for layer in &mut summary.layers {
        let made = channels.made.get(&layer.node);
        let is_removed = |made: &[usize], k: usize| removed[channels.root(made[k])];
        layer.removed = made.map_or_else(Vec::new, |made| (0..made.len()).filter(|&k| is_removed(made, k)).collect());
        if let Some(activity) = activity {
            layer.folded = compensate(&mut graph, layer.node, &mut channels, &removed, activity, options.bias);
        }
    }
    let graph = remove(graph, &channels, &removed)?;
    after(&mut summary, &graph);
    Ok((graph, summary))
}

fn check_options(options: &Options) -> Result<(), PruneError> {
    let share = |place: String, share: f32| {
        if (0.0..1.0).contains(&share) {
            return Ok(());
        }
        let (expected, remedy) = ("a share from 0 to below 1", "0.5 takes half of it out");
        Err(PruneError::new(PruneErrorKind::Option, place, expected, share.to_string(), remedy))
    };
    let (Target::Channels(target) | Target::Macs(target)) = options.target;
    share("target".into(), target)?;
    let own = options.layers.iter().filter_map(|(name, layer)| Some((name, layer.share?)));
    own.into_iter().try_for_each(|(name, own)| share(format!("share of layer {name}"), own))
}

fn check_float(graph: &Graph) -> Result<(), PruneError> {
    let is_integer = |node: &&Node| {
        weighted(&node.op)
            .and_then(|places| graph.input(node, places.weights))
            .is_some_and(|w| w.dtype != TensorType::Float32)
    };
    match graph.nodes.iter().find(is_integer) {
        Some(node) => Err(PruneError::new(
            PruneErrorKind::Graph,
            format!("layer {}", node.name),
            "weights of float32",
            "integers",
            "prune the float model, then quantize it",
        )),
        None => Ok(()),
    }
}

fn check_names(graph: &Graph, channels: &Channels, groups: &[Group], options: &Options) -> Result<(), PruneError> {
    let can_shrink: Vec<usize> = groups.iter().flat_map(|group| group.layers.iter().copied()).collect();
    for (name, layer) in &options.layers {
        let named: Vec<usize> = channels.made.keys().copied().filter(|&n| graph.nodes[n].name == *name).collect();
        if named.is_empty() {
            let names: Vec<&str> = channels.made.keys().map(|&n| graph.nodes[n].name.as_str()).collect();
            let expected = format!("one of the layers with weights: {}", names.join(", "));
            let remedy = "give a layer the name that the model file gives its node or its output";
            return Err(PruneError::new(PruneErrorKind::Layer, "layers", expected, name, remedy));
        }
        if let Some(&n) = named.iter().find(|n| layer.share.is_some_and(|s| s > 0.0) && !can_shrink.contains(n)) {
            let found = fixed(channels, n).unwrap_or_else(|| "one that cannot".into());
            let remedy = "take its share out of the options";
            return Err(PruneError::new(
                PruneErrorKind::Layer,
                format!("layer {name}"),
                "a layer that can shrink",
                found,
                remedy,
            ));
        }
    }
    Ok(())
}

/// An activity must be that of the graph itself, or its columns are others.
fn check_activity(graph: &Graph, channels: &Channels, activity: &Activity) -> Result<(), PruneError> {
    for n in 0..graph.nodes.len() {
        let Some(read) = read_channels(graph, channels, n) else { continue };
        let found = layer_activity(activity, n, &graph.nodes[n].name).map(|layer| layer.inputs.len());
        if found != Some(read.channels.len()) {
            return Err(PruneError::new(
                PruneErrorKind::Data,
                format!("layer {}", graph.nodes[n].name),
                format!("the activity of {} inputs", read.channels.len()),
                found.map_or_else(|| "none".into(), |found| found.to_string()),
                "measure the activity of the graph that is pruned",
            ));
        }
    }
    Ok(())
}

/// Why a layer cannot shrink.
fn fixed(channels: &Channels, n: usize) -> Option<String> {
    let made = channels.made.get(&n)?;
    made.iter().find_map(|&channel| channels.fixed(channel)).map(str::to_owned)
}

fn before(graph: &Graph, channels: &Channels, groups: &[Group]) -> Summary {
    let layer = |(n, node): (usize, &Node)| {
        let places = weighted(&node.op)?;
        let group = groups.iter().find(|group| group.layers.contains(&n));
        let others = group.into_iter().flat_map(|group| &group.layers).filter(|&&other| other != n);
        Some(LayerSummary {
            node: n,
            name: node.name.clone(),
            op: node.op.name().to_owned(),
            channels_before: graph.input(node, places.weights)?.shape[places.out_axis],
            channels_after: 0,
            removed: Vec::new(),
            macs_before: cost::macs(graph, node),
            macs_after: 0,
            together_with: others.map(|&other| graph.nodes[other].name.clone()).collect(),
            fixed: match (group, channels.made.get(&n)) {
                (Some(_), _) => None,
                (None, Some(_)) => fixed(channels, n),
                (None, None) => Some("it is a convolution in groups, or its weights are computed".into()),
            },
            folded: Folded::default(),
        })
    };
    let layers = graph.nodes.iter().enumerate().filter_map(layer).collect();
    Summary { layers, macs_before: cost::total_macs(graph), macs_after: 0 }
}

fn after(summary: &mut Summary, graph: &Graph) {
    for layer in &mut summary.layers {
        let node = &graph.nodes[layer.node];
        let places = weighted(&node.op);
        let weights = places.and_then(|places| Some((places.out_axis, graph.input(node, places.weights)?)));
        layer.channels_after = weights.map_or(0, |(axis, weights)| weights.shape[axis]);
        layer.macs_after = cost::macs(graph, node);
    }
    summary.macs_after = cost::total_macs(graph);
}
