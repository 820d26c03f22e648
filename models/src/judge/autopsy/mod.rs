//! What compressing did to a network, layer by layer.
//!
//! Both networks run on the same samples with all layers' results handed out; layers are paired by the names of their results,
//! and compared in real numbers. What a single layer costs is measured on the original in which that layer alone is as the
//! variant has it.

mod compare;
mod findings;
mod graft;
mod pairing;
mod rescale;
mod weights;

use serde::{Deserialize, Serialize};

use super::evaluate::{Evaluation, Fidelity, Flip, evaluate, fidelity, flips};
use super::{Accuracy, JudgeError, TestSet};
use crate::export;
use crate::graph::{Graph, ValueId};
use crate::progress::Progress;
use crate::prune::activity;
use crate::run::{Engine, Run, Tensor, abreast, observe};
use crate::samples::{Inputs, outputs, spread};
use compare::Comparison;
use pairing::Pair;
use rescale::{Scaled, rescale};

pub use compare::Range;
pub use findings::Finding;
pub use weights::{BINS, Histogram, LayerWeights};

/// How thorough an autopsy is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// The most samples that layers are compared on, evenly spaced over the set.
    pub samples: usize,
    /// The most samples that each layer's sensitivity is measured on; 0 leaves it out. Each layer takes a run of each.
    pub sensitivity_samples: usize,
    /// What counts as near zero in the activity of channels.
    pub epsilon: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self { samples: 100, sensitivity_samples: 50, epsilon: 1e-6 }
    }
}

/// What compressing did to a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Autopsy {
    /// The inputs.
    pub inputs: Vec<Input>,
    /// The layers that both networks have, in the original's order.
    pub layers: Vec<Layer>,
    /// Layers whose channels the variant has scaled, as equalization does: they are compared with the original scaled likewise,
    /// and their values are in the variant's scale.
    #[serde(default)]
    pub rescaled: usize,
    /// Layers of the original that the variant does not have.
    pub unpaired: usize,
    /// What the original's channels do on the samples: those that do nothing are there to be pruned.
    pub activity: activity::View,
    /// How near the outputs are, over the whole set.
    pub fidelity: Fidelity,
    /// Samples of the whole set whose class changed.
    pub flips: Vec<Flip>,
    /// What there is to say about it.
    pub findings: Vec<Finding>,
}

/// An input: the samples against what the variant takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// The samples.
    pub observed: Range,
    /// What the variant represents; none where it takes floats.
    pub representable: Option<Range>,
}

/// A layer, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The original's node.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// `10 log10(sum x^2 / sum (x - y)^2)` of the original's results `x` and the variant's `y`, in dB; none where they are
    /// equal, or of different extents because channels were removed.
    pub sqnr_db: Option<f64>,
    /// The same after each channel of the variant is scaled to fit best: what equalization leaves as it is.
    pub aligned_sqnr_db: Option<f64>,
    /// The cosine of the angle between both; none where one is 0 throughout, or their extents differ.
    pub cosine: Option<f64>,
    /// The original's values.
    pub observed: Range,
    /// What the variant represents, which is what calibration chose; none where it has floats.
    pub representable: Option<Range>,
    /// The share of the original's values that lie beyond it by more than rounding.
    pub clipped: f64,
    /// Channels of the original with the same value in all samples.
    pub constant_channels: Vec<usize>,
    /// All channels: the extent of the last axis.
    pub channels: usize,
    /// Its weights, where it has any.
    pub weights: Option<LayerWeights>,
    /// What it alone costs; none where nothing of it is different, where channels were removed, or where it was not asked for.
    pub sensitivity: Option<Sensitivity>,
}

/// What one layer alone costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Signal over noise of the network's output in dB when only this layer is changed; none where nothing changes.
    pub output_sqnr_db: Option<f64>,
    /// [`Accuracy::score`] that is lost then; below 0 where it gets better.
    pub score_lost: f64,
}

