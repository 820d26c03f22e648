//! Choose a model, see what it is.

mod choose;
mod graph;
mod layer;
mod ops;
mod summary;

use leptos::prelude::*;

use crate::app::Page;

pub(crate) fn view(page: Page) -> impl IntoView {
    view! {
        <div class="columns">
            {choose::panel(page)} {summary::panel(page)}
        </div>
        {graph::panel(page)}
        {ops::panel(page)}
    }
}
