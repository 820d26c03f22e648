//! The ranges of a network's activations, seen while it runs on samples.

use super::QuantizeError;
use super::affine::{Range, Width};
use super::auto::{self, Question};
use super::choose;
use super::histogram::Histogram;
use super::options::{Calibration, Options, Scheme};
use super::plan::treatments;
use super::ranges::{Ranges, ValueRange};
use super::taps::{Taps, activations, chosen, each};
use crate::graph::{Graph, Node, Op, ValueId};
use crate::progress::Progress;
use crate::run::Engine;
use crate::samples::Inputs;

/// What was seen of one activation.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) range: Range,
    /// Sums of the samples' own least and greatest values.
    sums: (f64, f64),
    samples: usize,
    pub(super) histogram: Histogram,
}

/// The ranges of all activations of a float graph.
///
/// The network runs twice on the samples: once for the ends of what is seen, once for histograms between them, so that no
/// more than those are kept.
///
/// # Errors
/// When the graph is no sound float32 graph, samples do not fit it, or an activation is no finite number on one of them.
pub fn calibrate(
    engine: &dyn Engine,
    graph: &Graph,
    samples: &Inputs,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Ranges, QuantizeError> {
    graph.check()?;
    treatments(graph, options)?;
    let samples = chosen(graph, samples, options)?;
    let values = activations(graph);
    let seen = watch(engine, graph, &values, &samples, progress)?;
    let mut ranges = Ranges::new(graph.values.len());
    let producers = graph.producers();
    let question = |(&value, seen): (&ValueId, &Seen)| {
        let node = producers[value.index()].map_or("", |n| graph.nodes[n].name.as_str());
        let methods: &[Calibration] = match options.calibration_of(node) {
            Calibration::Auto if scores(graph, value) => &[Calibration::MinMax],
            Calibration::Auto => &IN_QUESTION,
            Calibration::MinMax => &[Calibration::MinMax],
            Calibration::Average => &[Calibration::Average],
            Calibration::Percentile => &[Calibration::Percentile],
            Calibration::Mse => &[Calibration::Mse],
            Calibration::Entropy => &[Calibration::Entropy],
        };
        Question { value, ranges: methods.iter().map(|&method| (seen.choose(method, options), method)).collect() }
    };
    let questions: Vec<Question> = values.iter().zip(&seen).map(question).collect();
    let answers = auto::answer(engine, graph, &questions, (&samples, width(options)), progress)?;
    for ((question, answer), seen) in questions.iter().zip(answers).zip(&seen) {
        let (chosen, method) = question.ranges[answer];
        let name = graph.value(question.value).name.clone();
        ranges.set(question.value, ValueRange { name, observed: seen.range, chosen, method });
    }
    Ok(ranges)
}

/// What [`Calibration::Auto`] chooses from; the first where nobody reads the activation.
const IN_QUESTION: [Calibration; 4] =
    [Calibration::Mse, Calibration::MinMax, Calibration::Percentile, Calibration::Entropy];

/// Whether a value is what a network ranks: two scores that are clipped would rank the same, however little their
/// probabilities change.
fn scores(graph: &Graph, value: ValueId) -> bool {
    let reads = |node: &&Node| node.present_inputs().any(|id| id == value);
    let ranks = |node: &Node| {
        matches!(node.op, Op::Softmax { .. } | Op::LogSoftmax | Op::Logistic | Op::ArgMax { .. } | Op::ArgMin { .. })
    };
    graph.is_output(value) || graph.nodes.iter().filter(reads).any(ranks)
}

fn width(options: &Options) -> Width {
    if options.scheme == Scheme::Int16x8 { Width::Int16 } else { Width::Int8 }
}

fn watch(
    engine: &dyn Engine,
    graph: &Graph,
    values: &[ValueId],
    samples: &[Vec<Vec<u8>>],
    progress: &dyn Progress,
) -> Result<Vec<Seen>, QuantizeError> {
    let mut taps = Taps::new(engine, graph, values)?;
    let nothing =
        Seen { range: Range::default(), sums: (0.0, 0.0), samples: 0, histogram: Histogram::new(Range::default()) };
    let mut seen = vec![nothing; values.len()];
    each(&mut taps, samples, ("calibrate: ranges", progress), |sample, reals| {
        for ((seen, reals), id) in seen.iter_mut().zip(reals).zip(values) {
            if let Some(odd) = reals.iter().find(|v| !v.is_finite()) {
                return Err(QuantizeError::Unsuited {
                    place: format!("value {} in sample {sample}", graph.value(*id).name),
                    expected: "finite numbers".into(),
                    found: odd.to_string(),
                    remedy: "look at the sample and at the network's weights".into(),
                });
            }
            seen.see(&reals);
        }
        Ok(())
    })?;
    seen.iter_mut().for_each(|seen| seen.histogram = Histogram::new(seen.range));
    each(&mut taps, samples, ("calibrate: histograms", progress), |_, reals| {
        seen.iter_mut().zip(reals).for_each(|(seen, reals)| seen.histogram.add(&reals));
        Ok(())
    })?;
    Ok(seen)
}

impl Seen {
    fn see(&mut self, reals: &[f32]) {
        let own = Range::around(reals.iter().copied());
        self.range = self.range.union(own);
        self.sums = (self.sums.0 + f64::from(own.min), self.sums.1 + f64::from(own.max));
        self.samples += 1;
    }

    /// The range by a method.
    fn choose(&self, method: Calibration, options: &Options) -> Range {
        let count = self.samples.max(1) as f64;
        match method {
            Calibration::MinMax => self.range,
            Calibration::Average => Range::of((self.sums.0 / count) as f32, (self.sums.1 / count) as f32),
            Calibration::Percentile => choose::percentile(&self.histogram, options.percentile),
            Calibration::Mse | Calibration::Auto => choose::mse(&self.histogram, width(options)),
            Calibration::Entropy => choose::entropy(&self.histogram, width(options)),
        }
    }
}
