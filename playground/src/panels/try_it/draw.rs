//! Draw a digit, see the model's scores.

use leptos::prelude::*;
use leptos::svg::Svg;
use web_sys::{Element, PointerEvent};

use crate::app::Page;
use crate::format;
use crate::panels::parts::{bar, failure};
use crate::sketch::{FULL, Point, SIDE, Sketch};
use crate::update::Event;

pub(super) fn panel(page: Page) -> impl IntoView {
    let sketch = page.part(|state| state.sketch.clone());
    let fits = page.part(|state| state.description().map(|_| state.takes_digits()));
    let problem = page.part(|state| state.live.failure.clone());
    let hint = move || match (fits.get(), sketch.with(Sketch::is_empty)) {
        (None, _) => "No model is ready to look at it.",
        (Some(false), _) => {
            "This model does not take an 8 × 8 picture. Choose one of the zoo's digits models to draw for it."
        }
        (Some(true), true) => "Draw a digit from 0 to 9 with a finger, a pen or a mouse.",
        (Some(true), false) => "What the model gets: 8 × 8 blocks, each a count of the pixels that are on.",
    };
    view! {
        <section class="panel" aria-labelledby="draw-title" id="draw">
            <div class="title-row">
                <h2 id="draw-title">"Draw a digit"</h2>
                <button
                    id="draw-clear"
                    prop:disabled=move || sketch.with(Sketch::is_empty)
                    on:click=move |_| page.tell(Event::SketchCleared)
                >
                    "Clear"
                </button>
            </div>
            <Show when=move || fits.get() != Some(false)>
                <div class="draw">
                    <div class="pads">{pad(page, sketch)} {blocks(sketch)}</div>
                    {scores(page)}
                </div>
            </Show>
            <p class="aside" role="status">{hint}</p>
            {move || problem.get().map(|problem| failure(&problem))}
        </section>
    }
}

fn pad(page: Page, sketch: Memo<Sketch>) -> impl IntoView {
    let pad = NodeRef::<Svg>::new();
    let press = move |event: PointerEvent| {
        if let Some(pad) = pad.get_untracked().filter(|_| event.button() == 0) {
            // The stroke goes on when the pen leaves the pad; a pointer that is gone already cannot be captured.
            let _ = pad.set_pointer_capture(event.pointer_id());
            page.tell(Event::PenPressed(point(&pad, &event)));
        }
    };
    let drag = move |event: PointerEvent| {
        if let Some(pad) = pad.get_untracked().filter(|_| event.buttons() & 1 != 0) {
            page.tell(Event::PenMoved(point(&pad, &event)));
        }
    };
    let strokes = move || {
        sketch.with(|sketch| {
            let stroke = |points: &Vec<Point>| view! { <polyline class="ink" points=line(points) /> };
            sketch.strokes().iter().map(stroke).collect_view()
        })
    };
    view! {
        <svg
            class="pad"
            id="pad"
            node_ref=pad
            viewBox="0 0 1 1"
            role="img"
            aria-label="Drawing area"
            on:pointerdown=press
            on:pointermove=drag
            on:pointerup=move |_| page.tell(Event::PenLifted)
            on:pointercancel=move |_| page.tell(Event::PenLifted)
        >
            {strokes}
        </svg>
    }
}

/// Where a pointer is on the pad.
fn point(pad: &Element, event: &PointerEvent) -> Point {
    let area = pad.get_bounding_client_rect();
    let share = |at: i32, start: f64, length: f64| ((f64::from(at) - start) / length).clamp(0.0, 1.0) as f32;
    Point {
        x: share(event.client_x(), area.left(), area.width()),
        y: share(event.client_y(), area.top(), area.height()),
    }
}

/// A stroke as SVG has it. The first point comes twice, so that a single one is drawn as a dot.
fn line(points: &[Point]) -> String {
    let points = points.first().into_iter().chain(points);
    points.map(|point| format!("{:.4},{:.4} ", point.x, point.y)).collect()
}

/// The counts that the model gets, as a picture.
fn blocks(sketch: Memo<Sketch>) -> impl IntoView {
    let counts = Memo::new(move |_| sketch.with(Sketch::counts));
    let cell = move |k: usize| {
        let opacity = move || format!("{:.3}", counts.with(|counts| f32::from(counts[k]) / f32::from(FULL)));
        view! { <rect class="cell" x=k % SIDE y=k / SIDE width="1" height="1" fill-opacity=opacity /> }
    };
    view! {
        <svg class="blocks" viewBox="0 0 8 8" role="img" aria-label="The drawing as the model gets it">
            {(0..SIDE * SIDE).map(cell).collect_view()}
        </svg>
    }
}

fn scores(page: Page) -> impl IntoView {
    let scores = page.part(|state| state.live.scores.clone());
    let classes = page.part(|state| match state.description().and_then(|d| d.outputs.first()) {
        Some(output) if state.takes_digits() => output.elements(),
        _ => 10,
    });
    let row = move |class: usize| {
        let score = move || scores.with(|scores| scores.get(class).copied());
        let best = move || scores.with(|scores| is_highest(scores, class));
        view! {
            <li class:best=best>
                <span class="score-name">{class}</span>
                {bar(move || f64::from(score().unwrap_or(0.0)))}
                <span class="score-value">
                    {move || score().map_or("–".into(), |score| format::percent(f64::from(score)))}
                </span>
            </li>
        }
    };
    view! {
        <ol class="scores" id="scores" aria-label="Scores">
            {move || (0..classes.get()).map(row).collect_view()}
        </ol>
    }
}

/// Whether no other class has a higher score.
fn is_highest(scores: &[f32], class: usize) -> bool {
    scores.get(class).is_some_and(|score| scores.iter().all(|other| other <= score))
}