/// Compares a network with what it was made from, a [simplified](crate::passes::simplify) float graph: a layer is compared where both
/// have it.
///
/// Progress: stages `evaluate`, `activity`, `compare`, `sensitivity`.
///
/// # Errors
/// When a graph is not sound, the runtime refuses one, the samples do not suit them, or `progress` cancels.
pub fn autopsy(
    engine: &dyn Engine,
    original: &Graph,
    variant: &Graph,
    set: &TestSet,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Autopsy, JudgeError> {
    let files = (export::tflite(original)?, export::tflite(variant)?);
    let before = evaluate(engine, &files.0, set, progress)?;
    let after = evaluate(engine, &files.1, set, progress)?;
    let pairs = pairing::pair(original, variant);
    let at_most = |most| set.take(&spread(set.len(), most).collect::<Vec<_>>());
    let few = at_most(options.samples);
    let inputs_of_few = Inputs::new(&before.description.inputs, few.arrays().to_vec())?;
    let activity = activity::measure(engine, original, &inputs_of_few, options.epsilon, progress)?.view();
    let (mut layers, comparisons) = compare_layers(engine, original, variant, &pairs, &few, progress)?;
    // What equalization has scaled is compared with the same network scaled likewise.
    let scaled: Vec<Scaled> = pairs
        .iter()
        .zip(layers.iter().zip(&comparisons))
        .filter(|(_, (layer, _))| findings::is_rescaled(layer))
        .map(|(pair, (_, comparison))| Scaled { node: pair.original, factors: comparison.factors() })
        .collect();
    let (likewise, rescaled) = rescale(original, &scaled);
    let original = if rescaled > 0 { &likewise } else { original };
    if rescaled > 0 {
        (layers, _) = compare_layers(engine, original, variant, &pairs, &few, progress)?;
    }
    if options.sensitivity_samples > 0 {
        let fewer = at_most(options.sensitivity_samples);
        let reference = evaluate(engine, &files.0, &fewer, progress)?;
        for (k, (layer, &pair)) in layers.iter_mut().zip(&pairs).enumerate() {
            progress.at("sensitivity", k, pairs.len())?;
            layer.sensitivity = sensitivity(engine, original, variant, pair, &fewer, &reference, progress)?;
        }
    }
    let mut autopsy = Autopsy {
        inputs: inputs(original, variant, &few),
        rescaled,
        unpaired: pairing::layers(original).len() - pairs.len(),
        layers,
        activity,
        fidelity: fidelity(&before, &after),
        flips: flips(set, &before, &after),
        findings: Vec::new(),
    };
    autopsy.findings = findings::findings(&autopsy);
    Ok(autopsy)
}

/// The original in which one layer alone is as the variant has it, found by the name of its node; none where the layer is not in
/// both, has other extents, or nothing of it is different.
#[must_use]
pub fn only(original: &Graph, variant: &Graph, layer: &str) -> Option<Graph> {
    let pairs = pairing::pair(original, variant);
    let pair = pairs.into_iter().find(|pair| original.nodes[pair.original].name == layer)?;
    graft::graft(original, variant, pair)
}

/// What the samples of each input are, against what the variant represents. A variant with a float interface quantizes its
/// input in its first node.
fn inputs(original: &Graph, variant: &Graph, set: &TestSet) -> Vec<Input> {
    let of = |(k, (&before, &after)): (usize, (&ValueId, &ValueId))| {
        let elements = set.arrays().get(k)?.elements();
        let whole = variant.value(after);
        let stored = variant
            .nodes
            .iter()
            .find(|node| node.op == crate::graph::Op::Quantize && node.input(0) == Some(after))
            .and_then(|node| node.outputs.first())
            .map_or(whole, |&id| variant.value(id));
        // Integers in the input's own coding are what the variant represents, by definition.
        let observed = (0..elements.len()).filter_map(|i| elements.real(i)).fold(None, |range: Option<Range>, x| {
            Some(range.map_or(Range { min: x, max: x }, |r| Range { min: r.min.min(x), max: r.max.max(x) }))
        })?;
        elements.dtype().is_real().then(|| Input {
            name: original.value(before).name.clone(),
            observed,
            representable: Range::representable(stored.dtype, stored.quantization.as_ref()),
        })
    };
    original.inputs.iter().zip(&variant.inputs).enumerate().filter_map(of).collect()
}

fn compare_layers(
    engine: &dyn Engine,
    original: &Graph,
    variant: &Graph,
    pairs: &[Pair],
    set: &TestSet,
    progress: &dyn Progress,
) -> Result<(Vec<Layer>, Vec<Comparison>), JudgeError> {
    let result = |graph: &Graph, n: usize| graph.nodes[n].outputs[0];
    let results: Vec<(ValueId, ValueId)> =
        pairs.iter().map(|pair| (result(original, pair.original), result(variant, pair.variant))).collect();
    let mut before = Observed::new(engine, original, results.iter().map(|r| r.0).collect(), set)?;
    let mut after = Observed::new(engine, variant, results.iter().map(|r| r.1).collect(), set)?;
    let mut comparisons: Vec<Comparison> = results
        .iter()
        .map(|&(_, id)| {
            let value = variant.value(id);
            let representable = Range::representable(value.dtype, value.quantization.as_ref());
            Comparison::new(value.shape.last().copied().unwrap_or(1), representable)
        })
        .collect();
    let mut runs: [&mut dyn Run; 2] = [&mut *before.run, &mut *after.run];
    let (before, after) = (&before.shown, &after.shown);
    let feed = |sample| Ok::<_, JudgeError>(vec![before.inputs.sample(sample)?, after.inputs.sample(sample)?]);
    abreast(&mut runs, set.len(), ("compare", progress), feed, |_, _, found| {
        let (before, after) = (before.reals(&found[0])?, after.reals(&found[1])?);
        for (comparison, (x, y)) in comparisons.iter_mut().zip(before.iter().zip(&after)) {
            // Results of other extents are not compared value by value; their own range is of use all the same.
            comparison.add(x, if x.len() == y.len() { y } else { x });
        }
        Ok(())
    })?;
    let layer = |(pair, (comparison, &(before, after))): (&Pair, (&Comparison, &(ValueId, ValueId)))| {
        let same = original.value(before).shape == variant.value(after).shape;
        Layer {
            name: original.nodes[pair.original].name.clone(),
            op: original.nodes[pair.original].op.name().into(),
            sqnr_db: comparison.sqnr_db().filter(|_| same),
            aligned_sqnr_db: comparison.aligned_sqnr_db().filter(|_| same),
            cosine: comparison.cosine().filter(|_| same),
            observed: comparison.observed(),
            representable: comparison.representable(),
            clipped: comparison.clipped(),
            constant_channels: if same { comparison.constant_channels() } else { Vec::new() },
            channels: comparison.channels(),
            weights: LayerWeights::of(original, variant, *pair),
            sensitivity: None,
        }
    };
    let layers = pairs.iter().zip(comparisons.iter().zip(&results)).map(layer).collect();
    Ok((layers, comparisons))
}

/// A network that shows some of its values.
struct Observed<'e> {
    run: Box<dyn Run + 'e>,
    shown: Shown,
}

