//! The worker's side: one request in, replies out. `static/worker.js` hands requests over one after the other.

use std::cell::{Cell, RefCell};

use js_sys::Promise;
use mote_abi::Client;
use mote_models::progress::{Cancelled, Progress};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::DedicatedWorkerGlobalScope;

use crate::browser::{self, now};
use crate::engine::{Guest, Guests};
use crate::evaluation::{Evaluation, run_once};
use crate::pipeline::{self, Listener, Product};
use crate::protocol::{Failure, Job, Kernels, Order, Reply, Request};
use crate::search::News;
use crate::timed::{self, Timed};

/// An evaluation gives way to other messages, a cancel for instance, and long work reports its progress this often.
const BATCH_MILLIS: f64 = 40.0;

#[derive(Default)]
struct Worker {
    client: Option<Client<Guest>>,
    /// The evaluation that may go on; another load, another evaluation or a cancel takes it away.
    evaluating: Option<Job>,
}

thread_local! {
    static WORKER: RefCell<Worker> = RefCell::default();
}

/// Prepares a worker: a panic of the bundle is told in the console before it ends the worker.
#[wasm_bindgen]
pub fn start_worker() {
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
}

/// Handles one message of the page. It has been handled when the promise resolves, except that an evaluation goes on.
#[wasm_bindgen]
pub async fn handle_message(message: JsValue) {
    let unknown = || fail(None, Failure::Page("the worker was sent a message that it does not know".into()));
    let Some((json, buffers)) = browser::parts(&message) else { return unknown() };
    if let Ok(order) = serde_json::from_str(&json) {
        return match work(&order, &buffers).await {
            Ok((product, buffers)) => reply(&Reply::Worked { job: order.job, product }, &buffers),
            Err(failure) => fail(Some(order.job), failure),
        };
    }
    let Ok(request) = serde_json::from_str(&json) else { return unknown() };
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

async fn work(order: &Order, buffers: &[Vec<u8>]) -> Result<(Product, Vec<Vec<u8>>), Failure> {
    let guests = Guests::new(order.kernels).await.map_err(Failure::Page)?;
    let timed = Timed::for_task(&order.task).await?;
    pipeline::run(&guests, &order.task, buffers, &timed, &Told { job: order.job, last: Cell::default() })
}

/// Tells the page how far a task is. Messages leave while the worker is busy; none arrive.
struct Told {
    job: Job,
    /// When the last message left.
    last: Cell<f64>,
}

impl Progress for Told {
    fn at(&self, stage: &str, done: usize, total: usize) -> Result<(), Cancelled> {
        let now = now();
        if now - self.last.get() >= BATCH_MILLIS {
            self.last.set(now);
            reply(&Reply::Working { job: self.job, stage: stage.into(), done, total }, &[]);
        }
        Ok(())
    }
}

impl Listener for Told {
    fn found(&self, news: News) {
        reply(&Reply::Found { job: self.job, news: Box::new(news) }, &[]);
    }
}

async fn load(job: Job, kernels: Kernels, buffers: &[Vec<u8>]) -> Result<Reply, Failure> {
    WORKER.with_borrow_mut(|worker| *worker = Worker::default());
    let [model] = buffers else { return Err(Failure::Page("load takes one buffer, the model".into())) };
    let guest = Guest::new(kernels).await.map_err(Failure::Page)?;
    let mut client = Client::load(guest, &pipeline::loadable(model)?, kernels.reference())?;
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

/// Lets messages in that have arrived.
async fn next_task() {
    let promise = Promise::new(&mut |resolve, _| {
        scope().set_timeout_with_callback(&resolve).expect("a worker has timers");
    });
    // A timer's promise never rejects.
    let _ = JsFuture::from(promise).await;
}
