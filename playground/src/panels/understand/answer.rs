//! What the controls make now, beside the variant that is compared.

use leptos::prelude::*;

use crate::app::Page;
use crate::state::State;
use crate::understand::{Answered, Event};

/// Nothing while the controls make the variant that is compared.
pub(super) fn show(page: Page, id: &'static str) -> impl IntoView {
    let answer = page.part(State::recipe_now);
    let text = move || match answer.get() {
        None => String::new(),
        Some(Answered { name, change: Some(change), .. }) => {
            format!("The recipe now makes {name}: {}, {} beside the variant above.", change.after.0, change.change)
        }
        Some(Answered { name, id: None, .. }) => format!("Making {name}…"),
        Some(Answered { name, id: Some(_), change: None }) => format!("The recipe now makes {name}."),
    };
    let made = Memo::new(move |_| answer.get().and_then(|answer| answer.id));
    view! {
        <div class="row answer">
            <p role="status" id=id>{text}</p>
            {move || {
                made.get()
                    .map(|made| {
                        view! {
                            <button class="small" on:click=move |_| page.tell(Event::VariantChosen(made))>
                                "Compare that one"
                            </button>
                        }
                    })
            }}
        </div>
    }
}
