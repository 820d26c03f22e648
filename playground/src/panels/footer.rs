//! What becomes of the user's work: kept here, deleted, passed on as a link.

use leptos::prelude::*;

use crate::app::Page;
use crate::keep::{self, Keeping};
use crate::share;
use crate::state::State;

pub(crate) fn panel(page: Page) -> impl IntoView {
    view! {
        <footer>
            <div class="row">{link(page)} {deletion(page)}</div>
            {kept(page)}
            <p>"Models and data stay in this page: it talks to nobody but the place that it came from."</p>
        </footer>
    }
}

fn link(page: Page) -> impl IntoView {
    let possible = page.part(|state| state.link().is_some());
    let copied = page.part(|state| state.copied);
    let text = move || match (possible.get(), copied.get()) {
        (false, _) => "A link carries experiments on the zoo, not files of yours.",
        (true, None) => "",
        (true, Some(true)) => "The link is in the clipboard.",
        (true, Some(false)) => "The link is in the address bar: copy it from there.",
    };
    view! {
        <button
            id="copy-link"
            prop:disabled=move || !possible.get()
            on:click=move |_| page.tell(share::Event::CopyAsked)
        >
            "Copy link"
        </button>
        <span role="status" id="link-status">{text}</span>
    }
}

fn kept(page: Page) -> impl IntoView {
    let keeping = page.part(|state: &State| state.keeping.clone());
    move || match keeping.get() {
        Keeping::On => view! { <p id="keeping">"Your work is kept in this browser, and nowhere else."</p> }.into_any(),
        Keeping::Visiting => view! {
            <p id="keeping">
                "This experiment came by a link. What you kept before is still here: "
                <button class="small quiet" id="keep-this" on:click=move |_| page.tell(keep::Event::Wanted)>
                    "keep this in its place"
                </button>
            </p>
        }
        .into_any(),
        Keeping::Elsewhere => view! {
            <p id="keeping">"What you do in this tab is not kept: another tab of the page keeps its own work."</p>
        }
        .into_any(),
        Keeping::Failed(why) => view! {
            <p id="keeping" role="alert">
                {format!("Your work cannot be kept in this browser, and a reload loses it. {why}")}
            </p>
        }
        .into_any(),
    }
}

/// Deleting asks once more, in its own place.
fn deletion(page: Page) -> impl IntoView {
    let asked = RwSignal::new(false);
    move || match asked.get() {
        false => view! {
            <button id="delete-kept" on:click=move |_| asked.set(true)>
                "Delete everything kept here"
            </button>
        }
        .into_any(),
        true => view! {
            <button id="delete-kept-now" on:click=move |_| page.tell(keep::Event::DeletionAsked)>
                "Yes, delete my work"
            </button>
            <button class="quiet" on:click=move |_| asked.set(false)>
                "Keep it"
            </button>
        }
        .into_any(),
    }
}
