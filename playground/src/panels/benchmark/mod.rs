//! How fast the guest is in this browser.

mod results;

use js_sys::Date;
use leptos::prelude::*;

use crate::app::Page;
use crate::benchmark::{Event, Machine, Work};
use crate::panels::parts::{bar, failure};
use crate::workshop::Place;

pub(crate) fn view(page: Page) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="benchmark-title" id="benchmark">
            <div class="title-row">
                <h2 id="benchmark-title">"Benchmark this browser"</h2>
                <p class="aside">"Each model with each build of the guest, in this browser's own engine"</p>
            </div>
            <p class="about-benchmark">
                "Five starts from nothing; a warm-up, until the browser has compiled again what is hot; then blocks of runs, \
                 the builds in turn. The limit beside them is what this browser's 128-bit SIMD does when it does nothing else. \
                 Close other tabs, and plug a laptop in."
            </p>
            {work(page)}
        </section>
        {results::panel(page)}
    }
}

fn work(page: Page) -> impl IntoView {
    let work = page.part(|state| state.benchmark.work.clone());
    let place = page.part(|state| match &state.benchmark.work {
        Work::Running(run) => state.workshop.place(run.job),
        Work::Idle | Work::Stopped | Work::Failed(_) => None,
    });
    let measured = page.part(|state| state.benchmark.rows.len());
    let running = Memo::new(move |_| matches!(work.get(), Work::Running(_)));
    let share = move || {
        let within = match place.get() {
            Some(Place::Running { stage, done, total }) => stage_share(&stage, done, total),
            Some(Place::Waiting { .. }) | None => 0.0,
        };
        match work.get() {
            Work::Running(run) => {
                let done = measured.get() as f64;
                let all = done + run.next.len() as f64 + f64::from(u8::from(run.subject.is_some()));
                (done + within) / all.max(1.0)
            }
            Work::Idle if measured.get() > 0 => 1.0,
            Work::Idle | Work::Stopped | Work::Failed(_) => 0.0,
        }
    };
    let text = move || match work.get() {
        Work::Running(run) => {
            let what = run.subject.map_or_else(|| "the browser's limit".into(), |subject| subject.name);
            match place.get() {
                Some(Place::Waiting { before }) => format!("{what}: waits for {before} other tasks"),
                Some(Place::Running { stage, .. }) if !stage.is_empty() => format!("{what}: {stage}"),
                Some(Place::Running { .. }) | None => what,
            }
        }
        Work::Idle => match measured.get() {
            0 => "not started".into(),
            1 => "done: 1 model".into(),
            count => format!("done: {count} models"),
        },
        Work::Stopped => "stopped; what was measured until then is below".into(),
        Work::Failed(_) => "failed".into(),
    };
    let failed = move || match work.get() {
        Work::Failed(why) => Some(failure(&why)),
        Work::Idle | Work::Running(_) | Work::Stopped => None,
    };
    view! {
        <div class="row">
            <button
                class="primary"
                id="benchmark-start"
                prop:disabled=move || running.get()
                on:click=move |_| page.tell(Event::Asked(machine()))
            >
                "Run the benchmark"
            </button>
            <button
                id="benchmark-stop"
                prop:disabled=move || !running.get()
                on:click=move |_| page.tell(Event::Stopped)
            >
                "Stop"
            </button>
        </div>
        <div class="progress">
            {bar(share)}
            <p class="aside" role="status" id="benchmark-status" aria-busy=move || running.get().to_string()>
                {text}
            </p>
        </div>
        {failed}
    }
}

/// How far a model is, by what it is at: starts, warm-ups and blocks take about as long.
fn stage_share(stage: &str, done: usize, total: usize) -> f64 {
    let within = done as f64 / total.max(1) as f64;
    match stage {
        "warm up" => (1.0 + within) / 3.0,
        "measure" => (2.0 + within) / 3.0,
        _ => within / 3.0,
    }
}

/// What this browser tells of itself, today.
fn machine() -> Machine {
    let navigator = window().navigator();
    let user_agent = navigator.user_agent().unwrap_or_default();
    let time = String::from(Date::new_0().to_iso_string());
    Machine::of(&user_agent, navigator.hardware_concurrency() as u32, &time)
}
