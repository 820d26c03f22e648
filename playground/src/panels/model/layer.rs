//! What the layer that is chosen is: its tensors, its options, its weights and how they are spread.

use leptos::prelude::*;

use crate::app::Page;
use crate::format;
use crate::network::{Histogram, Layer, Tensor, Weights};

/// Extents of a histogram, which is stretched to the room that there is.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 80.0;

pub(super) fn details(page: Page) -> impl IntoView {
    let layer = page.part(|state| state.network.layer().cloned());
    let working = page.part(|state| state.network.job.is_some());
    view! {
        <div class="of-layer" id="layer" aria-live="polite">
            {move || layer.get().map(|layer| shown(layer, working.get()))}
        </div>
    }
}

fn shown(layer: Layer, working: bool) -> impl IntoView {
    let Layer { op, name, reads, gives, weights, parameters, macs, options, .. } = layer;
    let none_or = |value: u64| if value == 0 { "none".to_owned() } else { value.to_string() };
    let mut facts: Vec<(String, String)> = vec![
        ("Parameters".into(), if working { "counting".into() } else { none_or(parameters) }),
        ("MACs".into(), none_or(macs)),
    ];
    facts.extend(options.into_iter().map(|(key, value)| {
        let mut letters = key.chars();
        let key = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
        (key, value)
    }));
    let facts =
        facts.into_iter().map(|(key, value)| view! { <div><dt>{key}</dt><dd>{value}</dd></div> }).collect_view();
    let tensors = |title: &'static str, tensors: Vec<Tensor>| {
        (!tensors.is_empty()).then(|| {
            view! {
                <h4>{title}</h4>
                <ul class="tensors">{tensors.into_iter().map(tensor).collect_view()}</ul>
            }
        })
    };
    view! {
        <h3>{op}</h3>
        <p class="aside of-layer-name">{name}</p>
        <dl class="facts">{facts}</dl>
        {tensors("Reads", reads)}
        {tensors("Gives", gives)}
        {weights.into_iter().map(spread).collect_view()}
    }
}

fn tensor(tensor: Tensor) -> impl IntoView {
    let Tensor { name, dtype, shape, quantization } = tensor;
    view! {
        <li>
            <span class="mono">{format!("{dtype} {}", format::shape(&shape))}</span>
            <span class="aside">{name}</span>
            {(!quantization.is_empty()).then(|| view! { <span class="aside">{quantization}</span> })}
        </li>
    }
}

fn spread(weights: Weights) -> impl IntoView {
    let Weights { tensor, count, zeros, mean, deviation, histogram } = weights;
    let share = zeros as f64 / count.max(1) as f64;
    let told = format!(
        "{count} numbers from {} to {}, mean {}, standard deviation {}; {} are 0",
        format::real(histogram.low),
        format::real(histogram.high),
        format::real(mean),
        format::real(deviation),
        format::percent(share),
    );
    view! {
        <h4>"Weights" " " <span class="mono">{format!("{} {}", tensor.dtype, format::shape(&tensor.shape))}</span></h4>
        <p class="aside of-layer-name">{tensor.name}</p>
        {(!tensor.quantization.is_empty()).then(|| view! { <p class="aside">{tensor.quantization}</p> })}
        {(count > 1).then(|| bars(&histogram, told.clone()))}
        <p class="aside">{told}</p>
    }
}

fn bars(histogram: &Histogram, told: String) -> impl IntoView + use<> {
    let Histogram { low, high, counts } = histogram;
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / counts.len().max(1) as f64;
    let bar = |(k, &count): (usize, &u64)| {
        // What is there at all is seen, however little it is.
        let tall = (count as f64 / most * HEIGHT).max(1.0);
        format!("M{:.2} {HEIGHT}v-{tall:.2}h{:.2}v{tall:.2}z", k as f64 * step, step * 0.85)
    };
    let path: String = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(bar).collect();
    view! {
        <figure class="spread">
            <svg viewBox=format!("0 0 {WIDTH} {}", HEIGHT + 1.0) preserveAspectRatio="none" role="img" aria-label=told>
                <path class="spread-bars" d=path />
                <line class="spread-floor" x2=WIDTH y1=HEIGHT y2=HEIGHT />
            </svg>
            <figcaption aria-hidden="true">
                <span>{format::real(*low)}</span>
                <span>{format::real(*high)}</span>
            </figcaption>
        </figure>
    }
}
