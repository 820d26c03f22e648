//! The controls that are a recipe. Every change is told at once; what follows on it is not the controls' business.

use leptos::prelude::*;
use mote_models::prune::Pattern;
use mote_models::prune::channels::{Criterion, Target};
use mote_models::quantize::{Calibration, Rounding, Scheme};

use crate::app::Page;
use crate::panels::controls::{segment, select, slider, switch};
use crate::panels::learn::term;
use crate::shrink::{Choices, Event, Split, percent};

const SCHEMES: [(Option<Scheme>, &str, &str, &str); 4] = [
    (None, "float", "float32", "Weights and activations stay 32-bit floats."),
    (
        Some(Scheme::Int8),
        "int8",
        "int8",
        "8-bit weights and activations: a quarter of the size, integer arithmetic only.",
    ),
    (
        Some(Scheme::Int16x8),
        "16x8",
        "16x8",
        "8-bit weights, 16-bit activations: nearly float32's accuracy for twice the arena.",
    ),
    (
        Some(Scheme::WeightOnly),
        "weights",
        "weights only",
        "8-bit weights, float32 arithmetic: a quarter of the file, not of the arena.",
    ),
];

pub(in crate::panels) const CALIBRATIONS: [(Calibration, &str); 6] = [
    (Calibration::Auto, "best for each layer"),
    (Calibration::MinMax, "min-max"),
    (Calibration::Average, "average of min-max"),
    (Calibration::Percentile, "percentile"),
    (Calibration::Mse, "least squared error"),
    (Calibration::Entropy, "entropy"),
];

/// Patterns by the text that they are parsed from.
const PATTERNS: [(&str, &str); 6] = [
    ("unstructured", "each weight by itself"),
    ("kernels", "blocks that kernels skip"),
    ("4x1", "blocks of 4 × 1"),
    ("16x1", "blocks of 16 × 1"),
    ("2:4", "2 of 4 stay"),
    ("1:4", "1 of 4 stays"),
];

const CRITERIA: [(Criterion, &str, &str); 4] = [
    (Criterion::Activity, "activity", "those that do least on the samples"),
    (Criterion::L2, "l2", "those of the smallest weights (L2)"),
    (Criterion::L1, "l1", "those of the smallest weights (L1)"),
    (Criterion::BatchNorm, "batch-norm", "those of the smallest batch normalization"),
];

/// The choices, and the way to change them.
#[derive(Clone, Copy)]
pub(super) struct Controls {
    page: Page,
    pub(super) choices: Memo<Choices>,
}

impl Controls {
    pub(super) fn new(page: Page) -> Self {
        Self { page, choices: page.part(|state| state.shrink.choices.clone()) }
    }

    /// A part of the choices.
    pub(super) fn get<T>(self, part: impl FnOnce(&Choices) -> T) -> T {
        self.choices.with(part)
    }

    /// Tells that one of the choices is another now.
    pub(super) fn change(self, change: impl FnOnce(&mut Choices)) {
        let mut changed = self.choices.get_untracked();
        change(&mut changed);
        self.page.tell(Event::Chosen(changed.into()));
    }
}

pub(super) fn controls(page: Page) -> impl IntoView {
    let controls = Controls::new(page);
    (numbers(controls), calibrating(page, controls), savers(controls), pruning(controls))
}

fn numbers(controls: Controls) -> impl IntoView {
    let choice = move |(scheme, key, label, _): (Option<Scheme>, &'static str, &'static str, &'static str)| {
        let chosen = move || controls.get(|c| c.scheme() == scheme);
        segment("scheme", key, label, chosen, move || controls.change(|c| c.set_scheme(scheme)))
    };
    let about = move || {
        let scheme = controls.get(Choices::scheme);
        SCHEMES.iter().find(|(known, ..)| *known == scheme).map_or("", |(_, _, _, about)| *about)
    };
    let weight_bits = move || controls.get(|c| c.quantize.options.weight_bits);
    view! {
        <fieldset class="segments">
            <legend>{term("quantization", "Numbers")}</legend>
            <div class="segment-row">{SCHEMES.map(choice).collect_view()}</div>
            <p class="aside about">{about}</p>
            <div class="pair">
                {slider(
                    "Bits of a weight",
                    "bits",
                    [2, 8, 1],
                    move || controls.get(|c| c.quantize.on),
                    move || (usize::from(weight_bits()), bits(weight_bits())),
                    move |value| controls.change(|c| c.quantize.options.weight_bits = value as u8),
                )}
            </div>
        </fieldset>
    }
}

