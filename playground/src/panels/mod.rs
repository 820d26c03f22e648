//! What the page shows: one panel a file, each a function of [`Page`] that reads parts of the state and tells events.

mod draw;
mod evaluate;
mod header;
mod model;
mod ops;
mod parts;
mod shrink;
mod summary;
mod variants;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::DragEvent;

use crate::app::Page;
use crate::update::Event;

/// All panels in their places.
pub(crate) fn all(page: Page) -> impl IntoView {
    let over = RwSignal::new(false);
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        let files = event.data_transfer().and_then(|transfer| transfer.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            parts::read(file, move |name, bytes| {
                let samples = name.to_ascii_lowercase().ends_with(".npz");
                page.tell(match samples {
                    true => Event::DataOpened { name, bytes },
                    false => Event::ModelOpened { name, bytes },
                });
            });
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
            <main>
                <div class="column">{model::panel(page)} {draw::panel(page)}</div>
                <div class="column">{summary::panel(page)} {evaluate::panel(page)}</div>
                {shrink::panel(page)} {ops::panel(page)}
            </main>
            <footer>
                <p>"Models and data stay in this page: it talks to nobody but the place that it came from."</p>
            </footer>
        </div>
    }
}
