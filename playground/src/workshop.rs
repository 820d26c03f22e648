//! Tasks on their way through the one worker that does them: a queue, one task at a time, each with an owner who hears its end.
//!
//! ```text
//! enqueue -> waiting ... -> running -> Outcome -> its owner
//!               | cancel       | cancel, death: the worker is ended, the next task gets a fresh one
//!             dropped        dropped; a death is an Outcome in words
//! ```
//!
//! A task that is cancelled ends without a word to its owner, who is the one that cancels. Whoever has more to do when a task ends
//! enqueues that, and it takes its turn.

use std::collections::VecDeque;

use crate::bytes::Bytes;
use crate::pipeline::{Product, Task};
use crate::protocol::{Failure, Job, Order};
use crate::state::State;
use crate::update::Effect;

/// Who asked for a task, and hears of its end in [`State::update`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The network is drawn.
    Network,
    /// Samples are prepared.
    Dataset,
    /// A model is imported, to be loaded.
    Import,
    /// The samples that variants are made by are counted.
    Survey,
    /// A variant is made and judged.
    Shrink,
    /// A variant is compared with the original.
    Understand,
    /// The best model is searched for.
    Search,
    /// A model is timed in this browser.
    Benchmark,
    /// Models answer what the user gives them.
    Try,
    /// A recipe's file is read.
    Recipe,
    /// A file to be taken away is written.
    TakeAway,
}

/// How a task ended: with its product and the product's buffers, or not.
pub type Outcome = Result<(Product, Vec<Vec<u8>>), Failure>;

/// Where a task is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It waits for others to end.
    Waiting {
        /// How many.
        before: usize,
    },
    /// It is done now.
    Running {
        /// What it is at, in the words of who does it; empty until told.
        stage: String,
        /// Parts of the stage that are done.
        done: usize,
        /// All of them; 0 until told.
        total: usize,
    },
}

/// The queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Workshop {
    waiting: VecDeque<Waiting>,
    running: Option<Running>,
    /// The worker is at something that nobody waits for, or broken.
    end_worker: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Waiting {
    owner: Owner,
    order: Order,
    buffers: Vec<Bytes>,
}

#[derive(Debug, Clone, PartialEq)]
struct Running {
    owner: Owner,
    job: Job,
    stage: String,
    done: usize,
    total: usize,
}

impl Workshop {
    /// Where a task is; none for one that is not here, or not any more.
    #[must_use]
    pub fn place(&self, job: Job) -> Option<Place> {
        match &self.running {
            Some(Running { job: running, stage, done, total, .. }) if *running == job => {
                Some(Place::Running { stage: stage.clone(), done: *done, total: *total })
            }
            running => {
                let before = self.waiting.iter().position(|waiting| waiting.order.job == job)?;
                Some(Place::Waiting { before: before + usize::from(running.is_some()) })
            }
        }
    }

    /// Tasks that wait or are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len() + usize::from(self.running.is_some())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in how far a task is.
    pub(crate) fn told(&mut self, job: Job, stage: String, done: usize, total: usize) {
        if let Some(running) = self.running.as_mut().filter(|running| running.job == job) {
            *running = Running { stage, done, total, ..*running };
        }
    }

    /// Takes in that a task ended; its owner, unless it was given up before.
    pub(crate) fn ended(&mut self, job: Job, broken: bool) -> Option<Owner> {
        let running = self.running.take_if(|running| running.job == job)?;
        self.end_worker |= broken;
        Some(running.owner)
    }

    /// Takes in that the worker died; the task that died with it.
    pub(crate) fn died(&mut self) -> Option<(Owner, Job)> {
        self.end_worker = true;
        self.running.take().map(|running| (running.owner, running.job))
    }

    /// What is to be done about the queue after an event.
    pub(crate) fn next(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if std::mem::take(&mut self.end_worker) {
            effects.push(Effect::StopWork);
        }
        if self.running.is_none()
            && let Some(Waiting { owner, order, buffers }) = self.waiting.pop_front()
        {
            self.running = Some(Running { owner, job: order.job, stage: String::new(), done: 0, total: 0 });
            effects.push(Effect::Work { order, buffers });
        }
        effects
    }
}

impl State {
    /// Puts a task at the queue's end, to be done with the kernels that are chosen now.
    pub(crate) fn enqueue(&mut self, owner: Owner, task: Task, buffers: Vec<Bytes>) -> Job {
        let job = self.next_job();
        let order = Order { job, kernels: self.kernels, task };
        self.workshop.waiting.push_back(Waiting { owner, order, buffers });
        job
    }

    /// Gives up a task. One that is under way ends with its worker; one that has ended already is nobody's loss.
    pub(crate) fn cancel_work(&mut self, job: Job) {
        self.workshop.waiting.retain(|waiting| waiting.order.job != job);
        self.workshop.end_worker |= self.workshop.running.take_if(|running| running.job == job).is_some();
    }
}

#[cfg(test)]
mod tests;
