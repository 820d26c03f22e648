//! Pieces that several panels use.

use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList, HtmlInputElement};

use crate::dataset;
use crate::panels::learn::named;
use crate::protocol::Failure;
use crate::words;

/// A button that opens a file. Its name is its text; files can also be dropped anywhere on the page.
pub(crate) fn file_button(
    text: &'static str,
    accept: &'static str,
    id: &'static str,
    opened: impl Fn(String, Vec<u8>) + Copy + 'static,
) -> impl IntoView {
    let chosen = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            read(file, opened);
        }
        // The same file can be chosen again after it was changed.
        input.set_value("");
    };
    view! {
        <label class="file">
            <input type="file" id=id accept=accept on:change=chosen />
            <span>{text}</span>
        </label>
    }
}

/// The same for several files at once.
pub(crate) fn files_button(
    text: &'static str,
    accept: &'static str,
    id: &'static str,
    opened: impl Fn(Vec<dataset::File>) + Copy + 'static,
) -> impl IntoView {
    let chosen = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        if let Some(files) = input.files() {
            read_all(&files, opened);
        }
        // The same files can be chosen again after they were changed.
        input.set_value("");
    };
    view! {
        <label class="file">
            <input type="file" id=id accept=accept multiple on:change=chosen />
            <span>{text}</span>
        </label>
    }
}

/// Reads files of the user's, in their order.
pub(crate) fn read_all(files: &FileList, done: impl FnOnce(Vec<dataset::File>) + 'static) {
    let files: Vec<File> = (0..files.length()).filter_map(|k| files.get(k)).collect();
    if files.is_empty() {
        return;
    }
    wasm_bindgen_futures::spawn_local(async move {
        let mut read = Vec::new();
        for file in files {
            match JsFuture::from(file.array_buffer()).await {
                Ok(bytes) => {
                    let bytes = Uint8Array::new(&bytes).to_vec().into();
                    read.push(dataset::File { name: file.name(), bytes });
                }
                Err(error) => web_sys::console::error_2(&"a file could not be read:".into(), &error),
            }
        }
        done(read);
    });
}

/// Reads a file of the user's.
pub(crate) fn read(file: File, done: impl FnOnce(String, Vec<u8>) + 'static) {
    wasm_bindgen_futures::spawn_local(async move {
        match JsFuture::from(file.array_buffer()).await {
            Ok(bytes) => done(file.name(), Uint8Array::new(&bytes).to_vec()),
            Err(error) => web_sys::console::error_2(&"a file could not be read:".into(), &error),
        }
    });
}

/// A failure, its parts apart, so that one sees what was expected and what was found.
pub(crate) fn failure(failure: &Failure) -> impl IntoView + use<> {
    let (title, rows) = (words::title(failure), words::rows(failure));
    view! {
        <div class="failure" role="alert">
            <p class="failure-title">{title}</p>
            <dl>
                {rows
                    .into_iter()
                    .map(|(key, text)| view! { <div><dt>{key}</dt><dd>{text}</dd></div> })
                    .collect_view()}
            </dl>
        </div>
    }
}

/// One figure with its name, and a smaller remark.
pub(crate) fn figure(
    name: &'static str,
    value: impl Fn() -> String + Send + 'static,
    remark: impl Fn() -> String + Send + 'static,
) -> impl IntoView {
    view! {
        <div class="figure">
            <dt>{named(name)}</dt>
            <dd class="value">{value}</dd>
            <dd class="remark">{remark}</dd>
        </div>
    }
}

/// A bar from 0 to 1, drawn beside the number that says the same.
pub(crate) fn bar(share: impl Fn() -> f64 + Send + 'static) -> impl IntoView {
    view! {
        <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar-track" width="100" height="10" />
            <rect class="bar-fill" width=move || format!("{:.2}", share().clamp(0.0, 1.0) * 100.0) height="10" />
        </svg>
    }
}
