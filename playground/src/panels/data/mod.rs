//! Choose samples, run the model over them.

mod evaluate;

use leptos::prelude::*;

use crate::app::Page;

pub(crate) fn view(page: Page) -> impl IntoView {
    evaluate::panel(page)
}
