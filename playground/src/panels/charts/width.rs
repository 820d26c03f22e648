//! How wide an element is, as long as it is there.

use js_sys::Array;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::ResizeObserver;

/// Before it is known; the width of small phones, so that nothing is ever too wide.
const UNKNOWN: f64 = 320.0;

/// The width of an element in CSS pixels.
pub(crate) fn width_of(element: NodeRef<Div>) -> ReadSignal<f64> {
    let (width, set_width) = signal(UNKNOWN);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let watched = element.clone();
        let measure = move |_: Array| set_width.set(f64::from(watched.client_width()));
        let measure = Closure::<dyn FnMut(Array)>::new(measure);
        // Absent only in browsers that are too old for the guest.
        let Ok(observer) = ResizeObserver::new(measure.as_ref().unchecked_ref()) else { return };
        observer.observe(&element);
        let kept = StoredValue::new_local((observer, measure));
        on_cleanup(move || kept.with_value(|(observer, _)| observer.disconnect()));
    });
    width
}
