//! How the page's state changes: an event in, effects out. No browser is needed to run it.
//!
//! - `event`: what happens, and what follows.
//! - `loading`, `evaluating`, `scoring`: what the page does with the model that was chosen. Each feature's events are its own folder's.

mod evaluating;
mod event;
mod loading;
mod scoring;

use crate::bytes::Bytes;
use crate::protocol::{Failure, Job, Reply, Request};
use crate::relaxed::Wanted;
use crate::state::{Data, Evaluation, Live, Model, Source, State, Worker};
use crate::view::View;
use crate::workshop::{Outcome, Owner};
use crate::{pool, try_it};

pub use event::{Effect, Event};

impl State {
    /// Takes in an event and gives the effects that it asks for, to be done in order.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = self.happened(event);
        self.look_at_tasks();
        self.search_if_asked();
        effects.extend(self.workshop.next());
        effects
    }

    fn happened(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Started => self.start(),
            Event::Keep(event) => self.keeping(event),
            Event::Share(event) => self.sharing(event),
            Event::UpdateReady => {
                self.update_ready = true;
                Vec::new()
            }
            Event::UpdateTaken => vec![Effect::UseUpdate],
            Event::ViewOpened(view) => {
                self.view = view;
                // Nothing listens or looks where nobody sees that it does.
                let mut effects = if view == View::Try { Vec::new() } else { self.stop_sensing() };
                effects.extend(self.follow_in_view());
                effects
            }
            Event::ZooChosen(entry) => self.choose_zoo(entry),
            Event::ModelOpened { name, bytes } => {
                self.choose(Source { name, zoo: None, bytes: Some(bytes.into()), loadable: None })
            }
            Event::KernelsChosen(wanted) => {
                self.want(wanted);
                let mut effects = self.drop_evaluation();
                effects.extend(self.load());
                effects
            }
            Event::DataOpened { name, bytes } => {
                self.drop_dataset();
                self.use_data(Data::File { name, bytes: bytes.into() })
            }
            Event::FilesDropped(files) => match files.as_slice() {
                // Where one tries, a picture, a recording or a table is an input.
                [file] if self.view == View::Try && try_it::takes(&file.name) => self.give(file.clone()),
                _ => self.take_files(files),
            },
            Event::ZooDataChosen => {
                self.drop_dataset();
                self.use_data(Data::Zoo)
            }
            Event::EvaluateAsked => self.evaluate(),
            Event::CancelAsked => self.cancel(),
            Event::PenPressed(at) => {
                self.sketch.press(at);
                self.score()
            }
            Event::PenMoved(to) => {
                if self.sketch.drag(to) {
                    self.score()
                } else {
                    Vec::new()
                }
            }
            Event::PenLifted => {
                self.sketch.lift();
                self.drawn()
            }
            Event::SketchCleared => {
                self.sketch = Default::default();
                self.live = Live::default();
                Vec::new()
            }
            Event::Shrink(event) => self.shrinking(event),
            Event::Explore(event) => self.exploring(event),
            Event::Search(event) => self.searching(event),
            Event::Benchmark(event) => self.benchmarking(event),
            Event::Understand(event) => self.understanding(event),
            Event::Network(event) => {
                self.network_seen(event);
                Vec::new()
            }
            Event::Dataset(event) => self.preparing(event),
            Event::Try(event) => self.trying(event),
            Event::Learn(event) => self.learning(event),
            Event::Fetched { job, result } => self.fetched(job, result),
            Event::Replied { reply, buffers } => self.replied(reply, buffers),
            Event::WorkerDied(why) => self.replace_worker(why),
            Event::Helped { helper, reply } => self.helped(helper, reply),
            Event::HelperDied { helper, why } => self.helper_died(helper, why),
            Event::WorkshopDied(why) => match self.workshop.died() {
                Some((owner, job)) => self.work_ended(owner, job, Err(Failure::Trap(why))),
                None => Vec::new(),
            },
        }
    }

    pub(crate) fn next_job(&mut self) -> Job {
        self.last_job += 1;
        Job(self.last_job)
    }

    /// Chooses kernels, as far as this browser has told which it can run.
    pub(crate) fn want(&mut self, wanted: Wanted) {
        self.wanted = wanted;
        self.kernels = wanted.kernels(self.relaxed.unwrap_or_default());
    }

    fn fetched(&mut self, job: Job, result: Result<Vec<u8>, String>) -> Vec<Effect> {
        let loading = self.model == Model::Loading { job };
        let evaluating = self.is_evaluating(job);
        if self.dataset_fetched(job, &result) {
            return Vec::new();
        }
        if self.is_counting(job) {
            self.samples_fetched(result);
            return Vec::new();
        }
        if self.benchmark_fetched(job, &result) {
            return Vec::new();
        }
        match result.map(Bytes::from) {
            Ok(bytes) if loading => {
                if let Some(source) = &mut self.source {
                    source.bytes = Some(bytes);
                }
                self.hand_over(job)
            }
            Ok(bytes) if evaluating => self.share_out(job, bytes),
            Err(text) if loading => {
                self.model = Model::Refused(Failure::Page(text));
                Vec::new()
            }
            Err(text) if evaluating => self.end_evaluation(Evaluation::Failed(Failure::Page(text))),
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    fn replied(&mut self, reply: Reply, buffers: Vec<Vec<u8>>) -> Vec<Effect> {
        match reply {
            Reply::Probed { relaxed } => {
                let waited = self.relaxed.replace(relaxed).is_none();
                self.kernels = self.wanted.kernels(relaxed);
                if let Worker::Starting { after } = &mut self.worker {
                    self.worker = Worker::Ready { after: after.take() };
                }
                match self.model {
                    Model::Loading { job } if waited => self.hand_over(job),
                    Model::None | Model::Loading { .. } | Model::Ready { .. } | Model::Refused(_) => Vec::new(),
                }
            }
            Reply::Loaded { job, build, description } => {
                if self.model != (Model::Loading { job }) {
                    return Vec::new();
                }
                self.model = Model::Ready { build, description };
                if self.network.network.is_none() {
                    self.show_network();
                }
                let mut effects = self.score();
                self.pool.loaded(pool::OWN);
                effects.extend(self.share());
                effects.extend(self.count_samples());
                self.prepare_files();
                effects.extend(self.follow_in_view());
                effects
            }
            Reply::Ran { job } => self.scored(job, &buffers),
            Reply::Evaluated { job, answered } => self.samples_ran(pool::OWN, job, &answered),
            Reply::Timed { job, latency, more } => self.timed(job, latency, more),
            Reply::Working { job, stage, done, total } => {
                self.workshop.told(job, stage, done, total);
                Vec::new()
            }
            Reply::Found { job, news } => {
                self.search_news(job, *news);
                Vec::new()
            }
            Reply::Worked { job, product } => match self.workshop.ended(job, false) {
                Some(owner) => self.work_ended(owner, job, Ok((product, buffers))),
                None => Vec::new(),
            },
            Reply::Failed { job, failure } => self.failed(job, failure),
        }
    }

    /// A task ended: its owner goes on.
    fn work_ended(&mut self, owner: Owner, job: Job, outcome: Outcome) -> Vec<Effect> {
        match owner {
            Owner::Network => {
                self.network_made(job, outcome);
                Vec::new()
            }
            Owner::Dataset => self.prepared(job, outcome),
            Owner::Import => self.imported(job, outcome),
            Owner::Survey => self.surveyed(job, outcome),
            Owner::Shrink => self.shrunk(job, outcome),
            Owner::Recipe => self.recipe_read(job, outcome),
            Owner::TakeAway => self.taken(job, outcome),
            Owner::Understand => {
                self.understood(job, outcome);
                Vec::new()
            }
            Owner::Search => {
                self.searched(job, outcome);
                Vec::new()
            }
            Owner::Benchmark => self.benchmarked(job, outcome),
            Owner::Try => self.answered(job, outcome),
        }
    }

    fn failed(&mut self, job: Option<Job>, failure: Failure) -> Vec<Effect> {
        // After a trap what comes next gets a fresh worker: this one's guest may be broken.
        let broken = matches!(failure, Failure::Trap(_));
        if let Some((job, owner)) = job.and_then(|job| Some((job, self.workshop.ended(job, broken)?))) {
            return self.work_ended(owner, job, Err(failure));
        }
        if let Failure::Trap(why) = &failure {
            return self.replace_worker(why.clone());
        }
        let Some(job) = job else {
            self.worker = Worker::Dead { why: failure.to_string() };
            return Vec::new();
        };
        if self.model == (Model::Loading { job }) {
            self.model = Model::Refused(failure.clone());
            return self.fail_evaluation(failure);
        }
        if self.is_evaluating(job) {
            return self.end_evaluation(Evaluation::Failed(failure));
        }
        if self.live.running == Some(job) {
            self.live = Live { failure: Some(failure), ..Live::default() };
        }
        Vec::new()
    }

    /// What was under way has failed, except an evaluation, which goes on with the fresh worker. A model that was ready is loaded
    /// again; one that was being loaded is not, since it may be what killed the worker.
    fn replace_worker(&mut self, why: String) -> Vec<Effect> {
        let mut effects = match self.pool.died(pool::OWN) && matches!(self.model, Model::Ready { .. }) {
            true => Vec::new(),
            false => self.fail_evaluation(Failure::Trap(why.clone())),
        };
        self.live = Live::default();
        if matches!(self.worker, Worker::Starting { .. } | Worker::Dead { .. }) {
            self.model = Model::Refused(Failure::Trap(why.clone()));
            effects.extend(self.fail_evaluation(Failure::Trap(why.clone())));
            self.worker = Worker::Dead { why };
            return effects;
        }
        effects.extend([Effect::ReplaceWorker, post(Request::Probe, Vec::new())]);
        match &self.model {
            Model::Loading { .. } => self.model = Model::Refused(Failure::Trap(why.clone())),
            Model::Ready { .. } => effects.extend(self.load()),
            Model::None | Model::Refused(_) => {}
        }
        self.worker = Worker::Starting { after: Some(why) };
        effects
    }
}

fn post(request: Request, buffers: Vec<Bytes>) -> Effect {
    Effect::Post { request, buffers }
}

#[cfg(test)]
mod tests;
