//! Weights that become 0, the least important ones first.

use std::collections::BTreeMap;

use ndarray::ArrayD;
use serde::{Deserialize, Serialize};

use super::patterns::{Cut, Matrix};
use super::{Pattern, PruneError, PruneErrorKind};
use crate::graph::{Graph, Op, ValueId};
use crate::weighted::weighted;

/// How weights are pruned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// The share of the weights of the layers pruned that is to be 0, from 0 to 1. What is 0 already counts.
    pub sparsity: f32,
    /// Which weights go together.
    pub pattern: Pattern,
    /// Whose weights are compared with one another.
    pub scope: Scope,
    /// What makes a block unimportant.
    pub norm: Norm,
    /// Whether the first layer, which sees the input, is pruned like the others. It is small, and errors in it reach all others.
    pub first_layer: bool,
    /// Whether the last layer, which makes the output, is pruned like the others.
    pub last_layer: bool,
    /// Whether depthwise convolutions are pruned like the others. Their few weights are each worth many of other layers, and
    /// no kernel skips them.
    pub depthwise: bool,
    /// What is otherwise for single layers, by the names of their nodes. What stands here goes before the three above.
    pub layers: BTreeMap<String, LayerOptions>,
}

/// What is otherwise for a layer.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LayerOptions {
    /// Whether it stays as it is.
    pub keep: bool,
    /// A share of its own, reached within the layer.
    pub sparsity: Option<f32>,
    /// A pattern of its own.
    pub pattern: Option<Pattern>,
}

/// Whose weights are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Those of each layer: all layers get the same share of zeros.
    PerLayer,
    /// Those of all layers, as they are: layers of small weights get more zeros.
    Global,
    /// Those of all layers, each in proportion to what its layer would keep: its square over the sum of the squares of the layer's
    /// weights that are not smaller. No layer can lose all of its weights before the others.
    ///
    /// Source: J. Lee et al., Layer-adaptive sparsity for the magnitude-based pruning (LAMP), 2021.
    #[default]
    Lamp,
}

/// The importance of a block, for each of its weights, so that smaller blocks at the ends compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// The mean of their sizes.
    L1,
    /// The root of the mean of their squares.
    #[default]
    L2,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sparsity: 0.5,
            pattern: Pattern::default(),
            scope: Scope::default(),
            norm: Norm::default(),
            first_layer: false,
            last_layer: false,
            depthwise: false,
            layers: BTreeMap::new(),
        }
    }
}

/// What became of the weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Layers with weights, in the order in which they run.
    pub layers: Vec<LayerSummary>,
}

/// What became of a layer's weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSummary {
    /// Name of its node.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// Whether it was pruned.
    pub pruned: bool,
    /// Its weights, without the bias.
    pub weights: u64,
    /// Those that are 0 now.
    pub zeros: u64,
    /// Blocks of its pattern; single weights where there are none.
    pub blocks: u64,
    /// Blocks that are 0 now.
    pub zero_blocks: u64,
}

impl Summary {
    /// The share of zeros in the layers that were pruned; 0 if none was.
    #[must_use]
    pub fn sparsity(&self) -> f64 {
        let pruned = || self.layers.iter().filter(|layer| layer.pruned);
        let (zeros, weights): (u64, u64) = (pruned().map(|l| l.zeros).sum(), pruned().map(|l| l.weights).sum());
        if weights == 0 { 0.0 } else { zeros as f64 / weights as f64 }
    }
}

/// A layer's weights on their way.
struct Layer {
    node: usize,
    id: ValueId,
    cut: Cut,
    /// None for a layer that stays as it is.
    target: Option<Target>,
    matrix: Matrix,
    weights: ArrayD<f32>,
}

/// The sparsity of a layer.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    Shared,
    Own(f32),
}

/// A block that may become 0.
struct Block {
    layer: usize,
    score: f64,
    places: Vec<usize>,
}

