//! The page in the browser: one signal with the state, and the effects that its updates ask for.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Uint8Array;
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::devices::Sensor;
use crate::keep::{Keeping, Snapshot};
use crate::pool::Pool;
use crate::protocol::Reply;
use crate::state::State;
use crate::store::{Store, Written};
use crate::trace::Trace;
use crate::try_it::Wanted;
use crate::update::{Effect, Event};
use crate::view::View;
use crate::{browser, devices, keep, panels, share, try_it};

/// What changed is kept after this long, so that a slider that moves is kept once.
const KEEP_MILLIS: i32 = 300;

/// The page, as panels have it: what to show, and whom to tell what the user did.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    state: RwSignal<State>,
    /// The workers that live.
    links: StoredValue<HashMap<Lane, Link>, LocalStorage>,
    /// The control to go to once the view that it is in is shown.
    aim: StoredValue<Option<&'static str>, LocalStorage>,
    /// The sensor that is on.
    sensor: StoredValue<Option<Sensor>, LocalStorage>,
    store: StoredValue<Option<Rc<Store>>, LocalStorage>,
    /// What is in the store.
    kept: StoredValue<Snapshot, LocalStorage>,
    /// What is kept next replaces all of that.
    replaces: StoredValue<bool, LocalStorage>,
    /// Changes are on their way into it.
    keeps: StoredValue<bool, LocalStorage>,
    trace: StoredValue<Trace, LocalStorage>,
}

/// Which of the workers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Lane {
    /// It runs the model.
    Guest,
    /// It runs the model beside the first, as long as an evaluation is shared with it.
    Helper(usize),
    /// It does tasks. It is started for the first one, and ended to cancel one.
    Workshop,
}

