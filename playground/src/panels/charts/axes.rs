//! Two axes with their ticks.

use leptos::prelude::*;

use crate::charts::Area;

/// An axis: its ticks as places and names, and its own name.
#[derive(Clone, PartialEq)]
pub(crate) struct Axis {
    /// Places in CSS pixels, and what stands there.
    pub(crate) ticks: Vec<(f64, String)>,
    /// What it is of.
    pub(crate) name: String,
}

/// Lines and names of both axes. Screen readers have the marks' own texts instead.
pub(crate) fn axes(area: Area, x: Axis, y: Axis) -> impl IntoView {
    let (right, floor) = (area.width - area.right, area.height - area.bottom);
    let last = x.ticks.len().saturating_sub(1);
    let down = move |(k, (at, text)): (usize, (f64, String))| {
        // The last name ends where the drawing does.
        let anchor = if k == last { "end" } else { "middle" };
        let text_at = if k == last { area.width - 1.0 } else { at };
        view! {
            <line class="plot-grid" x1=pixel(at) x2=pixel(at) y1=pixel(area.top) y2=pixel(floor) />
            <text class="plot-text" x=pixel(text_at) y=pixel(floor + 16.0) text-anchor=anchor>
                {text}
            </text>
        }
    };
    let across = move |(at, text): (f64, String)| {
        view! {
            <line class="plot-grid" x1=pixel(area.left) x2=pixel(right) y1=pixel(at) y2=pixel(at) />
            <text class="plot-text" x=pixel(area.left - 6.0) y=pixel(at + 4.0) text-anchor="end">
                {text}
            </text>
        }
    };
    view! {
        <g aria-hidden="true">
            {x.ticks.into_iter().enumerate().map(down).collect_view()} {y.ticks.into_iter().map(across).collect_view()}
            <line class="plot-axis" x1=pixel(area.left) x2=pixel(right) y1=pixel(floor) y2=pixel(floor) />
            <text class="plot-name" x=pixel(right) y=pixel(area.height - 4.0) text-anchor="end">
                {x.name}
            </text>
            <text class="plot-name" x="2" y="14">
                {y.name}
            </text>
        </g>
    }
}

/// A length as attributes have it.
pub(crate) fn pixel(length: f64) -> String {
    format!("{length:.1}")
}
