//! Whether a task was done: functions of the page's state, which tell the student's own figures.

use mote_models::judge::{Accuracy, Energy, Size};
use mote_models::prune::Pattern;
use mote_models::quantize::Scheme;
use serde::{Deserialize, Serialize};

use crate::format::{self, grouped};
use crate::protocol::{Failure, Kernels};
use crate::shrink::{Measured, Plan};
use crate::state::{Evaluation, Model, State};
use crate::words;

/// Least share of zeros that a variant is asked for which counts as pruned.
const HALF: f32 = 0.5;
/// A drawing is a dot when it is no longer than this share of the pad.
const DOT: f32 = 0.05;

/// What a task asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// A digit was drawn, and answered.
    Drawn,
    /// The model was run over samples with labels.
    Evaluated,
    /// A model that computes with float32 is open.
    Float,
    /// There is an int8 variant that is not pruned.
    Quantized,
    /// There is a variant of which half of the weights are 0.
    Zeroed,
    /// There is a variant with channels gone.
    Narrowed,
    /// There are an int8 and a 16x8 variant.
    Arenas,
    /// A variant was written as C.
    Written,
    /// The model was timed with kernels that use SIMD.
    Timed,
    /// The model was timed with the reference kernels.
    TimedPlain,
    /// The energy of the float model and of an int8 variant is looked at.
    Energy,
    /// A broken model was refused.
    Refused,
    /// After that a sound one was opened.
    Recovered,
    /// A dot was drawn, and answered.
    Dot,
    /// A variant's accuracy is below the original's for certain.
    TooFar,
}

/// What a check finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done {
        /// What came of it, in the student's own figures.
        found: String,
        /// Tells this time from others: doing the same again gives another number, where that can be told.
        evidence: u64,
    },
    /// Not yet: what is missing.
    Open(String),
}

impl Check {
    /// All of them, in the path's order.
    pub const ALL: &[Check] = &[
        Check::Drawn,
        Check::Evaluated,
        Check::Float,
        Check::Quantized,
        Check::Zeroed,
        Check::Narrowed,
        Check::Arenas,
        Check::Written,
        Check::Timed,
        Check::TimedPlain,
        Check::Energy,
        Check::Refused,
        Check::Recovered,
        Check::Dot,
        Check::TooFar,
    ];

    /// As the page's elements name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Check::Drawn => "drawn",
            Check::Evaluated => "evaluated",
            Check::Float => "float",
            Check::Quantized => "quantized",
            Check::Zeroed => "zeroed",
            Check::Narrowed => "narrowed",
            Check::Arenas => "arenas",
            Check::Written => "written",
            Check::Timed => "timed",
            Check::TimedPlain => "timed-plain",
            Check::Energy => "energy",
            Check::Refused => "refused",
            Check::Recovered => "recovered",
            Check::Dot => "dot",
            Check::TooFar => "too-far",
        }
    }

    /// Whether it was done, by what the page shows now.
    #[must_use]
    pub fn of(self, state: &State) -> Answer {
        match self {
            Check::Drawn => drawn(state),
            Check::Evaluated => evaluated(state),
            Check::Float => float(state),
            Check::Quantized => quantized(state),
            Check::Zeroed => zeroed(state),
            Check::Narrowed => narrowed(state),
            Check::Arenas => arenas(state),
            Check::Written => written(state),
            Check::Timed => timed(state, false),
            Check::TimedPlain => timed(state, true),
            Check::Energy => energy(state),
            Check::Refused => refused(state),
            Check::Recovered => recovered(state),
            Check::Dot => dot(state),
            Check::TooFar => too_far(state),
        }
    }
}

fn open(missing: &str) -> Answer {
    Answer::Open(missing.into())
}

fn done(evidence: u64, found: String) -> Answer {
    Answer::Done { found, evidence }
}

/// The class of the highest score, that score, and what tells these scores from others.
fn answer(state: &State) -> Option<(usize, f32, u64)> {
    let scores = &state.live.scores;
    let (class, score) = scores.iter().copied().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let evidence = scores.iter().fold(0u64, |sum, score| sum.rotate_left(7) ^ u64::from(score.to_bits()));
    Some((class, score, evidence))
}

fn drawn(state: &State) -> Answer {
    let Some(description) = state.description() else { return open("No model is ready.") };
    if !state.takes_digits() {
        return open("The model that is open does not take digits.");
    }
    let Some((class, score, evidence)) = answer(state) else { return open("Nothing is drawn yet.") };
    let macs: u64 = description.ops.iter().map(|op| op.macs).sum();
    done(
        evidence,
        format!(
            "The model says {class}, with a score of {}. It is a file of {} bytes, and the answer took {} multiply-accumulates.",
            format::percent(f64::from(score)),
            grouped(description.file_bytes),
            grouped(macs),
        ),
    )
}

