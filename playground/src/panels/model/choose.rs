//! Which model, and which kernels.

use leptos::prelude::*;

use crate::app::Page;
use crate::panels::parts;
use crate::protocol::Kernels;
use crate::relaxed::Wanted;
use crate::state::Model;
use crate::update::Event;
use crate::zoo;

pub(super) fn panel(page: Page) -> impl IntoView {
    let zoo_entry = page.part(|state| state.source.as_ref().and_then(|source| source.zoo));
    let file = page.part(|state| state.source.as_ref().filter(|source| source.zoo.is_none()).map(|s| s.name.clone()));
    let refusal = page.part(|state| match &state.model {
        Model::Refused(failure) => Some(failure.clone()),
        Model::None | Model::Loading { .. } | Model::Ready { .. } => None,
    });
    let zoo_model = move |(index, entry): (usize, &'static zoo::Entry)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="model"
                    id=format!("zoo-{index}")
                    prop:checked=move || zoo_entry.get() == Some(index)
                    on:change=move |_| page.tell(Event::ZooChosen(index))
                />
                <span class="choice-name">{entry.name}</span>
                <span class="choice-about">{entry.about}</span>
            </label>
        }
    };
    view! {
        <section class="panel" aria-labelledby="model-title" id="model">
            <h2 id="model-title">"Model"</h2>
            <fieldset class="choices">
                <legend class="hidden">"Model of the zoo"</legend>
                {zoo::ENTRIES.iter().enumerate().map(zoo_model).collect_view()}
            </fieldset>
            <div class="row">
                {parts::file_button(
                    "Open a .tflite or .onnx",
                    ".tflite,.onnx",
                    "model-file",
                    move |name, bytes| page.tell(Event::ModelOpened { name, bytes }),
                )}
                <p class="aside" id="model-name">
                    {move || file.get().unwrap_or_else(|| "or drop it anywhere on the page".into())}
                </p>
            </div>
            {kernels(page)}
            {move || refusal.get().map(|refusal| parts::failure(&refusal))}
        </section>
    }
}

fn kernels(page: Page) -> impl IntoView {
    let wanted = page.part(|state| state.wanted);
    let relaxed = page.part(|state| state.relaxed);
    let used = page.part(|state| state.kernels);
    let choice = move |(own, key, label): (Wanted, &'static str, &'static str)| {
        let runs = move || match own {
            Wanted::Automatic => true,
            Wanted::These(kernels) => relaxed.get().is_some_and(|relaxed| relaxed.kernels().contains(&kernels)),
        };
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name="kernels"
                    id=format!("kernels-{key}")
                    prop:checked=move || wanted.get() == own
                    prop:disabled=move || !runs()
                    on:change=move |_| page.tell(Event::KernelsChosen(own))
                />
                <span>{label}</span>
            </label>
        }
    };
    let these = Kernels::ALL.map(|kernels| choice((Wanted::These(kernels), kernels.key(), kernels.label())));
    let about = move || match (relaxed.get(), wanted.get()) {
        (None, _) => "\u{a0}".to_owned(),
        (Some(relaxed), Wanted::Automatic) => format!("{}: {}.", used.get().label(), relaxed.reason()),
        (Some(_), Wanted::These(kernels)) => format!("{}: {}.", kernels.label(), kernels.about()),
    };
    view! {
        <fieldset class="segments">
            <legend>"Kernels"</legend>
            <div class="segment-row">{choice((Wanted::Automatic, "automatic", "Automatic"))} {these.collect_view()}</div>
            <p class="aside about" id="kernels-about">
                {about}
            </p>
        </fieldset>
    }
}