/// Fewer bits are stored in bytes all the same: only the compressed file tells.
fn bits(bits: u8) -> String {
    match bits {
        8 => "8".into(),
        _ => format!("{bits}: smaller when gzipped"),
    }
}

fn calibrating(page: Page, controls: Controls) -> impl IntoView {
    let most = page.part(|state| state.shrink.split().map_or(1, Split::calibration).max(1));
    let value = move || controls.get(|c| c.samples).clamp(1, most.get());
    let ranges = move || key(controls.get(|c| c.quantize.options.calibration));
    let percentile = Memo::new(move |_| controls.get(|c| c.quantize.options.calibration) == Calibration::Percentile);
    view! {
        <fieldset class="segments">
            <legend>{term("calibration", "Calibrate")}</legend>
            <div class="pair">
                {select(
                    "Ranges",
                    "calibration",
                    CALIBRATIONS.map(|(calibration, label)| (key(calibration), label.to_owned())).to_vec(),
                    move || controls.get(Choices::calibrates),
                    ranges,
                    move |text| {
                        if let Some((calibration, _)) = CALIBRATIONS.iter().find(|(c, _)| key(*c) == text) {
                            controls.change(|c| c.quantize.options.calibration = *calibration);
                        }
                    },
                )}
                {move || {
                    slider(
                        "Samples",
                        "samples",
                        [1, most.get(), 1],
                        || true,
                        move || (value(), format!("{} of {}", value(), most.get())),
                        move |value| controls.change(|c| (c.samples, c.own_samples) = (value, None)),
                    )
                }}
                {move || percentile.get().then(|| {
                    let kept = move || controls.get(|c| c.quantize.options.percentile);
                    // From 99 to 99.99 % in hundredths.
                    slider(
                        "Values kept",
                        "percentile",
                        [9900, 9999, 1],
                        move || controls.get(Choices::calibrates),
                        move || ((kept() * 100.0).round() as usize, format!("{} %", kept())),
                        move |value| controls.change(|c| c.quantize.options.percentile = value as f64 / 100.0),
                    )
                })}
            </div>
        </fieldset>
    }
}

/// What keeps accuracy where numbers get coarse.
fn savers(controls: Controls) -> impl IntoView {
    let quantizes = move || controls.get(|c| c.quantize.on);
    view! {
        <fieldset class="segments">
            <legend>"Savers of accuracy"</legend>
            <div class="switches">
                {switch(
                    "equalize",
                    "Equalize channels",
                    quantizes,
                    move || controls.get(|c| c.quantize.options.equalize),
                    move |on| controls.change(|c| c.quantize.options.equalize = on),
                )}
                {switch(
                    "rounding",
                    "Round weights together",
                    quantizes,
                    move || controls.get(|c| c.quantize.options.rounding == Rounding::Adaptive),
                    move |on| {
                        let rounding = if on { Rounding::Adaptive } else { Rounding::Nearest };
                        controls.change(|c| c.quantize.options.rounding = rounding);
                    },
                )}
                {switch(
                    "correct-bias",
                    "Correct biases",
                    quantizes,
                    move || controls.get(|c| c.quantize.options.correct_bias),
                    move |on| controls.change(|c| c.quantize.options.correct_bias = on),
                )}
                {switch(
                    "refit",
                    "Refit what pruning leaves",
                    move || controls.get(|c| c.weights.on || c.channels.on),
                    move || controls.get(|c| c.refit),
                    move |on| controls.change(|c| c.refit = on),
                )}
            </div>
        </fieldset>
    }
}

