//! The variant that follows the controls: what it costs against the original and against what was kept last, and what to do with
//! it.

use leptos::prelude::*;
use mote_models::judge::Accuracy;

use crate::app::Page;
use crate::format;
use crate::panels::controls::switch;
use crate::panels::learn::named;
use crate::panels::parts::{bar, failure};
use crate::shrink::compare::{self, Change, Difference};
use crate::shrink::{Event, Follows, Measured, Shrink, Step, Which, Work};
use crate::workshop::Place;

pub(super) fn show(page: Page) -> impl IntoView {
    let running = page.part(|state| state.shrink.is_running());
    let plan = page.part(|state| state.shrink.plan().map(|plan| plan.name));
    let title = move || plan.get().unwrap_or_else(|| "Nothing to do: choose numbers or pruning".into());
    view! {
        <section class="draft" aria-labelledby="draft-title" aria-busy=move || running.get().to_string()>
            <h3 id="draft-title">{title}</h3>
            {figures(page)} {buttons(page)} {progress(page)}
        </section>
    }
}

/// One figure of the draft.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    name: &'static str,
    value: String,
    remark: String,
    to_original: Option<Difference>,
    to_kept: Option<Difference>,
}

fn figures(page: Page) -> impl IntoView {
    let figures = page.part(|state| of_draft(&state.shrink));
    let old = page.part(|state| state.shrink.draft.is_some() && !state.shrink.is_current());
    let kept = page.part(|state| last_kept(&state.shrink).map(|(name, _)| name));
    let against = move || match kept.get() {
        Some(name) => format!("Against the original, then against what was kept last: {name}."),
        None => "Against the original.".to_owned(),
    };
    let figure = |figure: Figure| {
        let Figure { name, value, remark, to_original, to_kept } = figure;
        view! {
            <div class="figure">
                <dt>{named(name)}</dt>
                <dd class="value">{value}</dd>
                <dd class="remark">{remark}</dd>
                <dd class="differences">{to_original.map(difference)} {to_kept.map(difference)}</dd>
            </div>
        }
    };
    view! {
        <Show when=move || !figures.with(Vec::is_empty)>
            <dl class="figures" id="draft" class:old=move || old.get()>
                {move || figures.get().into_iter().map(figure).collect_view()}
            </dl>
            <p class="aside">{against}</p>
        </Show>
    }
}

/// A difference: a sign, words and a colour, so that none of them is needed to tell.
pub(super) fn difference(difference: Difference) -> impl IntoView {
    let (class, word) = match difference.change {
        Change::Better => ("better", "better: "),
        Change::Worse => ("worse", "worse: "),
        Change::Even => ("even", ""),
    };
    view! {
        <span class=class>
            <span class="hidden">{word}</span>
            {difference.text}
        </span>
    }
}

/// What was kept last, unless that is the draft itself.
fn last_kept(shrink: &Shrink) -> Option<(String, Measured)> {
    let draft = shrink.draft.as_ref().map(|draft| &draft.plan.recipe);
    let last = shrink.variants.iter().rev().find(|kept| Some(&kept.plan.recipe) != draft)?;
    Some((last.plan.name.clone(), last.measured.clone()?))
}

fn of_draft(shrink: &Shrink) -> Vec<Figure> {
    let Some(now) = shrink.draft.as_ref().and_then(|draft| draft.measured.as_ref()) else { return Vec::new() };
    let (original, kept) = (shrink.original.as_ref(), last_kept(shrink).map(|(_, measured)| measured));
    let cost = |name, value: String, remark: String, of: &dyn Fn(&Measured) -> Option<f64>| {
        let against = |other: Option<&Measured>| compare::cost(of(now)?, of(other?)?);
        Figure { name, value, remark, to_original: against(original), to_kept: against(kept.as_ref()) }
    };
    let accuracy = now.judged.accuracy.as_ref().map(|found| {
        let against = |other: Option<&Measured>| Some(compare::accuracy(found, other?.judged.accuracy.as_ref()?));
        let (value, remark) = headline(found);
        Figure { name: "Accuracy", value, remark, to_original: against(original), to_kept: against(kept.as_ref()) }
    });
    let size = &now.judged.size;
    let latency = now.judged.latency;
    let spread = latency.map_or_else(String::new, |l| format!("95 %: {}", format::millis(l.p95_millis)));
    let millis = latency.map_or_else(|| "–".into(), |l| format::millis(l.median_millis));
    let figures = [
        cost("File", format::bytes(size.file_bytes), String::new(), &|m| Some(m.judged.size.file_bytes as f64)),
        cost("Gzipped", format::bytes(size.gzip_bytes), String::new(), &|m| Some(m.judged.size.gzip_bytes as f64)),
        cost("Arena", format::bytes(size.arena_bytes), String::new(), &|m| Some(m.judged.size.arena_bytes as f64)),
        cost("MACs", format::count(size.macs), String::new(), &|m| Some(m.judged.size.macs as f64)),
        cost("Latency", millis, spread, &compare::latency),
        cost("Energy", format::joules(now.judged.energy.total_nj()), "estimated".into(), &|m| {
            Some(m.judged.energy.total_nj())
        }),
    ];
    accuracy.into_iter().chain(figures).collect()
}

