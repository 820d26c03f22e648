//! Smaller variants of the model: what is to be done, how far it is, what was made.

mod classes;
mod device;
mod draft;
mod energy;
mod explore;
mod layers;
mod more;
mod recipe;
mod search;
mod split;
mod take;
mod variants;

use leptos::prelude::*;

pub(in crate::panels) use recipe::{CALIBRATIONS, key};

use crate::app::Page;
use crate::state::{Model, State};
use crate::update::Event;
use crate::zoo;

pub(crate) fn view(page: Page) -> impl IntoView {
    let possible = page.part(State::can_shrink);
    view! {
        <section class="panel" aria-labelledby="shrink-title" id="shrink">
            <div class="title-row">
                <h2 id="shrink-title">"Shrink it"</h2>
                <p class="aside">"Calibrated, run and timed by the guest in this page"</p>
            </div>
            <Show when=move || possible.get() fallback=move || unfit(page)>
                <div class="shrink">
                    <div class="controls">
                        {recipe::controls(page).into_any()} {layers::overrides(page).into_any()}
                        {more::settings(page).into_any()} {more::opened(page).into_any()}
                    </div>
                    <div class="controls follows">
                        {draft::show(page).into_any()} {device::choose(page).into_any()} {split::show(page).into_any()}
                    </div>
                </div>
                {variants::table(page).into_any()} {energy::parts(page).into_any()} {classes::table(page).into_any()} {take::away(page).into_any()}
            </Show>
        </section>
        <Show when=move || possible.get()>{explore::panel(page)} {search::panel(page)}</Show>
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
