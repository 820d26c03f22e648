//! What single layers do otherwise than all others.

use leptos::prelude::*;
use mote_models::quantize::Calibration;

use super::recipe::{CALIBRATIONS, key};
use crate::app::Page;
use crate::format;
use crate::panels::learn::named;
use crate::pipeline::LayerInfo;
use crate::shrink::{Event, LayerChoice, percent};

/// Bits that a layer's weights may have of their own.
const BITS: [u8; 6] = [8, 7, 6, 5, 4, 3];

/// Per cent of zeros that a layer may have of its own.
const ZEROS: [u8; 7] = [0, 30, 50, 60, 70, 80, 90];

pub(super) fn overrides(page: Page) -> impl IntoView {
    let layers = page.part(|state| state.shrink.layers.clone().unwrap_or_default());
    let unusual = page.part(|state| state.shrink.choices.unusual_layers().len());
    let title = move || match unusual.get() {
        0 => "Single layers".to_owned(),
        1 => "Single layers: 1 otherwise".to_owned(),
        count => format!("Single layers: {count} otherwise"),
    };
    view! {
        <details class="more" id="layer-choices">
            <summary>{title}</summary>
            <div class="table-scroll tall" tabindex="0" role="region" aria-label="Single layers">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Layer"</th>
                            <th scope="col">"Float"</th>
                            <th scope="col">"Ranges"</th>
                            <th scope="col">"Bits"</th>
                            <th scope="col">{named("Zeros")}</th>
                            <th scope="col">{named("Channels")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || layers.get() key=|layer| layer.name.clone() children=move |layer| row(page, layer) />
                    </tbody>
                </table>
            </div>
        </details>
    }
}

fn row(page: Page, layer: LayerInfo) -> impl IntoView {
    let LayerInfo { name, label, op, weights } = layer;
    let layer = StoredValue::new(name.clone());
    let choice = page.part(move |state| state.shrink.choices.layer(&name));
    let change = move |change: &dyn Fn(&mut LayerChoice)| {
        let mut choice = choice.get_untracked();
        change(&mut choice);
        page.tell(Event::LayerChosen { layer: layer.get_value(), choice: choice.into() });
    };
    let quantizes = page.part(|state| state.shrink.choices.quantize.on);
    let [prunes, cuts] =
        [page.part(|state| state.shrink.choices.weights.on), page.part(|state| state.shrink.choices.channels.on)];
    let calibrations = CALIBRATIONS.map(|(calibration, label)| (key(calibration), label.to_owned()));
    let bits = BITS.map(|bits| (bits.to_string(), bits.to_string()));
    let mut zeros = vec![("keep".to_owned(), "none".to_owned())];
    zeros.extend(ZEROS.map(|share| (share.to_string(), format!("{share} %"))));
    let about = format!("{op}, {} weights", format::count(weights));
    view! {
        <tr data-layer=layer.get_value()>
            <th scope="row">
                <span class="cell-value">{label.clone()}</span>
                <span class="cell-remark">{about}</span>
            </th>
            <td>
                <input
                    type="checkbox"
                    class="keep-float"
                    aria-label=format!("Keep {label} float")
                    prop:checked=move || choice.get().keep_float
                    prop:disabled=move || !quantizes.get()
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        change(&|choice| choice.keep_float = on);
                    }
                />
            </td>
            <td>
                {usual_or(
                    format!("Ranges of {label}"),
                    calibrations.to_vec(),
                    move || quantizes.get(),
                    move || choice.get().quantize.calibration.map(key),
                    move |text| change(&|choice| choice.quantize.calibration = text.as_deref().and_then(calibration)),
                )}
            </td>
            <td>
                {usual_or(
                    format!("Bits of {label}"),
                    bits.to_vec(),
                    move || quantizes.get(),
                    move || choice.get().quantize.weight_bits.map(|bits| bits.to_string()),
                    move |text| {
                        change(&|choice| choice.quantize.weight_bits = text.as_ref().and_then(|text| text.parse().ok()));
                    },
                )}
            </td>
            <td>
                {usual_or(
                    format!("Zeros of {label}"),
                    zeros,
                    move || prunes.get(),
                    move || match choice.get().weights {
                        weights if weights.keep => Some("keep".to_owned()),
                        weights => weights.sparsity.map(|share| percent(share).to_string()),
                    },
                    move |text| {
                        change(&|choice| {
                            choice.weights.keep = text.as_deref() == Some("keep");
                            choice.weights.sparsity = share(text.as_deref());
                        });
                    },
                )}
            </td>
            <td>
                {usual_or(
                    format!("Channels of {label}"),
                    vec![
                        ("keep".to_owned(), "all stay".to_owned()),
                        ("25".to_owned(), "25 % go".to_owned()),
                        ("50".to_owned(), "50 % go".to_owned()),
                        ("75".to_owned(), "75 % go".to_owned()),
                    ],
                    move || cuts.get(),
                    move || match choice.get().channels {
                        channels if channels.keep => Some("keep".to_owned()),
                        channels => channels.share.map(|share| percent(share).to_string()),
                    },
                    move |text| {
                        change(&|choice| {
                            choice.channels.keep = text.as_deref() == Some("keep");
                            choice.channels.share = share(text.as_deref());
                        });
                    },
                )}
            </td>
        </tr>
    }
}

fn calibration(text: &str) -> Option<Calibration> {
    CALIBRATIONS.iter().find(|(calibration, _)| key(*calibration) == text).map(|(calibration, _)| *calibration)
}

fn share(percent: Option<&str>) -> Option<f32> {
    percent?.parse::<f32>().ok().map(|percent| percent / 100.0)
}

/// A small list of which the first entry is to do as all others do; a value that a recipe brought is listed too.
fn usual_or(
    name: String,
    options: Vec<(String, String)>,
    enabled: impl Fn() -> bool + Send + Sync + 'static,
    chosen: impl Fn() -> Option<String> + Send + Sync + 'static,
    choose: impl Fn(Option<String>) + 'static,
) -> AnyView {
    fn view(
        name: String,
        options: Vec<(String, String)>,
        enabled: Signal<bool>,
        chosen: Signal<Option<String>>,
        choose: Box<dyn Fn(Option<String>)>,
    ) -> AnyView {
        let all = Memo::new(move |_| {
            let mut all = options.clone();
            if let Some(own) = chosen.get().filter(|own| options.iter().all(|(value, _)| value != own)) {
                all.push((own.clone(), own));
            }
            all
        });
        let option = move |(value, label): (String, String)| {
            let this = value.clone();
            view! {
                <option value=value prop:selected=move || chosen.get().as_ref() == Some(&this)>
                    {label}
                </option>
            }
        };
        view! {
            <select
                class="small"
                aria-label=name
                prop:disabled=move || !enabled.get()
                on:change=move |event| choose(Some(event_target_value(&event)).filter(|value| !value.is_empty()))
            >
                <option value="" prop:selected=move || chosen.get().is_none()>
                    "as all"
                </option>
                {move || all.get().into_iter().map(option).collect_view()}
            </select>
        }
        .into_any()
    }
    view(name, options, Signal::derive(enabled), Signal::derive(chosen), Box::new(choose))
}
