//! A small square for each of many.

use leptos::prelude::*;

use crate::charts::Strip;

/// Draws them; a shade is the class `shade-N`. `label` says what they tell.
pub(crate) fn strip(strip: Strip, label: String) -> impl IntoView {
    let Strip { width, height, paths } = strip;
    let paths = paths.into_iter().map(|(shade, path)| view! { <path class=format!("shade-{shade}") d=path /> });
    view! {
        <svg class="strip" viewBox=format!("0 0 {width} {height}") width=width height=height role="img" aria-label=label>
            {paths.collect_view()}
        </svg>
    }
}
