//! Small ways to the browser that the page and its worker share.

use js_sys::{Array, ArrayBuffer, Function, JsString, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, Clipboard, DedicatedWorkerGlobalScope, Element, Event, HtmlAnchorElement, HtmlElement, Response,
    ScrollIntoViewOptions, ScrollLogicalPosition, Url,
};

/// The bytes of a download are kept this long.
const FORGET_MILLIS: i32 = 30_000;
/// The attribute of the control that the page has led its user to.
const MARK: &str = "data-spot";

/// Lets a panic of this bundle be told in the console before it ends the page or the worker.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
}

/// Fetches a file beside the page, or beside the worker's script: they lie in one folder.
pub(crate) async fn fetch(path: &str) -> Result<ArrayBuffer, String> {
    let said = |error: JsValue| format!("{path} cannot be fetched: {}", text_of(&error));
    // The global object's own `fetch`, whatever the global object is.
    let fetch: Function = Reflect::get(&js_sys::global(), &"fetch".into()).map_err(said)?.unchecked_into();
    let promise: Promise = fetch.call1(&js_sys::global(), &path.into()).map_err(said)?.unchecked_into();
    let response: Response = JsFuture::from(promise).await.map_err(said)?.unchecked_into();
    if !response.ok() {
        return Err(format!("{path} cannot be fetched: status {}", response.status()));
    }
    let bytes = JsFuture::from(response.array_buffer().map_err(said)?).await.map_err(said)?;
    Ok(bytes.unchecked_into())
}

/// Threads that run at once here; one where the browser does not say.
pub(crate) fn cores() -> usize {
    web_sys::window().map_or(1, |window| window.navigator().hardware_concurrency() as usize)
}

/// A worker's clock, in milliseconds.
pub(crate) fn now() -> f64 {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    scope.performance().map_or(0.0, |clock| clock.now())
}

/// Leaves a mark in the page's timeline.
pub(crate) fn mark(name: &str) {
    if let Some(clock) = web_sys::window().and_then(|window| window.performance()) {
        // Only names of the browser's own marks are refused.
        let _ = clock.mark(name);
    }
}

/// What a thrown value says.
pub(crate) fn text_of(error: &JsValue) -> String {
    match error.dyn_ref::<Object>() {
        Some(object) => object.to_string().into(),
        None => JsString::from(error.clone()).into(),
    }
}

/// Hands a file to the user, as a download.
pub(crate) fn save(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes)))?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let window = web_sys::window().ok_or("there is no window")?;
    let document = window.document().ok_or("there is no document")?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Not every browser has taken hold of the bytes by now.
    let forget = Closure::once_into_js(move || Url::revoke_object_url(&url));
    window.set_timeout_with_callback_and_timeout_and_arguments_0(forget.unchecked_ref(), FORGET_MILLIS)?;
    Ok(())
}

/// The end of the page's address, with its `#`; empty where there is none.
pub(crate) fn hash() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// The page's path: a page of this origin under another one is another page.
pub(crate) fn path() -> String {
    web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// Loads the page again, without what its address says of it.
pub(crate) fn start_anew() {
    if let Some(window) = web_sys::window() {
        let bare =
            window.history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&path())));
        if let Err(error) = bare.and_then(|()| window.location().reload()) {
            web_sys::console::error_2(&"the page cannot be loaded again:".into(), &error);
        }
    }
}

/// Puts a link to this page into its address, and into the clipboard; says whether it is there.
pub(crate) async fn copy_link(hash: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    if let Err(error) =
        window.history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(hash)))
    {
        web_sys::console::error_2(&"the link does not fit into the address:".into(), &error);
    }
    // Absent over plain http from another machine.
    let clipboard =
        Reflect::get(&window.navigator(), &"clipboard".into()).ok().and_then(|it| it.dyn_into::<Clipboard>().ok());
    let (Some(clipboard), Ok(link)) = (clipboard, window.location().href()) else { return false };
    JsFuture::from(clipboard.write_text(&link)).await.is_ok()
}

/// Lets the page's scripts hear a word.
pub(crate) fn tell_window(word: &str) {
    if let (Some(window), Ok(event)) = (web_sys::window(), Event::new(word)) {
        // Nobody listens where there is nothing to do about it.
        let _ = window.dispatch_event(&event);
    }
}