/// Puts zeros into the weights of `CONV_2D`, `DEPTHWISE_CONV_2D`, `TRANSPOSE_CONV` and `FULLY_CONNECTED`, the blocks of least
/// norm first, until as many weights are 0 as the sparsity says; with blocks, as near to it as whole ones come. Blocks of equal
/// norm go in the order in which they stand.
///
/// # Errors
/// When the options do not make sense or name layers that are not there, when weights are not float32, or when no layer is
/// left to be pruned.
pub fn prune(graph: Graph, options: &Options) -> Result<(Graph, Summary), PruneError> {
    graph.check()?;
    check_options(options)?;
    let mut graph = graph;
    let mut layers = layers(&graph, options)?;
    for layer in layers.iter_mut().filter(|layer| layer.target.is_some()) {
        if let Cut::Keep { keep, of } = layer.cut {
            keep_some(layer, keep, of);
        }
    }
    let blocks = |wanted: &dyn Fn(&Layer) -> bool| -> Vec<Block> {
        let wanted = layers.iter().enumerate().filter(|(_, layer)| wanted(layer));
        wanted.flat_map(|(k, layer)| scored(k, layer, options)).collect()
    };
    let mut chosen = Vec::new();
    let shared = |layer: &Layer| layer.target == Some(Target::Shared) && matches!(layer.cut, Cut::Blocks(_));
    match options.scope {
        Scope::Global | Scope::Lamp => chosen.extend(least(blocks(&shared), options.sparsity)),
        Scope::PerLayer => {
            for layer in layers.iter().filter(|layer| shared(layer)) {
                chosen.extend(least(blocks(&|other| other.id == layer.id), options.sparsity));
            }
        }
    }
    for layer in &layers {
        if let (Some(Target::Own(sparsity)), Cut::Blocks(_)) = (layer.target, layer.cut) {
            chosen.extend(least(blocks(&|other| other.id == layer.id), sparsity));
        }
    }
    for Block { layer, places, .. } in chosen {
        if let Some(weights) = layers[layer].weights.as_slice_mut() {
            places.into_iter().for_each(|place| weights[place] = 0.0);
        }
    }
    let summary = Summary { layers: layers.iter().map(|layer| summary(&graph, layer)).collect() };
    for layer in layers.into_iter().filter(|layer| layer.target.is_some()) {
        graph.value_mut(layer.id).set_constant(layer.weights);
    }
    Ok((graph, summary))
}

fn check_options(options: &Options) -> Result<(), PruneError> {
    let share = |place: String, share: f32| {
        if (0.0..=1.0).contains(&share) {
            return Ok(());
        }
        let (expected, remedy) = ("a share from 0 to 1", "0.5 makes half of the weights 0");
        Err(PruneError::new(PruneErrorKind::Option, place, expected, share.to_string(), remedy))
    };
    share("sparsity".into(), options.sparsity)?;
    options.layers.iter().try_for_each(|(name, layer)| {
        layer.sparsity.map_or(Ok(()), |sparsity| share(format!("sparsity of layer {name}"), sparsity))
    })
}

fn layers(graph: &Graph, options: &Options) -> Result<Vec<Layer>, PruneError> {
    let mut layers: Vec<Layer> = Vec::new();
    for (n, node) in graph.nodes.iter().enumerate() {
        let Some(places) = weighted(&node.op) else { continue };
        let Some(id) = node.input(places.weights) else { continue };
        let value = graph.value(id);
        // What several layers share is pruned once, as the first one's.
        if value.constant.is_none() || layers.iter().any(|layer| layer.id == id) {
            continue;
        }
        let Some(weights) = value.as_f32() else {
            return Err(PruneError::new(
                PruneErrorKind::Graph,
                format!("layer {}", node.name),
                "weights of float32",
                format!("{:?}", value.dtype),
                "prune the float model, then quantize it: zeros stay zeros",
            ));
        };
        let own = options.layers.get(&node.name).copied().unwrap_or_default();
        layers.push(Layer {
            node: n,
            id,
            cut: own.pattern.unwrap_or(options.pattern).cut(&node.op),
            target: None,
            matrix: Matrix::of(&value.shape, places.out_axis),
            weights: weights.to_owned(),
        });
    }
    let last = layers.len().saturating_sub(1);
    for (k, layer) in layers.iter_mut().enumerate() {
        let node = &graph.nodes[layer.node];
        let is_depthwise = matches!(node.op, Op::DepthwiseConv2d { .. });
        let by_default = (k != 0 || options.first_layer)
            && (k != last || options.last_layer)
            && (!is_depthwise || options.depthwise);
        layer.target = match options.layers.get(&node.name) {
            Some(own) if own.keep => None,
            Some(LayerOptions { sparsity: Some(sparsity), .. }) => Some(Target::Own(*sparsity)),
            Some(LayerOptions { pattern: Some(_), .. }) => Some(Target::Shared),
            Some(_) | None => by_default.then_some(Target::Shared),
        };
    }
    check_names(graph, &layers, options)?;
    Ok(layers)
}

