//! Which columns of a table are what, above its first rows.

use leptos::prelude::*;
use mote_models::data::csv::Header;
use mote_models::prepare::TableInfo;

use super::form::edit;
use crate::app::Page;
use crate::panels::controls::segment;

/// Columns that are shown; of wider tables those that were guessed can be taken, or all of numbers.
const SHOWN: usize = 100;

/// Lets the user choose. A table beside an array has labels alone.
pub(super) fn choose(page: Page, table: TableInfo, features: bool, why: String) -> impl IntoView {
    let columns = page.part(|state| state.dataset.options().map(|options| options.columns.clone()).unwrap_or_default());
    let header = move |key, label, value| {
        segment(
            "header",
            key,
            label,
            move || columns.get().header == value,
            move || {
                edit(page, |options| options.columns.header = value);
            },
        )
    };
    let shown = table.columns().min(SHOWN);
    let numeric: Vec<usize> = (0..table.columns()).filter(|&at| table.numeric[at]).collect();
    let names = (0..shown).map(|at| view! { <th scope="col">{table.name(at)}</th> }).collect_view();
    let inputs = (0..shown)
        .map(|at| {
            let (name, is_text) = (format!("{} is an input", table.name(at)), !table.numeric[at]);
            let changed = move |_| {
                edit(page, |options| {
                    let features = &mut options.columns.features;
                    match features.iter().position(|&feature| feature == at) {
                        Some(place) => {
                            features.remove(place);
                        }
                        None => {
                            features.push(at);
                            features.sort_unstable();
                        }
                    }
                });
            };
            view! {
                <td>
                    <input type="checkbox" id=format!("feature-{at}") aria-label=name prop:disabled=is_text
                        prop:checked=move || columns.get().features.contains(&at) on:change=changed />
                </td>
            }
        })
        .collect_view();
    let labels = (0..shown)
        .map(|at| {
            let name = format!("{} is the label", table.name(at));
            let changed = move |_| {
                edit(page, |options| {
                    options.columns.label = Some(at);
                    options.columns.features.retain(|&feature| feature != at);
                });
            };
            view! {
                <td>
                    <input type="radio" name="label-column" id=format!("label-{at}") aria-label=name
                        prop:checked=move || columns.get().label == Some(at) on:change=changed />
                </td>
            }
        })
        .collect_view();
    let rows = table
        .first
        .iter()
        .map(|row| view! { <tr><th></th>{row.iter().take(SHOWN).map(|field| view! { <td>{field.clone()}</td> }).collect_view()}</tr> })
        .collect_view();
    view! {
        <fieldset>
            <legend>"Columns"</legend>
            <div class="segment-row">
                {header("first", "The first row names them", Header::First)}
                {header("none", "It does not", Header::None)}
            </div>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Columns and first rows">
                <table id="columns">
                    <thead><tr><th scope="col"><span class="hidden">"Use"</span></th>{names}</tr></thead>
                    <tbody>
                        {features.then(|| view! { <tr class="roles"><th scope="row">"Input"</th>{inputs}</tr> })}
                        <tr class="roles"><th scope="row">"Label"</th>{labels}</tr>
                        {rows}
                    </tbody>
                </table>
            </div>
            <div class="row">
                {features.then(|| {
                    let all = numeric.clone();
                    view! {
                        <button class="small quiet" id="features-all" on:click=move |_| {
                            let all = all.clone();
                            edit(page, |options| {
                                let label = options.columns.label;
                                options.columns.features = all.into_iter().filter(|&at| Some(at) != label).collect();
                            });
                        }>"All columns of numbers"</button>
                        <button class="small quiet" id="features-none" on:click=move |_| {
                            edit(page, |options| options.columns.features.clear());
                        }>"No input"</button>
                        <button class="small quiet" id="label-none" on:click=move |_| {
                            edit(page, |options| options.columns.label = None);
                        }>"No label"</button>
                    }
                })}
            </div>
            <p class="aside about" id="columns-why">{why}</p>
        </fieldset>
    }
}
