//! What is missing, and the way to it.

use leptos::prelude::*;

use crate::app::Page;
use crate::understand::Lack;
use crate::update::Event;
use crate::view::View;
use crate::zoo;

pub(super) fn panel(page: Page, lack: Lack) -> impl IntoView {
    let from_zoo = page.part(|state| state.source.as_ref().is_some_and(|source| source.zoo.is_some()));
    let text = match lack {
        Lack::Model => "No model is ready. Choose one first.",
        Lack::Float => {
            "This model computes with integers already, so there is no original to compare it with. Open the float model that it \
             came from, and make a smaller one of it here."
        }
        Lack::Samples => "There are no samples that suit this model. Choose some first.",
        Lack::Variant => "No variant is made yet. Make one first: then you see here what it costs, and why.",
        Lack::Labels => {
            "These samples have no labels, so nobody knows which answers are right. Open samples with labels to compare answers; what \
             the channels do is seen without."
        }
    };
    let go = move |view: View, text: &'static str| {
        view! {
            <a class="go" id="understand-go" href=format!("#{}", view.key())>
                {text}
            </a>
        }
        .into_any()
    };
    let float = zoo::ENTRIES.iter().position(|entry| entry.float);
    let way = move || match lack {
        Lack::Model => go(View::Model, "Choose a model"),
        Lack::Float => match float.filter(|_| from_zoo.get()) {
            Some(entry) => view! {
                <button class="primary" id="understand-go" on:click=move |_| page.tell(Event::ZooChosen(entry))>
                    {format!("Take {}", zoo::ENTRIES[entry].name)}
                </button>
            }
            .into_any(),
            None => go(View::Model, "Choose a model"),
        },
        Lack::Samples | Lack::Labels => go(View::Data, "Choose samples"),
        Lack::Variant => go(View::Shrink, "Make a variant"),
    };
    view! {
        <section class="panel empty" aria-labelledby="understand-title" id="understand-empty">
            <h2 id="understand-title">"Why it answers otherwise"</h2>
            <p>{text}</p>
            <div class="row">{way}</div>
        </section>
    }
}
