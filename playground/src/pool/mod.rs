//! An evaluation on its way through several runners, each of them a worker with a guest and the model of its own.
//!
//! ```text
//! all samples -> the page's own runner -> slices of time -> how long would the rest take? -> helpers, where their start pays
//! rest -> a share for each runner that is free -> what it reached in a slice of time -> counts, added up
//!   ^-- what it did not reach; all that a runner had that died
//! no rest, and nobody at work -> the helpers go -> the own runner is timed, alone -> report
//! ```
//!
//! Each sample is counted once, whoever ran it, and counts are whole numbers: the result is the same however many runners there are.

use mote_models::metrics::ConfusionMatrix;

use crate::bytes::Bytes;
use crate::evaluation::{Answered, Part};
use crate::protocol::{Job, Kernels, Request};
use crate::update::Effect;

/// Most runners of one evaluation. Each holds a guest, the model and all samples.
const MOST_RUNNERS: usize = 4;

/// What a helper costs before it helps: it starts, compiles the guest and reads the samples. One more comes where that leaves each
/// runner with more work than this, in milliseconds.
const WORTH_MILLIS: f64 = 250.0;

/// Slices of the own runner after which its pace counts: in the first one its engine still compiles the guest.
const WARM: usize = 2;

/// Deaths that an evaluation bears. What dies more often dies of the model or its samples.
const DEATHS: usize = 2;

/// The page's own runner, which has the model in any case. Those after it are helpers.
pub(crate) const OWN: usize = 0;

/// The runners, and the evaluation that they share.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    most: usize,
    shared: Option<Shared>,
}

/// An evaluation under way.
#[derive(Debug, Clone, PartialEq)]
struct Shared {
    job: Job,
    archive: Bytes,
    /// All samples; 0 until a runner has told.
    total: usize,
    /// Samples that nobody has.
    rest: Vec<Part>,
    runners: Vec<Runner>,
    confusion: ConfusionMatrix,
    /// Slices that the own runner has done.
    slices: usize,
    deaths: usize,
}

/// What a runner is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    /// A helper that is to be started.
    Wanted,
    /// It gets the model.
    Loading,
    /// It has nothing to do.
    Free {
        /// Whether it has the samples.
        informed: bool,
    },
    /// It runs samples.
    At(Part),
    /// It is timed.
    Timed,
    /// A helper that cannot help.
    Useless,
}

impl Default for Pool {
    fn default() -> Self {
        Self::of_cores(1)
    }
}

impl Pool {
    /// For a browser that runs so many threads at once.
    #[must_use]
    pub fn of_cores(cores: usize) -> Self {
        Self { most: cores.clamp(1, MOST_RUNNERS), shared: None }
    }

    /// Runners that have something to do.
    #[must_use]
    pub fn at_work(&self) -> usize {
        let busy = |runner: &&Runner| matches!(runner, Runner::At(_) | Runner::Timed);
        self.shared.iter().flat_map(|shared| &shared.runners).filter(busy).count()
    }

    /// The labels of samples that have run, against what was predicted; none without an evaluation.
    #[must_use]
    pub fn confusion(&self) -> Option<&ConfusionMatrix> {
        self.shared.as_ref().map(|shared| &shared.confusion)
    }

    /// All samples; 0 until known.
    #[must_use]
    pub fn total(&self) -> usize {
        self.shared.as_ref().map_or(0, |shared| shared.total)
    }

    /// Begins an evaluation; the own runner has its model, or gets it.
    pub(crate) fn begin(&mut self, job: Job, archive: Bytes, has_model: bool) {
        let own = if has_model { Runner::Free { informed: false } } else { Runner::Loading };
        self.shared = Some(Shared {
            job,
            archive,
            total: 0,
            rest: vec![Part::ALL],
            runners: vec![own],
            confusion: ConfusionMatrix::new(0),
            slices: 0,
            deaths: 0,
        });
    }

    /// Takes in that a runner has the model. The own one is number 0, helpers are numbered from 1 on.
    pub(crate) fn loaded(&mut self, runner: usize) {
        if let Some(at @ Runner::Loading) = self.runner(runner) {
            *at = Runner::Free { informed: false };
        }
    }

    /// Takes in what a runner has done of its share.
    pub(crate) fn answered(&mut self, runner: usize, answered: &Answered) {
        let Some(at @ &mut Runner::At(part)) = self.runner(runner) else { return };
        *at = Runner::Free { informed: true };
        if let Some(shared) = &mut self.shared {
            shared.total = answered.total;
            for &(label, class, samples) in &answered.counts {
                shared.confusion.add_many(label, class, samples);
            }
            let left = Part { from: answered.part.end, end: part.end.min(answered.total) };
            shared.rest.extend((!left.is_empty()).then_some(left));
            if runner == OWN {
                shared.slices += 1;
                shared.recruit(self.most, answered);
            }
        }
    }

