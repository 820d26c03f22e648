//! How files become samples: what was guessed, why, and what the user says instead.

use leptos::prelude::*;
use mote_models::graph::Normalization;
use mote_models::prepare::{Form, Layout, Media, Options, Resize};

use super::columns;
use crate::app::Page;
use crate::dataset::{Event, File};
use crate::panels::controls::{segment, select};
use crate::panels::parts::files_button;

/// A way to scale that many models share: its value in the list, its name, the mean and the deviation.
const SCALES: [(&str, &str, f32, f32); 5] = [
    ("raw", "As they are", 0.0, 1.0),
    ("unit", "0 to 1: divided by 255", 0.0, 255.0),
    ("signed", "-1 to 1: less 127.5, divided by 127.5", 127.5, 127.5),
    ("sound", "-1 to 1: divided by 32768", 0.0, 32_768.0),
    ("codes", "From int8 codes: plus 128, divided by 255", -128.0, 255.0),
];
/// What the list says of any other mean and deviation.
const OTHER: (&str, &str) = ("other", "Own mean and deviation");

pub(super) fn panel(page: Page) -> impl IntoView {
    let shown = page.part(|state| {
        let outcome = state.dataset.outcome.as_ref().filter(|_| !state.dataset.files.is_empty())?;
        Some((outcome.contents.clone(), outcome.guess.why.clone()))
    });
    let edited = page.part(|state| state.dataset.options.is_some());
    move || {
        shown.get().map(|(contents, why)| {
            let sound = matches!(contents.media, Some(Media::Sound { .. }));
            let picture = matches!(contents.media, Some(Media::Picture { .. }));
            let table = contents.table.clone();
            view! {
                <section class="panel" aria-labelledby="prepare-title" id="prepare">
                    <div class="title-row">
                        <h2 id="prepare-title">"Preparation"</h2>
                        <Show when=move || edited.get()>
                            <button class="quiet" id="prepare-guess" on:click=move |_| page.tell(Event::Guessed)>
                                "Back to the guess"
                            </button>
                        </Show>
                    </div>
                    {table.map(|table| columns::choose(page, table, contents.form == Form::Table, why.columns.clone()))}
                    {picture.then(|| size(page, why.size.clone()))}
                    {sound.then(|| sound_of(page, why.size.clone()))}
                    {(!why.layout.is_empty()).then(|| layout(page, why.layout.clone()))}
                    {scale(page, why.values.clone(), why.unsure)}
                    {classes(page)}
                </section>
            }
        })
    }
}

/// Tells what the user says, beside what was so before.
pub(super) fn edit(page: Page, change: impl FnOnce(&mut Options)) {
    let options = page.part(|state| state.dataset.options().cloned()).get_untracked();
    if let Some(mut options) = options {
        change(&mut options);
        page.tell(Event::Edited(options.into()));
    }
}

fn size(page: Page, why: String) -> impl IntoView {
    let resize = page.part(|state| state.dataset.options().map(|options| options.resize).unwrap_or_default());
    let choice = move |key, label, value| {
        segment(
            "resize",
            key,
            label,
            move || resize.get() == value,
            move || edit(page, |options| options.resize = value),
        )
    };
    view! {
        <fieldset class="segments">
            <legend>"Pictures of another size"</legend>
            <div class="segment-row">
                {choice("crop", "Scale the middle", Resize::Crop)} {choice("stretch", "Stretch", Resize::Stretch)}
                {choice("exact", "Refuse", Resize::Exact)}
            </div>
            <p class="aside about">{why}</p>
        </fieldset>
    }
}

fn layout(page: Page, why: String) -> impl IntoView {
    let layout = page.part(|state| state.dataset.options().map(|options| options.layout).unwrap_or_default());
    let choice = move |key, label, value| {
        segment(
            "layout",
            key,
            label,
            move || layout.get() == value,
            move || edit(page, |options| options.layout = value),
        )
    };
    view! {
        <fieldset class="segments">
            <legend>"Order of a sample's numbers"</legend>
            <div class="segment-row">
                {choice("last", "Channels last (NHWC)", Layout::ChannelsLast)}
                {choice("first", "Channels first (NCHW)", Layout::ChannelsFirst)}
            </div>
            <p class="aside about">{why}</p>
        </fieldset>
    }
}

