//! Samples whose answer changed, each drawn as what it is.

use leptos::prelude::*;
use web_sys::Event as DomEvent;

use super::work;
use crate::app::Page;
use crate::bytes::Bytes;
use crate::panels::charts::picture::picture;
use crate::panels::controls::segment;
use crate::pipeline::{Answer, Flipped};
use crate::understand::flips::{Filter, Kind, Shown, classes, counts, score};
use crate::understand::picture::Picture;
use crate::understand::{Event, Gallery, Part, class_name};

/// A sample as the page shows it.
#[derive(Debug, Clone, PartialEq)]
struct Card {
    flip: Flipped,
    kind: Picture,
    picture: Option<Bytes>,
}

/// All samples that changed, in numbers.
#[derive(Debug, Clone, PartialEq)]
struct Summary {
    samples: usize,
    counts: [usize; 3],
    classes: Vec<usize>,
    is_classifier: bool,
}

pub(super) fn panel(page: Page) -> impl IntoView {
    let summary = page.part(|state| {
        let contrast = &state.gallery()?.done()?.contrast;
        let flips = contrast.flips.as_deref().unwrap_or_default();
        Some(Summary {
            samples: contrast.samples,
            counts: counts(flips),
            classes: classes(flips),
            is_classifier: contrast.flips.is_some(),
        })
    });
    let has_flips = move || summary.with(|summary| summary.as_ref().is_some_and(|found| found.counts != [0; 3]));
    let text = move || match summary.get() {
        None => "Finds the test samples that the variant answers otherwise than the original.".to_owned(),
        Some(Summary { is_classifier: false, .. }) => {
            "This model names no classes, so none can change: see how its layers differ below.".into()
        }
        Some(Summary { samples, counts: [0, 0, 0], .. }) => {
            format!("None of the {samples} test samples changed its class.")
        }
        Some(Summary { samples, counts, .. }) => {
            let changed: usize = counts.iter().sum();
            format!("{changed} of {samples} test samples changed their class.")
        }
    };
    view! {
        <section class="panel" aria-labelledby="gallery-title" id="gallery">
            <h2 id="gallery-title">"Samples that changed"</h2>
            <p class="aside" id="gallery-summary">{text}</p>
            {work::show(page, Part::Gallery, "gallery", "Find them")}
            <Show when=has_flips>{filters(page, summary)} {cards(page)} {pages(page)}</Show>
        </section>
    }
}

fn filters(page: Page, summary: Memo<Option<Summary>>) -> impl IntoView {
    let filter = page.part(|state| state.understand.filter);
    let names = page.part(crate::state::State::class_names);
    let kind = move |which: Option<Kind>, key: &'static str, label: &'static str| {
        segment("flips", key, label, move || filter.get().kind == which, move || page.tell(Event::KindChosen(which)))
    };
    let count = move |which: Kind| {
        let of = move |summary: &Summary| {
            Kind::ALL.iter().zip(summary.counts).find(|(kind, _)| **kind == which).map_or(0, |(_, count)| count)
        };
        summary.with(|summary| summary.as_ref().map_or(0, of))
    };
    let counted = Kind::ALL.map(|kind| {
        view! { <li class=format!("flip-{}", kind.key())><b>{move || count(kind)}</b> " " {kind.label()}</li> }
    });
    let chosen = move |event: DomEvent| page.tell(Event::ClassChosen(event_target_value(&event).parse().ok()));
    let option = move |class: usize| {
        view! {
            <option value=class prop:selected=move || filter.get().class == Some(class)>
                {class_name(&names.get(), class)}
            </option>
        }
    };
    let options =
        move || summary.get().map(|found| found.classes).unwrap_or_default().into_iter().map(option).collect_view();
    view! {
        <ul class="flip-counts">{counted.collect_view()}</ul>
        <div class="filters">
            <fieldset class="segments">
                <legend>"Show"</legend>
                <div class="segment-row">
                    {kind(None, "all", "all")}
                    {Kind::ALL.map(|which| kind(Some(which), which.key(), which.label())).collect_view()}
                </div>
            </fieldset>
            <label class="field">
                <span>"Label"</span>
                <select id="flips-class" on:change=chosen>
                    <option value="" prop:selected=move || filter.get().class.is_none()>"any"</option>
                    {options}
                </select>
            </label>
        </div>
    }
}

/// The page that the filter says of what was found.
fn shown(filter: Filter, gallery: &Gallery) -> Shown {
    filter.apply(gallery.contrast.flips.as_deref().unwrap_or_default())
}

fn cards(page: Page) -> impl IntoView {
    let names = page.part(crate::state::State::class_names);
    let cards = page.part(|state| {
        let Some(gallery) = state.gallery().and_then(|found| found.done()) else { return Vec::new() };
        let kind = Picture::of(&gallery.contrast.shape);
        let card = |k: usize| {
            let flip = gallery.contrast.flips.as_ref()?.get(k)?.clone();
            Some(Card { flip, kind, picture: gallery.pictures.get(k).cloned() })
        };
        shown(state.understand.filter, gallery).places.into_iter().filter_map(card).collect()
    });
    view! {
        <ul class="gallery" id="flips">
            {move || cards.get().into_iter().map(|found| card(found, &names.get())).collect_view()}
        </ul>
    }
}

fn card(Card { flip, kind, picture: levels }: Card, names: &[String]) -> impl IntoView + use<> {
    let change = Kind::of(&flip);
    let label = format!("Test sample {}: {}", flip.sample, kind.label());
    let drawn = match levels {
        Some(levels) => picture(kind, &levels, label).into_any(),
        None => view! { <p class="aside sample">"too many to draw them all"</p> }.into_any(),
    };
    let truth = class_name(names, flip.truth);
    let row = |who: &'static str, answer: &Answer| {
        let word = if answer.class == flip.truth { "better" } else { "worse" };
        view! {
            <div>
                <dt>{who}</dt>
                <dd class=word>{class_name(names, answer.class)}</dd>
                <dd class="number">{score(answer)}</dd>
            </div>
        }
    };
    view! {
        <li class=format!("flip flip-{}", change.key()) data-sample=flip.sample>
            {drawn}
            <p class="flip-title"><b>{truth}</b> " " {change.label()}</p>
            <dl>{row("Original", &flip.before)} {row("Variant", &flip.after)}</dl>
            <p class="aside">{format!("test sample {}", flip.sample)}</p>
        </li>
    }
}

fn pages(page: Page) -> impl IntoView {
    let shown = page.part(|state| {
        let gallery = state.gallery()?.done()?;
        let Shown { page, pages, samples, .. } = shown(state.understand.filter, gallery);
        Some((page, pages, samples))
    });
    let at = move || shown.get().unwrap_or_default();
    let text = move || match at() {
        (_, 0, _) => "No changed sample is like that.".to_owned(),
        (page, pages, samples) => format!("page {} of {pages}, {samples} samples", page + 1),
    };
    view! {
        <div class="row" role="group" aria-label="Pages of samples">
            <button
                id="flips-before"
                prop:disabled=move || at().0 == 0
                on:click=move |_| page.tell(Event::PageChosen(at().0.saturating_sub(1)))
            >
                "Earlier"
            </button>
            <p class="aside" role="status" id="flips-page">{text}</p>
            <button
                id="flips-after"
                prop:disabled=move || { at().0 + 1 >= at().1 }
                on:click=move |_| page.tell(Event::PageChosen(at().0 + 1))
            >
                "Later"
            </button>
        </div>
    }
}
