//! Small ways to the browser that the page and its worker share.

use js_sys::{Array, ArrayBuffer, Function, JsString, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlAnchorElement, HtmlElement, Response, Url};

/// The bytes of a download are kept this long.
const FORGET_MILLIS: i32 = 30_000;

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
