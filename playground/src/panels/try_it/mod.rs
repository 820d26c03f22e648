//! Try the model by hand.

mod draw;

use leptos::prelude::*;

use crate::app::Page;

pub(crate) fn view(page: Page) -> impl IntoView {
    draw::panel(page)
}
