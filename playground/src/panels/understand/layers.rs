//! What compressing did to each layer, and what there is to say about it.

use leptos::prelude::*;

use super::{layer, work};
use crate::app::Page;
use crate::format;
use crate::panels::learn::named;
use crate::panels::parts::bar;
use crate::understand::layers::{Decibels, Row, rows};
use crate::understand::{Event, Found, Part};

pub(super) fn panel(page: Page) -> impl IntoView {
    let rows = page.part(|state| state.autopsy().and_then(Found::done).map(rows));
    let opened = page.part(|state| state.understand.layer.clone());
    let line = move |row: Row| line(page, opened, row);
    view! {
        <section class="panel" aria-labelledby="layers-title" id="layers">
            <h2 id="layers-title">"Layer by layer"</h2>
            <Show when=move || rows.with(Option::is_none)>
                <p class="aside">
                    "Runs both models side by side, and the original with one layer at a time as the variant has it."
                </p>
            </Show>
            {work::show(page, Part::Autopsy, "autopsy", "Open it up")}
            {findings(page)}
            <Show when=move || rows.with(Option::is_some)>
                <div class="table-scroll" tabindex="0" role="region" aria-label="Layers">
                    <table id="layers-table">
                        <thead>
                            <tr>
                                <th scope="col">"Layer"</th>
                                <th scope="col" class="share">{named("Signal to noise")}</th>
                                <th scope="col" class="share">"Output, this layer alone"</th>
                                <th scope="col" class="number">"Costs alone"</th>
                                <th scope="col" class="number">{named("Clipped")}</th>
                            </tr>
                        </thead>
                        <tbody>{move || rows.get().unwrap_or_default().into_iter().map(line).collect_view()}</tbody>
                    </table>
                </div>
                <p class="aside">
                    "Signal to noise: how near a layer's values are to the original's, with all that went before it compressed too. "
                    "Alone: how near the model's output stays when only this layer is compressed. The lowest is where to start; "
                    "choose a layer to look into it."
                </p>
                {layer::panel(page)}
            </Show>
        </section>
    }
}

/// What there is to say, in words.
fn findings(page: Page) -> impl IntoView {
    let said = page.part(|state| {
        let autopsy = state.autopsy()?.done()?;
        Some(autopsy.findings.iter().map(ToString::to_string).collect::<Vec<_>>())
    });
    let list = move || {
        said.get().map(|said| match said[..] {
            [] => view! { <p id="findings">"Nothing stands out."</p> }.into_any(),
            [..] => {
                let item = |text: String| view! { <li>{text}</li> };
                view! { <ul class="findings" id="findings">{said.into_iter().map(item).collect_view()}</ul> }.into_any()
            }
        })
    };
    view! { {list} }
}

fn line(page: Page, opened: Memo<Option<String>>, row: Row) -> impl IntoView {
    let Row { name, label, op, likeness, alone, lost, clipped, clips } = row;
    let is_open = {
        let name = name.clone();
        Memo::new(move |_| opened.with(|opened| opened.as_ref() == Some(&name)))
    };
    let toggle = move |_| page.tell(Event::LayerOpened((!is_open.get_untracked()).then(|| name.clone())));
    let figure = |found: Decibels| {
        let class = if found.is_low() { "share low" } else { "share" };
        view! {
            <td class=class>
                {bar(move || found.share())}
                <span class="number">{found.text()}</span>
            </td>
        }
    };
    let clip_class = if clips { "number worse" } else { "number" };
    view! {
        <tr class:open=is_open>
            <th scope="row">
                <button class="small quiet layer-name" aria-expanded=move || is_open.get().to_string() on:click=toggle>
                    {label}
                </button>
                <span class="cell-remark">{op}</span>
            </th>
            {figure(likeness)}
            {figure(alone)}
            <td class="number">{lost.map_or_else(|| "–".into(), |lost| format!("{:.1}", lost * 100.0))}</td>
            <td class=clip_class>{format::percent(clipped)}</td>
        </tr>
    }
}
