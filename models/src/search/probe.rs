//! How sensitive each layer is: cheap runs that guide the search.

use super::state::{Measured, Probe};
use super::{Search, SearchError};
use crate::export;
use crate::graph::Graph;
use crate::judge::signal::noise_over_signal;
use crate::judge::{Accuracy, Evaluation, Size, TestSet, Weights, autopsy, evaluate, fidelity};
use crate::progress::Progress;
use crate::prune::weights;
use crate::recipe::{self, Made, sha256};
use crate::run::Engine;
use crate::samples::spread;

use super::choices::{Choices, Numbers};

/// Shares of zeros that are measured, in per cent; others are told from them.
const PROBED: [u8; 2] = [50, 80];

/// What probes compare with.
#[derive(Debug)]
pub(super) struct Bench {
    float: Graph,
    int8: Option<Graph>,
    set: TestSet,
    reference: Evaluation,
    layers: Vec<weights::LayerSummary>,
}

impl Bench {
    /// The float network, its plain int8, and the float one's outputs on the first part of the validation samples.
    pub(super) fn new(search: &Search<'_>, engine: &dyn Engine, progress: &dyn Progress) -> Result<Self, SearchError> {
        let Made { graph: float, file, .. } =
            make(search, &Choices::of(Numbers::Float), engine, progress)?.map_err(SearchError::Source)?;
        // A network that cannot be quantized is searched for what can be done with it in float32.
        let int8 = make(search, &Choices::of(Numbers::PlainInt8), engine, progress)?.ok().map(|made| made.graph);
        let validation = &search.split().validation;
        let few = spread(validation.len(), search.state().options.probe_samples);
        let set = search.part(&few.map(|k| validation[k]).collect::<Vec<_>>());
        let reference = evaluate(engine, &file, &set, progress)?;
        // Nothing is pruned at a share of 0; the summary names the layers.
        let all =
            weights::Options { sparsity: 0.0, first_layer: true, last_layer: true, ..weights::Options::default() };
        let layers = weights::prune(float.clone(), &all).map_or(Vec::new(), |(_, summary)| summary.layers);
        Ok(Self { float, int8, set, reference, layers })
    }

    /// How many layers there are to probe.
    pub(super) fn len(&self) -> usize {
        self.layers.len()
    }

    /// Probes a layer.
    pub(super) fn probe(
        &self,
        k: usize,
        pattern: crate::prune::Pattern,
        engine: &dyn Engine,
        progress: &dyn Progress,
    ) -> Result<Probe, SearchError> {
        let layer = &self.layers[k];
        let mut probe = Probe { layer: layer.name.clone(), weights: layer.weights, sparsity: Vec::new(), int8: None };
        for percent in PROBED.into_iter().filter(|_| layer.pruned) {
            let own = weights::LayerOptions { sparsity: Some(f32::from(percent) / 100.0), ..Default::default() };
            let layers = [(layer.name.clone(), own)].into();
            let options = weights::Options { sparsity: 0.0, pattern, layers, ..weights::Options::default() };
            if let Ok((pruned, _)) = weights::prune(self.float.clone(), &options) {
                probe.sparsity.push((percent, self.noise(&pruned, engine, progress)?));
            }
        }
        let int8 = self.int8.as_ref().and_then(|int8| autopsy::only(&self.float, int8, &layer.name));
        if let Some(grafted) = int8 {
            probe.int8 = Some(self.noise(&grafted, engine, progress)?);
        }
        Ok(probe)
    }

    /// Noise over signal at the output of a network.
    fn noise(&self, graph: &Graph, engine: &dyn Engine, progress: &dyn Progress) -> Result<f64, SearchError> {
        let file = export::tflite(graph).map_err(crate::judge::JudgeError::from)?;
        let found = evaluate(engine, &file, &self.set, progress)?;
        Ok(noise_over_signal(fidelity(&self.reference, &found).sqnr_db))
    }
}

impl Probe {
    /// Noise over signal at the network's output when this layer alone has a share of zeros: measured, or between and beyond
    /// what was measured on a straight line of its logarithm; 0 without zeros.
    pub(super) fn noise(&self, percent: u8) -> f64 {
        if percent == 0 {
            return 0.0;
        }
        let logarithm = |noise: f64| noise.max(1e-12).ln();
        match self.sparsity[..] {
            [] => f64::INFINITY,
            [(_, noise)] => noise,
            [(low, a), (high, b), ..] => {
                let slope = (logarithm(b) - logarithm(a)) / (f64::from(high) - f64::from(low));
                (logarithm(a) + slope.max(0.0) * (f64::from(percent) - f64::from(low))).exp()
            }
        }
    }
}

/// Makes an artefact; the inner error is why it was refused.
pub(super) fn make(
    search: &Search<'_>,
    choices: &Choices,
    engine: &dyn Engine,
    progress: &dyn Progress,
) -> Result<Result<Made, recipe::RecipeError>, SearchError> {
    let recipe = search.recipe(choices);
    match recipe::apply(engine, search.source(), search.set().arrays(), &recipe, progress) {
        Err(error) if error.is_cancelled() => Err(SearchError::Cancelled(crate::progress::Cancelled)),
        made => Ok(made),
    }
}

/// An artefact on the validation part.
pub(super) fn measure(
    search: &Search<'_>,
    made: &Made,
    engine: &dyn Engine,
    progress: &dyn Progress,
) -> Result<Measured, SearchError> {
    let set = search.part(&search.split().validation);
    let found = evaluate(engine, &made.file, &set, progress)?;
    let size = Size::of(&made.file, &found.description, None);
    Ok(Measured {
        score: Accuracy::score_of(&set, &found.predictions)?,
        file_bytes: size.file_bytes,
        gzip_bytes: size.gzip_bytes,
        arena_bytes: size.arena_bytes,
        macs: size.macs,
        non_zeros: Weights::of(&made.graph).non_zeros,
        sha256: sha256(&made.file),
    })
}
