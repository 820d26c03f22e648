//! Which samples, what is in their files, and what came of them.

use leptos::prelude::*;
use mote_models::prepare::{Contents, Form, Media, Warning};

use crate::app::Page;
use crate::dataset::{Event, File, Work};
use crate::format;
use crate::panels::parts::{failure, files_button};
use crate::pipeline::Summary;
use crate::state::Data;
use crate::update;

pub(super) fn panel(page: Page) -> impl IntoView {
    let file = page.part(|state| match &state.data {
        Data::Zoo => None,
        Data::File { name, .. } => Some(name.clone()),
    });
    let has_zoo = page.part(|state| state.source.as_ref().is_some_and(|source| source.zoo.is_some()));
    let name = move || match (file.get(), has_zoo.get()) {
        (Some(name), _) => name,
        (None, true) => "the zoo's test set".into(),
        (None, false) => "none yet".into(),
    };
    let contents = page.part(|state| state.dataset.outcome.as_ref().map(|outcome| outcome.contents.clone()));
    let failed = page.part(|state| state.dataset.failure().cloned());
    let warnings = page.part(|state| summary_of(state).map(|summary| summary.warnings.clone()).unwrap_or_default());
    let can_take = page.part(|state| matches!(&state.data, Data::File { bytes, .. } if !bytes.is_empty()));
    view! {
        <section class="panel" aria-labelledby="files-title" id="files">
            <h2 id="files-title">"Samples"</h2>
            <div class="row">
                {files_button(
                    "Open samples",
                    ".npz,.npy,.csv,.zip",
                    "data-file",
                    move |files: Vec<File>| page.tell(Event::Opened(files)),
                )}
                <Show when=move || file.get().is_some() && has_zoo.get()>
                    <button class="quiet" id="data-zoo" on:click=move |_| page.tell(update::Event::ZooDataChosen)>
                        "Use the zoo's"
                    </button>
                </Show>
                <p class="aside" id="data-name">{name}</p>
            </div>
            <p class="aside">
                "An .npz of x and y, a .csv, an .npy with a .csv of its labels, or a .zip of folders with pictures or recordings. \
                 Or drop them anywhere on the page."
            </p>
            {move || contents.get().map(|contents| view! { <p id="data-contents">{tell(&contents)}</p> })}
            {status(page)}
            {move || failed.get().map(|why| failure(&why))}
            <ul class="warnings" id="data-warnings">
                {move || warnings.get().into_iter().map(|warning: Warning| view! { <li>{warning.to_string()}</li> }).collect_view()}
            </ul>
            <Show when=move || can_take.get()>
                <div class="row">
                    <button class="small" id="data-download" on:click=move |_| page.tell(Event::DownloadAsked)>
                        "Prepared samples (.npz)"
                    </button>
                    <p class="aside">"for `mote eval`, with --mean 0 --deviation 1: they are scaled already"</p>
                </div>
            </Show>
        </section>
    }
}

/// What came of the files when they were last prepared.
pub(super) fn summary_of(state: &crate::state::State) -> Option<&Summary> {
    state.dataset.outcome.as_ref().filter(|_| !state.dataset.is_working())?.samples.as_ref().ok()
}

fn status(page: Page) -> impl IntoView {
    let work = page.part(|state| state.dataset.work.clone());
    let summary = page.part(|state| summary_of(state).cloned());
    let text = move || match (work.get(), summary.get()) {
        (Work::Fetching(_), _) => "fetching the samples".into(),
        (Work::Preparing(_), _) => "preparing the samples".into(),
        (Work::Failed(_), _) | (Work::Idle, None) => String::new(),
        (Work::Idle, Some(summary)) => {
            let left_out = match summary.left_out {
                0 => String::new(),
                1 => "; 1 row or file gave none".into(),
                count => format!("; {count} rows or files gave none"),
            };
            let labelled = if summary.survey.labelled { "" } else { ", without labels" };
            format!(
                "{} samples of {} {}, {}{labelled}{left_out}",
                summary.survey.split.samples(),
                summary.dtype,
                format::extents(&summary.shape),
                summary.range,
            )
        }
    };
    let busy = move || matches!(work.get(), Work::Fetching(_) | Work::Preparing(_));
    view! {
        <p role="status" id="data-status" aria-busy=move || busy().to_string()>
            {text}
        </p>
    }
}

/// What is in files, in a sentence.
fn tell(contents: &Contents) -> String {
    let arrays = contents.arrays.iter().map(|array| {
        let name = if array.name.is_empty() { String::new() } else { format!("{}: ", array.name) };
        format!("{name}{} {}", array.dtype, format::extents(&array.shape))
    });
    let table = contents.table.as_ref().map(|table| format!("{} rows of {} columns", table.rows, table.columns()));
    match contents.form {
        Form::Archive => arrays.collect::<Vec<_>>().join(", "),
        Form::Array => arrays.chain(table.map(|table| format!("labels: {table}"))).collect::<Vec<_>>().join(", "),
        Form::Table => table.unwrap_or_default(),
        Form::Folders => {
            let files: usize = contents.classes.iter().map(|class| class.files).sum();
            let media = match &contents.media {
                Some(Media::Picture { height, width }) => format!("pictures, the first {height} × {width}"),
                Some(Media::Sound { rate, frames, .. }) => {
                    format!("recordings, the first {frames} samples at {rate} Hz")
                }
                Some(Media::Other(_)) | None => "files".into(),
            };
            format!("{files} files in {} folders: {media}", contents.classes.len())
        }
    }
}
