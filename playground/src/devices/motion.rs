//! The motion of a phone: the last readings that fill the model's input, several times a second.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DeviceMotionEvent, Window};

use super::trouble;
use crate::try_it::motion::{Last, Reading};
use crate::try_it::{Event, Trouble, Wanted};

/// Readings from one series to the next that is handed out; browsers give about 60 a second.
const EVERY: usize = 15;
const KIND: &str = "devicemotion";

pub(super) struct Motion {
    window: Window,
    moved: Closure<dyn FnMut(DeviceMotionEvent)>,
}

impl Motion {
    pub(super) async fn open(wanted: Wanted, tell: impl Fn(Event) + Copy + 'static) -> Result<Self, Trouble> {
        let window = web_sys::window().ok_or(Trouble::Unsupported)?;
        allowed(&window).await?;
        let mut last = Last::new(wanted.rows, wanted.columns);
        let mut since = 0;
        let moved = Closure::<dyn FnMut(_)>::new(move |event: DeviceMotionEvent| {
            let Some(reading) = reading(&event) else { return };
            last.push(reading);
            since += 1;
            if last.is_full() && since >= EVERY {
                since = 0;
                tell(Event::Given { name: "motion.csv".into(), bytes: last.csv().into_bytes() });
            }
        });
        window.add_event_listener_with_callback(KIND, moved.as_ref().unchecked_ref()).map_err(trouble)?;
        Ok(Self { window, moved })
    }
}

impl Drop for Motion {
    fn drop(&mut self) {
        // What was added can be removed.
        let _ = self.window.remove_event_listener_with_callback(KIND, self.moved.as_ref().unchecked_ref());
    }
}

/// Asks for the permission where a browser wants to be asked (Safari does).
async fn allowed(window: &Window) -> Result<(), Trouble> {
    let class = Reflect::get(window, &"DeviceMotionEvent".into()).map_err(trouble)?;
    if class.is_undefined() {
        return Err(Trouble::Unsupported);
    }
    let ask = Reflect::get(&class, &"requestPermission".into()).map_err(trouble)?;
    let Some(ask) = ask.dyn_ref::<Function>() else { return Ok(()) };
    let promise: Promise = ask.call0(&class).map_err(trouble)?.unchecked_into();
    let answer = JsFuture::from(promise).await.map_err(trouble)?;
    if answer.as_string().as_deref() == Some("granted") { Ok(()) } else { Err(Trouble::Denied) }
}

/// A reading; none from a machine that has no such sensor.
fn reading(event: &DeviceMotionEvent) -> Option<Reading> {
    let a = event.acceleration_including_gravity()?;
    let acceleration = [a.x()?, a.y()?, a.z()?];
    let r = event.rotation_rate();
    let rotation = r.map_or([0.0; 3], |r| [r.beta(), r.gamma(), r.alpha()].map(Option::unwrap_or_default));
    Some(Reading { acceleration, rotation })
}
