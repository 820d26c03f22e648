//! Some of the prepared samples, drawn as what they are.

use leptos::prelude::*;

use super::files::summary_of;
use crate::app::Page;
use crate::panels::charts::picture::picture;
use crate::understand::picture::Picture;

pub(super) fn panel(page: Page) -> impl IntoView {
    let shown = page.part(|state| {
        let summary = summary_of(state).filter(|summary| !summary.shown.is_empty())?;
        Some((summary.shown.clone(), summary.shape.clone(), state.dataset.levels.clone()))
    });
    move || {
        shown.get().map(|(shown, shape, levels)| {
            let kind = Picture::of(&shape);
            let each = shape.iter().product::<usize>().max(1);
            let sample = |(sample, levels): (&crate::pipeline::Shown, &[u8])| {
                let title = match sample.label.as_str() {
                    "" => format!("{}", sample.place),
                    label => format!("{} · {label}", sample.place),
                };
                let label = format!("Sample {title}: {}", kind.label());
                view! {
                    <li>
                        {picture(kind, levels, label)}
                        <span class="aside" aria-hidden="true">{title}</span>
                    </li>
                }
            };
            let samples = shown.iter().zip(levels.chunks_exact(each)).map(sample).collect_view();
            view! {
                <section class="panel" aria-labelledby="shown-title" id="shown">
                    <h2 id="shown-title">"As the model gets them"</h2>
                    <ul class="thumbs">{samples}</ul>
                </section>
            }
        })
    }
}
