//! The original and its variants side by side.

use leptos::prelude::*;
use mote_models::judge::energy;

use super::draft::{difference, headline};
use super::take;
use crate::app::Page;
use crate::format;
use crate::panels::learn::number_columns;
use crate::shrink::compare::{self, Difference};
use crate::shrink::{Event, Measured, Split};

/// What is shown of a model.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    /// None for the original.
    id: Option<u32>,
    name: String,
    /// What is to be known beside its figures.
    note: String,
    measured: Option<Measured>,
}

/// A figure, what it is against the original's, and a smaller remark.
struct Cell {
    title: &'static str,
    value: String,
    remark: String,
    difference: Option<Difference>,
}

const COLUMNS: [&str; 8] = ["Accuracy", "Weights", "File", "Gzipped", "Arena", "MACs", "Latency", "Energy"];

pub(super) fn table(page: Page) -> impl IntoView {
    let rows = page.part(|state| {
        let original = state.shrink.original.clone().map(|measured| {
            let name = state.source.as_ref().map_or_else(String::new, |source| source.name.clone());
            Row { id: None, name, note: "the original".into(), measured: Some(measured) }
        });
        let test = state.shrink.split().map(Split::test);
        let variants = state.shrink.variants.iter().map(|variant| {
            let note = match test.map(|all| (state.shrink.judging(variant).len(), all)) {
                Some((by, all)) if by < all => format!("judged by {by} of the {all}: it was made by the others"),
                Some(_) | None => String::new(),
            };
            Row { id: Some(variant.id), name: variant.plan.name.clone(), note, measured: variant.measured.clone() }
        });
        original.into_iter().chain(variants).collect::<Vec<_>>()
    });
    let device = page.part(|state| state.shrink.device.clone());
    let test = page.part(|state| {
        state.shrink.survey().filter(|survey| survey.labelled).and(state.shrink.split()).map(Split::test)
    });
    let note = move || {
        let accuracy = match test.get() {
            Some(test) => format!("Accuracy on the {test} samples that no variant was made by, with 95 % intervals."),
            None => "Without labels there is no accuracy.".into(),
        };
        format!(
            "{accuracy} Latency is the median of blocks of runs here, after one that warms up, and the 95th percentile. Energy \
             is an {}.",
            energy::SOURCE
        )
    };
    view! {
        <Show when=move || !rows.with(Vec::is_empty)>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Original and variants">
                <table id="variants">
                    <thead>
                        <tr>
                            <th scope="col">"Model"</th>
                            {number_columns(COLUMNS)}
                            <th scope="col">"Fits"</th>
                            <th scope="col">"Take away"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {move || {
                            let (rows, device) = (rows.get(), device.get());
                            let original = rows.iter().find(|row| row.id.is_none()).and_then(|row| row.measured.clone());
                            rows.into_iter()
                                .map(|row| line(page, row, original.as_ref(), device.as_deref()))
                                .collect_view()
                        }}
                    </tbody>
                </table>
            </div>
            <p class="aside">{note}</p>
        </Show>
    }
}

fn line(page: Page, row: Row, original: Option<&Measured>, device: Option<&str>) -> impl IntoView + use<> {
    let Row { id, name, note, measured } = row;
    let original = original.filter(|_| id.is_some());
    let cells = measured.as_ref().map_or_else(Vec::new, |measured| cells(measured, original));
    let fits = measured.as_ref().map(|measured| fits(measured, device));
    let cell = |cell: Cell| {
        view! {
            <td class="number" data-title=cell.title>
                <span class="cell-value">{cell.value}</span>
                <span class="cell-remark">{cell.remark}</span>
                <span class="cell-remark">{cell.difference.map(difference)}</span>
            </td>
        }
    };
    let remove = format!("Remove {name}");
    let files = id.map(|id| {
        view! {
            <div class="files">
                {take::files(page, id, &name)}
                <button class="small quiet" aria-label=remove on:click=move |_| page.tell(Event::Dropped(id))>
                    "remove"
                </button>
            </div>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <span class="cell-value">{name.clone()}</span>
                <span class="cell-remark">{note}</span>
            </th>
            {cells.into_iter().map(cell).collect_view()}
            <td data-title="Fits" class="fits">{fits}</td>
            <td data-title="Take away">{files}</td>
        </tr>
    }
}

/// Whether a model fits the board that was chosen, and why not; without one, how many boards it fits.
fn fits(measured: &Measured, device: Option<&str>) -> impl IntoView + use<> {
    let (class, text) = match device.and_then(|id| compare::fit(&measured.judged, id)) {
        Some(fit) if fit.fits() => ("better", "✓ yes".to_owned()),
        Some(fit) => {
            let why: Vec<_> = fit.misfits.iter().map(ToString::to_string).collect();
            ("worse", format!("✗ no: {}", why.join("; ")))
        }
        None => {
            let all = &measured.judged.fits;
            let fitting = all.iter().filter(|fit| fit.fits()).count();
            ("even", format!("{fitting} of {} boards", all.len()))
        }
    };
    view! { <span class=class>{text}</span> }
}

fn cells(measured: &Measured, original: Option<&Measured>) -> Vec<Cell> {
    let Measured { judged, kernels } = measured;
    let size = &judged.size;
    let against = |of: &dyn Fn(&Measured) -> Option<f64>| compare::cost(of(measured)?, of(original?)?);
    let dense = |m: &Measured| m.judged.size.weights.map(|weights| weights.dense_bytes as f64);
    let cell = |title, value, of: &dyn Fn(&Measured) -> Option<f64>| Cell {
        title,
        value,
        remark: String::new(),
        difference: against(of),
    };
    let accuracy = match &judged.accuracy {
        None => Cell { title: COLUMNS[0], value: "–".into(), remark: "no labels".into(), difference: None },
        Some(found) => {
            let (value, remark) = headline(found);
            let difference = original
                .and_then(|original| original.judged.accuracy.as_ref())
                .map(|before| compare::accuracy(found, before));
            Cell { title: COLUMNS[0], value, remark, difference }
        }
    };
    let weights = size.weights.map_or_else(
        || ("–".to_owned(), String::new()),
        |weights| (format::bytes(weights.dense_bytes), format!("{} zeros", format::percent(weights.sparsity()))),
    );
    let latency = judged.latency.map_or_else(
        || ("–".to_owned(), "too short for the clock".to_owned()),
        |l| (format::millis(l.median_millis), format!("{} · {}", format::millis(l.p95_millis), kernels.label())),
    );
    vec![
        accuracy,
        Cell { title: COLUMNS[1], value: weights.0, remark: weights.1, difference: against(&dense) },
        cell(COLUMNS[2], format::bytes(size.file_bytes), &|m| Some(m.judged.size.file_bytes as f64)),
        cell(COLUMNS[3], format::bytes(size.gzip_bytes), &|m| Some(m.judged.size.gzip_bytes as f64)),
        cell(COLUMNS[4], format::bytes(size.arena_bytes), &|m| Some(m.judged.size.arena_bytes as f64)),
        cell(COLUMNS[5], format::count(size.macs), &|m| Some(m.judged.size.macs as f64)),
        Cell { title: COLUMNS[6], value: latency.0, remark: latency.1, difference: against(&compare::latency) },
        cell(COLUMNS[7], format::joules(judged.energy.total_nj()), &|m| Some(m.judged.energy.total_nj())),
    ]
}