/// A worker and the functions that listen to it.
struct Link {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

/// Shows the page and starts its worker.
pub fn start() {
    browser::tell_panics();
    let page = Page {
        state: RwSignal::new(State { pool: Pool::of_cores(browser::cores()), ..State::default() }),
        links: StoredValue::new_local(HashMap::new()),
        aim: StoredValue::new_local(None),
        sensor: StoredValue::new_local(None),
        store: StoredValue::new_local(None),
        kept: StoredValue::new_local(Snapshot::default()),
        replaces: StoredValue::new_local(false),
        keeps: StoredValue::new_local(false),
        trace: StoredValue::new_local(Trace::default()),
    };
    mount_to_body(move || panels::all(page));
    page.connect(Lane::Guest);
    page.follow_address();
    page.hear_updates();
    wasm_bindgen_futures::spawn_local(page.begin());
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
    pub(crate) fn tell(self, event: impl Into<Event>) {
        let effects = self.state.try_update(|state| state.update(event.into())).unwrap_or_default();
        self.mark_milestones();
        for effect in effects {
            match effect {
                Effect::Post { request, buffers } => self.post(Lane::Guest, &request, &buffers),
                Effect::Fetch { job, path } => {
                    wasm_bindgen_futures::spawn_local(async move {
                        let result = browser::fetch(path).await.map(|bytes| Uint8Array::new(&bytes).to_vec());
                        self.tell(Event::Fetched { job, result });
                    });
                }
                Effect::ReplaceWorker => self.connect(Lane::Guest),
                Effect::Help { helper, request, buffers } => {
                    self.post_to_any(Lane::Helper(helper), &request, &buffers);
                }
                Effect::EndHelper(helper) => self.end(Lane::Helper(helper)),
                Effect::Work { order, buffers } => self.post_to_any(Lane::Workshop, &order, &buffers),
                Effect::StopWork => self.end(Lane::Workshop),
                Effect::Sense(wanted) => self.sense(wanted),
                Effect::Reveal(place) if View::of_hash(&browser::hash()) == place.view => {
                    browser::focus_later(place.control, panels::MAIN);
                }
                Effect::Reveal(place) => {
                    self.aim.set_value(Some(place.control));
                    browser::set_hash(place.view.key());
                }
                Effect::ReplaceKept => self.replaces.set_value(true),
                Effect::DeleteKept => wasm_bindgen_futures::spawn_local(self.delete_kept()),
                Effect::CopyLink { hash } => wasm_bindgen_futures::spawn_local(async move {
                    let copied = browser::copy_link(&hash).await;
                    self.tell(share::Event::Copied(copied));
                }),
                Effect::UseUpdate => browser::tell_window("mote-use-update"),
                Effect::After { millis, event } => {
                    set_timeout(move || self.tell(*event), Duration::from_millis(millis.into()));
                }
                Effect::Save { name, bytes } => {
                    if let Err(error) = browser::save(&name, &bytes) {
                        web_sys::console::error_2(&"a file could not be handed out:".into(), &error);
                    }
                }
                Effect::Copy(text) => {
                    wasm_bindgen_futures::spawn_local(async move {
                        if let Err(error) = browser::copy(&text).await {
                            web_sys::console::error_2(&"a text could not be copied:".into(), &error);
                        }
                    });
                }
            }
        }
        self.keep_soon();
    }

    fn mark_milestones(self) {
        let passed = self.state.with_untracked(|state| self.trace.try_update_value(|trace| trace.follow(state)));
        passed.into_iter().flatten().for_each(|milestone| browser::mark(milestone.mark()));
    }

    /// Begins with what the address asks for, else with what was kept, else anew.
    async fn begin(self) {
        let store = Store::open(&browser::path()).await;
        let found = match &store {
            Ok(store) => store.read().await,
            Err(_) => Ok(None),
        };
        self.tell_of_broken_link();
        match (share::Link::parse(&browser::hash()), &found) {
            (Some(link), _) => {
                self.tell(Event::Started);
                self.tell(share::Event::Opened(link.into()));
            }
            (None, Ok(Some(snapshot))) => {
                self.kept.set_value(snapshot.clone());
                self.tell(keep::Event::Found(snapshot.clone()));
            }
            (None, Ok(None) | Err(_)) => self.tell(Event::Started),
        }
        match (store, found) {
            (Ok(store), Ok(_)) => self.store.set_value(Some(Rc::new(store))),
            (Err(why), _) | (Ok(_), Err(why)) => self.tell(keep::Event::Failed(why)),
        }
    }

    /// An address that was cut off, or that another version of the page made, opens nothing; its user hears why.
    fn tell_of_broken_link(self) {
        if share::Link::is_broken(&browser::hash()) {
            self.tell(share::Event::Broken);
        }
    }

    /// Keeps what has changed, after a short while in which more may change.
    fn keep_soon(self) {
        let Some(store) = self.store.with_value(Clone::clone) else { return };
        let wanted = move || self.state.with_untracked(|state| state.keeping == Keeping::On);
        if self.keeps.get_value() || !wanted() {
            return;
        }
        self.keeps.set_value(true);
        wasm_bindgen_futures::spawn_local(async move {
            browser::wait(KEEP_MILLIS).await;
            while wanted() && self.store.with_value(Option::is_some) {
                let next = self.state.with_untracked(State::snapshot);
                let (kept, replaces) = (self.kept.get_value(), self.replaces.get_value());
                if next == kept && !replaces {
                    break;
                }
                let written = if replaces { store.replace(&next).await } else { store.write(&kept, &next).await };
                match written {
                    Ok(Written::All) => {}
                    Ok(Written::Nothing) => self.tell(keep::Event::Outrun),
                    Err(why) => self.tell(keep::Event::Failed(why)),
                }
                self.replaces.set_value(false);
                self.kept.set_value(next);
            }
            self.keeps.set_value(false);
        });
    }

    /// Deletes what is kept, and starts the page anew.
    async fn delete_kept(self) {
        if let Some(store) = self.store.try_update_value(Option::take).flatten() {
            match store.clear().await {
                Ok(()) => browser::start_anew(),
                Err(why) => self.tell(keep::Event::Failed(why)),
            }
        }
    }

    /// `static/offline.js` tells when another version of the page is ready.
    fn hear_updates(self) {
        let ready = Closure::<dyn Fn()>::new(move || self.tell(Event::UpdateReady));
        let heard = window().add_event_listener_with_callback("mote-update", ready.as_ref().unchecked_ref());
        if let Err(error) = heard {
            web_sys::console::error_2(&"updates are not heard of:".into(), &error);
        }
        // The page listens as long as it lives.
        ready.forget();
    }

    /// Lets the sensor go, or turns one on.
    fn sense(self, wanted: Option<Wanted>) {
        self.hold(None);
        let Some(wanted) = wanted else { return };
        wasm_bindgen_futures::spawn_local(async move {
            let opened = devices::open(wanted, move |event: try_it::Event| self.tell(event)).await;
            self.tell(match opened {
                Ok(sensor) => {
                    self.hold(Some(sensor));
                    try_it::Event::DeviceStarted(wanted.source)
                }
                Err(trouble) => try_it::Event::DeviceFailed(wanted.source, trouble),
            });
        });
    }

    /// Holds a sensor in place of the one that is there.
    fn hold(self, sensor: Option<Sensor>) {
        let old = self.sensor.try_update_value(|held| std::mem::replace(held, sensor)).flatten();
        // This may run inside one of the sensor's own listeners, which must outlive its call.
        wasm_bindgen_futures::spawn_local(async move { drop(old) });
    }

    /// Shows the view that the address names, now and whenever it names another one.
    fn follow_address(self) {
        let show = move || {
            let view = View::of_hash(&browser::hash());
            self.tell(Event::ViewOpened(view));
            browser::set_title(&format!("{}: Mote, a TinyML sandbox", view.label()));
        };
        show();
        let changed = Closure::<dyn Fn()>::new(move || {
            if let Some(link) = share::Link::parse(&browser::hash()) {
                self.tell(share::Event::Opened(link.into()));
            }
            self.tell_of_broken_link();
            show();
            match self.aim.try_update_value(Option::take).flatten() {
                Some(control) => browser::focus_later(control, panels::MAIN),
                // As after any navigation, what is read and reached next is the top of what has come.
                None => browser::focus_top(panels::MAIN),
            }
        });
        window().set_onhashchange(Some(changed.as_ref().unchecked_ref()));
        // The page listens as long as it lives.
        changed.forget();
    }

    /// Starts a worker in place of the one that is there, if there is one.
    fn connect(self, lane: Lane) {
        self.end(lane);
        match Link::new(move |event| self.tell(event), lane) {
            Ok(link) => drop(self.links.try_update_value(|links| links.insert(lane, link))),
            Err(error) => self.tell(lane.died(browser::text_of(&error))),
        }
    }

    fn end(self, lane: Lane) {
        if let Some(link) = self.links.try_update_value(|links| links.remove(&lane)).flatten() {
            link.worker.terminate();
            link.worker.set_onmessage(None);
            link.worker.set_onerror(None);
            // This may run inside one of the worker's own listeners, which must outlive its call.
            wasm_bindgen_futures::spawn_local(async move { drop(link) });
        }
    }

    /// Posts to a worker, which is started where there is none.
    fn post_to_any(self, lane: Lane, message: &impl Serialize, buffers: &[impl AsRef<[u8]>]) {
        if !self.links.with_value(|links| links.contains_key(&lane)) {
            self.connect(lane);
        }
        self.post(lane, message, buffers);
    }

    fn post(self, lane: Lane, message: &impl Serialize, buffers: &[impl AsRef<[u8]>]) {
        let json = serde_json::to_string(message).expect("messages are plain data");
        let (message, list) = browser::message(&json, buffers);
        self.links.with_value(|links| {
            if let Some(link) = links.get(&lane) {
                link.worker.post_message_with_transfer(&message, &list).expect("fresh buffers can be handed over");
            }
        });
    }
}

impl Lane {
    /// The worker's script, beside the page.
    fn script(self) -> &'static str {
        match self {
            Lane::Guest | Lane::Helper(_) => "runner.js",
            Lane::Workshop => "workshop.js",
        }
    }

