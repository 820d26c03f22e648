//! Smaller variants of the model: what is to be done, and how far it is.

use leptos::prelude::*;
use mote_models::prune::Pattern;
use mote_models::quantize::{Calibration, Scheme};
use web_sys::Event as DomEvent;

use super::parts::{bar, failure};
use super::variants;
use crate::app::Page;
use crate::shrink::{Choices, Prune, Samples, Split, Step, Work};
use crate::state::{Model, State};
use crate::update::Event;
use crate::zoo;

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

pub(crate) fn panel(page: Page) -> impl IntoView {
    let possible = page.part(State::can_shrink);
    view! {
        <section class="panel wide" aria-labelledby="shrink-title" id="shrink">
            <div class="title-row">
                <h2 id="shrink-title">"Shrink it"</h2>
                <p class="aside">"Calibrated, run and timed by the guest in this page"</p>
            </div>
            <Show when=move || possible.get() fallback=move || unfit(page)>
                <div class="shrink">
                    <div class="controls">{numbers(page)} {pruning(page)} {samples(page)}</div>
                    <div class="controls">{split(page)} {work(page)}</div>
                </div>
                {variants::table(page)}
            </Show>
        </section>
    }
}

/// Why there is nothing to shrink, and the way to something.
fn unfit(page: Page) -> impl IntoView {
    let ready = page.part(|state| matches!(state.model, Model::Ready { .. }));
    let from_zoo = page.part(|state| state.source.as_ref().is_some_and(|source| source.zoo.is_some()));
    let text = move || match ready.get() {
        true => {
            "This model computes with integers already. Smaller ones are made of the float model that it came from: \
             open that one, a .tflite or an .onnx."
        }
        false => "No model is ready.",
    };
    let float = zoo::ENTRIES.iter().position(|entry| entry.float);
    view! {
        <div class="row">
            <p class="aside">{text}</p>
            <Show when=move || ready.get() && from_zoo.get()>
                {float
                    .map(|entry| {
                        view! {
                            <button id="shrink-float" on:click=move |_| page.tell(Event::ZooChosen(entry))>
                                {format!("Take {}", zoo::ENTRIES[entry].name)}
                            </button>
                        }
                    })}
            </Show>
        </div>
    }
}

