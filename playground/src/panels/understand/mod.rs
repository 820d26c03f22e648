//! Why a variant answers otherwise than the original, from the whole to the single channel: which variant, which class is taken for
//! which, which samples changed, which layer does it, which channels do nothing.

mod answer;
mod confusion;
mod empty;
mod gallery;
mod layer;
mod layers;
mod otherwise;
mod overview;
mod silent;
mod work;

use leptos::prelude::*;

use crate::app::Page;
use crate::state::State;
use crate::understand::Lack;

/// The view.
pub(crate) fn view(page: Page) -> impl IntoView {
    let lack = page.part(State::lack);
    move || match lack.get() {
        None => view! {
            {overview::panel(page)}
            {confusion::panel(page)}
            {gallery::panel(page)}
            {layers::panel(page)}
            {silent::panel(page)}
        }
        .into_any(),
        // What channels do is seen without a variant and without labels.
        Some(lack @ (Lack::Variant | Lack::Labels)) => {
            view! { {empty::panel(page, lack)} {silent::panel(page)} }.into_any()
        }
        Some(lack @ (Lack::Model | Lack::Float | Lack::Samples)) => empty::panel(page, lack).into_any(),
    }
}