fn pruning(controls: Controls) -> impl IntoView {
    let (weights, channels) =
        (Memo::new(move |_| controls.get(|c| c.weights.on)), Memo::new(move |_| controls.get(|c| c.channels.on)));
    view! {
        <fieldset class="segments">
            <legend>{term("pruning", "Prune")}</legend>
            <div class="switches">
                {switch(
                    "prune-weights",
                    "Weights: those that matter least become 0",
                    || true,
                    move || weights.get(),
                    move |on| controls.change(|c| c.weights.on = on),
                )}
            </div>
            {move || weights.get().then(|| pruning_weights(controls))}
            <div class="switches">
                {switch(
                    "prune-channels",
                    "Channels: file, arena and work shrink together",
                    || true,
                    move || channels.get(),
                    move |on| controls.change(|c| c.channels.on = on),
                )}
            </div>
            {move || channels.get().then(|| pruning_channels(controls))}
        </fieldset>
    }
}

fn pruning_weights(controls: Controls) -> impl IntoView {
    let pattern = move || controls.get(|c| c.weights.options.pattern.to_string());
    let mut patterns = PATTERNS.map(|(text, label)| (text.to_owned(), label.to_owned())).to_vec();
    // A recipe may have brought another one.
    let own = controls.choices.get_untracked().weights.options.pattern.to_string();
    if patterns.iter().all(|(text, _)| *text != own) {
        patterns.push((own.clone(), own));
    }
    let sparsity = move || percent(controls.get(|c| c.weights.options.sparsity));
    view! {
        <div class="pair">
            {select(
                "Which zeros",
                "pattern",
                patterns,
                || true,
                pattern,
                move |text| {
                    if let Ok(pattern) = text.parse::<Pattern>() {
                        controls.change(|c| c.weights.options.pattern = pattern);
                    }
                },
            )}
            {slider(
                "Zeros",
                "sparsity",
                [0, 95, 1],
                move || controls.get(Choices::has_sparsity),
                move || (sparsity().round() as usize, format!("{} %", sparsity())),
                move |value| controls.change(|c| c.weights.options.sparsity = share(value)),
            )}
        </div>
    }
}

fn pruning_channels(controls: Controls) -> impl IntoView {
    let target = move || controls.get(|c| c.channels.options.target);
    let of_macs = move || matches!(target(), Target::Macs(_));
    let gone = move || match target() {
        Target::Macs(share) | Target::Channels(share) => percent(share),
    };
    let unit = move || if of_macs() { "of MACs" } else { "of channels" };
    let with = |macs: bool, share: f32| if macs { Target::Macs(share) } else { Target::Channels(share) };
    let criterion = move || {
        let chosen = controls.get(|c| c.channels.options.criterion);
        CRITERIA.iter().find(|(known, ..)| *known == chosen).map_or("", |(_, key, _)| *key).to_owned()
    };
    view! {
        <div class="pair">
            {select(
                "Which channels",
                "criterion",
                CRITERIA.map(|(_, key, label)| (key.to_owned(), label.to_owned())).to_vec(),
                || true,
                criterion,
                move |text| {
                    if let Some((criterion, ..)) = CRITERIA.iter().find(|(_, key, _)| *key == text) {
                        controls.change(|c| c.channels.options.criterion = *criterion);
                    }
                },
            )}
            {select(
                "How much",
                "target",
                vec![
                    ("macs".to_owned(), "a share of the work".to_owned()),
                    ("channels".to_owned(), "a share of each layer".to_owned()),
                ],
                || true,
                move || if of_macs() { "macs" } else { "channels" }.to_owned(),
                move |text| {
                    controls.change(|c| c.channels.options.target = with(text == "macs", share(gone().round() as usize)));
                },
            )}
            {slider(
                "That goes",
                "macs",
                [0, 80, 1],
                || true,
                move || (gone().round() as usize, format!("{} % {}", gone(), unit())),
                move |value| controls.change(|c| c.channels.options.target = with(of_macs(), share(value))),
            )}
        </div>
    }
}

fn share(percent: usize) -> f32 {
    percent as f32 / 100.0
}

/// A calibration as recipes name it.
pub(in crate::panels) fn key(calibration: Calibration) -> String {
    serde_json::to_value(calibration).ok().and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default()
}
