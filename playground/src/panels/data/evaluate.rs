//! The model over labelled samples: accuracy and latency.

use leptos::prelude::*;

use crate::app::Page;
use crate::format;
use crate::panels::parts::{bar, failure, figure};
use crate::relaxed::ran_with;
use crate::report::{OfClass, Report};
use crate::state::{Evaluation, Model, State};
use crate::update::Event;

/// A model of more scores than this may not be a classifier.
const MOST_EMPTY_ROWS: usize = 20;

pub(super) fn panel(page: Page) -> impl IntoView {
    let evaluation = page.part(|state| state.evaluation.clone());
    let can_start = page.part(State::can_evaluate);
    let running = move || evaluation.with(|e| matches!(e, Evaluation::Running { .. }));
    let report = Memo::new(move |_| match evaluation.get() {
        Evaluation::Done(report) => Some(report),
        _ => None,
    });
    let failed = move || match evaluation.get() {
        Evaluation::Failed(why) => Some(failure(&why)),
        _ => None,
    };
    view! {
        <section class="panel" aria-labelledby="evaluate-title" id="evaluate">
            <h2 id="evaluate-title">"Accuracy and latency"</h2>
            <div class="row">
                <button
                    class="primary"
                    id="evaluate-start"
                    prop:disabled=move || !can_start.get()
                    on:click=move |_| page.tell(Event::EvaluateAsked)
                >
                    "Run over the samples"
                </button>
                <button
                    id="evaluate-cancel"
                    prop:disabled=move || !running()
                    on:click=move |_| page.tell(Event::CancelAsked)
                >
                    "Cancel"
                </button>
            </div>
            {progress(page, evaluation, running)}
            {failed}
            {figures(page, report)}
            {classes(page, report)}
        </section>
    }
}

fn progress(page: Page, evaluation: Memo<Evaluation>, running: impl Fn() -> bool + Send + 'static) -> impl IntoView {
    let runners = page.part(|state| state.pool.at_work());
    let by = move || match runners.get() {
        0 | 1 => String::new(),
        several => format!(", by {several} workers"),
    };
    let share = move || match evaluation.get() {
        Evaluation::Running { done, total, .. } => done as f64 / total.max(1) as f64,
        Evaluation::Done(_) => 1.0,
        Evaluation::Idle | Evaluation::Cancelled { .. } | Evaluation::Failed(_) => 0.0,
    };
    let text = move || match evaluation.get() {
        Evaluation::Idle => "not run yet".into(),
        Evaluation::Running { total: 0, .. } => "reading the samples".into(),
        Evaluation::Running { done, total, right, .. } if done < total => {
            format!("{done} of {total} samples, {right} right so far{}", by())
        }
        Evaluation::Running { .. } => "all samples done, timing more runs".into(),
        Evaluation::Cancelled { done } => format!("cancelled after {done} samples"),
        Evaluation::Done(report) => format!("done: {} samples", report.confusion.total()),
        Evaluation::Failed(_) => "failed".into(),
    };
    view! {
        <div class="progress">
            {bar(share)}
            // Busy: a screen reader waits for the last word.
            <p class="aside" role="status" id="evaluate-status" aria-busy=move || running().to_string()>
                {text}
            </p>
        </div>
    }
}

fn figures(page: Page, report: Memo<Option<Report>>) -> impl IntoView {
    let show = move |text: fn(&Report) -> Option<String>| {
        move || report.with(|r| r.as_ref().and_then(text).unwrap_or_else(|| "–".into()))
    };
    let remark = move |text: fn(&Report) -> Option<String>| {
        move || report.with(|r| r.as_ref().and_then(text).unwrap_or_else(|| "\u{a0}".into()))
    };
    // Results go when other kernels come: what is loaded is what was timed.
    let build = page.part(|state| match state.model {
        Model::Ready { build, .. } => ran_with(state.kernels, build),
        Model::None | Model::Loading { .. } | Model::Refused(_) => "",
    });
    let timed = move || {
        report.with(|r| {
            let blocks = r.as_ref().and_then(|r| Some(r.latency?.blocks));
            blocks.map_or_else(|| "\u{a0}".into(), |blocks| format!("median of {blocks} blocks, {}", build.get()))
        })
    };
    view! {
        <dl class="figures" id="report">
            {figure(
                "Accuracy",
                show(|r| Some(format::percent(r.confusion.top1()?.value))),
                remark(|r| Some(format!("95 %: {}", format::interval(r.confusion.top1()?)))),
            )}
            {figure(
                "Right",
                show(|r| Some(r.confusion.right().to_string())),
                remark(|r| Some(format!("of {}", r.confusion.total()))),
            )}
            {figure(
                "Latency",
                show(|r| Some(format::millis(r.latency?.median_millis))),
                timed,
            )}
            {figure(
                "p95",
                show(|r| Some(format::millis(r.latency?.p95_millis))),
                remark(|r| Some(format!("{} runs timed", r.latency?.runs))),
            )}
        </dl>
    }
}

/// A model of the zoo has its rows before its results, so that nothing moves when they come.
fn classes(page: Page, report: Memo<Option<Report>>) -> impl IntoView {
    let scores = page.part(|state| state.description().and_then(|d| Some(d.outputs.first()?.elements())).unwrap_or(0));
    let row = |(label, class): (usize, Option<OfClass>)| {
        let accuracy = class.and_then(|class| class.accuracy);
        let value = accuracy.map_or(0.0, |share| share.value);
        let right = class.map_or("–".into(), |class| format!("{} / {}", class.right, class.total));
        view! {
            <tr>
                <th scope="row" class="number">{label}</th>
                <td class="number">{right}</td>
                <td class="share">{bar(move || value)}</td>
                <td class="number">{accuracy.map_or("–".into(), |share| format::percent(share.value))}</td>
                <td class="number aside">{accuracy.map_or("–".into(), format::interval)}</td>
            </tr>
        }
    };
    let rows = move || {
        let classes = report.with(|report| report.as_ref().map(Report::classes));
        let rows = match classes {
            Some(classes) => classes.into_iter().map(Some).collect(),
            None if (2..=MOST_EMPTY_ROWS).contains(&scores.get()) => vec![None; scores.get()],
            None => Vec::new(),
        };
        rows.into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <details class="classes" open>
            <summary>"By class"</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Accuracy by class">
                <table id="classes">
                    <thead>
                        <tr>
                            <th scope="col" class="number">"Class"</th>
                            <th scope="col" class="number">"Right"</th>
                            <th scope="col" class="share"><span class="hidden">"Share"</span></th>
                            <th scope="col" class="number">"Accuracy"</th>
                            <th scope="col" class="number">"95 % interval"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}
