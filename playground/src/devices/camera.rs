//! The camera: several pictures a second, as PNG.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement, MediaStreamConstraints, Window};

use super::{Stream, VIEWFINDER, trouble};
use crate::try_it::{Event, Source, Trouble};

/// From one picture to the next. Answers take their own time: a picture that comes too early is given up for a newer one.
const EVERY_MILLIS: i32 = 200;
/// Greatest side of a picture that leaves here. Models take less, and what is encoded is decoded again.
const SIDE: f64 = 256.0;

pub(super) struct Camera {
    timer: i32,
    window: Window,
    video: HtmlVideoElement,
    _tick: Closure<dyn FnMut()>,
    _ended: Closure<dyn FnMut()>,
    _stream: Stream,
}

impl Camera {
    pub(super) async fn open(tell: impl Fn(Event) + Copy + 'static) -> Result<Self, Trouble> {
        let constraints = MediaStreamConstraints::new();
        constraints.set_video(&JsValue::TRUE);
        let stream = Stream::open(&constraints).await?;
        let ended = Closure::<dyn FnMut()>::new(move || tell(Event::DeviceFailed(Source::Camera, Trouble::Gone)));
        stream.on_end(ended.as_ref().unchecked_ref());
        let window = web_sys::window().ok_or(Trouble::Unsupported)?;
        let document = window.document().ok_or(Trouble::Unsupported)?;
        let video: HtmlVideoElement =
            document.get_element_by_id(VIEWFINDER).ok_or(Trouble::Unsupported)?.unchecked_into();
        video.set_src_object(Some(&stream.0));
        // It rejects when the stream ends before it has begun, which the track's end tells.
        let _ = video.play().map(JsFuture::from);
        let canvas: HtmlCanvasElement = document.create_element("canvas").map_err(trouble)?.unchecked_into();
        let tick = ticking(video.clone(), canvas, tell);
        let timer = window
            .set_interval_with_callback_and_timeout_and_arguments_0(tick.as_ref().unchecked_ref(), EVERY_MILLIS)
            .map_err(trouble)?;
        Ok(Self { timer, window, video, _tick: tick, _ended: ended, _stream: stream })
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.window.clear_interval_with_handle(self.timer);
        self.video.set_src_object(None);
    }
}

/// Takes one picture, unless the one before is still being encoded.
fn ticking(
    video: HtmlVideoElement,
    canvas: HtmlCanvasElement,
    tell: impl Fn(Event) + Copy + 'static,
) -> Closure<dyn FnMut()> {
    let busy = Rc::new(Cell::new(false));
    Closure::new(move || {
        if busy.get() {
            return;
        }
        let Some(taken) = draw(&video, &canvas) else { return };
        busy.set(true);
        let done = busy.clone();
        let encoded = Closure::once_into_js(move |blob: Option<Blob>| {
            wasm_bindgen_futures::spawn_local(async move {
                if let Some(blob) = blob
                    && let Ok(bytes) = JsFuture::from(blob.array_buffer()).await
                {
                    let bytes = Uint8Array::new(&bytes).to_vec();
                    tell(Event::Given { name: "camera.png".into(), bytes });
                }
                done.set(false);
            });
        });
        if taken.to_blob(encoded.unchecked_ref()).is_err() {
            busy.set(false);
        }
    })
}

/// What the camera sees now, on the canvas; none before its first picture.
fn draw<'c>(video: &HtmlVideoElement, canvas: &'c HtmlCanvasElement) -> Option<&'c HtmlCanvasElement> {
    let (width, height) = (f64::from(video.video_width()), f64::from(video.video_height()));
    if width == 0.0 || height == 0.0 {
        return None;
    }
    let scale = (SIDE / width.min(height)).min(1.0);
    let (width, height) = ((width * scale).round(), (height * scale).round());
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
    context.draw_image_with_html_video_element_and_dw_and_dh(video, 0.0, 0.0, width, height).ok()?;
    Some(canvas)
}
