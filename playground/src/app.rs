//! The page in the browser: one signal with the state, and the effects that its updates ask for.

use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::protocol::{Reply, Request};
use crate::state::State;
use crate::update::{Effect, Event};
use crate::{browser, panels};

/// The page, as panels have it: what to show, and whom to tell what the user did.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    state: RwSignal<State>,
    worker: StoredValue<Option<Link>, LocalStorage>,
}

/// A worker and the functions that listen to it.
struct Link {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

/// Shows the page and starts its worker.
#[wasm_bindgen]
pub fn start_page() {
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
    let page = Page { state: RwSignal::new(State::default()), worker: StoredValue::new_local(None) };
    mount_to_body(move || panels::all(page));
    page.connect();
    page.tell(Event::Started);
}

impl Page {
    /// A part of the state, which what shows it follows.
    pub(crate) fn part<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&State) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.state.with(&part))
    }

    /// Changes the state and does what the change asks for.
    pub(crate) fn tell(self, event: Event) {
        let effects = self.state.try_update(|state| state.update(event)).unwrap_or_default();
        for effect in effects {
            match effect {
                Effect::Post { request, buffers } => self.post(&request, &buffers),
                Effect::Fetch { job, path } => {
                    wasm_bindgen_futures::spawn_local(async move {
                        let result = browser::fetch(path).await.map(|bytes| Uint8Array::new(&bytes).to_vec());
                        self.tell(Event::Fetched { job, result });
                    });
                }
                Effect::ReplaceWorker => self.connect(),
            }
        }
    }

    fn post(self, request: &Request, buffers: &[Vec<u8>]) {
        let json = serde_json::to_string(request).expect("requests are plain data");
        let (message, list) = browser::message(&json, buffers);
        self.worker.with_value(|link| {
            if let Some(link) = link {
                link.worker.post_message_with_transfer(&message, &list).expect("fresh buffers can be handed over");
            }
        });
    }

    /// Ends the worker, if there is one, and starts one.
    fn connect(self) {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = match Worker::new_with_options("worker.js", &options) {
            Ok(worker) => worker,
            Err(error) => return self.tell(Event::WorkerDied(browser::text_of(&error))),
        };
        let message = Closure::<dyn FnMut(_)>::new(move |event: MessageEvent| {
            let parts = browser::parts(&event.data());
            let reply = parts.and_then(|(json, buffers)| Some((serde_json::from_str::<Reply>(&json).ok()?, buffers)));
            self.tell(match reply {
                Some((reply, buffers)) => Event::Replied { reply, buffers },
                None => Event::WorkerDied("it sent a message that the page does not know".into()),
            });
        });
        let error = Closure::<dyn FnMut(_)>::new(move |event: ErrorEvent| {
            self.tell(Event::WorkerDied(event.message()));
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        let link = Link { worker, _message: message, _error: error };
        if let Some(old) = self.worker.try_update_value(|slot| slot.replace(link)).flatten() {
            old.worker.terminate();
            // This may run inside one of the old worker's own listeners, which must outlive its call.
            wasm_bindgen_futures::spawn_local(async move { drop(old) });
        }
    }
}
