//! The search: what is wanted, how far it is, the best that it has found.

use leptos::prelude::*;
use mote_models::search::{Bytes, Measured, Part};

use crate::app::Page;
use crate::explore::{self, Measure, Tried};
use crate::format;
use crate::panels::controls::{segment, slider};
use crate::panels::learn::named;
use crate::panels::parts::{bar, failure};
use crate::search::{Aim, Begin, Event, Found, Wishes, Work};
use crate::state::State;
use crate::workshop::Place;

/// Aims with their keys, names and what they mean.
const AIMS: [(Aim, &str, &str, &str); 3] = [
    (Aim::Download, "download", "smallest download", "The fewest bytes after gzip that keep the accuracy."),
    (Aim::File, "file", "smallest file", "The fewest bytes of flash that keep the accuracy."),
    (Aim::Accuracy, "accuracy", "most accuracy", "The best accuracy that fits into so many bytes of flash."),
];

pub(super) fn panel(page: Page) -> impl IntoView {
    let possible = page.part(State::could_search);
    view! {
        <section class="panel" aria-labelledby="search-title" id="search">
            <div class="title-row">
                <h2 id="search-title">"Search"</h2>
                <p class="aside">"Tries kinds of numbers, zeros layer by layer, fewer channels, fewer bits"</p>
            </div>
            <Show
                when=move || possible.get()
                fallback=|| {
                    view! { <p class="aside">"A search judges what it makes: it needs samples with labels."</p> }
                }
            >
                <div class="shrink">
                    <div class="controls">{aims(page)}</div>
                    <div class="controls">{limits(page)} {work(page)}</div>
                </div>
                {best(page)}
            </Show>
        </section>
    }
}

/// Tells that something else is wanted.
fn wish(page: Page, wishes: Memo<Wishes>, change: impl FnOnce(&mut Wishes)) {
    let mut changed = wishes.get_untracked();
    change(&mut changed);
    page.tell(Event::Wished(changed));
}

fn aims(page: Page) -> impl IntoView {
    let wishes = page.part(|state| state.search.wishes);
    let choice = move |(aim, key, label, _): (Aim, &'static str, &'static str, &'static str)| {
        segment(
            "aim",
            key,
            label,
            move || wishes.get().aim == aim,
            move || wish(page, wishes, |wishes| wishes.aim = aim),
        )
    };
    let about = move || AIMS.iter().find(|(aim, ..)| *aim == wishes.get().aim).map_or("", |(_, _, _, about)| *about);
    view! {
        <fieldset class="segments">
            <legend>"Find the"</legend>
            <div class="segment-row">{AIMS.map(choice).collect_view()}</div>
            <p class="aside about">{about}</p>
        </fieldset>
    }
}

fn limits(page: Page) -> impl IntoView {
    let wishes = page.part(|state| state.search.wishes);
    let aim = Memo::new(move |_| wishes.get().aim);
    let loss = move || {
        slider(
            "Accuracy it may lose",
            "search-loss",
            [0, 50, 5],
            || true,
            move || (usize::from(wishes.get().loss), points(wishes.get().loss)),
            move |value| wish(page, wishes, |wishes| wishes.loss = value as u16),
        )
    };
    let bytes = move || {
        slider(
            "File at most",
            "search-bytes",
            [2, 500, 2],
            || true,
            move || (wishes.get().kilobytes as usize, format!("{} kB", wishes.get().kilobytes)),
            move |value| wish(page, wishes, |wishes| wishes.kilobytes = value as u32),
        )
    };
    view! {
        <div class="pair">
            {move || match aim.get() {
                Aim::File | Aim::Download => loss().into_any(),
                Aim::Accuracy => bytes().into_any(),
            }}
            {slider(
                "Models to try",
                "search-trials",
                [5, 100, 5],
                || true,
                move || (wishes.get().trials, wishes.get().trials.to_string()),
                move |value| wish(page, wishes, |wishes| wishes.trials = value),
            )}
        </div>
    }
}

/// Thousandths as points of a hundred.
fn points(thousandths: u16) -> String {
    format!("{:.1} points", f64::from(thousandths) / 10.0)
}

