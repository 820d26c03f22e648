//! Controls that several panels use: choices side by side, a switch, a list, a slider. Each is one piece of code, whatever it is for:
//! what it shows and tells is behind signals and boxes, since views of closures of their own would each be built anew.

use leptos::prelude::*;
use web_sys::Event as DomEvent;

/// One of several choices side by side.
pub(crate) fn segment(
    name: &'static str,
    key: &'static str,
    label: &'static str,
    chosen: impl Fn() -> bool + Send + Sync + 'static,
    choose: impl Fn() + 'static,
) -> AnyView {
    fn view([name, key, label]: [&'static str; 3], chosen: Signal<bool>, choose: Box<dyn Fn()>) -> AnyView {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name=name
                    id=format!("{name}-{key}")
                    prop:checked=chosen
                    on:change=move |_| choose()
                />
                <span>{label}</span>
            </label>
        }
        .into_any()
    }
    view([name, key, label], Signal::derive(chosen), Box::new(choose))
}

/// One thing that is on or off.
pub(crate) fn switch(
    id: &'static str,
    label: &'static str,
    enabled: impl Fn() -> bool + Send + Sync + 'static,
    on: impl Fn() -> bool + Send + Sync + 'static,
    choose: impl Fn(bool) + 'static,
) -> AnyView {
    fn view(
        [id, label]: [&'static str; 2],
        enabled: Signal<bool>,
        on: Signal<bool>,
        choose: Box<dyn Fn(bool)>,
    ) -> AnyView {
        view! {
            <label class="switch">
                <input
                    type="checkbox"
                    id=id
                    prop:checked=on
                    prop:disabled=move || !enabled.get()
                    on:change=move |event: DomEvent| choose(event_target_checked(&event))
                />
                <span>{label}</span>
            </label>
        }
        .into_any()
    }
    view([id, label], Signal::derive(enabled), Signal::derive(on), Box::new(choose))
}

/// A list to choose from: the options are values with their names.
pub(crate) fn select<L: Into<String>>(
    label: &'static str,
    id: &'static str,
    options: impl IntoIterator<Item = (String, L)>,
    enabled: impl Fn() -> bool + Send + Sync + 'static,
    chosen: impl Fn() -> String + Send + Sync + Copy + 'static,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    fn view(
        [label, id]: [&'static str; 2],
        options: Vec<(String, String)>,
        enabled: Signal<bool>,
        chosen: Signal<String>,
        choose: Box<dyn Fn(String)>,
    ) -> AnyView {
        let option = move |(value, label): (String, String)| {
            let is_chosen = value.clone();
            view! {
                <option value=value prop:selected=move || chosen.get() == is_chosen>
                    {label}
                </option>
            }
        };
        view! {
            <label class="field">
                <span>{label}</span>
                <select
                    id=id
                    prop:disabled=move || !enabled.get()
                    on:change=move |event: DomEvent| choose(event_target_value(&event))
                >
                    {options.into_iter().map(option).collect_view()}
                </select>
            </label>
        }
        .into_any()
    }
    let options = options.into_iter().map(|(value, label)| (value, label.into())).collect();
    view([label, id], options, Signal::derive(enabled), Signal::derive(chosen), Box::new(choose))
}

/// A number from the first to the second of `range`, in steps of the third.
pub(crate) fn slider(
    label: &'static str,
    id: &'static str,
    range: [usize; 3],
    enabled: impl Fn() -> bool + Send + Sync + 'static,
    value: impl Fn() -> (usize, String) + Send + Sync + Copy + 'static,
    choose: impl Fn(usize) + 'static,
) -> AnyView {
    fn view(
        [label, id]: [&'static str; 2],
        [least, most, step]: [usize; 3],
        enabled: Signal<bool>,
        value: Signal<(usize, String)>,
        choose: Box<dyn Fn(usize)>,
    ) -> AnyView {
        let moved = move |event: DomEvent| {
            if let Ok(value) = event_target_value(&event).parse() {
                choose(value);
            }
        };
        view! {
            <label class="field">
                <span class="field-name">{label} <output for=id>{move || value.get().1}</output></span>
                <input
                    type="range"
                    id=id
                    min=least
                    max=most
                    step=step
                    prop:value=move || value.get().0.to_string()
                    prop:disabled=move || !enabled.get()
                    aria-valuetext=move || value.get().1
                    on:input=moved
                />
            </label>
        }
        .into_any()
    }
    view([label, id], range, Signal::derive(enabled), Signal::derive(value), Box::new(choose))
}
