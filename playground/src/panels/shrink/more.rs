//! Settings that few need, and what a recipe brought that no control shows.

use leptos::prelude::*;
use mote_models::prune::weights::{self, Scope};
use mote_models::quantize::{Granularity, Interface};

use super::recipe::Controls;
use crate::app::Page;
use crate::panels::controls::{select, switch};
use crate::panels::learn::term;
use crate::panels::parts::{failure, file_button};
use crate::shrink::{Event, compare};

pub(super) fn settings(page: Page) -> impl IntoView {
    let controls = Controls::new(page);
    view! {
        <details class="more" id="more-settings">
            <summary>"More settings"</summary>
            <div class="pair">
                {granularity("Scales of convolutions", "granularity", controls, false)}
                {granularity("Scales of dense layers", "dense-granularity", controls, true)}
                {interface(controls)} {scope(controls)}
            </div>
            <p class="aside">
                {term("per-channel", "One scale a channel")} " rounds weights more finely. "
                {term("sparsity", "Zeros")} " are most where they cost least."
            </p>
            <div class="switches">{also(controls)} {sparse(controls)}</div>
        </details>
    }
}

fn granularity(label: &'static str, id: &'static str, controls: Controls, dense: bool) -> impl IntoView {
    let get =
        move || controls.get(|c| if dense { c.quantize.options.dense_weights } else { c.quantize.options.weights });
    select(
        label,
        id,
        vec![
            ("channel".to_owned(), "one a channel".to_owned()),
            ("tensor".to_owned(), "one for the tensor".to_owned()),
        ],
        move || controls.get(|c| c.quantize.on),
        move || {
            match get() {
                Granularity::PerChannel => "channel",
                Granularity::PerTensor => "tensor",
            }
            .to_owned()
        },
        move |text| {
            let chosen = if text == "tensor" { Granularity::PerTensor } else { Granularity::PerChannel };
            controls.change(|c| {
                let options = &mut c.quantize.options;
                *(if dense { &mut options.dense_weights } else { &mut options.weights }) = chosen;
            });
        },
    )
}

fn interface(controls: Controls) -> impl IntoView {
    select(
        "What it takes and gives",
        "interface",
        vec![("stored".to_owned(), "stored integers".to_owned()), ("float".to_owned(), "float32".to_owned())],
        move || controls.get(|c| c.quantize.on),
        move || {
            match controls.get(|c| c.quantize.options.interface) {
                Interface::Stored => "stored",
                Interface::Float => "float",
            }
            .to_owned()
        },
        move |text| {
            let chosen = if text == "float" { Interface::Float } else { Interface::Stored };
            controls.change(|c| c.quantize.options.interface = chosen);
        },
    )
}

fn scope(controls: Controls) -> impl IntoView {
    const SCOPES: [(Scope, &str, &str); 3] = [
        (Scope::Lamp, "lamp", "all layers, in proportion (LAMP)"),
        (Scope::PerLayer, "layer", "each layer alike"),
        (Scope::Global, "global", "all layers, as they are"),
    ];
    select(
        "Zeros are shared among",
        "scope",
        SCOPES.map(|(_, key, label)| (key.to_owned(), label.to_owned())).to_vec(),
        move || controls.get(|c| c.weights.on),
        move || {
            let chosen = controls.get(|c| c.weights.options.scope);
            SCOPES.iter().find(|(known, ..)| *known == chosen).map_or("", |(_, key, _)| *key).to_owned()
        },
        move |text| {
            if let Some((scope, ..)) = SCOPES.iter().find(|(_, key, _)| *key == text) {
                controls.change(|c| c.weights.options.scope = *scope);
            }
        },
    )
}

/// Layers that keep their weights unless they are asked for.
fn also(controls: Controls) -> impl IntoView {
    let zeros_in = |id, label, is: fn(&weights::Options) -> bool, set: fn(&mut weights::Options, bool)| {
        switch(
            id,
            label,
            move || controls.get(|c| c.weights.on),
            move || controls.get(|c| is(&c.weights.options)),
            move |on| controls.change(|c| set(&mut c.weights.options, on)),
        )
    };
    (
        zeros_in("first-layer", "Zeros in the first layer", |o| o.first_layer, |o, on| o.first_layer = on),
        zeros_in("last-layer", "Zeros in the last layer", |o| o.last_layer, |o, on| o.last_layer = on),
        zeros_in("depthwise", "Zeros in depthwise layers", |o| o.depthwise, |o, on| o.depthwise = on),
    )
}

fn sparse(controls: Controls) -> impl IntoView {
    switch(
        "sparse-file",
        "Sparse file (not for TensorFlow Lite Micro)",
        || true,
        move || controls.get(|c| c.export.sparse),
        move |on| controls.change(|c| c.export.sparse = on),
    )
}

/// The way of a recipe into the controls, and what of it no control shows.
pub(super) fn opened(page: Page) -> impl IntoView {
    let beyond = page.part(|state| compare::beyond(&state.shrink.choices, state.shrink.split()?));
    let refused = page.part(|state| state.shrink.refused.clone());
    view! {
        <div class="row">
            {file_button("Open a recipe", ".toml", "recipe-file", move |_, bytes| page.tell(Event::RecipeOpened(bytes)))}
        </div>
        {move || refused.get().map(|why| failure(&why))}
        {move || {
            beyond
                .get()
                .map(|text| {
                    view! {
                        <div class="beyond" id="beyond">
                            <p class="aside">{text}</p>
                            <button class="small quiet" on:click=move |_| page.tell(Event::BeyondDropped)>
                                "without them"
                            </button>
                        </div>
                    }
                })
        }}
    }
}
