//! A sample, drawn as what it is: an image of pixels, features over time, a signal, a row of numbers.

use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::understand::picture::Picture;

/// Draws a sample of which the levels are given; `label` says what it is of.
pub(crate) fn picture(kind: Picture, levels: &[u8], label: String) -> AnyView {
    if let Some(((width, height), pixels)) = kind.extents().zip(kind.pixels(levels)) {
        return pixels_of(width, height, pixels, label).into_any();
    }
    let lines = kind.lines(levels).into_iter().enumerate().map(|(k, points)| {
        view! { <polyline class=format!("wave wave-{}", k % 6) points=points /> }
    });
    let bars = kind.bars(levels);
    let step = 100.0 / bars.len().max(1) as f64;
    let bars = bars.into_iter().enumerate().map(|(k, height)| {
        view! {
            <rect
                class="row-bar"
                x=format!("{:.2}", (k as f64 + 0.1) * step)
                y=format!("{:.2}", 100.0 - height)
                width=format!("{:.2}", step * 0.8)
                height=format!("{height:.2}")
            />
        }
    });
    view! {
        <svg class="sample" viewBox="-1 -1 102 102" preserveAspectRatio="none" role="img" aria-label=label>
            <line class="row-floor" x1="0" x2="100" y1="100" y2="100" />
            {lines.collect_view()}
            {bars.collect_view()}
        </svg>
    }
    .into_any()
}

fn pixels_of(width: usize, height: usize, pixels: Vec<u8>, label: String) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move || {
        if let Some(canvas) = canvas.get() {
            paint(&canvas, width, &pixels);
        }
    });
    view! { <canvas node_ref=canvas class="sample" width=width height=height role="img" aria-label=label /> }
}

/// Puts pixels on a canvas. A browser without one shows the label alone.
fn paint(canvas: &HtmlCanvasElement, width: usize, pixels: &[u8]) {
    let context = canvas.get_context("2d").ok().flatten();
    let Some(context) = context.and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok()) else { return };
    let image = u32::try_from(width).ok().and_then(|width| {
        let height = u32::try_from(pixels.len()).ok()? / 4 / width.max(1);
        ImageData::new_with_u8_clamped_array_and_sh(Clamped(pixels), width, height).ok()
    });
    if let Some(Err(error)) = image.map(|image| context.put_image_data(&image, 0.0, 0.0)) {
        web_sys::console::error_2(&"a sample could not be drawn:".into(), &error);
    }
}