/// An accuracy and its interval.
pub(super) fn headline(accuracy: &Accuracy) -> (String, String) {
    let found = accuracy.headline();
    match accuracy {
        Accuracy::Classification { .. } => (format::percent(found.value), format::interval(found)),
        Accuracy::Anomaly { .. } | Accuracy::Regression { .. } => {
            let name = accuracy.headline_name();
            (format!("{name} {:.3}", found.value), format!("{:.3}–{:.3}", found.low, found.high))
        }
    }
}

fn buttons(page: Page) -> impl IntoView {
    let running = page.part(|state| state.shrink.is_running());
    let plan = page.part(|state| state.shrink.plan().map(|plan| plan.name));
    let kept = page.part(|state| state.shrink.is_current() && state.shrink.is_kept());
    let (undo, redo) =
        (page.part(|state| state.shrink.history.can_undo()), page.part(|state| state.shrink.history.can_redo()));
    let follows = page.part(|state| state.shrink.follows);
    let removed = page.part(|state| state.shrink.removed.last().map(|variant| variant.plan.name.clone()));
    view! {
        <div class="row">
            <button
                class="primary"
                id="shrink-keep"
                prop:disabled=move || plan.get().is_none() || kept.get()
                on:click=move |_| page.tell(Event::Kept)
            >
                {move || if kept.get() { "Kept" } else { "Keep it" }}
            </button>
            <button id="shrink-undo" prop:disabled=move || !undo.get() on:click=move |_| page.tell(Event::Undone)>
                "Undo"
            </button>
            <button id="shrink-redo" prop:disabled=move || !redo.get() on:click=move |_| page.tell(Event::Redone)>
                "Redo"
            </button>
            <button
                id="shrink-cancel"
                prop:disabled=move || !running.get()
                on:click=move |_| page.tell(Event::Cancelled)
            >
                "Cancel"
            </button>
            {move || {
                removed
                    .get()
                    .map(|name| {
                        view! {
                            <button class="quiet" id="shrink-restore" on:click=move |_| page.tell(Event::Restored)>
                                {format!("Bring back {name}")}
                            </button>
                        }
                    })
            }}
        </div>
        {switch(
            "follow",
            "Follow the controls at once",
            || true,
            move || follows.get() == Follows::AtOnce,
            move |on| {
                let follows = if on { Follows::AtOnce } else { Follows::WhenKept };
                page.tell(Event::FollowsChosen(follows));
            },
        )}
    }
}

fn progress(page: Page) -> impl IntoView {
    let work = page.part(|state| state.shrink.work.clone());
    let place = page.part(|state| match state.shrink.work {
        Work::Running { job, .. } => state.workshop.place(job),
        Work::Idle | Work::Cancelled | Work::Failed(_) => None,
    });
    let slow = page.part(|state| state.shrink.slow);
    let wanted = page.part(|state| state.shrink.wanted.as_ref().map(|plan| plan.name.clone()).unwrap_or_default());
    let current = page.part(|state| state.shrink.is_current());
    let share = move || match (work.get(), place.get()) {
        (Work::Running { .. }, Some(Place::Running { done, total, .. })) => done as f64 / total.max(1) as f64,
        (Work::Running { .. }, _) | (Work::Idle | Work::Cancelled | Work::Failed(_), _) => 0.0,
    };
    let text = move || match work.get() {
        Work::Running { step, .. } if slow.get() => {
            let step = match step {
                Step::Layers => "Reading the layers".into(),
                Step::Original => "Measuring the original".into(),
                Step::Make => format!("Making {}", wanted.get()),
                Step::Judge => format!("Measuring {}", wanted.get()),
                Step::Time(Which::Original) => "Timing the original".into(),
                Step::Time(Which::Draft | Which::Kept(_)) => "Timing the variants".into(),
            };
            match place.get() {
                Some(Place::Running { stage, done, total }) if total > 0 => {
                    format!("{step}: {stage}, {done} of {total}")
                }
                Some(Place::Waiting { before }) => format!("{step}: waits for {before} other tasks"),
                Some(Place::Running { .. }) | None => step,
            }
        }
        Work::Running { .. } => String::new(),
        Work::Idle if current.get() => format!("made {}", wanted.get()),
        Work::Idle => "nothing made yet".into(),
        Work::Cancelled => "cancelled".into(),
        Work::Failed(_) => "failed".into(),
    };
    let failed = move || match work.get() {
        Work::Failed(why) => Some(failure(&why)),
        Work::Idle | Work::Running { .. } | Work::Cancelled => None,
    };
    view! {
        <div class="progress">
            {move || slow.get().then(|| bar(share))}
            <p class="aside" role="status" id="shrink-status">{text}</p>
        </div>
        {failed}
    }
}
