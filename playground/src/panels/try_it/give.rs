//! Inputs from sensors, files and the keyboard.

use leptos::html::Textarea;
use leptos::prelude::*;

use crate::app::Page;
use crate::devices::VIEWFINDER;
use crate::panels::learn::term;
use crate::panels::parts::file_button;
use crate::try_it::{Device, Event, Fit, Source};

pub(super) fn panel(page: Page) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="give-title" id="give">
            <h2 id="give-title">"Give it an input"</h2>
            <p class="aside">
                "It is prepared as data are, with the model's own " {term("normalization", "normalization")}
                ", and does not leave this page."
            </p>
            <ul class="sources">{Source::ALL.map(|source| sensor(page, source)).collect_view()}</ul>
            {viewfinder(page)}
            {front_end(page)}
            <div class="row">
                {file_button(
                    "Open a picture, WAV or CSV",
                    ".png,.jpg,.jpeg,.wav,.csv,.npz,.npy",
                    "give-file",
                    move |name, bytes| page.tell(Event::Given { name, bytes }),
                )}
                <p class="aside">"or drop it on this view"</p>
            </div>
            {row(page)}
        </section>
    }
}

/// A sensor with its switch, and what is to be known of it.
fn sensor(page: Page, source: Source) -> impl IntoView {
    let device = page.part(|state| state.try_it.device.clone());
    let fit = page.part(move |state| state.fit(source));
    let has_front_end = page.part(|state| state.try_it.front_end.is_some());
    let is_on = move || device.with(|d| matches!(d, Device::On(s) | Device::Asking(s) if *s == source));
    let usable = move || match fit.get() {
        Fit::Yes => true,
        Fit::WithFrontEnd => has_front_end.get(),
        Fit::No(_) => false,
    };
    let said = move || match (device.get(), fit.get()) {
        (_, Fit::No(why)) => why,
        (Device::Asking(s), _) if s == source => "The browser asks whether this page may use it.".into(),
        (Device::On(s), _) if s == source => "On.".into(),
        (_, Fit::WithFrontEnd) if !has_front_end.get() => {
            "This model takes features, not sound. Open the front end that makes them, below.".into()
        }
        (Device::Off | Device::Asking(_) | Device::On(_) | Device::Failed(..), _) => "Off.".into(),
    };
    let trouble = move || match device.get() {
        Device::Failed(s, trouble) if s == source => Some(format!("{} {}", trouble.what(), trouble.remedy())),
        Device::Off | Device::Asking(_) | Device::On(_) | Device::Failed(..) => None,
    };
    let clicked = move |_| {
        page.tell(if is_on() { Event::StopAsked } else { Event::DeviceAsked(source) });
    };
    view! {
        <li class="source">
            <button
                id=format!("sense-{}", source.key())
                prop:disabled=move || !usable()
                aria-describedby=format!("sense-{}-said", source.key())
                on:click=clicked
            >
                {move || if is_on() { format!("Stop the {}", noun(source)) } else { source.label().to_owned() }}
            </button>
            <span class="aside" role="status" id=format!("sense-{}-said", source.key())>{said}</span>
            {move || trouble().map(|text| view! { <p class="trouble" role="alert">{text}</p> })}
        </li>
    }
}

fn noun(source: Source) -> &'static str {
    match source {
        Source::Camera => "camera",
        Source::Microphone => "microphone",
        Source::Motion => "motion sensor",
    }
}

/// What the camera sees. It is always there, for the camera to find it.
fn viewfinder(page: Page) -> impl IntoView {
    let hidden =
        page.part(|state| !matches!(state.try_it.device, Device::On(Source::Camera) | Device::Asking(Source::Camera)));
    view! {
        <video
            id=VIEWFINDER
            class="viewfinder"
            prop:muted=true
            playsinline
            hidden=move || hidden.get()
            aria-label="What the camera sees"
        ></video>
    }
}

/// The model that makes features, where this model takes them.
fn front_end(page: Page) -> impl IntoView {
    let needed = page.part(|state| state.fit(Source::Microphone) == Fit::WithFrontEnd);
    let name = page.part(|state| state.try_it.front_end.as_ref().map(|file| file.name.clone()));
    view! {
        <Show when=move || needed.get()>
            <div class="row">
                {file_button(
                    "Open a front end",
                    ".tflite",
                    "front-end-file",
                    move |name, bytes| page.tell(Event::FrontEndOpened { name, bytes }),
                )}
                <p class="aside" id="front-end-name">
                    {move || name.get().unwrap_or_else(|| "none yet: a .tflite from 16-bit samples to ".into())}
                    {move || name.with(Option::is_none).then(|| term("features", "features"))}
                </p>
                <Show when=move || name.with(Option::is_some)>
                    <button class="quiet" id="front-end-drop" on:click=move |_| page.tell(Event::FrontEndDropped)>
                        "Take it away"
                    </button>
                </Show>
            </div>
        </Show>
    }
}

/// Numbers as they are typed or pasted.
fn row(page: Page) -> impl IntoView {
    let typed = NodeRef::<Textarea>::new();
    let numbers = page.part(|state| match state.description().map(|d| d.inputs.as_slice()) {
        Some([input]) => Some(input.elements()),
        Some(_) | None => None,
    });
    let label = move || match numbers.get() {
        Some(numbers) => format!("Or type or paste {numbers} numbers, with commas between them"),
        None => "Or type or paste numbers, with commas between them".into(),
    };
    let give = move |_| {
        if let Some(typed) = typed.get_untracked() {
            page.tell(Event::RowTyped(typed.value()));
        }
    };
    view! {
        <label class="field" for="row">
            <span>{label}</span>
        </label>
        <textarea id="row" class="mono" rows="3" spellcheck="false" node_ref=typed></textarea>
        <div class="row">
            <button id="row-give" prop:disabled=move || numbers.get().is_none() on:click=give>
                "Let it answer"
            </button>
        </div>
    }
}
