//! The sensors of this machine, as the browser gives them: one at a time, on as long as its value lives.
//!
//! What they give stays in the page: frames and readings become files in memory ([`crate::try_it`]).

mod camera;
mod microphone;
mod motion;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack};

use crate::browser::text_of;
use crate::try_it::{Event, Source, Trouble, Wanted};

/// The element that shows what the camera sees.
pub(crate) const VIEWFINDER: &str = "viewfinder";

/// A sensor that is on. Dropping it turns it off.
pub(crate) struct Sensor {
    _on: On,
}

enum On {
    Camera(#[allow(dead_code, reason = "held, to be dropped")] camera::Camera),
    Microphone(#[allow(dead_code, reason = "held, to be dropped")] microphone::Microphone),
    Motion(#[allow(dead_code, reason = "held, to be dropped")] motion::Motion),
}

/// Turns a sensor on; it tells what it gives, and when it goes.
pub(crate) async fn open(wanted: Wanted, tell: impl Fn(Event) + Copy + 'static) -> Result<Sensor, Trouble> {
    let on = match wanted.source {
        Source::Camera => On::Camera(camera::Camera::open(tell).await?),
        Source::Microphone => On::Microphone(microphone::Microphone::open(tell).await?),
        Source::Motion => On::Motion(motion::Motion::open(wanted, tell).await?),
    };
    Ok(Sensor { _on: on })
}

/// A stream of a camera or a microphone; its tracks end with it, and with them the light beside the camera.
struct Stream(MediaStream);

impl Stream {
    async fn open(constraints: &MediaStreamConstraints) -> Result<Self, Trouble> {
        let navigator = web_sys::window().ok_or(Trouble::Unsupported)?.navigator();
        // Browsers leave it out where a page comes neither encrypted nor from this machine.
        let devices = navigator.media_devices().map_err(trouble)?;
        if devices.is_undefined() {
            return Err(Trouble::Unsupported);
        }
        let promise = devices.get_user_media_with_constraints(constraints).map_err(trouble)?;
        let stream = JsFuture::from(promise).await.map_err(trouble)?;
        Ok(Self(stream.unchecked_into()))
    }

    fn tracks(&self) -> impl Iterator<Item = MediaStreamTrack> {
        self.0.get_tracks().into_iter().map(JsCast::unchecked_into)
    }

    /// Listens for the end of a track that nobody here has ended: the device was unplugged, or the permission taken away.
    fn on_end(&self, ended: &js_sys::Function) {
        for track in self.tracks() {
            track.set_onended(Some(ended));
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        for track in self.tracks() {
            track.set_onended(None);
            track.stop();
        }
    }
}

/// Why the browser does not do it.
fn trouble(error: JsValue) -> Trouble {
    match error.dyn_ref::<DomException>() {
        Some(error) => Trouble::of_exception(&error.name(), &error.message()),
        None => match error.dyn_ref::<js_sys::Error>() {
            Some(error) => Trouble::of_exception(&String::from(error.name()), &String::from(error.message())),
            None => Trouble::Other(text_of(&error)),
        },
    }
}
