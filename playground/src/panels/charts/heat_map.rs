//! A table whose cells are shaded by their numbers.
//!
//! It is one stop of the keyboard: arrow keys go from cell to cell, Enter takes one, as a click does.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::charts::Grid;

/// Shades of either colour.
const SHADES: u64 = 6;

/// A table whose cells are shaded by their numbers.
#[derive(Clone, PartialEq)]
pub(crate) struct HeatMap {
    /// What it is, for screen readers.
    pub(crate) label: String,
    /// What rows and columns are.
    pub(crate) corner: &'static str,
    /// Names of the columns.
    pub(crate) columns: Vec<String>,
    /// Name and cells of each row.
    pub(crate) rows: Vec<(String, Vec<Cell>)>,
}

/// A cell.
#[derive(Clone, PartialEq)]
pub(crate) struct Cell {
    /// What stands in it.
    pub(crate) text: String,
    /// The same as a sentence.
    pub(crate) about: String,
    /// Its shade.
    pub(crate) shade: Shade,
}

/// A shade: a colour, and how strong it is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shade {
    /// None.
    None,
    /// The colour of what is good.
    Good(u64),
    /// The colour of what is not.
    Bad(u64),
}

impl Shade {
    /// That of a number beside the largest one: 0 is none, and what is not 0 can be seen.
    pub(crate) fn of(good: bool, number: u64, most: u64) -> Self {
        match (number * SHADES).div_ceil(most.max(1)).min(SHADES) {
            0 => Shade::None,
            strength if good => Shade::Good(strength),
            strength => Shade::Bad(strength),
        }
    }

    fn class(self) -> String {
        match self {
            Shade::None => "heat-none".into(),
            Shade::Good(strength) => format!("heat-good-{strength}"),
            Shade::Bad(strength) => format!("heat-bad-{strength}"),
        }
    }
}

/// Draws one; `taken` is told row and column of a cell that the user takes.
pub(crate) fn heat_map(
    id: &'static str,
    map: Memo<HeatMap>,
    taken: impl Fn(usize, usize) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let at = RwSignal::new((0, 0));
    let name = move |row: usize, column: usize| format!("{id}-{row}-{column}");
    let pressed = move |event: KeyboardEvent| {
        let (row, column) = at.get_untracked();
        let grid = map.with_untracked(|map| Grid { rows: map.rows.len(), columns: map.columns.len() });
        match (event.key().as_str(), grid.step((row, column), &event.key())) {
            ("Enter" | " ", _) => taken(row, column),
            (_, Some((row, column))) => {
                at.set((row, column));
                focus(&name(row, column));
            }
            (_, None) => return,
        }
        event.prevent_default();
    };
    let cell = move |row: usize, column: usize, cell: Cell| {
        let stop = move || if at.get() == (row, column) { "0" } else { "-1" };
        view! {
            <td
                id=name(row, column)
                class=format!("heat {}", cell.shade.class())
                tabindex=stop
                aria-label=cell.about.clone()
                title=cell.about
                on:focus=move |_| at.set((row, column))
                on:click=move |_| taken(row, column)
            >
                {cell.text}
            </td>
        }
    };
    let line = move |(row, (name, cells)): (usize, (String, Vec<Cell>))| {
        let cells = cells.into_iter().enumerate().map(|(column, found)| cell(row, column, found)).collect_view();
        view! {
            <tr>
                <th scope="row">{name}</th>
                {cells}
            </tr>
        }
    };
    let drawn = move || {
        let HeatMap { label, corner, columns, rows } = map.get();
        // A smaller map has no cell where the last one was left.
        if rows.len() <= at.get_untracked().0 || columns.len() <= at.get_untracked().1 {
            at.set((0, 0));
        }
        view! {
            <table id=id class="heat-map" role="grid" aria-label=label on:keydown=pressed>
                <thead>
                    <tr>
                        <th class="corner">{corner}</th>
                        {columns.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.into_iter().enumerate().map(line).collect_view()}</tbody>
            </table>
        }
    };
    view! { <div class="table-scroll">{drawn}</div> }
}

fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.as_ref().and_then(|element| element.dyn_ref::<HtmlElement>()) {
        // An element that is on the page takes the focus.
        let _ = element.focus();
    }
}
