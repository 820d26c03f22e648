//! A map of the channels by what they do on the samples, and the removal of those that stay silent.

use leptos::prelude::*;

use super::{answer, work};
use crate::app::Page;
use crate::charts::Strip;
use crate::panels::charts::strip::strip;
use crate::panels::controls::slider;
use crate::pipeline::Layer;
use crate::understand::layers::labels;
use crate::understand::silent::{Loss, Removal, shades};
use crate::understand::{Event, Found, Part};

/// A layer as the page shows it.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    label: String,
    strip: Strip,
    silent: Vec<usize>,
    channels: usize,
    fixed: Option<String>,
    loss: Option<Loss>,
}

pub(super) fn panel(page: Page) -> impl IntoView {
    let lines = page.part(|state| {
        let found = state.understand.channels.done()?;
        let threshold = f64::from(state.understand.threshold) / 100.0;
        let removal = Removal::of(found, threshold);
        let labels = labels(found.layers.iter().map(|layer| layer.name.as_str()));
        let line = |(layer, label): (&Layer, String)| Line {
            label,
            strip: Strip::of(&shades(layer, threshold)),
            silent: layer.silent(threshold),
            channels: layer.channels.len(),
            fixed: layer.fixed.clone(),
            loss: removal.layers.get(&layer.name).copied(),
        };
        Some(found.layers.iter().zip(labels).map(line).collect::<Vec<_>>())
    });
    let samples = page.part(|state| state.understand.channels.done().map_or(0, |found| found.samples));
    let threshold = page.part(|state| state.understand.threshold);
    let gone = page.part(|state| state.removal().map_or(0, |removal| removal.channels()));
    let is_done = page.part(|state| matches!(state.understand.channels, Found::Done(_)));
    let remove = move || match gone.get() {
        0 => "No silent channel can go".to_owned(),
        1 => "Remove the silent one".to_owned(),
        count => format!("Remove the {count} silent ones"),
    };
    let text = move || match threshold.get() {
        100 => "gives nothing on any sample".to_owned(),
        share => format!("gives nothing on {share} % of the samples"),
    };
    view! {
        <section class="panel" aria-labelledby="silent-title" id="silent">
            <h2 id="silent-title">"Channels that stay silent"</h2>
            <p class="aside">
                {move || match is_done.get() {
                    true => {
                        format!("Each square is a channel of the original on the {} samples that variants are made by.", samples.get())
                    }
                    false => "Shows what each channel of the original does on the samples that variants are made by.".into(),
                }}
            </p>
            {work::show(page, Part::Channels, "silent", "Look at the channels")}
            <Show when=move || is_done.get()>
                <div class="filters">
                    {slider(
                        "Silent: ",
                        "silent-threshold",
                        [50, 100, 1],
                        || true,
                        move || (usize::from(threshold.get()), text()),
                        move |value| page.tell(Event::ThresholdChosen(u8::try_from(value).unwrap_or(100))),
                    )}
                    <button
                        class="primary"
                        id="silent-remove"
                        prop:disabled=move || gone.get() == 0
                        on:click=move |_| page.tell(Event::SilentRemoved)
                    >
                        {remove}
                    </button>
                </div>
                {answer::show(page, "silent-answer")}
                <ul class="strips" id="strips">
                    {move || lines.get().unwrap_or_default().into_iter().map(line).collect_view()}
                </ul>
                <p class="aside legend-strip">
                    {key(0)} "always busy" {key(2)} "nothing at times" {key(4)} "mostly nothing" {key(5)} "silent"
                </p>
            </Show>
        </section>
    }
}

/// A square of a shade.
fn key(shade: usize) -> impl IntoView {
    view! {
        <svg viewBox="0 0 9 9" aria-hidden="true">
            <rect class=format!("shade-{shade}") width="9" height="9" />
        </svg>
    }
}

fn line(Line { label, strip: drawn, silent, channels, fixed, loss }: Line) -> impl IntoView {
    let count = match silent.len() {
        0 => format!("none of {channels}"),
        count => format!("{count} of {channels}"),
    };
    let which: Vec<String> = silent.iter().take(12).map(usize::to_string).collect();
    let more = if silent.len() > which.len() { ", ..." } else { "" };
    let which = if which.is_empty() { String::new() } else { format!(": {}{more}", which.join(", ")) };
    let about = format!("{label}: {count} channels are silent{which}");
    let remark = match (loss, fixed, silent.is_empty()) {
        (Some(Loss { gone, .. }), _, _) => format!("{gone} can go"),
        (None, Some(why), false) => format!("none can go: {why}"),
        (None, None, false) => "goes with another layer, or not at all".into(),
        (None, _, true) => String::new(),
    };
    view! {
        <li>
            <span class="strip-name">{label}</span>
            {strip(drawn, about)}
            <span class="strip-count">{count}</span>
            <span class="aside">{remark}</span>
        </li>
    }
}
