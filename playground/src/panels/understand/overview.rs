//! Which variant is compared with the original, and how both do.

use leptos::prelude::*;
use web_sys::Event as DomEvent;

use crate::app::Page;
use crate::panels::parts::figure;
use crate::shrink::Split;
use crate::state::State;
use crate::understand::{Accuracies, Event, Part};

pub(super) fn panel(page: Page) -> impl IntoView {
    let variants = page.part(|state| {
        state.examinable().into_iter().map(|variant| (variant.id, variant.plan.name.clone())).collect::<Vec<_>>()
    });
    let chosen = page.part(|state| state.examined().map(|variant| variant.id));
    let original = page.part(|state| state.source.as_ref().map_or_else(String::new, |source| source.name.clone()));
    let both = page.part(State::accuracies);
    let test = page.part(|state| state.shrink.split().map_or(0, Split::test));
    let choose = move |event: DomEvent| {
        if let Ok(id) = event_target_value(&event).parse() {
            page.tell(Event::VariantChosen(id));
        }
    };
    let option = move |(id, name): (u32, String)| {
        view! {
            <option value=id prop:selected=move || chosen.get() == Some(id)>
                {name}
            </option>
        }
    };
    let examine = move |_| {
        for part in Part::ALL {
            page.tell(Event::Asked(part));
        }
    };
    let value =
        move |side: fn(&Accuracies) -> &str| move || both.with(|both| both.as_ref().map_or("–", side).to_owned());
    view! {
        <section class="panel" aria-labelledby="understand-title" id="understand-overview">
            <div class="title-row">
                <h2 id="understand-title">"Why it answers otherwise"</h2>
                <p class="aside">{move || format!("on the {} samples that no variant was made by", test.get())}</p>
            </div>
            <div class="compared">
                <label class="field">
                    <span>{move || format!("{} against", original.get())}</span>
                    <select id="understand-variant" on:change=choose>
                        {move || variants.get().into_iter().map(option).collect_view()}
                    </select>
                </label>
                <dl class="figures">
                    {figure("Original", value(|both| &both.before.0), value(|both| &both.before.1))}
                    {figure("Variant", value(|both| &both.after.0), value(|both| &both.after.1))}
                    {figure("Change", value(|both| &both.change), value(|both| both.name))}
                </dl>
                <button class="primary" id="understand-all" on:click=examine>
                    "Examine it"
                </button>
            </div>
        </section>
    }
}
