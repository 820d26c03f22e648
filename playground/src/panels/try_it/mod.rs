//! Try the model by hand.

mod answers;
mod draw;
mod give;

use leptos::prelude::*;

use crate::app::Page;

pub(crate) fn view(page: Page) -> impl IntoView {
    view! {
        <div class="columns try">
            {draw::panel(page)}
            <div class="stack">{give::panel(page)} {answers::panel(page)}</div>
        </div>
    }
}
