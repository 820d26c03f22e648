//! The microphone: the last second of sound, several times a second.

use js_sys::Float32Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, AudioWorkletNode, MediaStreamConstraints, MessageEvent};

use super::{Stream, trouble};
use crate::try_it::sound::Last;
use crate::try_it::{Event, Source, Trouble};

/// What a model of speech listens to at once.
const SECONDS: f64 = 1.0;
/// From one second to the next that is handed out: they overlap, so that a word is whole in one of them.
const EVERY_SECONDS: f64 = 0.25;
/// The module that runs in the audio thread, and the name by which it registers.
const MODULE: &str = "microphone.js";
const PROCESSOR: &str = "mote-microphone";

pub(super) struct Microphone {
    context: AudioContext,
    node: AudioWorkletNode,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _ended: Closure<dyn FnMut()>,
    _stream: Stream,
}

impl Microphone {
    pub(super) async fn open(tell: impl Fn(Event) + Copy + 'static) -> Result<Self, Trouble> {
        let constraints = MediaStreamConstraints::new();
        constraints.set_audio(&JsValue::TRUE);
        let stream = Stream::open(&constraints).await?;
        let ended = Closure::<dyn FnMut()>::new(move || tell(Event::DeviceFailed(Source::Microphone, Trouble::Gone)));
        stream.on_end(ended.as_ref().unchecked_ref());
        let context = AudioContext::new().map_err(trouble)?;
        let module = context.audio_worklet().and_then(|worklet| worklet.add_module(MODULE)).map_err(trouble)?;
        JsFuture::from(module).await.map_err(trouble)?;
        let node = AudioWorkletNode::new(&context, PROCESSOR).map_err(trouble)?;
        let heard = listening(context.sample_rate() as u32, tell);
        node.port().map_err(trouble)?.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let input = context.create_media_stream_source(&stream.0).map_err(trouble)?;
        // Not on to the loudspeakers: it would hear itself.
        input.connect_with_audio_node(&node).map_err(trouble)?;
        // A browser may hold sound back until it is asked; the click that turned this on is what it waits for.
        JsFuture::from(context.resume().map_err(trouble)?).await.map_err(trouble)?;
        Ok(Self { context, node, _heard: heard, _ended: ended, _stream: stream })
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        if let Ok(port) = self.node.port() {
            port.set_onmessage(None);
        }
        // It frees itself when it is closed, whenever that is.
        let _ = self.context.close();
    }
}

fn listening(rate: u32, tell: impl Fn(Event) + Copy + 'static) -> Closure<dyn FnMut(MessageEvent)> {
    let mut last = Last::new(SECONDS, rate);
    let every = (EVERY_SECONDS * f64::from(rate)) as usize;
    let mut since = 0;
    Closure::new(move |event: MessageEvent| {
        let samples = Float32Array::from(event.data()).to_vec();
        last.push(&samples);
        since += samples.len();
        if last.is_full() && since >= every {
            since = 0;
            tell(Event::Given { name: "microphone.wav".into(), bytes: last.wav() });
        }
    })
}