    fn died(self, why: String) -> Event {
        match self {
            Lane::Guest => Event::WorkerDied(why),
            Lane::Helper(helper) => Event::HelperDied { helper, why },
            Lane::Workshop => Event::WorkshopDied(why),
        }
    }

    fn replied(self, reply: Reply, buffers: Vec<Vec<u8>>) -> Event {
        match self {
            Lane::Guest | Lane::Workshop => Event::Replied { reply, buffers },
            Lane::Helper(helper) => Event::Helped { helper, reply },
        }
    }
}

impl Link {
    /// Starts a worker and listens to it.
    fn new(tell: impl Fn(Event) + Copy + 'static, lane: Lane) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(lane.script(), &options)?;
        let message = Closure::<dyn FnMut(_)>::new(move |event: MessageEvent| {
            let parts = browser::parts(&event.data());
            let reply = parts.and_then(|(json, buffers)| Some((serde_json::from_str::<Reply>(&json).ok()?, buffers)));
            tell(match reply {
                Some((reply, buffers)) => lane.replied(reply, buffers),
                None => lane.died("it sent a message that the page does not know".into()),
            });
        });
        let error = Closure::<dyn FnMut(_)>::new(move |event: ErrorEvent| tell(lane.died(event.message())));
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        Ok(Self { worker, _message: message, _error: error })
    }
}