fn evaluated(state: &State) -> Answer {
    match &state.evaluation {
        Evaluation::Idle => open("The model has not run over samples yet."),
        Evaluation::Running { .. } => open("It is running."),
        Evaluation::Cancelled { .. } => open("It was cancelled before its end."),
        Evaluation::Failed(_) => open("It failed; see what the page says there."),
        Evaluation::Done(report) => match report.confusion.top1() {
            None => open("There were no samples."),
            Some(top1) => done(
                report.latency.map_or(0, |latency| latency.median_millis.to_bits()),
                format!(
                    "{} of {} are right: {}. With so many samples the true accuracy is likely between {}.",
                    report.confusion.right(),
                    report.confusion.total(),
                    format::percent(top1.value),
                    format::interval(top1).replace('–', " and "),
                ),
            ),
        },
    }
}

fn float(state: &State) -> Answer {
    let name = state.source.as_ref().map_or("", |source| source.name.as_str());
    match (&state.model, state.can_shrink()) {
        (Model::Ready { description, .. }, true) => {
            done(0, format!("{name} computes with float32. Its file takes {} bytes.", grouped(description.file_bytes)))
        }
        (Model::Ready { .. }, false) => open("The model that is open computes with integers already."),
        (Model::None | Model::Loading { .. } | Model::Refused(_), _) => open("No model is ready."),
    }
}

/// A variant that was measured.
struct Variant<'a> {
    id: u32,
    plan: &'a Plan,
    measured: &'a Measured,
}

impl Variant<'_> {
    fn size(&self) -> &Size {
        &self.measured.judged.size
    }

    fn scheme(&self) -> Option<Scheme> {
        self.plan.recipe.quantize.as_ref().map(|quantize| quantize.scheme)
    }

    fn is_pruned(&self) -> bool {
        self.plan.recipe.prune_weights.is_some() || self.plan.recipe.prune_channels.is_some()
    }

    fn evidence(&self) -> u64 {
        self.id.into()
    }
}

/// Variants that were measured, the last one first.
fn variants(state: &State) -> impl Iterator<Item = Variant<'_>> {
    state.shrink.variants.iter().rev().filter_map(|variant| {
        Some(Variant { id: variant.id, plan: &variant.plan, measured: variant.measured.as_ref()? })
    })
}

/// The last variant that meets a condition, and the original; or what is missing.
fn variant<'a>(
    state: &'a State,
    missing: &str,
    wanted: impl Fn(&Variant<'_>) -> bool,
) -> Result<(Variant<'a>, &'a Measured), Answer> {
    if !state.can_shrink() {
        return Err(open("Open a float model first: only from one can variants be made."));
    }
    if state.shrink.is_running() {
        return Err(open("It is being made."));
    }
    let found = variants(state).find(wanted).zip(state.shrink.original.as_ref());
    found.ok_or_else(|| open(missing))
}

fn top1(measured: &Measured) -> String {
    let accuracy = measured.judged.accuracy.as_ref();
    accuracy.map_or("–".into(), |accuracy| format::percent(accuracy.headline().value))
}

/// `; accuracy 97.1 % -> 96.9 %`, where there is one.
fn accuracies(before: &Measured, after: &Measured) -> String {
    match (&before.judged.accuracy, &after.judged.accuracy) {
        (Some(_), Some(_)) => format!("; accuracy {} → {}", top1(before), top1(after)),
        _ => String::new(),
    }
}

/// `53,644 -> 24,352 bytes`.
fn change(before: u64, after: u64) -> String {
    format!("{} → {}", grouped(before), grouped(after))
}

