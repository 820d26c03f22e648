//! What was measured, and the ways to share it.

use leptos::prelude::*;

use crate::app::Page;
use crate::benchmark::share::{self, rate};
use crate::benchmark::suite::BuildTimes;
use crate::benchmark::{Benchmark, Event, Row};
use crate::format;
use crate::panels::parts::{bar, figure};

pub(super) fn panel(page: Page) -> impl IntoView {
    let benchmark = page.part(|state| state.benchmark.clone());
    let any = Memo::new(move |_| benchmark.with(|found| found.peak.is_some() || !found.rows.is_empty()));
    view! {
        <Show when=move || any.get()>
            <section class="panel" aria-labelledby="measured-title" id="measured">
                <div class="title-row">
                    <h2 id="measured-title">"Measured here"</h2>
                    <p class="aside">{move || benchmark.with(|found| found.machine.as_ref().map(ToString::to_string))}</p>
                </div>
                {limits(benchmark)} {move || table(&benchmark.get())} {sharing(page, benchmark)}
            </section>
        </Show>
    }
}

/// The limits of this browser.
fn limits(benchmark: Memo<Benchmark>) -> impl IntoView {
    let peak = move || benchmark.with(|found| found.peak);
    let simd128 = move || peak().map_or_else(|| "–".into(), |peak| format!("{}MAC/s", share::prefixed(peak.simd128)));
    let relaxed = move || match peak() {
        Some(peak) => peak.relaxed.map_or_else(|| "not used".into(), |rate| format!("{}MAC/s", share::prefixed(rate))),
        None => "–".into(),
    };
    view! {
        <dl class="figures">
            {figure("SIMD128 at most", simd128, || "i32x4.dot_i16x8_s and an addition, on registers".into())}
            {figure("Relaxed SIMD at most", relaxed, || "its dot product, where it is exact".into())}
        </dl>
    }
}

fn table(benchmark: &Benchmark) -> impl IntoView + use<> {
    let rows: Vec<_> = benchmark
        .rows
        .iter()
        .flat_map(|row| row.measured.builds.iter().enumerate().map(move |(k, times)| (row, k, times)))
        .map(|(row, k, times)| line(benchmark, row, k, times))
        .collect();
    let head = ["Median", "5–95 %", "Work a second", "Of the limit", "Compile", "Instantiate", "Load", "First run"];
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Times of models">
            <table id="times">
                <thead>
                    <tr>
                        <th scope="col">"Model"</th>
                        <th scope="col">"Build"</th>
                        {head.map(|name| view! { <th scope="col" class="number">{name}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="aside">
            "A run goes from the input's bytes to the output's; median and percentiles are of blocks of at least 2 ms. The last \
             four columns are medians of five starts from nothing. float32 has another limit, about half of the one for bytes."
        </p>
    }
}

fn line(benchmark: &Benchmark, row: &Row, k: usize, times: &BuildTimes) -> impl IntoView + use<> {
    let BuildTimes { start, run, .. } = *times;
    let of_peak = benchmark.share_of_peak(&row.measured, times);
    let share = of_peak.map(|share| view! { <span>{format::percent(share)}</span> {bar(move || share)} });
    let name = (k == 0).then(|| {
        view! {
            <th scope="rowgroup" rowspan=row.measured.builds.len().to_string()>
                <span class="cell-value">{row.model.clone()}</span>
                <span class="cell-remark">
                    {format!("{} MAC, {}", format::count(row.measured.macs), format::bytes(row.measured.file_bytes))}
                </span>
            </th>
        }
    });
    let cell = |text: String| view! { <td class="number">{text}</td> };
    let spread = format!("{}–{}", format::millis(run.low), format::millis(run.high));
    let starts = [start.compile, start.instantiate, start.load, start.first_run].map(format::millis);
    view! {
        <tr class:first=k == 0>
            {name} <th scope="row" class="build">
                {times.label()}
            </th> {cell(format::millis(run.median))} {cell(spread)} {cell(rate(row.measured.macs, run.median))}
            <td class="number share">{share}</td> {starts.map(cell).collect_view()}
        </tr>
    }
}

fn sharing(page: Page, benchmark: Memo<Benchmark>) -> impl IntoView {
    let none = Memo::new(move |_| benchmark.with(|found| found.rows.is_empty()));
    view! {
        <div class="row">
            <button
                id="benchmark-copy"
                prop:disabled=move || none.get()
                on:click=move |_| page.tell(Event::CopyAsked)
            >
                "Copy as Markdown"
            </button>
            <button
                id="benchmark-json"
                prop:disabled=move || none.get()
                on:click=move |_| page.tell(Event::DownloadAsked)
            >
                "Download JSON"
            </button>
        </div>
        <details>
            <summary>"As Markdown"</summary>
            <textarea
                id="benchmark-markdown"
                aria-label="The results as Markdown"
                readonly
                rows="12"
                prop:value=move || benchmark.with(share::markdown)
            ></textarea>
        </details>
    }
}
