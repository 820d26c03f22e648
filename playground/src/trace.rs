//! How far the page has come since it was opened, as marks in the browser's own timeline: a student sees them beside what the browser
//! did meanwhile, in its performance tools. Nothing of it leaves the page.

use crate::state::{Evaluation, Model, State, Worker};

/// What a page comes to on its way to its first result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// Its first view is there.
    Shown,
    /// The worker in which guests run answers.
    WorkerReady,
    /// A guest has a model in it.
    ModelReady,
    /// An evaluation was asked for.
    EvaluationAsked,
    /// Its result is there.
    Evaluated,
}

impl Milestone {
    /// All of them, in the order in which they are passed.
    pub const ALL: [Milestone; 5] = [
        Milestone::Shown,
        Milestone::WorkerReady,
        Milestone::ModelReady,
        Milestone::EvaluationAsked,
        Milestone::Evaluated,
    ];

    /// Its mark. `static/offline.js` waits for that of the model.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Milestone::Shown => "mote: page shown",
            Milestone::WorkerReady => "mote: worker ready",
            Milestone::ModelReady => "mote: model ready",
            Milestone::EvaluationAsked => "mote: evaluation asked for",
            Milestone::Evaluated => "mote: evaluated",
        }
    }

    fn is_passed(self, state: &State) -> bool {
        match self {
            Milestone::Shown => true,
            Milestone::WorkerReady => matches!(state.worker, Worker::Ready { .. }),
            Milestone::ModelReady => matches!(state.model, Model::Ready { .. }),
            Milestone::EvaluationAsked => matches!(state.evaluation, Evaluation::Running { .. }),
            Milestone::Evaluated => matches!(state.evaluation, Evaluation::Done(_)),
        }
    }
}

/// The milestones that were passed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace(Vec<Milestone>);

impl Trace {
    /// Those that are passed for the first time, now that the page is in this state.
    pub fn follow(&mut self, state: &State) -> Vec<Milestone> {
        let first = |milestone: &Milestone| !self.0.contains(milestone) && milestone.is_passed(state);
        let passed: Vec<_> = Milestone::ALL.into_iter().filter(first).collect();
        self.0.extend(&passed);
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Job;

    #[test]
    fn each_milestone_is_passed_once() {
        let (mut trace, mut state) = (Trace::default(), State::default());
        assert_eq!(trace.follow(&state), [Milestone::Shown]);
        assert_eq!(trace.follow(&state), []);
        state.worker = Worker::Ready { after: None };
        state.evaluation = Evaluation::Running { job: Job(1), done: 0, total: 0, right: 0 };
        assert_eq!(trace.follow(&state), [Milestone::WorkerReady, Milestone::EvaluationAsked]);
        state.worker = Worker::Starting { after: Some("a trap".into()) };
        assert_eq!(trace.follow(&state), []);
        state.worker = Worker::Ready { after: Some("a trap".into()) };
        assert_eq!(trace.follow(&state), [], "a worker in place of another is no milestone");
    }
}
