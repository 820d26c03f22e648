//! The one pipeline from a source to an artefact.

use serde::{Deserialize, Serialize};

use super::{Recipe, RecipeError, sha256};
use crate::data::Array;
use crate::graph::Graph;
use crate::progress::Progress;
use crate::prune::channels::{Bias, Criterion};
use crate::prune::{activity, channels, weights};
use crate::quantize;
use crate::run::Engine;
use crate::samples::{Inputs, SampleError, SampleErrorKind};
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
    /// Places of the samples that were looked at.
    pub calibration: Vec<usize>,
    /// Neurons and channels that were taken out.
    pub prune_channels: Option<channels::Summary>,
    /// Weights that became 0.
    pub prune_weights: Option<weights::Summary>,
    /// Layers that were quantized.
    pub quantize: Option<quantize::Report>,
}

/// Makes an artefact. `samples` has one array for each input of the source, samples along the first axis, in the source's
/// units; it may be empty for a recipe that looks at none.
///
/// # Errors
/// Whatever a stage refuses, and another source than the recipe names.
pub fn apply(
    engine: &dyn Engine,
    source: &[u8],
    samples: &[Array],
    recipe: &Recipe,
    progress: &dyn Progress,
) -> Result<Made, RecipeError> {
    let found = sha256(source);
    if let Some(expected) = recipe.source_sha256.as_ref().filter(|expected| !expected.eq_ignore_ascii_case(&found)) {
        return Err(RecipeError::Source { expected: expected.clone(), found });
    }
    let imported = import::model(source)?;
    let original = passes::simplify(imported.clone())?;
    let count = samples.iter().filter_map(|array| array.shape().first()).copied().min().unwrap_or(0);
    let mut summaries = Summaries::default();
    let mut graph = original.clone();
    if let Some(options) = &recipe.prune_channels {
        // Folding hides the factors of batch normalization.
        let whole = if options.criterion == Criterion::BatchNorm { imported } else { graph };
        let looks = options.criterion == Criterion::Activity || (options.bias != Bias::Leave && count > 0);
        let activity = if looks {
            summaries.calibration = recipe.calibration.of(count)?;
            let chosen = inputs(engine, &whole, samples, &summaries.calibration)?;
            Some(activity::measure(engine, &whole, &chosen, NEAR_ZERO, progress)?)
        } else {
            None
        };
        let (pruned, summary) = channels::prune(whole, options, activity.as_ref())?;
        (graph, summaries.prune_channels) = (passes::simplify(pruned)?, Some(summary));
    }
    if let Some(options) = &recipe.prune_weights {
        let (pruned, summary) = weights::prune(graph, options)?;
        (graph, summaries.prune_weights) = (pruned, Some(summary));
    }
    let float = graph.clone();
    if let Some(options) = &recipe.quantize {
        summaries.calibration = recipe.calibration.of(count)?;
        let chosen = inputs(engine, &graph, samples, &summaries.calibration)?;
        let quantized = quantize::run(engine, &graph, &chosen, options, progress)?;
        (graph, summaries.quantize) = (quantized.graph, Some(quantized.report));
    }
    graph.metadata.notes.insert("source-sha256".into(), found);
    let file = export::tflite(&graph)?;
    Ok(Made { graph, file, original, float, summaries })
}

/// The chosen samples as the inputs of a float network.
fn inputs(engine: &dyn Engine, graph: &Graph, samples: &[Array], chosen: &[usize]) -> Result<Inputs, RecipeError> {
    if samples.is_empty() || chosen.is_empty() {
        let error = SampleError {
            kind: SampleErrorKind::Missing,
            place: "samples".into(),
            expected: "some to calibrate with".into(),
            found: "none".into(),
            remedy: "give some inputs as the network meets them at work; 100 are plenty".into(),
        };
        return Err(error.into());
    }
    let file = export::tflite(graph)?;
    let run = engine.load(&file)?;
    let arrays = samples.iter().map(|array| array.rows(chosen)).collect();
    Ok(Inputs::new(&run.description().inputs, arrays)?)
}
