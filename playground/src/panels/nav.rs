//! Links to the views. They are links, not buttons: the address names the view, a middle click opens it beside this one, the
//! browser's back button comes back.

use leptos::prelude::*;

use crate::app::Page;
use crate::view::View;

pub(crate) fn bar(page: Page) -> impl IntoView {
    let shown = page.part(|state| state.view);
    let link = move |view: &View| {
        let view = *view;
        view! {
            <li>
                <a
                    id=format!("view-{}", view.key())
                    href=format!("#{}", view.key())
                    aria-current=move || (shown.get() == view).then_some("page")
                >
                    {view.label()}
                </a>
            </li>
        }
    };
    view! {
        <nav aria-label="Views">
            <ul>{View::LINKED.iter().map(link).collect_view()}</ul>
        </nav>
    }
}
