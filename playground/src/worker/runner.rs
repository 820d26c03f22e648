//! The worker that has a guest with a model in it.

use std::cell::RefCell;

use mote_abi::Client;
use wasm_bindgen::prelude::*;

use super::{BATCH_MILLIS, fail, next_task, parse, reply};
use crate::browser::now;
use crate::engine::Guest;
use crate::evaluation::{Evaluation, run_once};
use crate::protocol::{Failure, Job, Kernels, Reply, Request};
use crate::timed;

#[derive(Default)]
struct Worker {
    client: Option<Client<Guest>>,
    /// The evaluation that may go on; another load, another evaluation or a cancel takes it away.
    evaluating: Option<Job>,
}

thread_local! {
    static WORKER: RefCell<Worker> = RefCell::default();
}

/// Handles one message of the page. It has been handled when the future ends, except that an evaluation goes on.
pub async fn handle(message: JsValue) {
    let Some((request, buffers)) = parse::<Request>(&message) else { return };
    match request {
        Request::Probe => reply(&Reply::Probed { relaxed: timed::relaxed().await }, &[]),
        Request::Load { job, kernels } => match load(job, kernels, &buffers).await {
            Ok(loaded) => reply(&loaded, &[]),
            Err(failure) => fail(Some(job), failure),
        },
        Request::Run { job } => match with_client(|client| Ok(run_once(client, &buffers)?)) {
            Ok(outputs) => reply(&Reply::Ran { job }, &outputs),
            Err(failure) => fail(Some(job), failure),
        },
        Request::Evaluate { job } => {
            WORKER.with_borrow_mut(|worker| worker.evaluating = Some(job));
            wasm_bindgen_futures::spawn_local(async move {
                match evaluate(job, &buffers).await {
                    Ok(ended) => reply(&ended, &[]),
                    Err(failure) => fail(Some(job), failure),
                }
            });
        }
        Request::Cancel { job } => WORKER.with_borrow_mut(|worker| {
            if worker.evaluating == Some(job) {
                worker.evaluating = None;
            }
        }),
    }
}

async fn load(job: Job, kernels: Kernels, buffers: &[Vec<u8>]) -> Result<Reply, Failure> {
    WORKER.with_borrow_mut(|worker| *worker = Worker::default());
    let [model] = buffers else { return Err(Failure::Page("load takes one buffer, the model".into())) };
    let guest = Guest::new(kernels).await.map_err(Failure::Page)?;
    let mut client = Client::load(guest, model, kernels.reference())?;
    let build = client.build()?;
    let description = client.description().clone();
    WORKER.with_borrow_mut(|worker| worker.client = Some(client));
    Ok(Reply::Loaded { job, build, description })
}

async fn evaluate(job: Job, buffers: &[Vec<u8>]) -> Result<Reply, Failure> {
    let [npz] = buffers else { return Err(Failure::Page("evaluate takes one buffer, the samples".into())) };
    let mut evaluation = with_client(|client| Evaluation::new(client.description(), npz))?;
    loop {
        if WORKER.with_borrow(|worker| worker.evaluating != Some(job)) {
            return Ok(Reply::Cancelled { job, done: evaluation.done() });
        }
        let end = now() + BATCH_MILLIS;
        let mut more = true;
        while more && now() < end {
            more = with_client(|client| evaluation.step(client, now))?;
        }
        if !more {
            return Ok(Reply::Evaluated { job, report: evaluation.report() });
        }
        let (done, total, right) = (evaluation.done(), evaluation.total(), evaluation.right());
        reply(&Reply::Progress { job, done, total, right }, &[]);
        next_task().await;
    }
}

/// Uses the loaded model. After a trap the instance is thrown away.
fn with_client<T>(use_it: impl FnOnce(&mut Client<Guest>) -> Result<T, Failure>) -> Result<T, Failure> {
    WORKER.with_borrow_mut(|worker| {
        let client = worker.client.as_mut().ok_or_else(|| Failure::Page("no model is loaded".into()))?;
        let result = use_it(client);
        if let Err(Failure::Trap(_)) = result {
            worker.client = None;
        }
        result
    })
}