fn work(page: Page) -> impl IntoView {
    let work = page.part(|state| state.search.work.clone());
    let place = page.part(|state| match state.search.work {
        Work::Running(job) => state.workshop.place(job),
        Work::Idle | Work::Stopped | Work::Ended | Work::Failed(_) => None,
    });
    let ready = page.part(State::can_search);
    let goes_on = page.part(|state| matches!(state.search_begin(), Some(Begin::GoOn(_))));
    let tried = page.part(|state| {
        let found = state.search.found.as_ref()?;
        Some((found.state.trials.len(), found.state.options.trials))
    });
    let running = Memo::new(move |_| matches!(work.get(), Work::Running(_)));
    let share = move || tried.get().map_or(0.0, |(done, all)| done as f64 / all.max(1) as f64);
    let text = move || {
        let count = tried.get().map_or_else(String::new, |(done, all)| format!("{done} of {all} models tried"));
        match work.get() {
            Work::Idle => "not started".into(),
            Work::Running(_) => match place.get() {
                Some(Place::Waiting { .. }) => format!("{count}; other work has its turn"),
                Some(Place::Running { stage, done, total }) if !stage.is_empty() => {
                    format!("{count}; {stage}, {done} of {total}")
                }
                Some(Place::Running { .. }) | None => format!("{count}; begins"),
            },
            Work::Stopped => format!("stopped: {count}"),
            Work::Ended => format!("done: {count}"),
            Work::Failed(_) => "failed".into(),
        }
    };
    let failed = move || match work.get() {
        Work::Failed(why) => Some(failure(&why)),
        Work::Idle | Work::Running(_) | Work::Stopped | Work::Ended => None,
    };
    let start = move || if goes_on.get() { "Go on" } else { "Search" };
    view! {
        <div class="row">
            <button
                class="primary"
                id="search-start"
                prop:disabled=move || !ready.get()
                on:click=move |_| page.tell(Event::Asked)
            >
                {start}
            </button>
            <button
                id="search-stop"
                prop:disabled=move || !running.get()
                on:click=move |_| page.tell(Event::Stopped)
            >
                "Stop, keep what was found"
            </button>
        </div>
        <div class="progress">
            {bar(share)}
            <p class="aside" role="status" id="search-status" aria-busy=move || running.get().to_string()>
                {text}
            </p>
        </div>
        {failed}
    }
}

/// The trials that nothing beats, the best of them first named.
fn best(page: Page) -> impl IntoView {
    let found = page.part(|state| state.search.found.clone());
    view! {
        {move || {
            let found = found.get()?;
            let front = found.front();
            (!front.is_empty())
                .then(|| {
                    let winner = found.winner();
                    let rows = front.iter().map(|&trial| row(page, &found, trial, winner)).collect_view();
                    let gzip = match found.state.options.bytes {
                        Bytes::File => "File",
                        Bytes::Gzip => "Gzipped",
                    };
                    view! {
                        <p id="search-verdict">{verdict(&found, winner)}</p>
                        <div class="table-scroll" tabindex="0" role="region" aria-label="The best that the search has found">
                            <table id="search-front">
                                <thead>
                                    <tr>
                                        <th scope="col">"Nothing tried beats these"</th>
                                        <th scope="col" class="number">{named(found.measure.label())}</th>
                                        <th scope="col" class="number">{gzip}</th>
                                        <th scope="col" class="number">{named("Arena")}</th>
                                        <th scope="col" class="number">{named("MACs")}</th>
                                        <th scope="col">"Recipe"</th>
                                    </tr>
                                </thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                    }
                })
        }}
    }
}

/// What the search says about the best trial, so far or at its end.
fn verdict(found: &Found, winner: Option<usize>) -> String {
    let name = |trial: usize| found.state.trials[trial].choices.to_string();
    let chosen = match (winner, found.nearest()) {
        (Some(winner), _) => format!("Best within the limits: {}.", name(winner)),
        (None, Some(nearest)) => format!("Nothing keeps to the limits yet; nearest is {}.", name(nearest)),
        (None, None) => String::new(),
    };
    match found.parts.last() {
        Some(Part { samples, original, chosen: judged, .. }) => {
            let measure = Measure::of(original);
            let text = |accuracy: &mote_models::judge::Accuracy| measure.text(accuracy.headline().value);
            format!(
                "{chosen} On {samples} samples that had no say in it: {}, the original {}.",
                text(judged),
                text(original),
            )
        }
        None => chosen,
    }
}

fn row(page: Page, found: &Found, trial: usize, winner: Option<usize>) -> impl IntoView + use<> {
    let tried = &found.state.trials[trial];
    let name = tried.choices.to_string();
    let cells = tried.measured.as_ref().map(|measured| cells(found, measured)).unwrap_or_default();
    let cell = |(value, remark): (String, String)| {
        view! {
            <td class="number">
                <span class="cell-value">{value}</span>
                <span class="cell-remark">{remark}</span>
            </td>
        }
    };
    view! {
        <tr class:best=winner == Some(trial)>
            <th scope="row">
                <span class="cell-value">{name.clone()}</span>
                <span class="cell-remark">{if winner == Some(trial) { "the best within the limits" } else { "" }}</span>
            </th>
            {cells.into_iter().map(cell).collect_view()}
            <td>
                <button
                    class="small"
                    aria-label=format!("Take the recipe of {name}")
                    on:click=move |_| page.tell(explore::Event::Taken(Tried::Trial(trial)))
                >
                    "take"
                </button>
            </td>
        </tr>
    }
}

fn cells(found: &Found, measured: &Measured) -> Vec<(String, String)> {
    let quality = found.quality(measured);
    let interval = match found.measure {
        Measure::Top1 => format::interval(quality),
        Measure::Auc | Measure::Rmse => String::new(),
    };
    let plain = |text: String| (text, String::new());
    vec![
        (found.measure.text(quality.value), interval),
        plain(format::bytes(measured.bytes(found.state.options.bytes))),
        plain(format::bytes(measured.arena_bytes)),
        plain(format::count(measured.macs)),
    ]
}
