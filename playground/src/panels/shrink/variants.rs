//! The original and its variants side by side, and what can be taken away.

use leptos::prelude::*;
use mote_models::judge::Accuracy;

use crate::app::Page;
use crate::format;
use crate::shrink::{Download, Event, Measured, Split};

/// What is shown of a model.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    /// None for the original.
    id: Option<u32>,
    name: String,
    measured: Option<Measured>,
}

/// A figure, and a smaller remark under it.
type Cell = (String, String);

pub(super) fn table(page: Page) -> impl IntoView {
    let rows = page.part(|state| {
        let original = state.shrink.original.clone().map(|measured| {
            let name = state.source.as_ref().map_or_else(String::new, |source| source.name.clone());
            Row { id: None, name, measured: Some(measured) }
        });
        let variants = state.shrink.variants.iter().map(|variant| Row {
            id: Some(variant.id),
            name: variant.plan.name.clone(),
            measured: variant.measured.clone(),
        });
        original.into_iter().chain(variants).collect::<Vec<_>>()
    });
    let running = page.part(|state| state.shrink.is_running());
    let test = page.part(|state| {
        state.shrink.survey().filter(|survey| survey.labelled).and(state.shrink.split()).map(Split::test)
    });
    let note = move || match test.get() {
        Some(test) => {
            format!(
                "Accuracy on the {test} samples that no variant was made by, with 95 % intervals; latency is the median here."
            )
        }
        None => "Without labels there is no accuracy; latency is the median here.".into(),
    };
    view! {
        <Show when=move || !rows.with(Vec::is_empty)>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Original and variants">
                <table id="variants">
                    <thead>
                        <tr>
                            <th scope="col">"Model"</th>
                            <th scope="col" class="number">"Accuracy"</th>
                            <th scope="col" class="number">"File"</th>
                            <th scope="col" class="number">"Gzipped"</th>
                            <th scope="col" class="number">"Arena"</th>
                            <th scope="col" class="number">"MACs"</th>
                            <th scope="col" class="number">"Latency"</th>
                            <th scope="col">"Take away"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {move || {
                            let rows = rows.get();
                            let original = rows.iter().find(|row| row.id.is_none()).and_then(|row| row.measured.clone());
                            rows.into_iter().map(|row| line(page, running, row, original.as_ref())).collect_view()
                        }}
                    </tbody>
                </table>
            </div>
            <p class="aside">{note}</p>
        </Show>
    }
}

fn line(page: Page, running: Memo<bool>, row: Row, original: Option<&Measured>) -> impl IntoView + use<> {
    let Row { id, name, measured } = row;
    let original = original.filter(|_| id.is_some());
    let cells = measured.as_ref().map_or_else(|| vec![("…".into(), "measuring".into()); 6], |m| cells(m, original));
    let about = if id.is_none() { "the original" } else { "" };
    let cell = |(value, remark): Cell| {
        view! {
            <td class="number">
                <span class="cell-value">{value}</span>
                <span class="cell-remark">{remark}</span>
            </td>
        }
    };
    view! {
        <tr>
            <th scope="row">
                <span class="cell-value">{name.clone()}</span>
                <span class="cell-remark">{about}</span>
            </th>
            {cells.into_iter().map(cell).collect_view()}
            <td>{id.filter(|_| measured.is_some()).map(|id| take_away(page, running, id, &name))}</td>
        </tr>
    }
}

fn take_away(page: Page, running: Memo<bool>, id: u32, name: &str) -> impl IntoView + use<> {
    let name = name.to_owned();
    let remove = format!("Remove {name}");
    let button = move |file: Download| {
        let needs_work = matches!(file, Download::Header | Download::Source);
        view! {
            <button
                class="small"
                data-file=file.extension()
                aria-label=format!("Download {name} as .{}", file.extension())
                prop:disabled=move || needs_work && running.get()
                on:click=move |_| page.tell(Event::DownloadAsked { id, file })
            >
                {format!(".{}", file.extension())}
            </button>
        }
    };
    view! {
        <div class="files">
            {Download::ALL.map(button).collect_view()}
            <button class="small quiet" aria-label=remove on:click=move |_| page.tell(Event::Dropped(id))>
                "remove"
            </button>
        </div>
    }
}

fn cells(measured: &Measured, original: Option<&Measured>) -> Vec<Cell> {
    let Measured { judged, kernels } = measured;
    let size = &judged.size;
    let before = original.map(|original| &original.judged.size);
    let share = |now: u64, before: Option<u64>| match before {
        Some(before) if before > 0 => format::percent(now as f64 / before as f64),
        Some(_) | None => String::new(),
    };
    let accuracy = judged.accuracy.as_ref().map(Accuracy::headline).map_or_else(
        || ("–".into(), "no labels".into()),
        |found| (format::percent(found.value), format::interval(found)),
    );
    let latency = judged
        .latency
        .map_or_else(|| ("–".into(), String::new()), |l| (format::millis(l.median_millis), kernels.label().into()));
    vec![
        accuracy,
        (format::bytes(size.file_bytes), share(size.file_bytes, before.map(|b| b.file_bytes))),
        (format::bytes(size.gzip_bytes), share(size.gzip_bytes, before.map(|b| b.gzip_bytes))),
        (format::bytes(size.arena_bytes), share(size.arena_bytes, before.map(|b| b.arena_bytes))),
        (format::count(size.macs), share(size.macs, before.map(|b| b.macs))),
        latency,
    ]
}
