//! Each class of samples before and after: for the draft, or for a variant that was kept.

use leptos::prelude::*;

use crate::app::Page;
use crate::panels::controls::select;
use crate::shrink::compare::{self, ClassChange};
use crate::shrink::{Shrink, Variant};

/// A share of right answers changes by points of per cent.
const POINTS: f64 = 100.0;

pub(super) fn table(page: Page) -> impl IntoView {
    // Which variant, by its id; none for the draft.
    let shown = RwSignal::new(None::<u32>);
    let names = page.part(|state| {
        let kept = state.shrink.variants.iter().map(|variant| (variant.id.to_string(), variant.plan.name.clone()));
        std::iter::once((String::new(), "the draft".to_owned())).chain(kept).collect::<Vec<_>>()
    });
    let all = page.part(|state| {
        let ids = std::iter::once((None, state.shrink.draft.as_ref()));
        let kept = state.shrink.variants.iter().map(|variant| (Some(variant.id), Some(variant)));
        ids.chain(kept).map(|(id, variant)| (id, of(&state.shrink, variant))).collect::<Vec<_>>()
    });
    let changes = move || {
        let all = all.get();
        // One that was removed is shown no more.
        let found = all.iter().find(|(id, _)| *id == shown.get()).or(all.first());
        found.map(|(_, changes)| changes.clone()).unwrap_or_default()
    };
    let any = move || all.get().iter().any(|(_, changes)| !changes.is_empty());
    view! {
        <Show when=any>
            <details class="more" id="class-changes">
                <summary>"Class by class"</summary>
                {move || {
                    select(
                        "Against the original",
                        "class-variant",
                        names.get(),
                        || true,
                        move || shown.get().map(|id| id.to_string()).unwrap_or_default(),
                        move |id| shown.set(id.parse().ok()),
                    )
                }}
                <div class="table-scroll tall" tabindex="0" role="region" aria-label="Class by class">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">"Class"</th>
                                <th scope="col" class="number">"Samples"</th>
                                <th scope="col" class="number">"Original"</th>
                                <th scope="col" class="number">"Variant"</th>
                                <th scope="col" class="number">"Change"</th>
                                <th scope="col" class="share"><span class="hidden">"The change drawn"</span></th>
                            </tr>
                        </thead>
                        <tbody>{move || changes().into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </details>
        </Show>
    }
}

fn of(shrink: &Shrink, variant: Option<&Variant>) -> Vec<ClassChange> {
    let measured = variant.and_then(|variant| variant.measured.as_ref());
    let both = shrink.original.as_ref().zip(measured);
    both.map(|(original, variant)| compare::classes(&original.judged, &variant.judged)).unwrap_or_default()
}

fn row(class: ClassChange) -> impl IntoView {
    let ClassChange { name, support, before, after } = class;
    let change = before.zip(after).map(|(before, after)| (after - before) * POINTS);
    let (kind, text) = match change {
        Some(points) if points > 0.05 => ("better", format!("+{points:.1}")),
        Some(points) if points < -0.05 => ("worse", format!("−{:.1}", -points)),
        Some(_) => ("even", "±0".into()),
        None => ("even", "–".into()),
    };
    let half = change.unwrap_or(0.0).clamp(-50.0, 50.0);
    let (left, width) = if half < 0.0 { (50.0 + half, -half) } else { (50.0, half) };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="number">{support}</td>
            <td class="number">{compare::recall(before)}</td>
            <td class="number">{compare::recall(after)}</td>
            <td class="number">
                <span class=kind>{text}</span>
            </td>
            <td class="share">
                <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="bar-track" width="100" height="10" />
                    <rect
                        class=format!("bar-{kind}")
                        x=format!("{left:.2}")
                        width=format!("{width:.2}")
                        height="10"
                    />
                </svg>
            </td>
        </tr>
    }
}
