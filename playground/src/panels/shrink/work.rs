//! Starts and stops the work, and shows how far it is.

use leptos::prelude::*;

use crate::app::Page;
use crate::panels::parts::{bar, failure};
use crate::shrink::{Event, Step, Work};
use crate::workshop::Place;

pub(super) fn show(page: Page) -> impl IntoView {
    let work = page.part(|state| state.shrink.work.clone());
    let place = page.part(|state| match state.shrink.work {
        Work::Running { job, .. } => state.workshop.place(job),
        Work::Idle | Work::Cancelled | Work::Failed(_) => None,
    });
    let running = page.part(|state| state.shrink.is_running());
    let plan = page.part(|state| state.shrink.plan().map(|plan| plan.name));
    let made = page.part(|state| state.shrink.variants.last().map(|variant| variant.plan.name.clone()));
    let start = move || match plan.get() {
        Some(name) => format!("Make {name}"),
        None => "Make it".into(),
    };
    let share = move || match work.get() {
        Work::Running { .. } => match place.get() {
            Some(Place::Running { done, total, .. }) => done as f64 / total.max(1) as f64,
            Some(Place::Waiting { .. }) | None => 0.0,
        },
        Work::Idle if made.get().is_some() => 1.0,
        Work::Idle | Work::Cancelled | Work::Failed(_) => 0.0,
    };
    let text = move || match work.get() {
        Work::Running { step, .. } => {
            let step = match step {
                Step::Original(_) => "Measuring the original".into(),
                Step::Make(plan) => format!("Making {}", plan.name),
                Step::Judge => "Measuring the variant".into(),
                Step::Export { .. } => "Writing C".into(),
            };
            match place.get() {
                Some(Place::Running { stage, done, total }) if total > 0 => {
                    format!("{step}: {stage}, {done} of {total}")
                }
                Some(Place::Waiting { before }) => format!("{step}: waits for {before} other tasks"),
                Some(Place::Running { .. }) | None => step,
            }
        }
        Work::Idle => match (made.get(), plan.get()) {
            (Some(name), _) => format!("made {name}"),
            (None, Some(_)) => "nothing made yet".into(),
            (None, None) => "nothing to do: choose numbers or pruning".into(),
        },
        Work::Cancelled => "cancelled".into(),
        Work::Failed(_) => "failed".into(),
    };
    let failed = move || match work.get() {
        Work::Failed(why) => Some(failure(&why)),
        Work::Idle | Work::Running { .. } | Work::Cancelled => None,
    };
    view! {
        <div class="row">
            <button
                class="primary"
                id="shrink-start"
                prop:disabled=move || running.get() || plan.get().is_none()
                on:click=move |_| page.tell(Event::Asked)
            >
                {start}
            </button>
            <button
                id="shrink-cancel"
                prop:disabled=move || !running.get()
                on:click=move |_| page.tell(Event::Cancelled)
            >
                "Cancel"
            </button>
        </div>
        <div class="progress">
            {bar(share)}
            // Busy: a screen reader waits for the last word.
            <p class="aside" role="status" id="shrink-status" aria-busy=move || running.get().to_string()>
                {text}
            </p>
        </div>
        {failed}
    }
}