/// The last variant that meets a condition, in words beside the original; or what is missing.
fn made(
    state: &State,
    missing: &str,
    wanted: impl Fn(&Variant<'_>) -> bool,
    words: impl Fn(&Variant<'_>, &Measured) -> String,
) -> Answer {
    match variant(state, missing, wanted) {
        Err(missing) => missing,
        Ok((variant, original)) => done(variant.evidence(), words(&variant, original)),
    }
}

fn quantized(state: &State) -> Answer {
    let wanted = |variant: &Variant<'_>| variant.scheme() == Some(Scheme::Int8) && !variant.is_pruned();
    made(state, "There is no int8 variant without pruning yet.", wanted, |variant, original| {
        let (before, after) = (&original.judged.size, variant.size());
        format!(
            "{} bytes; arena {} bytes{}.",
            change(before.file_bytes, after.file_bytes),
            change(before.arena_bytes, after.arena_bytes),
            accuracies(original, variant.measured),
        )
    })
}

/// The share of weights that are 0.
fn sparsity(size: &Size) -> f64 {
    size.weights.map_or(0.0, |weights| weights.sparsity())
}

fn zeroed(state: &State) -> Answer {
    // What was asked for: biases are never set to 0, so a few more of all the numbers stay.
    let wanted = |variant: &Variant<'_>| {
        let prune = variant.plan.recipe.prune_weights.as_ref();
        prune.is_some_and(|prune| prune.sparsity >= HALF || matches!(prune.pattern, Pattern::Keep { .. }))
    };
    made(state, "There is no variant of which half of the weights are 0 yet.", wanted, |zeroed, original| {
        // What pruning does is seen beside the same numbers without it.
        let scheme = zeroed.scheme();
        let plain = variants(state).find(|variant| variant.scheme() == scheme && !variant.is_pruned());
        let (name, before) = match &plain {
            Some(plain) => (plain.plan.name.as_str(), plain.size()),
            None => ("the original", &original.judged.size),
        };
        let after = zeroed.size();
        format!(
            "{} of all weights and biases are 0. Beside {name}: file {} bytes, gzipped {}, multiply-accumulates {}{}.",
            format::percent(sparsity(after)),
            change(before.file_bytes, after.file_bytes),
            change(before.gzip_bytes, after.gzip_bytes),
            change(before.macs, after.macs),
            accuracies(original, zeroed.measured),
        )
    })
}

fn narrowed(state: &State) -> Answer {
    let wanted = |variant: &Variant<'_>| variant.plan.recipe.prune_channels.is_some();
    made(state, "There is no variant with channels gone yet.", wanted, |variant, original| {
        let (before, after) = (&original.judged.size, variant.size());
        format!(
            "Multiply-accumulates {}; file {} bytes; arena {} bytes{}.",
            change(before.macs, after.macs),
            change(before.file_bytes, after.file_bytes),
            change(before.arena_bytes, after.arena_bytes),
            accuracies(original, variant.measured),
        )
    })
}

fn arenas(state: &State) -> Answer {
    let of = |scheme: Scheme| {
        move |variant: &Variant<'_>| variant.scheme() == Some(scheme) && variant.plan.recipe.prune_channels.is_none()
    };
    let int8 = variant(state, "There is no int8 variant yet.", of(Scheme::Int8));
    let wide = variant(state, "There is no 16x8 variant yet.", of(Scheme::Int16x8));
    match (int8, wide) {
        (Err(missing), _) | (_, Err(missing)) => missing,
        (Ok((int8, original)), Ok((wide, _))) => done(
            wide.evidence(),
            format!(
                "Arena: {} bytes for float, {} for 16x8, {} for int8. File: {}, {} and {} bytes.",
                grouped(original.judged.size.arena_bytes),
                grouped(wide.size().arena_bytes),
                grouped(int8.size().arena_bytes),
                grouped(original.judged.size.file_bytes),
                grouped(wide.size().file_bytes),
                grouped(int8.size().file_bytes),
            ),
        ),
    }
}

fn written(state: &State) -> Answer {
    let written = state.shrink.variants.iter().rev().find_map(|variant| {
        let (c, measured) = (variant.c.as_ref()?, variant.measured.as_ref()?);
        Some((variant.id, c.name.as_str(), measured.judged.size.arena_bytes))
    });
    match written {
        None if state.shrink.variants.is_empty() => open("There is no variant yet."),
        None => open("No variant was written as C yet."),
        Some((id, name, arena)) => {
            done(id.into(), format!("{name}.h is yours. Its model takes an arena of {} bytes here.", grouped(arena)))
        }
    }
}

/// The kernels and the median of an evaluation that has ended, in milliseconds.
pub(super) fn timing(state: &State) -> Option<(Kernels, f64)> {
    match &state.evaluation {
        Evaluation::Done(report) => Some((state.kernels, report.latency?.median_millis)),
        Evaluation::Idle | Evaluation::Running { .. } | Evaluation::Cancelled { .. } | Evaluation::Failed(_) => None,
    }
}

fn timed(state: &State, plain: bool) -> Answer {
    let Some((kernels, millis)) = timing(state) else { return open("The model has not been timed yet.") };
    let found = format!("{} kernels: {} a run, the median", kernels.label(), format::millis(millis));
    match (plain, kernels.reference(), state.learn.fast_millis) {
        (false, true, _) => open("It was timed with the reference kernels. Choose SIMD128."),
        (false, false, _) => done(millis.to_bits(), format!("{found}.")),
        (true, false, _) => open("It was timed with SIMD kernels. Choose Reference, and run it again."),
        (true, true, Some(fast)) if fast > 0.0 => done(
            millis.to_bits(),
            format!("{found}: {:.1} times the {} with SIMD.", millis / fast, format::millis(fast)),
        ),
        (true, true, _) => done(millis.to_bits(), format!("{found}.")),
    }
}

fn energy(state: &State) -> Answer {
    let wanted = |variant: &Variant<'_>| variant.scheme() == Some(Scheme::Int8);
    let made = made(state, "There is no int8 variant yet.", wanted, |variant, original| {
        let (before, after) = (original.judged.energy, variant.measured.judged.energy);
        let part = |of: fn(&Energy) -> f64| format!("{} → {}", format::joules(of(&before)), format::joules(of(&after)));
        format!(
            "Estimated for one run: {}; arithmetic {}, weights {}, activations {}.",
            part(Energy::total_nj),
            part(|energy| energy.macs_nj),
            part(|energy| energy.weights_nj),
            part(|energy| energy.activations_nj),
        )
    });
    match made {
        Answer::Done { .. } if !state.shrink.energy_open => open("Open “Where the energy goes”, below the variants."),
        made => made,
    }
}

fn refused(state: &State) -> Answer {
    match &state.model {
        Model::Refused(failure @ (Failure::Guest(_) | Failure::Import(_))) => {
            let place = words::rows(failure).into_iter().find(|(name, _)| *name == "where");
            let place = place.map_or(String::new(), |(_, place)| format!(" (at: {place})"));
            done(0, format!("{}{place}. Nothing else happened.", words::title(failure)))
        }
        Model::Refused(_) => open("The model did not even arrive. Open another one."),
        Model::None | Model::Loading { .. } | Model::Ready { .. } => open("No model was refused yet."),
    }
}

fn recovered(state: &State) -> Answer {
    match (&state.model, state.learn.found(Check::Refused)) {
        (_, None) => open("First let a broken model be refused."),
        (Model::Ready { .. }, Some(_)) => {
            let name = state.source.as_ref().map_or("", |source| source.name.as_str());
            done(0, format!("{name} is ready, in the same page."))
        }
        (Model::None | Model::Loading { .. } | Model::Refused(_), Some(_)) => open("No sound model is open."),
    }
}

fn dot(state: &State) -> Answer {
    if !state.takes_digits() {
        return open("Open one of the zoo's digits models.");
    }
    let points = || state.sketch.strokes().iter().flatten();
    let span = |along: fn(&crate::sketch::Point) -> f32| {
        let (low, high) = points().map(along).fold((f32::MAX, f32::MIN), |(low, high), at| (low.min(at), high.max(at)));
        high - low
    };
    match answer(state) {
        None => open("Nothing is drawn yet."),
        // Every stroke begins as a dot.
        Some(_) if state.sketch.is_under_way() => open("The pen is still down."),
        Some(_) if span(|p| p.x) > DOT || span(|p| p.y) > DOT => {
            open("There is more than a dot on the pad. Clear it, and tap it once.")
        }
        Some((class, score, evidence)) => done(
            evidence,
            format!(
                "For a dot the model says {class}, with a score of {}. It has no way to say that this is no digit.",
                format::percent(f64::from(score))
            ),
        ),
    }
}

fn too_far(state: &State) -> Answer {
    // Intervals that do not touch: not the luck of these samples.
    let wanted = |variant: &Variant<'_>| {
        let original = state.shrink.original.as_ref();
        match (original.and_then(|original| original.judged.accuracy.as_ref()), &variant.measured.judged.accuracy) {
            (Some(before @ Accuracy::Classification { .. }), Some(after @ Accuracy::Classification { .. })) => {
                after.headline().high < before.headline().low
            }
            _ => false,
        }
    };
    match variant(state, "No variant is worse than the original for certain yet.", wanted) {
        Err(missing) => missing,
        Ok((variant, original)) => done(
            variant.evidence(),
            format!(
                "{}: accuracy {} → {}, which is not the luck of these samples. A small file is worth nothing when it is wrong.",
                variant.plan.name,
                top1(original),
                top1(variant.measured),
            ),
        ),
    }
}