    /// Takes in that the own runner was timed for a while.
    pub(crate) fn timed(&mut self) {
        if let Some(at @ Runner::Timed) = self.runner(OWN) {
            *at = Runner::Free { informed: true };
        }
    }

    /// Takes in that a runner died, and that another one comes in its place; whether the evaluation bears it. What it had is for others.
    pub(crate) fn died(&mut self, runner: usize) -> bool {
        let fresh = if runner == OWN { Runner::Loading } else { Runner::Wanted };
        let Some(at) = self.runner(runner).map(|at| std::mem::replace(at, fresh)) else { return true };
        let Some(shared) = &mut self.shared else { return true };
        match at {
            Runner::At(part) => shared.rest.push(part),
            Runner::Wanted | Runner::Loading | Runner::Free { .. } | Runner::Timed | Runner::Useless => {}
        }
        shared.deaths += 1;
        shared.deaths <= DEATHS
    }

    /// Takes in that something failed in a helper, and says whether it was the load of its model: the others go on without it.
    pub(crate) fn cannot_load(&mut self, helper: usize) -> bool {
        match self.runner(helper) {
            Some(at @ Runner::Loading) => {
                *at = Runner::Useless;
                true
            }
            Some(_) | None => false,
        }
    }

    /// What is to be done after an event. `model` is what guests load.
    pub(crate) fn next(&mut self, kernels: Kernels, model: Option<&Bytes>) -> Vec<Effect> {
        let Some(shared) = &mut self.shared else { return Vec::new() };
        let mut effects = Vec::new();
        let (job, sharers) = (shared.job, shared.runners.len());
        for (number, runner) in shared.runners.iter_mut().enumerate() {
            match *runner {
                Runner::Wanted => {
                    let buffers = model.cloned().into_iter().collect();
                    effects.push(send(number, Request::Load { job, kernels }, buffers));
                    *runner = Runner::Loading;
                }
                Runner::Free { informed } => {
                    let Some(part) = take(&mut shared.rest, sharers) else { continue };
                    let buffers = if informed { Vec::new() } else { vec![shared.archive.clone()] };
                    effects.push(send(number, Request::Evaluate { job, part }, buffers));
                    *runner = Runner::At(part);
                }
                Runner::Loading | Runner::At(_) | Runner::Timed | Runner::Useless => {}
            }
        }
        let is_free = |runner: &Runner| !matches!(runner, Runner::At(_) | Runner::Timed);
        if shared.rest.is_empty() && shared.runners.iter().all(is_free) {
            effects.extend((OWN + 1..shared.runners.len()).map(Effect::EndHelper));
            shared.runners.truncate(OWN + 1);
            if let Some(own @ &mut Runner::Free { informed }) = shared.runners.first_mut() {
                let buffers = if informed { Vec::new() } else { vec![shared.archive.clone()] };
                effects.push(send(OWN, Request::Time { job }, buffers));
                *own = Runner::Timed;
            }
        }
        effects
    }

    /// Ends the evaluation, at its end or before: its helpers go, and its samples.
    pub(crate) fn end(&mut self) -> Vec<Effect> {
        let Some(Shared { job, runners, .. }) = self.shared.take() else { return Vec::new() };
        let helpers = (OWN + 1..runners.len()).map(Effect::EndHelper);
        helpers.chain([send(OWN, Request::Forget { job }, Vec::new())]).collect()
    }

    fn runner(&mut self, number: usize) -> Option<&mut Runner> {
        self.shared.as_mut()?.runners.get_mut(number)
    }
}

impl Shared {
    /// Asks for helpers, as many as pay for what is left.
    fn recruit(&mut self, most: usize, answered: &Answered) {
        let ran = answered.part.len();
        let left = self.total.saturating_sub(usize::try_from(self.confusion.total()).unwrap_or(usize::MAX));
        if ran == 0 || self.slices < WARM {
            return;
        }
        let millis = answered.millis / ran as f64 * left as f64;
        while self.runners.len() < most.min(left) && millis > WORTH_MILLIS * (self.runners.len() + 1) as f64 {
            self.runners.push(Runner::Wanted);
        }
    }
}

fn send(runner: usize, request: Request, buffers: Vec<Bytes>) -> Effect {
    match runner {
        OWN => Effect::Post { request, buffers },
        helper => Effect::Help { helper, request, buffers },
    }
}

/// A share of what is left, for one of so many: at least one sample, where there is one.
fn take(rest: &mut Vec<Part>, sharers: usize) -> Option<Part> {
    let left = rest.iter().fold(0usize, |sum, part| sum.saturating_add(part.len()));
    let part = rest.pop()?;
    let share = left.div_ceil(sharers.max(1));
    if part.len() <= share {
        return Some(part);
    }
    let end = part.from + share;
    rest.push(Part { from: end, ..part });
    Some(Part { end, ..part })
}

#[cfg(test)]
mod tests;
