//! The evaluation of the model that is ready: asked for, shared among runners, given up.

use super::Effect;
use crate::bytes::Bytes;
use crate::evaluation::Answered;
use crate::latency::Latency;
use crate::protocol::{Failure, Job, Reply};
use crate::report::Report;
use crate::state::{Data, Evaluation, Model, State, Worker};
use crate::zoo;

impl State {
    /// The results of an evaluation stand for one model, its kernels and its data.
    pub(super) fn drop_evaluation(&mut self) -> Vec<Effect> {
        self.end_evaluation(Evaluation::Idle)
    }

    pub(super) fn evaluate(&mut self) -> Vec<Effect> {
        if !self.can_evaluate() {
            return Vec::new();
        }
        let job = self.next_job();
        self.evaluation = Evaluation::Running { job, done: 0, total: 0, right: 0 };
        let zoo = self.source.as_ref().and_then(|source| zoo::ENTRIES.get(source.zoo?));
        match (&self.data, zoo) {
            (Data::File { bytes, .. }, _) if bytes.is_empty() => {
                // It begins when they are ready.
                if let Some(failure) = self.dataset.failure() {
                    self.evaluation = Evaluation::Failed(failure.clone());
                }
                Vec::new()
            }
            (Data::File { bytes, .. }, _) => {
                let archive = bytes.clone();
                self.share_out(job, archive)
            }
            (Data::Zoo, Some(entry)) => vec![Effect::Fetch { job, path: entry.data }],
            (Data::Zoo, None) => {
                let text = "this model comes without samples: open some";
                self.evaluation = Evaluation::Failed(Failure::Data(text.into()));
                Vec::new()
            }
        }
    }

    /// The samples are here.
    pub(crate) fn share_out(&mut self, job: Job, archive: Bytes) -> Vec<Effect> {
        self.pool.begin(job, archive, matches!(self.model, Model::Ready { .. }));
        self.share()
    }

    /// Gives the runners something to do.
    pub(super) fn share(&mut self) -> Vec<Effect> {
        let model = self.source.as_ref().and_then(|source| source.loadable.as_ref());
        self.pool.next(self.kernels, model)
    }

    /// Some samples have run.
    pub(super) fn samples_ran(&mut self, runner: usize, job: Job, answered: &Answered) -> Vec<Effect> {
        if !self.is_evaluating(job) {
            return Vec::new();
        }
        self.pool.answered(runner, answered);
        if let Some(confusion) = self.pool.confusion() {
            let done = usize::try_from(confusion.total()).unwrap_or(usize::MAX);
            self.evaluation = Evaluation::Running { job, done, total: self.pool.total(), right: confusion.right() };
        }
        self.share()
    }

    /// Some runs were timed, after all samples have run.
    pub(super) fn timed(&mut self, job: Job, latency: Option<Latency>, more: bool) -> Vec<Effect> {
        if !self.is_evaluating(job) {
            return Vec::new();
        }
        self.pool.timed();
        match self.pool.confusion().cloned() {
            Some(confusion) if !more => self.end_evaluation(Evaluation::Done(Report { confusion, latency })),
            Some(_) | None => self.share(),
        }
    }

    /// A helper answered.
    pub(super) fn helped(&mut self, helper: usize, reply: Reply) -> Vec<Effect> {
        match reply {
            Reply::Loaded { .. } => {
                self.pool.loaded(helper);
                self.share()
            }
            Reply::Evaluated { job, answered } => self.samples_ran(helper, job, &answered),
            Reply::Failed { failure: Failure::Trap(why), .. } => self.helper_died(helper, why),
            Reply::Failed { failure, .. } => {
                if self.pool.cannot_load(helper) {
                    return vec![Effect::EndHelper(helper)];
                }
                self.end_evaluation(Evaluation::Failed(failure))
            }
            Reply::Probed { .. }
            | Reply::Ran { .. }
            | Reply::Timed { .. }
            | Reply::Working { .. }
            | Reply::Found { .. }
            | Reply::Worked { .. } => Vec::new(),
        }
    }

    /// A helper died: another one does its share, unless too many did.
    pub(super) fn helper_died(&mut self, helper: usize, why: String) -> Vec<Effect> {
        let mut effects = vec![Effect::EndHelper(helper)];
        if let Worker::Ready { after } = &mut self.worker {
            *after = Some(why.clone());
        }
        effects.extend(match self.pool.died(helper) {
            true => self.share(),
            false => self.end_evaluation(Evaluation::Failed(Failure::Trap(why))),
        });
        effects
    }

    pub(super) fn cancel(&mut self) -> Vec<Effect> {
        match self.evaluation {
            Evaluation::Running { done, .. } => self.end_evaluation(Evaluation::Cancelled { done }),
            Evaluation::Idle | Evaluation::Cancelled { .. } | Evaluation::Done(_) | Evaluation::Failed(_) => Vec::new(),
        }
    }

    /// Ends the evaluation that is under way because of something else that failed.
    pub(super) fn fail_evaluation(&mut self, failure: Failure) -> Vec<Effect> {
        match self.evaluation {
            Evaluation::Running { .. } => self.end_evaluation(Evaluation::Failed(failure)),
            Evaluation::Idle | Evaluation::Cancelled { .. } | Evaluation::Done(_) | Evaluation::Failed(_) => Vec::new(),
        }
    }

    pub(super) fn end_evaluation(&mut self, end: Evaluation) -> Vec<Effect> {
        self.evaluation = end;
        self.pool.end()
    }

    pub(super) fn is_evaluating(&self, job: Job) -> bool {
        matches!(self.evaluation, Evaluation::Running { job: current, .. } if current == job)
    }
}
