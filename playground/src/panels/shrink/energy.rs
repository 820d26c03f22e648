//! What the energy of one run is estimated to go to, of the original and of all that was made of it.

use leptos::prelude::*;
use mote_models::judge::{Energy, energy};
use web_sys::Element;
use web_sys::wasm_bindgen::JsCast as _;

use crate::app::Page;
use crate::format;
use crate::panels::learn::{number_columns, term};
use crate::shrink::Event;

const COLUMNS: [&str; 4] = ["Arithmetic", "Weights", "Activations", "Energy"];

pub(super) fn parts(page: Page) -> impl IntoView {
    let open = page.part(|state| state.shrink.energy_open);
    let rows = page.part(|state| {
        let shrink = &state.shrink;
        let name = state.source.as_ref().map_or_else(String::new, |source| source.name.clone());
        let original = shrink.original.iter().map(|measured| (name.clone(), measured.judged.energy));
        let draft = shrink.draft.as_ref().filter(|_| !shrink.is_kept());
        let made = draft.into_iter().chain(&shrink.variants);
        let made = made.filter_map(|made| Some((made.plan.name.clone(), made.measured.as_ref()?.judged.energy)));
        original.chain(made).collect::<Vec<_>>()
    });
    let toggled = move |event: web_sys::Event| {
        let details = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        page.tell(Event::EnergyOpened(details.is_some_and(|details| details.has_attribute("open"))));
    };
    let row = |(name, energy): (String, Energy)| {
        let Energy { macs_nj, weights_nj, activations_nj } = energy;
        let figures = [macs_nj, weights_nj, activations_nj, energy.total_nj()];
        view! {
            <tr>
                <th scope="row">{name}</th>
                {figures.map(|nj| view! { <td class="number">{format::joules(nj)}</td> }).collect_view()}
            </tr>
        }
    };
    view! {
        <details class="more" prop:open=move || open.get() on:toggle=toggled>
            <summary id="energy">"Where the energy goes"</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Energy of one run">
                <table id="energy-parts">
                    <thead>
                        <tr>
                            <th scope="col">"Model"</th>
                            {number_columns(COLUMNS)}
                        </tr>
                    </thead>
                    <tbody>{move || rows.get().into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <p class="aside" id="energy-basis">
                "For one run, an " {energy::SOURCE} ". Arithmetic is all "
                {term("mac", "multiply-accumulates")} ". The table compares models; it is not what a board draws."
            </p>
        </details>
    }
}
