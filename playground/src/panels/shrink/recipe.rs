//! The controls that are a recipe.

use leptos::prelude::*;
use mote_models::prune::Pattern;
use mote_models::quantize::{Calibration, Scheme};

use crate::app::Page;
use crate::panels::controls::{segment, select, slider};
use crate::panels::learn::term;
use crate::shrink::{Choices, Event, Prune, Split};

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

const PRUNES: [(Prune, &str, &str, &str); 3] = [
    (Prune::Nothing, "nothing", "nothing", "All weights stay."),
    (Prune::Weights, "weights", "weights", "The weights that matter least become 0: the compressed file shrinks."),
    (
        Prune::Channels,
        "channels",
        "channels",
        "The channels that do least on these samples go: file, arena and work shrink together.",
    ),
];

const CALIBRATIONS: [(Calibration, &str); 6] = [
    (Calibration::Auto, "best for each layer"),
    (Calibration::MinMax, "min-max"),
    (Calibration::Average, "average of min-max"),
    (Calibration::Percentile, "percentile"),
    (Calibration::Mse, "least squared error"),
    (Calibration::Entropy, "entropy"),
];

/// Patterns by the text that they are parsed from.
const PATTERNS: [(&str, &str); 4] = [
    ("unstructured", "each weight by itself"),
    ("kernels", "blocks that kernels skip"),
    ("4x1", "blocks of 4 × 1"),
    ("2:4", "2 of 4 stay"),
];

pub(super) fn controls(page: Page) -> impl IntoView {
    (numbers(page), pruning(page), samples(page))
}

/// Tells that one of the choices is another now.
fn choose(page: Page, choices: Memo<Choices>, change: impl FnOnce(&mut Choices)) {
    let mut changed = choices.get_untracked();
    change(&mut changed);
    page.tell(Event::Chosen(changed));
}

fn numbers(page: Page) -> impl IntoView {
    let choices = page.part(|state| state.shrink.choices);
    let choice = move |(scheme, key, label, _): (Option<Scheme>, &'static str, &'static str, &'static str)| {
        segment(
            "scheme",
            key,
            label,
            move || choices.get().scheme == scheme,
            move || choose(page, choices, |c| c.scheme = scheme),
        )
    };
    let about = move || {
        SCHEMES.iter().find(|(scheme, ..)| *scheme == choices.get().scheme).map_or("", |(_, _, _, about)| *about)
    };
    view! {
        <fieldset class="segments">
            <legend>{term("quantization", "Numbers")}</legend>
            <div class="segment-row">{SCHEMES.map(choice).collect_view()}</div>
            <p class="aside about">{about}</p>
            <div class="pair">
                {slider(
                    "Bits of a weight",
                    "bits",
                    [3, 8, 1],
                    move || choices.get().scheme.is_some(),
                    move || (usize::from(choices.get().bits), bits(choices.get().bits)),
                    move |value| choose(page, choices, |c| c.bits = value as u8),
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

fn pruning(page: Page) -> impl IntoView {
    let choices = page.part(|state| state.shrink.choices);
    let prune = Memo::new(move |_| choices.get().prune);
    let choice = move |(what, key, label, _): (Prune, &'static str, &'static str, &'static str)| {
        segment("prune", key, label, move || prune.get() == what, move || choose(page, choices, |c| c.prune = what))
    };
    let about = move || PRUNES.iter().find(|(what, ..)| *what == prune.get()).map_or("", |(_, _, _, about)| *about);
    let patterns = move || {
        select(
            "Which zeros",
            "pattern",
            PATTERNS.map(|(text, label)| (text.to_owned(), label)),
            || true,
            move || choices.get().pattern.to_string(),
            move |text| {
                if let Ok(pattern) = text.parse::<Pattern>() {
                    choose(page, choices, |c| c.pattern = pattern);
                }
            },
        )
    };
    let sparsity = move || {
        slider(
            "Zeros",
            "sparsity",
            [10, 90, 5],
            move || choices.get().has_sparsity(),
            move || (usize::from(choices.get().sparsity), format!("{} %", choices.get().sparsity)),
            move |value| choose(page, choices, |c| c.sparsity = value as u8),
        )
    };
    let macs = move || {
        slider(
            "Work that goes",
            "macs",
            [10, 80, 5],
            || true,
            move || (usize::from(choices.get().macs), format!("{} % of MACs", choices.get().macs)),
            move |value| choose(page, choices, |c| c.macs = value as u8),
        )
    };
    view! {
        <fieldset class="segments">
            <legend>{term("pruning", "Prune")}</legend>
            <div class="segment-row">{PRUNES.map(choice).collect_view()}</div>
            <p class="aside about">{about}</p>
            <div class="pair">
                {move || match prune.get() {
                    Prune::Nothing => ().into_any(),
                    Prune::Weights => (patterns(), sparsity()).into_any(),
                    Prune::Channels => macs().into_any(),
                }}
            </div>
        </fieldset>
    }
}

fn samples(page: Page) -> impl IntoView {
    let choices = page.part(|state| state.shrink.choices);
    let most = page.part(|state| state.shrink.split().map_or(1, Split::calibration).max(1));
    let value = move || choices.get().samples.clamp(1, most.get());
    view! {
        <fieldset class="segments">
            <legend>{term("calibration", "Calibrate")}</legend>
            <div class="pair">
                {select(
                    "Ranges",
                    "calibration",
                    CALIBRATIONS.map(|(calibration, label)| (key(calibration), label)),
                    move || choices.get().calibrates(),
                    move || key(choices.get().calibration),
                    move |text| {
                        if let Some((calibration, _)) = CALIBRATIONS.iter().find(|(c, _)| key(*c) == text) {
                            choose(page, choices, |c| c.calibration = *calibration);
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
                        move |value| choose(page, choices, |c| c.samples = value),
                    )
                }}
            </div>
        </fieldset>
    }
}

/// A calibration as recipes name it.
fn key(calibration: Calibration) -> String {
    serde_json::to_value(calibration).ok().and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default()
}
