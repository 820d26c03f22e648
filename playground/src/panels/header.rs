//! The page's name, and how its worker does.

use leptos::prelude::*;

use crate::app::Page;
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