/// Waits a while.
pub(crate) async fn wait(millis: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let timer = web_sys::window()
            .map(|window| window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis));
        timer.expect("a page has a window").expect("a window has timers");
    });
    // A timer's promise never rejects.
    let _ = JsFuture::from(promise).await;
}

/// Names the page in the browser's history and tabs.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Scrolls to the page's top, and gives the focus to an element there.
pub(crate) fn focus_top(id: &str) {
    let Some(window) = web_sys::window() else { return };
    let element = window.document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element without a focus to give has nothing to say.
        let _ = element.focus();
    }
    window.scroll_to_with_x_and_y(0.0, 0.0);
}

/// Goes to another end of the page's address.
pub(crate) fn set_hash(hash: &str) {
    if let Some(window) = web_sys::window() {
        // An address of this page is never refused.
        let _ = window.location().set_hash(hash);
    }
}

/// Scrolls to an element, marks it ([`MARK`]) and gives it the focus, once what has been told to the page is shown; where there
/// is none of that id, the focus goes to the top.
pub(crate) fn focus_later(id: &'static str, top: &'static str) {
    let Some(window) = web_sys::window() else { return };
    let focus = Closure::once_into_js(move || {
        let found = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
        match found {
            Some(element) => focus_marked(&element),
            None => focus_top(top),
        }
    });
    // A window takes any function; what is told is shown before the next task.
    let _ = window.set_timeout_with_callback(focus.unchecked_ref());
}

fn focus_marked(element: &Element) {
    let old = element.owner_document().and_then(|document| document.query_selector("[data-spot]").ok().flatten());
    if let Some(old) = old {
        // Removing what is there cannot fail.
        let _ = old.remove_attribute(MARK);
    }
    let named = [(MARK, "")].into_iter();
    // What takes no focus by itself takes it for now.
    let focusable =
        element.has_attribute("tabindex") || element.matches("a, button, input, select, summary").unwrap_or(false);
    for (name, value) in named.chain((!focusable).then_some(("tabindex", "-1"))) {
        // These names are sound.
        let _ = element.set_attribute(name, value);
    }
    element.scroll_into_view_with_scroll_into_view_options(&centred());
    if let Some(focus) = Reflect::get(element, &"focus".into()).ok().and_then(|f| f.dyn_into::<Function>().ok()) {
        // An element that is disabled takes no focus.
        let _ = focus.call0(element);
    }
    let marked = element.clone();
    let unmark = Closure::once_into_js(move || {
        let _ = marked.remove_attribute(MARK);
    });
    // Any element can be listened to.
    let _ = element.add_event_listener_with_callback("blur", unmark.unchecked_ref());
}

fn centred() -> ScrollIntoViewOptions {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    options
}

/// Puts a text on the clipboard. Browsers have none for pages that came over plain http from another machine.
pub(crate) async fn copy(text: &str) -> Result<(), JsValue> {
    let navigator = web_sys::window().ok_or("there is no window")?.navigator();
    let clipboard: Clipboard = Reflect::get(&navigator, &"clipboard".into())?.dyn_into()?;
    JsFuture::from(clipboard.write_text(text)).await.map(drop)
}

/// The message that `json` and `buffers` make, and the list of what it hands over.
pub(crate) fn message(json: &str, buffers: &[impl AsRef<[u8]>]) -> (Object, Array) {
    let list: Array = buffers.iter().map(|bytes| Uint8Array::from(bytes.as_ref()).buffer()).collect();
    let message = Object::new();
    for (key, value) in [("json", &JsValue::from(json)), ("buffers", list.as_ref())] {
        // A plain object takes any property.
        let _ = Reflect::set(&message, &key.into(), value);
    }
    (message, list)
}

/// The `json` and `buffers` of a message; none when it has another form.
pub(crate) fn parts(message: &JsValue) -> Option<(String, Vec<Vec<u8>>)> {
    let get = |key: &str| Reflect::get(message, &key.into()).ok();
    let json = get("json")?.as_string()?;
    let list: Array = get("buffers")?.dyn_into().ok()?;
    let buffers = list.iter().map(|buffer| buffer.dyn_into::<ArrayBuffer>().ok().map(|b| Uint8Array::new(&b).to_vec()));
    Some((json, buffers.collect::<Option<_>>()?))
}
