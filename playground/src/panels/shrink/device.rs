//! The board that models are to fit.

use leptos::prelude::*;
use mote_models::judge::DEVICES;
use mote_models::judge::devices::Kind;

use crate::app::Page;
use crate::format;
use crate::panels::controls::select;
use crate::shrink::{Event, compare};

pub(super) fn choose(page: Page) -> impl IntoView {
    let device = page.part(|state| state.shrink.device.clone());
    let fit = page.part(|state| {
        let judged = &state.shrink.draft.as_ref()?.measured.as_ref()?.judged;
        compare::fit(judged, state.shrink.device.as_ref()?).cloned()
    });
    let boards = DEVICES.iter().map(|device| (device.id.to_owned(), device.name.to_owned()));
    let options: Vec<_> = std::iter::once((String::new(), "none in particular".to_owned())).chain(boards).collect();
    let about = move || {
        let id = device.get()?;
        let device = DEVICES.iter().find(|device| device.id == id)?;
        let memory = match device.kind {
            Kind::Microcontroller { flash_bytes } => {
                format!("{} of flash, {} of RAM", format::bytes(flash_bytes), format::bytes(device.ram_bytes))
            }
            Kind::Linux => format!("{} of RAM, Linux", format::bytes(device.ram_bytes)),
        };
        Some(format!("{}, {} MHz, {memory}.", device.core, device.mhz))
    };
    let verdict = move || {
        fit.get().map(|fit| {
            let class = if fit.fits() { "better" } else { "worse" };
            let mark = if fit.fits() { "✓ " } else { "✗ " };
            view! { <p class=class id="device-fit">{format!("{mark}The draft {fit}.")}</p> }
        })
    };
    view! {
        <div class="device">
            {select(
                "Board",
                "device",
                options,
                || true,
                move || device.get().unwrap_or_default(),
                move |id| page.tell(Event::DeviceChosen(Some(id).filter(|id| !id.is_empty()))),
            )}
            <p class="aside">{about}</p>
            {verdict}
        </div>
    }
}