/// Tells that one of the choices is another now.
fn choose(page: Page, choices: Memo<Choices>, change: impl FnOnce(&mut Choices)) {
    let mut changed = choices.get_untracked();
    change(&mut changed);
    page.tell(Event::ChoicesMade(changed));
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
            <legend>"Numbers"</legend>
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
            <legend>"Prune"</legend>
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
            <legend>"Calibrate"</legend>
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

/// Which samples make the variant, and which judge it.
fn split(page: Page) -> impl IntoView {
    let samples = page.part(|state| match &state.shrink.samples {
        // The archive itself is nothing to show.
        Samples::Counted { survey, .. } => Samples::Counted { survey: *survey, archive: Vec::new() },
        Samples::Counting { job, .. } => Samples::Counting { job: *job, archive: Vec::new() },
        Samples::None => Samples::None,
        Samples::Unfit(failure) => Samples::Unfit(failure.clone()),
    });
    let chosen = page.part(|state| state.shrink.choices.samples);
    move || match samples.get() {
        Samples::None => view! {
            <p class="aside" id="split">
                "It takes samples as the model meets them at work: open an .npz with x, and with y to judge by."
            </p>
        }
        .into_any(),
        Samples::Counting { .. } => view! { <p class="aside" id="split">"Counting the samples"</p> }.into_any(),
        Samples::Unfit(why) => view! { <div id="split">{failure(&why)}</div> }.into_any(),
        Samples::Counted { survey, .. } => {
            let split = Split::of(survey.samples);
            let all = survey.samples.max(1) as f64;
            let used = move || chosen.get().clamp(1, split.calibration().max(1));
            let width = move |count: usize| format!("{:.2}", count as f64 / all * 100.0);
            let judged = match survey.labelled {
                true => format!("{} others judge it; none does both.", split.test()),
                false => "There are no labels: nothing is judged.".into(),
            };
            view! {
                <div class="split" id="split">
                    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                        <rect class="bar-track" width="100" height="10" />
                        <rect class="bar-spare" width=width(split.calibration()) height="10" />
                        <rect class="bar-fill" width=move || width(used()) height="10" />
                        <rect class="bar-test" x=width(split.calibration()) width=width(split.test()) height="10" />
                    </svg>
                    <p>
                        <span class="swatch swatch-fill" aria-hidden="true"></span>
                        {move || {
                            let spare = match split.calibration() - used() {
                                0 => String::new(),
                                spare => format!(", {spare} more could"),
                            };
                            format!("{} of {} samples make the variant{spare}", used(), survey.samples)
                        }}
                    </p>
                    <p>
                        <span class="swatch swatch-test" aria-hidden="true"></span>
                        {judged}
                    </p>
                </div>
            }
            .into_any()
        }
    }
}

fn work(page: Page) -> impl IntoView {
    let work = page.part(|state| state.shrink.work.clone());
    let running = page.part(|state| state.shrink.is_running());
    let plan = page.part(|state| state.shrink.plan().map(|plan| plan.name));
    let made = page.part(|state| state.shrink.variants.last().map(|variant| variant.plan.name.clone()));
    let start = move || match plan.get() {
        Some(name) => format!("Make {name}"),
        None => "Make it".into(),
    };
    let share = move || match work.get() {
        Work::Running { done, total, .. } => done as f64 / total.max(1) as f64,
        Work::Idle if made.get().is_some() => 1.0,
        Work::Idle | Work::Cancelled | Work::Failed(_) => 0.0,
    };
    let text = move || match work.get() {
        Work::Running { step, stage, done, total, .. } => {
            let step = match step {
                Step::Original(_) => "Measuring the original".into(),
                Step::Make(plan) => format!("Making {}", plan.name),
                Step::Judge => "Measuring the variant".into(),
                Step::Export { .. } => "Writing C".into(),
            };
            if total == 0 { step } else { format!("{step}: {stage}, {done} of {total}") }
        }
        Work::Idle => match (made.get(), plan.get()) {
            (Some(name), _) => format!("made {name}"),
            (None, Some(_)) => "nothing made yet".into(),
            (None, None) => "nothing to do: choose numbers or pruning".into(),
        },
        Work::Cancelled => "cancelled".into(),
        Work::Failed(_) => "failed".into(),
    };
    let failed = move || match work.get() {
        Work::Failed(why) => Some(failure(&why)),
        Work::Idle | Work::Running { .. } | Work::Cancelled => None,
    };
    view! {
        <div class="row">
            <button
                class="primary"
                id="shrink-start"
                prop:disabled=move || running.get() || plan.get().is_none()
                on:click=move |_| page.tell(Event::ShrinkAsked)
            >
                {start}
            </button>
            <button
                id="shrink-cancel"
                prop:disabled=move || !running.get()
                on:click=move |_| page.tell(Event::ShrinkCancelled)
            >
                "Cancel"
            </button>
        </div>
        <div class="progress">
            {bar(share)}
            // Busy: a screen reader waits for the last word.
            <p class="aside" role="status" id="shrink-status" aria-busy=move || running.get().to_string()>
                {text}
            </p>
        </div>
        {failed}
    }
}

/// One of several choices side by side.
fn segment(
    name: &'static str,
    key: &'static str,
    label: &'static str,
    chosen: impl Fn() -> bool + Send + 'static,
    choose: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <label class="segment">
            <input type="radio" name=name id=format!("{name}-{key}") prop:checked=chosen on:change=move |_| choose() />
            <span>{label}</span>
        </label>
    }
}

fn select<const N: usize>(
    label: &'static str,
    id: &'static str,
    options: [(String, &'static str); N],
    enabled: impl Fn() -> bool + Send + 'static,
    chosen: impl Fn() -> String + Send + Sync + Copy + 'static,
    choose: impl Fn(String) + 'static,
) -> impl IntoView {
    let option = move |(value, label): (String, &'static str)| {
        let is_chosen = value.clone();
        view! {
            <option value=value prop:selected=move || chosen() == is_chosen>
                {label}
            </option>
        }
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <select id=id prop:disabled=move || !enabled() on:change=move |event: DomEvent| choose(event_target_value(&event))>
                {options.map(option).collect_view()}
            </select>
        </label>
    }
}

/// A number from the first to the second of `range`, in steps of the third.
fn slider(
    label: &'static str,
    id: &'static str,
    range: [usize; 3],
    enabled: impl Fn() -> bool + Send + 'static,
    value: impl Fn() -> (usize, String) + Send + Sync + Copy + 'static,
    choose: impl Fn(usize) + 'static,
) -> impl IntoView {
    let [least, most, step] = range;
    let moved = move |event: DomEvent| {
        if let Ok(value) = event_target_value(&event).parse() {
            choose(value);
        }
    };
    view! {
        <label class="field">
            <span class="field-name">{label} <output for=id>{move || value().1}</output></span>
            <input
                type="range"
                id=id
                min=least
                max=most
                step=step
                prop:value=move || value().0.to_string()
                prop:disabled=move || !enabled()
                aria-valuetext=move || value().1
                on:input=moved
            />
        </label>
    }
}
