//! One layer: its values, its weights, and what it could do otherwise.

use leptos::prelude::*;
use mote_models::judge::autopsy::{Layer, LayerWeights};

use super::otherwise;
use crate::app::Page;
use crate::charts::Overlaid;
use crate::format;
use crate::panels::charts::histogram::histogram;
use crate::panels::learn::named;

/// Bars of a histogram.
const BARS: usize = 64;

pub(super) fn panel(page: Page) -> impl IntoView {
    let layer = page.part(|state| {
        let name = state.understand.layer.as_ref()?;
        state.autopsy()?.done()?.layers.iter().find(|layer| layer.name == *name).cloned()
    });
    move || layer.get().map(|layer| of_layer(page, &layer))
}

fn of_layer(page: Page, layer: &Layer) -> impl IntoView + use<> {
    let held = match &layer.representable {
        Some(range) => format!("{range} can be held"),
        None => "held as floats".into(),
    };
    let name = layer.name.split(';').next().unwrap_or_default().to_owned();
    view! {
        <div class="layer" id="layer" role="region" aria-labelledby="layer-title">
            <h3 id="layer-title" title=layer.name.clone()>{name}</h3>
            <dl class="facts">
                <div>
                    <dt>"Values"</dt>
                    <dd>{format!("{} seen, {held}", layer.observed)}</dd>
                </div>
                <div>
                    <dt>{named("Clipped")}</dt>
                    <dd>{format::percent(layer.clipped)}</dd>
                </div>
                <div>
                    <dt>{named("Channels")}</dt>
                    <dd>{channels(layer)}</dd>
                </div>
            </dl>
            {layer.weights.as_ref().map(weights)}
            {otherwise::controls(page, &layer.name)}
        </div>
    }
}

fn channels(layer: &Layer) -> String {
    match layer.constant_channels.len() {
        0 => layer.channels.to_string(),
        constant => format!("{}, of which {constant} give one number whatever the sample", layer.channels),
    }
}

fn weights(found: &LayerWeights) -> impl IntoView + use<> {
    let both = Overlaid::of(&found.before, &found.after, BARS);
    let zeros = 1.0 - found.non_zeros as f64 / found.parameters.max(1) as f64;
    let (low, high) = both.range;
    let label =
        format!("Weights from {low:.3} to {high:.3}, of the original and of the variant, of which {}", zeros_of(zeros));
    let stored = found.stored.as_ref().map(|stored| {
        let codes = Overlaid::of(stored, stored, BARS);
        let label = format!("Weights as they are stored, from {:.0} to {:.0}", stored.min, stored.max);
        view! {
            <div>
                <h4>"As stored"</h4>
                {histogram(&codes, label)}
            </div>
        }
    });
    view! {
        <div class="pair">
            <div>
                <h4>"Weights" <span class="key-before">"original"</span> <span class="key-after">"variant"</span></h4>
                {histogram(&both, label)}
                <p class="aside">{format!("{} weights, {}", found.parameters, zeros_of(zeros))}</p>
            </div>
            {stored}
        </div>
    }
}

fn zeros_of(share: f64) -> String {
    format!("{} are 0", format::percent(share))
}