fn scale(page: Page, why: String, unsure: bool) -> impl IntoView {
    let normalization = page.part(|state| state.dataset.options().and_then(|options| options.normalization.clone()));
    let wrong = RwSignal::new(false);
    let chosen = move || {
        let found = match normalization.get() {
            None => Some("raw"),
            Some(Normalization { mean, deviation }) => {
                SCALES.iter().find_map(|&(key, _, of, by)| (mean == [of] && deviation == [by]).then_some(key))
            }
        };
        found.unwrap_or(OTHER.0).to_owned()
    };
    let choose = move |key: String| {
        if let Some(&(key, _, mean, deviation)) = SCALES.iter().find(|scale| scale.0 == key) {
            wrong.set(false);
            let normalization = Normalization { mean: vec![mean], deviation: vec![deviation] };
            edit(page, |options| options.normalization = (key != "raw").then_some(normalization));
        }
    };
    let list = |numbers: &[f32]| numbers.iter().map(f32::to_string).collect::<Vec<_>>().join(", ");
    let mean = move || normalization.with(|n| n.as_ref().map_or_else(|| "0".into(), |n| list(&n.mean)));
    let deviation = move || normalization.with(|n| n.as_ref().map_or_else(|| "1".into(), |n| list(&n.deviation)));
    let typed = move |text: String, is_mean: bool| {
        let numbers: Option<Vec<f32>> = text
            .split([',', ' ', ';'])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().ok().filter(|number: &f32| number.is_finite()))
            .collect();
        let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else { return wrong.set(true) };
        wrong.set(false);
        edit(page, |options| {
            let mut normalization =
                options.normalization.take().unwrap_or_else(|| Normalization { mean: vec![0.0], deviation: vec![1.0] });
            // One of each for all channels, or one of each for every channel.
            let count = numbers.len();
            let fit = |of: &mut Vec<f32>, fill: f32| {
                if of.len() != count {
                    of.resize(count, fill);
                }
            };
            if is_mean {
                fit(&mut normalization.deviation, 1.0);
                normalization.mean = numbers;
            } else {
                fit(&mut normalization.mean, 0.0);
                normalization.deviation = numbers;
            }
            options.normalization = Some(normalization);
        });
    };
    let options =
        [SCALES[0], SCALES[1], SCALES[2], SCALES[3], SCALES[4]].map(|(key, label, ..)| (key.to_owned(), label));
    let [a, b, c, d, e] = options;
    view! {
        <fieldset>
            <legend>"Scale of the numbers"</legend>
            {select("The model takes them", "scale", [a, b, c, d, e, (OTHER.0.into(), OTHER.1)], || true, chosen, choose)}
            <div class="pair">
                <label class="field">
                    <span>"Less the mean"</span>
                    <input type="text" id="mean" inputmode="decimal" prop:value=mean
                        on:change=move |event| typed(event_target_value(&event), true) />
                </label>
                <label class="field">
                    <span>"Divided by the deviation"</span>
                    <input type="text" id="deviation" inputmode="decimal" prop:value=deviation
                        on:change=move |event| typed(event_target_value(&event), false) />
                </label>
            </div>
            <p class="aside about" id="scale-why" class:unsure=unsure>{why}</p>
            <p class="wrong" role="alert">
                {move || wrong.get().then_some("Give numbers: one, or one for each channel with commas between them.")}
            </p>
        </fieldset>
    }
}

fn sound_of(page: Page, why: String) -> impl IntoView {
    let front_end = page.part(|state| state.dataset.front_end.as_ref().map(|file| file.name.clone()));
    let step = page.part(|state| state.dataset.options().map_or(0, |options| options.step));
    view! {
        <fieldset>
            <legend>"Recordings"</legend>
            <p class="aside about">{why}</p>
            <div class="row">
                {files_button(
                    "Open a front end",
                    ".tflite",
                    "front-end-file",
                    move |files: Vec<File>| {
                        if let Some(file) = files.into_iter().next() {
                            page.tell(Event::FrontEndOpened(file));
                        }
                    },
                )}
                <p class="aside" id="front-end-name">
                    {move || {
                        front_end.get().unwrap_or_else(|| "a .tflite that takes a frame of samples and gives its features".into())
                    }}
                </p>
                <Show when=move || front_end.get().is_some()>
                    <button class="quiet" id="front-end-drop" on:click=move |_| page.tell(Event::FrontEndDropped)>
                        "Without it"
                    </button>
                </Show>
            </div>
            <Show when=move || front_end.get().is_some()>
                <label class="field">
                    <span>"Samples from one frame to the next; 0 is 20 ms"</span>
                    <input type="number" id="step" min="0" prop:value=move || step.get().to_string()
                        on:change=move |event| {
                            if let Ok(value) = event_target_value(&event).parse() {
                                edit(page, |options| options.step = value);
                            }
                        } />
                </label>
            </Show>
        </fieldset>
    }
}

fn classes(page: Page) -> impl IntoView {
    let classes =
        page.part(|state| state.dataset.options().map(|options| options.classes.join(", ")).unwrap_or_default());
    view! {
        <label class="field">
            <span>"Names of the classes, in the order of the model's output"</span>
            <input type="text" id="class-names" placeholder="those that the model tells" prop:value=move || classes.get()
                on:change=move |event| {
                    let text = event_target_value(&event);
                    let names = text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
                    edit(page, |options| options.classes = names.collect());
                } />
        </label>
    }
}
