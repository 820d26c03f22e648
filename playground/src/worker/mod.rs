//! The workers' side of the protocol, in two bundles: [`runner`] has a guest with a model in it, [`workshop`] does tasks.
//! `static/serve.js` hands messages over one after the other.

pub mod runner;
pub mod workshop;

use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

use crate::browser;
use crate::protocol::{Failure, Job, Reply};

/// Long work reports its progress this often.
const BATCH_MILLIS: f64 = 40.0;

/// The JSON and the buffers of a message that this worker knows; any other is told to the page.
fn parse<T: serde::de::DeserializeOwned>(message: &JsValue) -> Option<(T, Vec<Vec<u8>>)> {
    let parsed = browser::parts(message).and_then(|(json, buffers)| Some((serde_json::from_str(&json).ok()?, buffers)));
    if parsed.is_none() {
        fail(None, Failure::Page("the worker was sent a message that it does not know".into()));
    }
    parsed
}

fn fail(job: Option<Job>, failure: Failure) {
    reply(&Reply::Failed { job, failure }, &[]);
}

fn reply(reply: &Reply, buffers: &[Vec<u8>]) {
    let json = serde_json::to_string(reply).expect("replies are plain data");
    let (message, list) = browser::message(&json, buffers);
    scope().post_message_with_transfer(&message, &list).expect("fresh buffers can be handed over");
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
