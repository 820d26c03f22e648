//! What a layer could do otherwise in the recipe, and the accuracy that answers.

use leptos::prelude::*;
use mote_models::quantize::Calibration;

use super::answer;
use crate::app::Page;
use crate::panels::shrink::{CALIBRATIONS, key};
use crate::shrink::{self, LayerChoice};

pub(super) fn controls(page: Page, layer: &str) -> impl IntoView + use<> {
    let name = StoredValue::new(layer.to_owned());
    let choice = page.part(move |state| name.with_value(|name| state.shrink.choices.layer(name)));
    let quantizes = page.part(|state| state.shrink.choices.quantize.on);
    let change = move |change: &dyn Fn(&mut LayerChoice)| {
        let mut choice = choice.get_untracked();
        change(&mut choice);
        page.tell(shrink::Event::LayerChosen { layer: name.get_value(), choice: choice.into() });
    };
    let ranged = move |event| {
        let text = event_target_value(&event);
        let found = CALIBRATIONS.iter().find(|(calibration, _)| key(*calibration) == text);
        change(&|choice| choice.quantize.calibration = found.map(|(calibration, _)| *calibration));
    };
    let option = move |(calibration, label): (Calibration, &'static str)| {
        view! {
            <option value=key(calibration) prop:selected=move || choice.get().quantize.calibration == Some(calibration)>
                {label}
            </option>
        }
    };
    view! {
        <div class="filters" role="group" aria-label="This layer in the recipe">
            <label class="check">
                <input
                    type="checkbox"
                    id="layer-float"
                    prop:checked=move || choice.get().keep_float
                    prop:disabled=move || !quantizes.get()
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        change(&|choice| choice.keep_float = on);
                    }
                />
                "Keep it float"
            </label>
            <label class="field">
                <span>"Ranges of its values"</span>
                <select id="layer-calibration" prop:disabled=move || !quantizes.get() on:change=ranged>
                    <option value="" prop:selected=move || choice.get().quantize.calibration.is_none()>
                        "as all others"
                    </option>
                    {CALIBRATIONS.map(option).collect_view()}
                </select>
            </label>
        </div>
        {answer::show(page, "layer-answer")}
    }
}
