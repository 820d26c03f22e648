//! The page's name, and how its worker does.

use leptos::prelude::*;

use crate::app::Page;
use crate::keep::{self, Keeping, Piece};
use crate::state::{Model, Worker};
use crate::update::Event;

pub(crate) fn panel(page: Page) -> impl IntoView {
    let worker = page.part(|state| state.worker.clone());
    let model = page.part(|state| match &state.model {
        Model::None => "no model",
        Model::Loading { .. } => "loading the model",
        Model::Ready { .. } => "ready",
        Model::Refused(_) => "model refused",
    });
    let name = page.part(|state| state.source.as_ref().map(|source| source.name.clone()));
    let update = page.part(|state| state.update_ready);
    let outrun = page.part(|state| state.keeping == Keeping::Elsewhere);
    let class = move || match (worker.get(), model.get()) {
        (Worker::Dead { .. }, _) => "status bad",
        (Worker::Ready { .. }, "ready") => "status good",
        _ => "status",
    };
    let text = move || match worker.get() {
        Worker::Starting { .. } => "starting the worker".into(),
        Worker::Ready { .. } => match name.get() {
            Some(name) => format!("{name}: {}", model.get()),
            None => model.get().into(),
        },
        Worker::Dead { .. } => "the worker does not start".into(),
    };
    let notice = move || match worker.get() {
        Worker::Dead { why } => Some(format!("The worker cannot work: {why}. Load the page again.")),
        Worker::Starting { after: Some(why) } | Worker::Ready { after: Some(why) } => {
            Some(format!("The worker was replaced by a fresh one. The one before it died of: {why}"))
        }
        Worker::Starting { after: None } | Worker::Ready { after: None } => None,
    };
    view! {
        <header>
            <div class="brand">
                <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
                    <circle class="mark-a" cx="7" cy="23" r="4" />
                    <circle class="mark-b" cx="16" cy="10" r="7" />
                    <circle class="mark-c" cx="26" cy="24" r="3" />
                </svg>
                <div>
                    <h1>"Mote"</h1>
                    <p>"The sandbox that runs on a gateway, running here: the same bytes, the same bits."</p>
                </div>
            </div>
            <p class=class role="status" id="status">
                <span class="dot" aria-hidden="true"></span>
                {text}
            </p>
        </header>
        <div class="notices" aria-live="polite" id="notices">
            {move || notice().map(|text| view! { <p class="notice">{text}</p> })}
            {unread(page)}
            <Show when=move || outrun.get()>
                <p class="notice" id="outrun">
                    "Another tab of this page has kept its work since, and what you do in this one is not kept. Load the page again to go on \
                     with that, or "
                    <button class="small" id="keep-this-tab" on:click=move |_| page.tell(keep::Event::Wanted)>
                        "keep this tab's work in its place"
                    </button>
                </p>
            </Show>
            <Show when=move || update.get()>
                <p class="notice">
                    "A new version of this page is ready. "
                    <button class="small" id="update-now" on:click=move |_| page.tell(Event::UpdateTaken)>
                        "Use it now"
                    </button>
                </p>
            </Show>
        </div>
    }
}

/// What this version of the page cannot read: of the work that was kept, of a link.
fn unread(page: Page) -> impl IntoView {
    let unread = page.part(|state| state.unread.clone());
    let broken = page.part(|state| state.broken_link);
    let lost = move || {
        let pieces: Vec<&str> = unread.get().into_iter().map(Piece::label).collect();
        (!pieces.is_empty()).then(|| {
            let lost = pieces.join(", ");
            format!("Another version of this page kept work here that this one cannot read, and starts anew: {lost}. The rest is here.")
        })
    };
    view! {
        {move || lost().map(|text| view! { <p class="notice" id="unread">{text}</p> })}
        <Show when=move || broken.get()>
            <p class="notice" id="broken-link">
                "The link's experiment cannot be opened: the link is not whole, or another version of this page made it."
            </p>
        </Show>
    }
}
