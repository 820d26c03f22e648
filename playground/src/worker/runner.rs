//! The worker that has a guest with a model in it.

use std::cell::RefCell;

use mote_abi::Client;
use wasm_bindgen::prelude::*;

use super::{fail, parse, reply};
use crate::browser::now;
use crate::engine::Guest;
use crate::evaluation::{Evaluation, run_once};
use crate::protocol::{Failure, Job, Kernels, Reply, Request};
use crate::timed;

#[derive(Default)]
struct Worker {
    client: Option<Client<Guest>>,
    /// The evaluation whose samples are here, until it is over or another model comes.
    evaluation: Option<(Job, Evaluation)>,
}

thread_local! {
    static WORKER: RefCell<Worker> = RefCell::default();
}

/// Handles one message of the page. It has been handled when the future ends.
pub async fn handle(message: JsValue) {
    let Some((request, buffers)) = parse::<Request>(&message) else { return };
    match request {
        Request::Probe => reply(&Reply::Probed { relaxed: timed::relaxed().await }, &[]),
        Request::Load { job, kernels } => answer(job, load(job, kernels, &buffers).await),
        Request::Run { job } => match with_worker(|client, _| Ok(run_once(client, &buffers)?)) {
            Ok(outputs) => reply(&Reply::Ran { job }, &outputs),
            Err(failure) => fail(Some(job), failure),
        },
        Request::Evaluate { job, part } => answer(
            job,
            with_evaluation(job, &buffers, |client, evaluation| {
                Ok(Reply::Evaluated { job, answered: evaluation.run(client, part, now)? })
            }),
        ),
        Request::Time { job } => answer(
            job,
            with_evaluation(job, &buffers, |client, evaluation| {
                let more = evaluation.time(client, now)?;
                Ok(Reply::Timed { job, latency: evaluation.latency(), more })
            }),
        ),
        Request::Forget { job } => WORKER.with_borrow_mut(|worker| {
            worker.evaluation.take_if(|(known, _)| *known == job);
        }),
    }
}

fn answer(job: Job, outcome: Result<Reply, Failure>) {
    match outcome {
        Ok(done) => reply(&done, &[]),
        Err(failure) => fail(Some(job), failure),
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

/// Uses the loaded model and the samples of an evaluation, which come with the first request of it.
fn with_evaluation<T>(
    job: Job,
    buffers: &[Vec<u8>],
    use_it: impl FnOnce(&mut Client<Guest>, &mut Evaluation) -> Result<T, Failure>,
) -> Result<T, Failure> {
    with_worker(|client, known| {
        if let [npz] = buffers {
            *known = Some((job, Evaluation::new(client.description(), npz)?));
        }
        match known {
            Some((of, evaluation)) if *of == job => use_it(client, evaluation),
            Some(_) | None => Err(Failure::Page("the samples of this evaluation are not here".into())),
        }
    })
}

/// Uses the loaded model. After a trap the instance is thrown away.
fn with_worker<T>(
    use_it: impl FnOnce(&mut Client<Guest>, &mut Option<(Job, Evaluation)>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    WORKER.with_borrow_mut(|worker| {
        let client = worker.client.as_mut().ok_or_else(|| Failure::Page("no model is loaded".into()))?;
        let result = use_it(client, &mut worker.evaluation);
        if let Err(Failure::Trap(_)) = result {
            worker.client = None;
        }
        result
    })
}
