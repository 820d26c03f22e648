//! The evaluation of the model that is ready: asked for, under way, given up.

use super::{Effect, post};
use crate::protocol::{Failure, Job, Request};
use crate::state::{Data, Evaluation, State};
use crate::zoo;

impl State {
    /// The results of an evaluation stand for one model, its kernels and its data.
    pub(super) fn drop_evaluation(&mut self) -> Vec<Effect> {
        let effects = self.cancel();
        self.evaluation = Evaluation::Idle;
        effects
    }

    pub(super) fn evaluate(&mut self) -> Vec<Effect> {
        if !self.can_evaluate() {
            return Vec::new();
        }
        let job = self.next_job();
        let zoo = self.source.as_ref().and_then(|source| zoo::ENTRIES.get(source.zoo?));
        let effect = match (&self.data, zoo) {
            (Data::File { bytes, .. }, _) if bytes.is_empty() => {
                self.evaluation = match self.dataset.failure() {
                    Some(failure) => Evaluation::Failed(failure.clone()),
                    // It begins when they are ready.
                    None => Evaluation::Running { job, done: 0, total: 0, right: 0 },
                };
                return Vec::new();
            }
            (Data::File { bytes, .. }, _) => post(Request::Evaluate { job }, vec![bytes.clone()]),
            (Data::Zoo, Some(entry)) => Effect::Fetch { job, path: entry.data },
            (Data::Zoo, None) => {
                let text = "this model comes without samples: open some";
                self.evaluation = Evaluation::Failed(Failure::Data(text.into()));
                return Vec::new();
            }
        };
        self.evaluation = Evaluation::Running { job, done: 0, total: 0, right: 0 };
        vec![effect]
    }

    pub(super) fn cancel(&mut self) -> Vec<Effect> {
        match self.evaluation {
            Evaluation::Running { job, done, .. } => {
                self.evaluation = Evaluation::Cancelled { done };
                vec![post(Request::Cancel { job }, Vec::new())]
            }
            Evaluation::Idle | Evaluation::Cancelled { .. } | Evaluation::Done(_) | Evaluation::Failed(_) => Vec::new(),
        }
    }

    pub(super) fn is_evaluating(&self, job: Job) -> bool {
        matches!(self.evaluation, Evaluation::Running { job: current, .. } if current == job)
    }
}
