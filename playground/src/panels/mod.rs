//! What the page shows: a folder a view, a file a panel, each a function of [`Page`] that reads parts of the state and tells
//! events. Only the view that is shown is there.
//!
//! - [`controls`], [`parts`]: pieces that several panels use.
//! - [`learn`]: the drawer beside the views, and the terms behind which the glossary is.
//! - [`nav`]: links to the views; `View::LINKED` lists them.

mod benchmark;
mod charts;
mod controls;
mod data;
mod footer;
mod header;
mod learn;
mod model;
mod nav;
mod parts;
mod shrink;
mod try_it;
mod understand;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::DragEvent;

use crate::app::Page;
use crate::update::Event;
use crate::view::View;

/// The element that holds the view that is shown, and takes the focus when another one is.
pub(crate) const MAIN: &str = "main";

/// All panels in their places.
pub(crate) fn all(page: Page) -> impl IntoView {
    // Terms of the glossary stand anywhere, and tell the page which of them is asked for.
    provide_context(page);
    let shown = page.part(|state| state.view);
    let over = RwSignal::new(false);
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(files) = event.data_transfer().and_then(|transfer| transfer.files()) {
            parts::read_all(&files, move |files| page.tell(Event::FilesDropped(files)));
        }
    };
    // Leaving for a child of the page is not leaving the page.
    let left = move |event: DragEvent| {
        let inside = event.related_target().is_some_and(|to| to.dyn_ref::<web_sys::Node>().is_some());
        over.set(inside);
    };
    view! {
        <div
            class="page"
            class:dropping=over
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=left
            on:drop=dropped
        >
            {header::panel(page)}
            <div class="bar-row">{nav::bar(page)} {learn::toggle(page)}</div>
            <div class="beside">
                <main id=MAIN tabindex="-1" aria-label=move || shown.get().label()>
                    {move || match shown.get() {
                        View::Model => model::view(page).into_any(),
                        View::Data => data::view(page).into_any(),
                        View::Shrink => shrink::view(page).into_any(),
                        View::Try => try_it::view(page).into_any(),
                        View::Understand => understand::view(page).into_any(),
                        View::Benchmark => benchmark::view(page).into_any(),
                    }}
                </main>
                {learn::drawer(page)}
            </div>
            {learn::card(page)} {footer::panel(page)}
        </div>
    }
}
