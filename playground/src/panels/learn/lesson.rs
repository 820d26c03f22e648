//! The lesson that is shown: its text, its tasks, and what came of them.

use leptos::prelude::*;

use super::terms::text;
use crate::app::Page;
use crate::learn::{Check, Event, Lesson, Task};

pub(super) fn panel(page: Page) -> impl IntoView {
    let lesson = page.part(|state| state.learn.shown());
    let is_done = page.part(|state| state.learn.is_done(state.learn.shown()));
    let shown = move |lesson: &'static Lesson| {
        view! {
            <h3 id="lesson-title">{lesson.title}</h3>
            {lesson.text.iter().map(|paragraph| view! { <p>{text(paragraph)}</p> }).collect_view()}
            <ol class="tasks">{lesson.tasks.iter().map(|each| task(page, each)).collect_view()}</ol>
        }
    };
    view! {
        <article class="lesson" id="lesson" aria-labelledby="lesson-title">
            {move || shown(lesson.get())}
            <Show when=move || is_done.get()>
                <button class="small quiet" id="lesson-again" on:click=move |_| page.tell(Event::AgainAsked)>
                    "Do this lesson again"
                </button>
            </Show>
        </article>
    }
}

fn task(page: Page, task: &'static Task) -> impl IntoView {
    let Task { text: words, place, check } = *task;
    let found = page.part(move |state| state.learn.found(check).map(str::to_owned));
    let missing = page.part(move |state| state.missing(check));
    let is_done = Memo::new(move |_| found.with(Option::is_some));
    let class = move || if is_done.get() { "task task-done" } else { "task" };
    view! {
        <li class=class id=format!("task-{}", check.key())>
            {mark(is_done)}
            <div class="task-body">
                <p>{text(words)}</p>
                <p class="task-found" role="status">
                    {move || found.get().or_else(|| missing.get()).unwrap_or_default()}
                </p>
                <div class="row">
                    <button
                        class="small"
                        id=format!("show-{}", check.key())
                        aria-label=format!("Show me where: {}", place.view.label())
                        on:click=move |_| page.tell(Event::PlaceAsked(place))
                    >
                        "Show me where"
                    </button>
                    {(check == Check::Refused).then(|| broken(page))}
                </div>
            </div>
        </li>
    }
}

fn broken(page: Page) -> impl IntoView {
    let possible = page.part(crate::state::State::can_break);
    view! {
        <button
            class="small"
            id="open-half"
            prop:disabled=move || !possible.get()
            on:click=move |_| page.tell(Event::BrokenAsked)
        >
            "Open half of this model"
        </button>
    }
}

/// Done or not, for eyes and ears.
pub(super) fn mark(is_done: Memo<bool>) -> impl IntoView {
    view! {
        <svg class="tick" class:tick-done=is_done viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="8" cy="8" r="7" />
            <path d="M4.5 8.5 7 11l4.5-5.5" />
        </svg>
        <span class="hidden">{move || if is_done.get() { "Done: " } else { "To do: " }}</span>
    }
}
