//! The one pipeline from a source to an artefact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Recipe, RecipeError, Samples, sha256};
use crate::data::Array;
use crate::graph::Graph;
use crate::progress::Progress;
use crate::prune::channels::{Bias, Criterion};
use crate::prune::{activity, channels, refit, weights};
use crate::quantize;
use crate::run::Engine;
use crate::samples::{Inputs, SampleError};
use crate::{export, import, passes};

/// What counts as near 0 in the activity of channels, which decides nothing here.
const NEAR_ZERO: f32 = 1e-6;

/// What a recipe made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The artefact's graph.
    pub graph: Graph,
    /// Its `.tflite` file.
    pub file: Vec<u8>,
    /// The simplified source, before anything was pruned: what accuracy is compared with.
    pub original: Graph,
    /// What was quantized: the float network after pruning.
    pub float: Graph,
    /// What the stages did.
    pub summaries: Summaries,
}

/// What the stages did; none for one that was left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Summaries {
    /// Places of the samples that stages look at, of those that were given.
    pub calibration: Vec<usize>,
    /// What the channels do on them, before any goes.
    #[serde(default)]
    pub activity: Option<activity::View>,
    /// Neurons and channels that were taken out.
    pub prune_channels: Option<channels::Summary>,
    /// Weights that became 0.
    pub prune_weights: Option<weights::Summary>,
    /// Layers that were quantized.
    pub quantize: Option<quantize::Report>,
}

/// What the first half of the pipeline makes: the float network after pruning. [`Pruned::finish`] makes artefacts of it, as many as
/// there are recipes that prune alike ([`Recipe::pruning`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Pruned {
    /// The simplified source, before anything was pruned.
    original: Graph,
    /// What is to be quantized.
    float: Graph,
    source_sha256: String,
    summaries: Summaries,
}

/// Makes an artefact.
///
/// # Errors
/// Whatever a stage refuses, and another source than the recipe names.
pub fn apply<'a>(
    engine: &dyn Engine,
    source: &[u8],
    samples: impl Into<Samples<'a>>,
    recipe: &Recipe,
    progress: &dyn Progress,
) -> Result<Made, RecipeError> {
    let samples = &samples.into();
    prune(engine, source, samples, recipe, progress)?.finish(engine, samples, recipe, progress)
}

/// The first half of [`apply`]: import and pruning.
///
/// # Errors
/// As [`apply`].
pub fn prune(
    engine: &dyn Engine,
    source: &[u8],
    samples: &Samples<'_>,
    recipe: &Recipe,
    progress: &dyn Progress,
) -> Result<Pruned, RecipeError> {
    let source_sha256 = sha256(source);
    recipe.check_source(&source_sha256)?;
    let imported = import::model(source)?;
    let original = passes::simplify(imported.clone())?;
    let count = samples.len();
    let mut summaries = Summaries::default();
    let chosen = |graph: &Graph| inputs(engine, graph, samples.arrays(), &recipe.looks_at(samples)?);
    let refits = recipe.refit && count > 0;
    let mut graph = original.clone();
    // What is fitted to: the network before pruning, and which of its channels are gone since.
    let (mut before, mut removed) = (original.clone(), BTreeMap::new());
    if let Some(options) = &recipe.prune_channels {
        // Folding hides the factors of batch normalization.
        let by_factors = options.criterion == Criterion::BatchNorm;
        if by_factors {
            before = imported;
        }
        let looks = options.criterion == Criterion::Activity || (options.bias != Bias::Leave && count > 0);
        let activity = match looks {
            true => Some(activity::measure(engine, &before, &chosen(&before)?, NEAR_ZERO, progress)?),
            false => None,
        };
        summaries.activity = activity.as_ref().map(activity::Activity::view);
        let (pruned, summary) = channels::prune(before.clone(), options, activity.as_ref())?;
        (graph, removed) = (pruned, summary.removed());
        summaries.prune_channels = Some(summary);
        if by_factors {
            if refits {
                graph = refit(engine, &before, graph, &removed, &chosen(&before)?, progress)?;
            }
            graph = passes::simplify(graph)?;
            (before, removed) = (graph.clone(), BTreeMap::new());
        }
    }
    if let Some(options) = &recipe.prune_weights {
        let (pruned, summary) = weights::prune(graph, options)?;
        (graph, summaries.prune_weights) = (pruned, Some(summary));
    }
    if refits && graph != before {
        graph = refit(engine, &before, graph, &removed, &chosen(&before)?, progress)?;
    }
    let float = passes::simplify(graph)?;
    Ok(Pruned { original, float, source_sha256, summaries })
}

impl Pruned {
    /// The second half of [`apply`], for a recipe that prunes as the one that made this: quantization and export.
    ///
    /// # Errors
    /// As [`apply`].
    pub fn finish(
        self,
        engine: &dyn Engine,
        samples: &Samples<'_>,
        recipe: &Recipe,
        progress: &dyn Progress,
    ) -> Result<Made, RecipeError> {
        let Self { original, float, source_sha256, mut summaries } = self;
        recipe.check_source(&source_sha256)?;
        let mut graph = float.clone();
        if let Some(options) = &recipe.quantize {
            let chosen = inputs(engine, &graph, samples.arrays(), &recipe.looks_at(samples)?)?;
            let quantized = quantize::run(engine, &graph, &chosen, options, progress)?;
            (graph, summaries.quantize) = (quantized.graph, Some(quantized.report));
        }
        if !samples.is_empty() {
            summaries.calibration = recipe.looks_at(samples)?;
        }
        recipe.metadata.tell(&mut graph)?;
        recipe.note(&mut graph, &source_sha256);
        let file = export::tflite_with(&graph, &recipe.export)?;
        Ok(Made { graph, file, original, float, summaries })
    }
}

impl Recipe {
    /// What of the recipe decides what is quantized: recipes of which this is the same share what [`prune`] makes.
    #[must_use]
    pub fn pruning(&self) -> Self {
        match (&self.prune_channels, &self.prune_weights) {
            // Without pruning no sample is looked at.
            (None, None) => Self::default(),
            (channels, weights) => Self {
                calibration: self.calibration.clone(),
                prune_channels: channels.clone(),
                prune_weights: weights.clone(),
                refit: self.refit,
                ..Self::default()
            },
        }
    }

    /// Places of the samples that it looks at.
    fn looks_at(&self, samples: &Samples<'_>) -> Result<Vec<usize>, RecipeError> {
        self.calibration.of(samples.len(), samples.groups())
    }

    fn check_source(&self, found: &str) -> Result<(), RecipeError> {
        match &self.source_sha256 {
            Some(expected) if !expected.eq_ignore_ascii_case(found) => {
                Err(RecipeError::Source { expected: expected.clone(), found: found.to_owned() })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The chosen samples as the inputs of a float network.
fn inputs(engine: &dyn Engine, graph: &Graph, samples: &[Array], chosen: &[usize]) -> Result<Inputs, RecipeError> {
    if samples.is_empty() || chosen.is_empty() {
        let remedy = "give some inputs as the network meets them at work; 100 are plenty";
        let error = SampleError::missing("samples", "some to calibrate with", "none", remedy);
        return Err(error.into());
    }
    let file = export::tflite(graph)?;
    let run = engine.load(&file)?;
    let arrays = samples.iter().map(|array| array.rows(chosen)).collect();
    Ok(Inputs::new(&run.description().inputs, arrays)?)
}