fn check_names(graph: &Graph, layers: &[Layer], options: &Options) -> Result<(), PruneError> {
    let names: Vec<&str> = layers.iter().map(|layer| graph.nodes[layer.node].name.as_str()).collect();
    if let Some(unknown) = options.layers.keys().find(|name| !names.contains(&name.as_str())) {
        let expected = format!("one of the layers with weights: {}", names.join(", "));
        let remedy = "give a layer the name that the model file gives its node or its output";
        return Err(PruneError::new(PruneErrorKind::Layer, "layers", expected, unknown, remedy));
    }
    if layers.iter().all(|layer| layer.target.is_none()) {
        let found = format!("{} layers, all of which are to stay as they are", layers.len());
        let remedy = "set first-layer, last-layer or depthwise, or name layers";
        return Err(PruneError::new(PruneErrorKind::Layer, "model", "a layer to prune", found, remedy));
    }
    Ok(())
}

/// The blocks of a layer with their scores.
fn scored(k: usize, layer: &Layer, options: &Options) -> Vec<Block> {
    let Cut::Blocks(size) = layer.cut else { return Vec::new() };
    let weights = layer.weights.as_slice().unwrap_or(&[]);
    let block = |places: Vec<usize>| {
        let sizes = places.iter().map(|&place| f64::from(weights[place]).abs());
        let count = places.len().max(1) as f64;
        let score = match options.norm {
            Norm::L1 => sizes.sum::<f64>() / count,
            Norm::L2 => (sizes.map(|size| size * size).sum::<f64>() / count).sqrt(),
        };
        Block { layer: k, score, places }
    };
    let mut blocks: Vec<Block> = layer.matrix.blocks(size).map(block).collect();
    if options.scope == Scope::Lamp {
        blocks.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut not_smaller = 0.0;
        for block in &mut blocks {
            let square = block.score * block.score * block.places.len() as f64;
            not_smaller += square;
            block.score = if not_smaller > 0.0 { square / not_smaller } else { 0.0 };
        }
    }
    blocks
}

/// The blocks of least score that hold the share of all weights, or as near to it as whole blocks come.
fn least(mut blocks: Vec<Block>, sparsity: f32) -> Vec<Block> {
    let total: usize = blocks.iter().map(|block| block.places.len()).sum();
    let target = (f64::from(sparsity) * total as f64).round() as usize;
    blocks.sort_by(|a, b| {
        a.score.total_cmp(&b.score).then(a.layer.cmp(&b.layer)).then(a.places.first().cmp(&b.places.first()))
    });
    let mut zeros = 0;
    blocks
        .into_iter()
        .take_while(|block| {
            let takes = 2 * zeros + block.places.len() <= 2 * target;
            zeros += block.places.len();
            takes
        })
        .collect()
}

/// Leaves the `keep` largest of each `of` inputs in a row.
fn keep_some(layer: &mut Layer, keep: usize, of: usize) {
    for places in layer.matrix.blocks([1, of]) {
        let Some(weights) = layer.weights.as_slice_mut() else { return };
        let mut places = places;
        places.sort_by(|&a, &b| weights[b].abs().total_cmp(&weights[a].abs()).then(a.cmp(&b)));
        places.into_iter().skip(keep).for_each(|place| weights[place] = 0.0);
    }
}

fn summary(graph: &Graph, layer: &Layer) -> LayerSummary {
    let Layer { node, cut, target, matrix, weights, .. } = layer;
    let elements = weights.as_slice().unwrap_or(&[]);
    let size = match *cut {
        Cut::Blocks(size) => size,
        Cut::Keep { .. } => [1, 1],
    };
    let (mut blocks, mut zero_blocks) = (0, 0);
    for places in matrix.blocks(size) {
        blocks += 1;
        zero_blocks += u64::from(places.iter().all(|&place| elements[place] == 0.0));
    }
    LayerSummary {
        name: graph.nodes[*node].name.clone(),
        op: graph.nodes[*node].op.name().to_owned(),
        pruned: target.is_some(),
        weights: elements.len() as u64,
        zeros: elements.iter().filter(|&&w| w == 0.0).count() as u64,
        blocks,
        zero_blocks,
    }
}
