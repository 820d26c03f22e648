//! Which model, and which kernels.

use leptos::prelude::*;

use crate::app::Page;
use crate::panels::parts;
use crate::protocol::Kernels;
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
    let chosen = page.part(|state| state.kernels);
    let offered = page.part(|state| state.offered.clone());
    let choice = move |kernels: Kernels| {
        let known = move || !offered.get().is_empty();
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name="kernels"
                    id=format!("kernels-{}", kernels.key())
                    prop:checked=move || chosen.get() == kernels
                    prop:disabled=move || !offered.get().contains(&kernels)
                    on:change=move |_| page.tell(Event::KernelsChosen(kernels))
                />
                <span title=move || {
                    (known() && !offered.get().contains(&kernels)).then_some("This browser does not run this module")
                }>{kernels.label()}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segments">
            <legend>"Kernels"</legend>
            <div class="segment-row">{Kernels::ALL.map(choice).collect_view()}</div>
        </fieldset>
    }
}
