//! What is taken away: files of a variant, reports on all, command lines.

use leptos::prelude::*;

use crate::app::Page;
use crate::panels::controls::select;
use crate::panels::parts::failure;
use crate::pipeline::Form;
use crate::shrink::compare::Command;
use crate::shrink::{Download, Event, Taking};

/// Buttons for the files of a variant.
pub(super) fn files(page: Page, id: u32, name: &str) -> impl IntoView + use<> {
    let name = name.to_owned();
    let button = move |file: Download| {
        view! {
            <button
                class="small"
                data-file=file.extension()
                aria-label=format!("Download {name} as .{}", file.extension())
                on:click=move |_| page.tell(Event::DownloadAsked { id, file })
            >
                {format!(".{}", file.extension())}
            </button>
        }
    };
    Download::ALL.map(button).collect_view()
}

/// Reports and command lines.
pub(super) fn away(page: Page) -> impl IntoView {
    let any = page.part(|state| !state.shrink.variants.is_empty());
    view! {
        <Show when=move || any.get()>
            <section class="take" aria-labelledby="take-title">
                <h3 id="take-title">"Take it away"</h3>
                {reports(page)} {commands(page)}
            </section>
        </Show>
    }
}

fn reports(page: Page) -> impl IntoView {
    let labelled = page.part(|state| state.shrink.survey().is_some_and(|survey| survey.labelled));
    let taking = page.part(|state| state.shrink.taking.clone());
    let button = move |form: Form| {
        let about = match form {
            Form::Html => "A page to read and print",
            Form::Json => "All figures for programs",
            Form::Csv => "A row for each model",
        };
        view! {
            <button
                data-report=form.extension()
                title=about
                prop:disabled=move || !labelled.get()
                on:click=move |_| page.tell(Event::ReportAsked(form))
            >
                {format!("Report, .{}", form.extension())}
            </button>
        }
    };
    let state = move || match taking.get() {
        None => ().into_any(),
        Some(Taking::Running { .. }) => view! { <p class="aside">"Writing it"</p> }.into_any(),
        Some(Taking::Failed(why)) => failure(&why).into_any(),
    };
    view! {
        <div class="row">
            {Form::ALL.map(button).collect_view()}
            <p class="aside">"On the original and all variants that were kept: figures, plots, boards, recipes."</p>
        </div>
        <div role="status" id="take-status">{state}</div>
    }
}

fn commands(page: Page) -> impl IntoView {
    let shown = RwSignal::new(None::<u32>);
    let names = page.part(|state| {
        let kept = state.shrink.variants.iter().map(|variant| (variant.id.to_string(), variant.plan.name.clone()));
        kept.collect::<Vec<_>>()
    });
    let lines = page.part(|state| {
        let of = |variant: &crate::shrink::Variant| (variant.id, state.commands(variant));
        state.shrink.variants.iter().map(of).collect::<Vec<_>>()
    });
    let chosen = move || {
        let lines = lines.get();
        let found = lines.iter().find(|(id, _)| Some(*id) == shown.get()).or(lines.last());
        found.map(|(id, _)| id.to_string()).unwrap_or_default()
    };
    let commands = move || {
        let id = chosen();
        lines.get().into_iter().find(|(known, _)| known.to_string() == id).map(|(_, lines)| lines).unwrap_or_default()
    };
    let line = move |Command { about, line }: Command| {
        let copied = line.clone();
        view! {
            <li>
                <span class="command-about">{about}</span>
                <code tabindex="0">{line}</code>
                <button
                    class="small"
                    aria-label=format!("Copy: {about}")
                    on:click=move |_| page.tell(Event::CopyAsked(copied.clone()))
                >
                    "copy"
                </button>
            </li>
        }
    };
    view! {
        <p class="aside">
            "On a gateway, with the files that were taken away beside it, "<code>"mote"</code>" gives the same bits:"
        </p>
        {move || {
            select(
                "Variant",
                "command-variant",
                names.get(),
                || true,
                chosen,
                move |id| shown.set(id.parse().ok()),
            )
        }}
        <ul class="commands" id="commands">{move || commands().into_iter().map(line).collect_view()}</ul>
    }
}
