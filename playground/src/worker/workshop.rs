//! The worker that does tasks.

use std::cell::{Cell, RefCell};

use mote_models::progress::{Cancelled, Progress};
use wasm_bindgen::prelude::*;

use super::{BATCH_MILLIS, fail, parse, reply};
use crate::browser::now;
use crate::engine::Guests;
use crate::pipeline::{self, Listener, Product, Shelf};
use crate::protocol::{Failure, Job, Order, Reply};
use crate::search::News;
use crate::timed::Timed;

thread_local! {
    static SHELF: RefCell<Shelf> = RefCell::default();
}

/// Does the task of one message of the page.
pub async fn handle(message: JsValue) {
    let Some((order, buffers)) = parse::<Order>(&message) else { return };
    match work(&order, &buffers).await {
        Ok((product, buffers)) => reply(&Reply::Worked { job: order.job, product }, &buffers),
        Err(failure) => fail(Some(order.job), failure),
    }
}

async fn work(order: &Order, buffers: &[Vec<u8>]) -> Result<(Product, Vec<Vec<u8>>), Failure> {
    let guests = Guests::new(order.kernels).await.map_err(Failure::Page)?;
    let timed = Timed::for_task(&order.task).await?;
    let told = Told { job: order.job, last: Cell::default() };
    SHELF.with_borrow_mut(|shelf| pipeline::run_with(shelf, &guests, &order.task, buffers, &timed, &told))
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