/// How it is fed, and where its values are.
struct Shown {
    inputs: Inputs,
    tensors: Vec<Tensor>,
    /// The output that shows each value.
    places: Vec<usize>,
}

impl<'e> Observed<'e> {
    fn new(engine: &'e dyn Engine, graph: &Graph, values: Vec<ValueId>, set: &TestSet) -> Result<Self, JudgeError> {
        let (observed, outputs) = observe(graph, &values);
        let run = engine.load(&export::tflite(&observed)?)?;
        let inputs = Inputs::new(&run.description().inputs, set.arrays().to_vec())?;
        let place = |value: &ValueId| outputs.iter().position(|output| output == value).unwrap_or(0);
        let places = values.iter().map(place).collect();
        let tensors = run.description().outputs.clone();
        Ok(Self { run, shown: Shown { inputs, tensors, places } })
    }
}

impl Shown {
    /// The values for one sample, in real numbers.
    fn reals(&self, found: &[Vec<u8>]) -> Result<Vec<Vec<f32>>, JudgeError> {
        let real = |&k: &usize| outputs::dequantize(k, &self.tensors[k], &found[k]);
        Ok(self.places.iter().map(real).collect::<Result<_, _>>()?)
    }
}

fn sensitivity(
    engine: &dyn Engine,
    original: &Graph,
    variant: &Graph,
    pair: Pair,
    set: &TestSet,
    reference: &Evaluation,
    progress: &dyn Progress,
) -> Result<Option<Sensitivity>, JudgeError> {
    let Some(grafted) = graft::graft(original, variant, pair) else { return Ok(None) };
    let found = evaluate(engine, &export::tflite(&grafted)?, set, progress)?;
    let score = |evaluation: &Evaluation| Accuracy::score_of(set, &evaluation.predictions);
    Ok(Some(Sensitivity {
        output_sqnr_db: fidelity(reference, &found).sqnr_db,
        score_lost: score(reference)? - score(&found)?,
    }))
}
