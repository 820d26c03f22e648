//! The drawer beside the views: the guided path, one lesson at a time, and the glossary.

mod lesson;
mod terms;

use leptos::prelude::*;

use crate::app::Page;
use crate::learn::{Event, LESSONS};

pub(crate) use terms::{card, named, number_columns, term};

/// The drawer's element, which the button that opens it names.
pub(crate) const DRAWER: &str = "learn";

/// The button that opens and closes the drawer.
pub(crate) fn toggle(page: Page) -> impl IntoView {
    let open = page.part(|state| state.learn.open);
    let done = page.part(|state| state.learn.done());
    let text = move || match done.get() {
        0 => "Learn".to_owned(),
        done => format!("Learn: {done} of {}", LESSONS.len()),
    };
    view! {
        <button
            id="learn-toggle"
            class="learn-toggle"
            aria-expanded=move || open.get().to_string()
            aria-controls=move || open.get().then_some(DRAWER)
            on:click=move |_| page.tell(Event::Toggled)
        >
            {text}
        </button>
    }
}

/// The drawer, while it is open.
pub(crate) fn drawer(page: Page) -> impl IntoView {
    let open = page.part(|state| state.learn.open);
    view! {
        <Show when=move || open.get()>
            <aside class="drawer" id=DRAWER aria-labelledby="learn-title">
                <div class="title-row">
                    <h2 id="learn-title">"Learn"</h2>
                    <button class="small quiet" id="learn-close" on:click=move |_| page.tell(Event::Toggled)>
                        "Close"
                    </button>
                </div>
                {path(page)}
                {lesson::panel(page)}
                {steps(page)}
                {terms::list()}
            </aside>
        </Show>
    }
}

/// All lessons, to go to any.
fn path(page: Page) -> impl IntoView {
    let at = page.part(|state| state.learn.lesson);
    let done = page.part(|state| state.learn.done());
    let item = move |(place, lesson): (usize, &'static crate::learn::Lesson)| {
        let is_done = page.part(move |state| state.learn.is_done(lesson));
        view! {
            <li>
                <button
                    class="path-step"
                    id=format!("lesson-{place}")
                    aria-current=move || (at.get() == place).then_some("step")
                    on:click=move |_| page.tell(Event::LessonChosen(place))
                >
                    {lesson::mark(is_done)}
                    <span>{lesson.title}</span>
                </button>
            </li>
        }
    };
    view! {
        <details class="path">
            <summary>
                {move || format!("Lesson {} of {}", at.get() + 1, LESSONS.len())}
                <span class="aside" id="learn-done">{move || format!(" · {} done", done.get())}</span>
            </summary>
            <ol>{LESSONS.iter().enumerate().map(item).collect_view()}</ol>
            <button class="small quiet" id="learn-forget" on:click=move |_| page.tell(Event::ForgetAsked)>
                "Forget my progress"
            </button>
        </details>
    }
}

fn steps(page: Page) -> impl IntoView {
    let at = page.part(|state| state.learn.lesson);
    let last = LESSONS.len() - 1;
    view! {
        <div class="row drawer-steps">
            <button
                id="lesson-back"
                prop:disabled=move || at.get() == 0
                on:click=move |_| page.tell(Event::LessonChosen(at.get_untracked().saturating_sub(1)))
            >
                "Back"
            </button>
            <button
                id="lesson-next"
                prop:disabled=move || at.get() == last
                on:click=move |_| page.tell(Event::LessonChosen(at.get_untracked() + 1))
            >
                "Next"
            </button>
        </div>
    }
}
