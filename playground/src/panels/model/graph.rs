//! The network as a picture: choose a layer by pointer or keys, see what it is.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use super::layer;
use crate::app::Page;
use crate::format;
use crate::network::{Drawing, Event, Kind, Layer, Measures, Network, Step};

/// Letters of an operator's name that fit into its box.
const LETTERS: usize = 19;
/// Room around the picture, so that the mark of the layer that is chosen is whole.
const MARGIN: f64 = 4.0;

pub(super) fn panel(page: Page) -> impl IntoView {
    let drawn = page.part(|state| state.network.network.clone().zip(state.network.drawing.clone()));
    let count = page.part(|state| state.network.network.as_ref().map_or(0, |network| network.layers.len()));
    // What only the file tells is asked for where somebody looks.
    Effect::new(move || {
        if count.get() > 0 {
            page.tell(Event::Wanted);
        }
    });
    let picture = move || {
        match drawn.get() {
        Some((network, drawing)) => picture(page, &network, &drawing).into_any(),
        None if count.get() > 0 => view! {
            <p class="aside">{format!("A network of {} layers is too large to be drawn; its steps are listed below.", count.get())}</p>
        }
        .into_any(),
        None => view! { <p class="aside">"No model is ready."</p> }.into_any(),
    }
    };
    view! {
        <section class="panel" aria-labelledby="graph-title" id="graph">
            <div class="title-row">
                <h2 id="graph-title">"Network"</h2>
                <p class="aside" id="graph-help">"Choose a layer. Arrow keys follow its edges, Home and End go to the ends."</p>
            </div>
            <div class="graph">
                {picture}
                {layer::details(page)}
            </div>
        </section>
    }
}

fn picture(page: Page, network: &Network, drawing: &Drawing) -> impl IntoView + use<> {
    let chosen = page.part(|state| state.network.chosen);
    let most = network.layers.iter().map(|layer| layer.macs).max().unwrap_or(0).max(1);
    let (width, height) = (drawing.width + 2.0 * MARGIN, drawing.height + 2.0 * MARGIN);
    let edges = drawing.routes.iter().map(|route| view! { <path class="edge" d=path(route) /> }).collect_view();
    let layers: Vec<_> = network
        .layers
        .iter()
        .zip(&drawing.corners)
        .enumerate()
        .map(|(k, (layer, &corner))| node(page, k, layer, corner, most, chosen))
        .collect();
    let pressed = move |event: KeyboardEvent| {
        let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
        if let Some(step) = Step::of_key(&event.key()).filter(|_| !modified) {
            event.prevent_default();
            page.tell(Event::Walked(step));
            // The focus goes with the choice, once the choice is marked.
            request_animation_frame(move || focus(&format!("layer-{}", chosen.get_untracked())));
        }
    };
    let label = format!(
        "Network of {} layers from {} to {}",
        network.layers.len(),
        network.layers.first().map_or("", |layer| layer.op.as_str()),
        network.layers.last().map_or("", |layer| layer.op.as_str()),
    );
    view! {
        <div class="graph-scroll" on:keydown=pressed>
            <svg
                class="network"
                width=width
                height=height
                viewBox=format!("{} {} {width} {height}", -MARGIN, -MARGIN)
                role="listbox"
                aria-label=label
                aria-describedby="graph-help"
            >
                <g aria-hidden="true">{edges}</g>
                {layers}
            </svg>
        </div>
    }
}

fn node(
    page: Page,
    k: usize,
    layer: &Layer,
    (x, y): (f64, f64),
    most: u64,
    chosen: Memo<usize>,
) -> impl IntoView + use<> {
    let Measures { width, height, .. } = Measures::default();
    let shape =
        layer.gives.first().or(layer.reads.first()).map(|tensor| format::shape(&tensor.shape)).unwrap_or_default();
    let is_chosen = move || chosen.get() == k;
    let share = layer.macs as f64 / most as f64;
    let class = match layer.kind {
        Kind::Input | Kind::Output => "node node-end",
        Kind::Op => "node",
    };
    let cost = match (layer.parameters, layer.macs) {
        (0, 0) => String::new(),
        (0, macs) => format!("{} MAC", format::count(macs)),
        (parameters, 0) => format!("{} par.", format::count(parameters)),
        (parameters, macs) => format!("{} par. · {} MAC", format::count(parameters), format::count(macs)),
    };
    let bar = (share > 0.0).then(|| {
        let (y, long) = (height - 3.0, format!("{:.1}", (share * width).max(1.0)));
        view! { <rect class="node-share" y=y width=long height="3" /> }
    });
    view! {
        <g
            class=class
            class:chosen=is_chosen
            id=format!("layer-{k}")
            role="option"
            aria-selected=move || is_chosen().to_string()
            tabindex=move || if is_chosen() { "0" } else { "-1" }
            transform=format!("translate({x} {y})")
            on:click=move |_| page.tell(Event::Chosen(k))
            on:focus=move |_| page.tell(Event::Chosen(k))
        >
            <rect class="node-box" width=width height=height rx="6" />
            {bar}
            <text class="node-op" x="8" y="14">{shorten(&layer.op)}</text>
            <text class="node-shape" x="8" y="27">{shape}</text>
            <text class="node-cost" x="8" y="39">{cost}</text>
        </g>
    }
}

fn shorten(op: &str) -> String {
    if op.chars().count() <= LETTERS {
        return op.to_owned();
    }
    let kept: String = op.chars().take(LETTERS - 1).collect();
    format!("{kept}…")
}

/// Straight beside layers, curved between two rows.
fn path(route: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (k, pair) in route.windows(2).enumerate() {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
        if k == 0 {
            path.push_str(&format!("M{x0} {y0}"));
        }
        let middle = f64::midpoint(y0, y1);
        path.push_str(&match x0 == x1 {
            true => format!("V{y1}"),
            false => format!("C{x0} {middle} {x1} {middle} {x1} {y1}"),
        });
    }
    path
}

fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        // Elements of a picture have the same method as those of a document. The focus stays where it was if this one takes none.
        let _ = element.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
