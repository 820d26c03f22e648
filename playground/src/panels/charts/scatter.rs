//! Everything that was tried, as points with their intervals and the line of the best.
//!
//! The drawing is one stop of the keyboard: arrow keys go from point to point, Enter takes one. The points are options of a list,
//! of which the drawing tells the current one, so that the focus stays where it is while points come in.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::axes::{Axis, axes, pixel};
use super::width_of;
use crate::charts::{Area, Place, Scatter};
use crate::explore::{Chart, Tried};

/// The drawing's height in CSS pixels.
const HEIGHT: f64 = 320.0;
/// Steps of the keys that go to an end: more than there are points.
const ALL: isize = 1 << 20;
/// How far from a point a pointer takes it: targets are 24 pixels wide.
const REACH: &str = "12";

fn area(width: f64) -> Area {
    Area { width: width.max(240.0), height: HEIGHT, left: 58.0, right: 14.0, top: 24.0, bottom: 42.0 }
}

/// Draws a chart. `at` is the current point; `moved` is told another one, `taken` the one that is wanted back.
pub(crate) fn scatter(
    chart: Memo<Option<Chart>>,
    at: Memo<Option<Tried>>,
    moved: impl Fn(Tried) + Copy + Send + Sync + 'static,
    taken: impl Fn(Tried) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let frame = NodeRef::new();
    let width = width_of(frame);
    let layout = Memo::new(move |_| chart.get().map(|chart| Scatter::new(area(width.get()), &chart.marks)));
    // The current point's place among all; the first one from the left before any was current.
    let current = Memo::new(move |_| {
        let (chart, layout) = (chart.get()?, layout.get()?);
        let place = at.get().and_then(|at| chart.points.iter().position(|point| point.tried == at));
        place.or_else(|| layout.order.first().copied())
    });
    let step = move |by: isize| {
        let next = layout.get_untracked().zip(current.get_untracked()).and_then(|(layout, at)| layout.next(at, by));
        if let Some((next, chart)) = next.zip(chart.get_untracked()) {
            moved(chart.points[next].tried);
        }
    };
    let focused = move |_| step(0);
    let pressed = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => step(1),
            "ArrowLeft" | "ArrowUp" => step(-1),
            "Home" => step(-ALL),
            "End" => step(ALL),
            "Enter" | " " => {
                if let Some((place, chart)) = current.get_untracked().zip(chart.get_untracked()) {
                    taken(chart.points[place].tried);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let drawn = move || {
        let (chart, layout) = (chart.get()?, layout.get()?);
        let Scatter { area, x_ticks, y_ticks, places, .. } = layout.clone();
        let x = Axis {
            ticks: x_ticks.into_iter().map(|(at, value)| (at, chart.axis.text(value))).collect(),
            name: chart.axis.label().into(),
        };
        let y = Axis {
            ticks: y_ticks.into_iter().map(|(at, value)| (at, chart.measure.text(value))).collect(),
            name: chart.measure.label().into(),
        };
        let front = layout.stairs(&chart.front);
        // What is on the front lies over what is not, and the draft over all.
        let mut order: Vec<usize> = (0..places.len()).collect();
        order.sort_by_key(|&k| (chart.points[k].tried == Tried::Draft, chart.front.contains(&k)));
        let points = order.into_iter().map(|k| {
            let tried = chart.points[k].tried;
            let on_front = chart.front.contains(&k);
            let is_current = move || (at.get() == Some(tried)).to_string();
            view! {
                <g
                    role="option"
                    id=key(tried)
                    class=class(tried, on_front)
                    aria-label=chart.describe(k)
                    aria-selected=is_current
                    on:pointerenter=move |_| moved(tried)
                    on:click=move |_| taken(tried)
                >
                    {dot(tried, places[k])}
                </g>
            }
        });
        let points = points.collect_view();
        Some(view! {
            {axes(area, x, y)}
            <path class="plot-front" d=front aria-hidden="true" />
            {points}
        })
    };
    let active = move || Some(key(chart.get()?.points.get(current.get()?)?.tried));
    let name = move || {
        chart.get().map(|chart| {
            let (count, front) = (chart.points.len(), chart.front.len());
            let (measure, axis) = (chart.measure.label(), chart.axis.label().to_lowercase());
            format!("{measure} by {axis} of {count} models, {front} of them on the front")
        })
    };
    view! {
        <div class="plot-frame" node_ref=frame>
            <svg
                class="plot"
                id="scatter"
                viewBox=move || format!("0 0 {:.0} {HEIGHT}", area(width.get()).width)
                height=HEIGHT
                width="100%"
                role="listbox"
                tabindex="0"
                aria-label=name
                aria-activedescendant=active
                on:focus=focused
                on:keydown=pressed
            >
                {drawn}
            </svg>
        </div>
    }
}

/// A point: a whisker, the mark, and around it what a pointer may touch.
fn dot(tried: Tried, at: Place) -> impl IntoView {
    let Place { x, y, low, high } = at;
    let mark = match tried {
        Tried::Original => {
            view! { <rect class="dot" x=pixel(x - 5.5) y=pixel(y - 5.5) width="11" height="11" /> }.into_any()
        }
        Tried::Draft => view! { <path class="dot" d=diamond(x, y) /> }.into_any(),
        Tried::Variant(_) => view! { <circle class="dot" cx=pixel(x) cy=pixel(y) r="5.5" /> }.into_any(),
        Tried::Trial(_) => view! { <circle class="dot ring" cx=pixel(x) cy=pixel(y) r="4" /> }.into_any(),
    };
    view! {
        <line class="whisker" x1=pixel(x) x2=pixel(x) y1=pixel(low) y2=pixel(high) />
        <circle class="halo" cx=pixel(x) cy=pixel(y) r="9" />
        {mark}
        <circle class="reach" cx=pixel(x) cy=pixel(y) r=REACH />
    }
}

/// A square on its corner, a little larger than the other marks: it is the one that moves.
pub(crate) fn diamond(x: f64, y: f64) -> String {
    format!("M{:.1} {y:.1}l7 -7 7 7 -7 7z", x - 7.0)
}

fn class(tried: Tried, on_front: bool) -> &'static str {
    match (tried, on_front) {
        (Tried::Original, _) => "tried original",
        (Tried::Draft, _) => "tried draft",
        (Tried::Variant(_), true) => "tried variant front",
        (Tried::Variant(_), false) => "tried variant",
        (Tried::Trial(_), true) => "tried trial front",
        (Tried::Trial(_), false) => "tried trial",
    }
}

/// A point as the page's elements name it.
pub(crate) fn key(tried: Tried) -> String {
    match tried {
        Tried::Original => "tried-original".into(),
        Tried::Draft => "tried-draft".into(),
        Tried::Variant(id) => format!("tried-variant-{id}"),
        Tried::Trial(k) => format!("tried-trial-{k}"),
    }
}
