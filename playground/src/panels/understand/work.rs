//! A button that asks for a part of what there is to find out, how far it is, and a button that stops it.

use leptos::prelude::*;

use crate::app::Page;
use crate::panels::parts::{bar, failure};
use crate::state::State;
use crate::understand::{Event, Found, Part};
use crate::workshop::Place;

/// Of one part. `ask` is what the button says; `id` begins the elements' names.
pub(super) fn show(page: Page, part: Part, id: &'static str, ask: &'static str) -> impl IntoView {
    let found = page.part(move |state| state.progress(part));
    let place = page.part(move |state: &State| state.workshop.place(state.progress(part).job()?));
    let running = move || found.with(|found| found.job().is_some());
    let share = move || match place.get() {
        Some(Place::Running { done, total, .. }) => done as f64 / total.max(1) as f64,
        Some(Place::Waiting { .. }) | None => 0.0,
    };
    let text = move || match (found.get(), place.get()) {
        (Found::Running(_), Some(Place::Waiting { before })) => format!("waits for {before} other tasks"),
        (Found::Running(_), Some(Place::Running { stage, done, total })) if total > 0 => {
            format!("{stage}, {done} of {total}")
        }
        (Found::Running(_), _) => "starting".into(),
        (Found::Cancelled, _) => "cancelled".into(),
        (Found::Failed(_), _) => "failed".into(),
        (Found::None, _) => String::new(),
        (Found::Done(()), _) => "done".into(),
    };
    let failed = move || match found.get() {
        Found::Failed(why) => Some(failure(&why)),
        Found::None | Found::Running(_) | Found::Cancelled | Found::Done(()) => None,
    };
    let is_done = move || found.with(|found| found.done().is_some());
    view! {
        <Show when=move || !is_done()>
            <div class="row">
                <button
                    id=format!("{id}-ask")
                    prop:disabled=running
                    on:click=move |_| page.tell(Event::Asked(part))
                >
                    {ask}
                </button>
                <Show when=running>
                    <button id=format!("{id}-cancel") on:click=move |_| page.tell(Event::Cancelled(part))>
                        "Cancel"
                    </button>
                </Show>
            </div>
        </Show>
        <div class="progress late" class:hidden=is_done>
            <Show when=running>{bar(share)}</Show>
            <p class="aside" role="status" id=format!("{id}-status") aria-busy=move || running().to_string()>
                {text}
            </p>
        </div>
        {failed}
    }
}
