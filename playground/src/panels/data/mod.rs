//! Choose samples, see how they become what the model takes, run the model over them.

mod columns;
mod evaluate;
mod files;
mod form;
mod samples;
mod sides;

use leptos::prelude::*;

use crate::app::Page;

pub(crate) fn view(page: Page) -> impl IntoView {
    // The zoo's samples are looked at where somebody is here to see it.
    let ready = page.part(|state| (state.data.clone(), state.description().is_some()));
    Effect::new(move || {
        ready.track();
        page.tell(crate::dataset::Event::Wanted);
    });
    view! {
        <div class="columns">
            <div class="column">{files::panel(page)} {form::panel(page)} {sides::panel(page)}</div>
            <div class="column">{evaluate::panel(page)} {samples::panel(page)}</div>
        </div>
    }
}
