//! Controls that several panels use: choices side by side, a list, a slider.

use leptos::prelude::*;
use web_sys::Event as DomEvent;

/// One of several choices side by side.
pub(crate) fn segment(
    name: &'static str,
    key: &'static str,
    label: &'static str,
    chosen: impl Fn() -> bool + Send + 'static,
    choose: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <label class="segment">
            <input type="radio" name=name id=format!("{name}-{key}") prop:checked=chosen on:change=move |_| choose() />
            <span>{label}</span>
        </label>
    }
}

/// One thing that is on or off.
pub(crate) fn switch(
    id: &'static str,
    label: &'static str,
    enabled: impl Fn() -> bool + Send + 'static,
    on: impl Fn() -> bool + Send + 'static,
    choose: impl Fn(bool) + 'static,
) -> impl IntoView {
    view! {
        <label class="switch">
            <input
                type="checkbox"
                id=id
                prop:checked=on
                prop:disabled=move || !enabled()
                on:change=move |event: DomEvent| choose(event_target_checked(&event))
            />
            <span>{label}</span>
        </label>
    }
}

/// A list to choose from: the options are values with their names.
pub(crate) fn select<L: Into<String>>(
    label: &'static str,
    id: &'static str,
    options: impl IntoIterator<Item = (String, L)>,
    enabled: impl Fn() -> bool + Send + 'static,
    chosen: impl Fn() -> String + Send + Sync + Copy + 'static,
    choose: impl Fn(String) + 'static,
) -> impl IntoView {
    let option = move |(value, label): (String, L)| {
        let label: String = label.into();
        let is_chosen = value.clone();
        view! {
            <option value=value prop:selected=move || chosen() == is_chosen>
                {label}
            </option>
        }
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <select id=id prop:disabled=move || !enabled() on:change=move |event: DomEvent| choose(event_target_value(&event))>
                {options.into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}

/// A number from the first to the second of `range`, in steps of the third.
pub(crate) fn slider(
    label: &'static str,
    id: &'static str,
    range: [usize; 3],
    enabled: impl Fn() -> bool + Send + 'static,
    value: impl Fn() -> (usize, String) + Send + Sync + Copy + 'static,
    choose: impl Fn(usize) + 'static,
) -> impl IntoView {
    let [least, most, step] = range;
    let moved = move |event: DomEvent| {
        if let Ok(value) = event_target_value(&event).parse() {
            choose(value);
        }
    };
    view! {
        <label class="field">
            <span class="field-name">{label} <output for=id>{move || value().1}</output></span>
            <input
                type="range"
                id=id
                min=least
                max=most
                step=step
                prop:value=move || value().0.to_string()
                prop:disabled=move || !enabled()
                aria-valuetext=move || value().1
                on:input=moved
            />
        </label>
    }
}
