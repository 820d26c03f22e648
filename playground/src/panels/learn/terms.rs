//! Words with the glossary behind them.

use leptos::prelude::*;

use crate::app::Page;
use crate::learn::Event;
use crate::learn::glossary::{self, ENTRIES, Entry, Piece};

/// The one card in which entries are shown.
const CARD: &str = "term";

/// Words behind which an entry of the glossary is: a button that opens it. It may stand in headings, captions and texts, but not
/// in the label of a control, whose click is the control's.
pub(crate) fn term(key: &'static str, shown: &'static str) -> impl IntoView {
    let page = expect_context::<Page>();
    view! {
        <button
            type="button"
            class="term"
            data-term=key
            popovertarget=CARD
            on:click=move |_| page.tell(Event::TermAsked(key))
        >
            {shown}
        </button>
    }
}

/// A label of a view, with the entry of the glossary that is behind it, where there is one. It may stand where [`term`] may.
pub(crate) fn named(label: &'static str) -> AnyView {
    match glossary::of_label(label) {
        Some(key) => term(key, label).into_any(),
        None => label.into_any(),
    }
}

/// Headings of columns of numbers, each as [`named`].
pub(crate) fn number_columns<const N: usize>(titles: [&'static str; N]) -> impl IntoView {
    titles.map(|title| view! { <th scope="col" class="number">{named(title)}</th> }).collect_view()
}

/// A text with its terms.
pub(super) fn text(text: &'static str) -> impl IntoView {
    let piece = |piece| match piece {
        Piece::Words(words) => words.into_any(),
        Piece::Term { shown, key } => term(key, shown).into_any(),
    };
    glossary::pieces(text).into_iter().map(piece).collect_view()
}

/// The card. The browser itself opens it, closes it at Esc or a click beside it, and gives the focus back.
pub(crate) fn card(page: Page) -> impl IntoView {
    let entry = page.part(|state| state.learn.term.as_deref().and_then(glossary::find).copied());
    let name = move || entry.get().map(|entry| entry.name);
    let about = move || entry.get().map(|entry| entry.about);
    view! {
        <dialog class="card" id=CARD popover="auto" aria-labelledby="term-name">
            <div class="title-row">
                <h2 id="term-name">{name}</h2>
                <button
                    class="small quiet"
                    id="term-close"
                    popovertarget=CARD
                    popovertargetaction="hide"
                >
                    "Close"
                </button>
            </div>
            <p id="term-about">{about}</p>
        </dialog>
    }
}

/// The whole glossary.
pub(super) fn list() -> impl IntoView {
    let item = |Entry { key, name, about }: &'static Entry| {
        view! {
            <div data-entry=*key>
                <dt>{*name}</dt>
                <dd>{*about}</dd>
            </div>
        }
    };
    view! {
        <details class="glossary" id="glossary">
            <summary>{format!("Glossary: {} terms", ENTRIES.len())}</summary>
            <dl>{ENTRIES.iter().map(item).collect_view()}</dl>
        </details>
    }
}
