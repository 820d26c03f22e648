//! Everything that was tried, as a picture and as a table; each brings its recipe back.

use leptos::prelude::*;

use crate::app::Page;
use crate::explore::{Axis, Chart, Event, Tried};
use crate::panels::charts::scatter::{diamond, scatter};
use crate::panels::controls::segment;
use crate::panels::learn::{named, term};
use crate::state::State;

pub(super) fn panel(page: Page) -> impl IntoView {
    let chart = page.part(State::tried);
    let at = page.part(|state| state.explore.at);
    let any = Memo::new(move |_| chart.with(|chart| chart.as_ref().is_some_and(|chart| !chart.points.is_empty())));
    view! {
        <section class="panel" aria-labelledby="explore-title" id="explore">
            <div class="title-row">
                <h2 id="explore-title">"Everything tried"</h2>
                <p class="aside">
                    "The line is the " {term("front", "front")} ": what nothing else beats, none being as small and better"
                </p>
            </div>
            <Show
                when=move || chart.with(Option::is_some)
                fallback=|| {
                    view! {
                        <p class="aside">
                            "What you make, and what a search finds, shows here: how good it is over what it takes."
                        </p>
                    }
                }
            >
                {axis_choice(page)}
                <Show when=move || any.get() fallback=|| view! { <p class="aside">"Nothing here was timed yet."</p> }>
                    {scatter(
                        chart,
                        at,
                        move |tried| page.tell(Event::At(tried)),
                        move |tried| page.tell(Event::Taken(tried)),
                    )} {readout(page, chart, at)} {legend(chart)} {table(page, chart)}
                </Show>
            </Show>
        </section>
    }
}

fn axis_choice(page: Page) -> impl IntoView {
    let axis = page.part(|state| state.explore.axis);
    let choice = move |choice: Axis| {
        segment(
            "axis",
            choice.key(),
            choice.label(),
            move || axis.get() == choice,
            move || page.tell(Event::AxisChosen(choice)),
        )
    };
    view! {
        <fieldset class="segments">
            <legend>"Accuracy over"</legend>
            <div class="segment-row">{Axis::ALL.map(choice).collect_view()}</div>
        </fieldset>
    }
}

/// The current point in words, and a button for its recipe.
fn readout(page: Page, chart: Memo<Option<Chart>>, at: Memo<Option<Tried>>) -> impl IntoView {
    let place = move || {
        let chart = chart.get()?;
        let place = chart.points.iter().position(|point| Some(point.tried) == at.get())?;
        Some((chart, place))
    };
    let text = move || match place() {
        Some((chart, place)) => chart.describe(place),
        None => "Point at a mark, or go to the drawing and press an arrow key.".into(),
    };
    let recipe = move || {
        at.get().filter(|tried| place().is_some() && has_recipe(*tried)).map(|tried| {
            view! {
                <button class="small" id="explore-take" on:click=move |_| page.tell(Event::Taken(tried))>
                    "Take its recipe"
                </button>
            }
        })
    };
    view! {
        <div class="readout">
            <p id="explore-at">{text}</p>
            {recipe}
        </div>
    }
}

/// Whether there is a recipe to bring back. The draft's is in the controls.
fn has_recipe(tried: Tried) -> bool {
    match tried {
        Tried::Original | Tried::Draft => false,
        Tried::Variant(_) | Tried::Trial(_) => true,
    }
}

fn legend(chart: Memo<Option<Chart>>) -> impl IntoView {
    let has = move |kind: fn(Tried) -> bool| {
        chart.with(|chart| chart.iter().flat_map(|chart| &chart.points).any(|point| kind(point.tried)))
    };
    let trials = move || {
        has(|tried| matches!(tried, Tried::Trial(_))).then(|| {
            view! {
                <li>
                    <svg class="key tried trial front" viewBox="0 0 14 14" aria-hidden="true">
                        <circle class="dot ring" cx="7" cy="7" r="4" />
                    </svg>
                    "a trial of the search, judged by half of the samples"
                </li>
            }
        })
    };
    let draft = move || {
        has(|tried| tried == Tried::Draft).then(|| {
            view! {
                <li>
                    <svg class="key tried draft" viewBox="0 0 14 14" aria-hidden="true">
                        <path class="dot" d=diamond(7.0, 7.0) />
                    </svg>
                    "what the controls say"
                </li>
            }
        })
    };
    view! {
        <ul class="legend">
            <li>
                <svg class="key tried original" viewBox="0 0 14 14" aria-hidden="true">
                    <rect class="dot" x="1.5" y="1.5" width="11" height="11" />
                </svg>
                "the original"
            </li>
            {draft}
            <li>
                <svg class="key tried variant front" viewBox="0 0 14 14" aria-hidden="true">
                    <circle class="dot" cx="7" cy="7" r="5.5" />
                </svg>
                "a variant that was kept"
            </li>
            {trials}
            <li>
                <svg class="key tried" viewBox="0 0 14 14" aria-hidden="true">
                    <line class="whisker" x1="7" x2="7" y1="0" y2="14" />
                </svg>
                {term("interval", "95 % interval")}
            </li>
        </ul>
    }
}

/// The same in a table, from the smallest on.
fn table(page: Page, chart: Memo<Option<Chart>>) -> impl IntoView {
    let rows = move || {
        let Some(chart) = chart.get() else { return Vec::new() };
        let mut order: Vec<usize> = (0..chart.points.len()).collect();
        order.sort_by(|&a, &b| chart.marks[a].x.total_cmp(&chart.marks[b].x));
        order.into_iter().map(|place| row(page, &chart, place)).collect()
    };
    let measure = move || chart.with(|chart| chart.as_ref().map(|chart| named(chart.measure.label())));
    view! {
        <details id="explore-table">
            <summary>"The same as a table"</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Everything tried">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Model"</th>
                            <th scope="col" class="number">
                                {measure}
                            </th>
                            {Axis::ALL
                                .map(|axis| view! { <th scope="col" class="number">{named(axis.label())}</th> })
                                .collect_view()}
                            <th scope="col">{named("Front")}</th>
                            <th scope="col">"Recipe"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

fn row(page: Page, chart: &Chart, place: usize) -> impl IntoView + use<> {
    let point = &chart.points[place];
    let tried = point.tried;
    let figure = |axis: Axis| {
        let text = axis.value(&point.cost).map_or_else(|| "–".into(), |value| axis.text(value));
        view! { <td class="number">{text}</td> }
    };
    let take = has_recipe(tried).then(|| {
        view! {
            <button
                class="small"
                aria-label=format!("Take the recipe of {}", point.name)
                on:click=move |_| page.tell(Event::Taken(tried))
            >
                "take"
            </button>
        }
    });
    view! {
        <tr>
            <th scope="row">{point.name.clone()}</th>
            <td class="number">{chart.measure.text(point.quality.value)}</td>
            {Axis::ALL.map(figure).collect_view()}
            <td>{if chart.front.contains(&place) { "yes" } else { "" }}</td>
            <td>{take}</td>
        </tr>
    }
}
