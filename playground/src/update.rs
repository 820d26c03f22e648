//! How the page's state changes: an event in, effects out. No browser is needed to run it.

use mote_models::data::Array;
use mote_models::import;
use mote_models::samples::{Inputs, outputs};

use crate::bytes::Bytes;
use crate::pipeline::{Product, Task};
use crate::protocol::{Failure, Job, Order, Reply, Request};
use crate::relaxed::Wanted;
use crate::sketch::{FULL, Point, SIDE};
use crate::state::{Data, Evaluation, Live, Model, Source, State, Worker};
use crate::view::View;
use crate::workshop::{Outcome, Owner};
use crate::{benchmark, dataset, explore, keep, learn, network, search, share, shrink, try_it, understand, zoo};

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The page and its worker were started.
    Started,
    /// The user went to a view.
    ViewOpened(View),
    /// The user chose a model of the zoo.
    ZooChosen(usize),
    /// The user opened a model file.
    ModelOpened {
        /// The file's name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The user wants other kernels.
    KernelsChosen(Wanted),
    /// An archive of samples as the model takes them is there. Files as their owners have them are [`dataset::Event::Opened`].
    DataOpened {
        /// The file's name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The user dropped files on the page: models, samples, or both.
    FilesDropped(Vec<dataset::File>),
    /// The user went back to the zoo's samples.
    ZooDataChosen,
    /// The user asked for an evaluation.
    EvaluateAsked,
    /// The user stopped it.
    CancelAsked,
    /// The pen went down.
    PenPressed(Point),
    /// The pen moved, down or not.
    PenMoved(Point),
    /// The pen went up.
    PenLifted,
    /// The user cleared the drawing.
    SketchCleared,
    /// About smaller variants.
    Shrink(shrink::Event),
    /// About why one answers otherwise.
    Understand(understand::Event),
    /// About everything that was tried.
    Explore(explore::Event),
    /// About the search for the best model.
    Search(search::Event),
    /// About the benchmark.
    Benchmark(benchmark::Event),
    /// About trying the model by hand.
    Try(try_it::Event),
    /// About the drawer beside the views.
    Learn(learn::Event),
    /// About the network that is shown.
    Network(network::Event),
    /// About samples of the user's.
    Dataset(dataset::Event),
    /// About work that is kept for the next visit.
    Keep(keep::Event),
    /// About links to experiments.
    Share(share::Event),
    /// Another version of the page is here.
    UpdateReady,
    /// The user wants it now.
    UpdateTaken,
    /// A file of the page arrived, or did not.
    Fetched {
        /// The job that it was for.
        job: Job,
        /// Its bytes, or why there are none.
        result: Result<Vec<u8>, String>,
    },
    /// The worker answered.
    Replied {
        /// What.
        reply: Reply,
        /// The buffers that came with it.
        buffers: Vec<Vec<u8>>,
    },
    /// The worker died.
    WorkerDied(String),
    /// The worker that does tasks died.
    WorkshopDied(String),
}

impl From<shrink::Event> for Event {
    fn from(event: shrink::Event) -> Self {
        Event::Shrink(event)
    }
}

impl From<explore::Event> for Event {
    fn from(event: explore::Event) -> Self {
        Event::Explore(event)
    }
}

impl From<search::Event> for Event {
    fn from(event: search::Event) -> Self {
        Event::Search(event)
    }
}

impl From<benchmark::Event> for Event {
    fn from(event: benchmark::Event) -> Self {
        Event::Benchmark(event)
    }
}

impl From<network::Event> for Event {
    fn from(event: network::Event) -> Self {
        Event::Network(event)
    }
}

impl From<dataset::Event> for Event {
    fn from(event: dataset::Event) -> Self {
        Event::Dataset(event)
    }
}

impl From<try_it::Event> for Event {
    fn from(event: try_it::Event) -> Self {
        Event::Try(event)
    }
}

impl From<keep::Event> for Event {
    fn from(event: keep::Event) -> Self {
        Event::Keep(event)
    }
}

impl From<share::Event> for Event {
    fn from(event: share::Event) -> Self {
        Event::Share(event)
    }
}

impl From<learn::Event> for Event {
    fn from(event: learn::Event) -> Self {
        Event::Learn(event)
    }
}

/// What is to be done in the browser.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send to the worker.
    Post {
        /// What.
        request: Request,
        /// The buffers that go with it.
        buffers: Vec<Bytes>,
    },
    /// Fetch a file of the page; answered by [`Event::Fetched`].
    Fetch {
        /// The job that it is for.
        job: Job,
        /// Its path beside the page.
        path: &'static str,
    },
    /// End the worker and start another.
    ReplaceWorker,
    /// Send to the worker that does tasks; it is started where there is none.
    Work {
        /// What.
        order: Order,
        /// The buffers that go with it.
        buffers: Vec<Bytes>,
    },
    /// End the worker that does tasks, whatever it is at.
    StopWork,
    /// Let the sensor go that is on, or turn one on; answered by events of [`try_it`].
    Sense(Option<try_it::Wanted>),
    /// Go to a control: show its view, scroll to it, mark it and give it the focus.
    Reveal(learn::Place),
    /// Delete all that is kept of the user's work, and start the page anew.
    DeleteKept,
    /// Put a link into the address and the clipboard; answered by [`share::Event::Copied`].
    CopyLink {
        /// The address's end, with its `#`.
        hash: String,
    },
    /// Start the page anew in the version that is ready.
    UseUpdate,
    /// Tell the page an event after a while.
    After {
        /// Milliseconds.
        millis: u32,
        /// The event.
        event: Box<Event>,
    },
    /// Hand a file to the user.
    Save {
        /// Its name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Put a text on the clipboard.
    Copy(String),
}

impl State {
    /// Takes in an event and gives the effects that it asks for, to be done in order.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = self.happened(event);
        self.look_at_tasks();
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

    /// Starts with the first model of the zoo.
    pub(crate) fn start(&mut self) -> Vec<Effect> {
        let mut effects = vec![post(Request::Probe, Vec::new())];
        effects.extend(self.choose_zoo(0));
        effects
    }

    /// Starts with a model and samples, which are not loaded yet.
    pub(crate) fn start_with(&mut self, source: Source, data: Data) -> Vec<Effect> {
        self.source = Some(source);
        self.data = data;
        vec![post(Request::Probe, Vec::new())]
    }

    pub(crate) fn choose_zoo(&mut self, entry: usize) -> Vec<Effect> {
        let Some(model) = zoo::ENTRIES.get(entry) else { return Vec::new() };
        self.choose(Source { name: model.name.into(), zoo: Some(entry), bytes: None, loadable: None })
    }

    pub(crate) fn choose(&mut self, source: Source) -> Vec<Effect> {
        self.source = Some(source);
        self.stop_loading();
        // Samples are counted for the model that comes, not for the one that was there.
        self.model = Model::None;
        self.show_network();
        let files = std::mem::take(&mut self.dataset.files);
        self.drop_dataset();
        let data = match (&self.source, &self.data) {
            // Files of the user's go on to the user's next model, and become samples of that.
            (Some(Source { zoo: None, .. }), Data::File { name, .. }) => {
                self.dataset.files = files;
                Data::File { name: name.clone(), bytes: Bytes::default() }
            }
            _ => Data::Zoo,
        };
        let mut effects = self.drop_trial();
        effects.extend(self.use_data(data));
        effects.extend(self.load());
        effects
    }

    /// A model, samples, or both.
    fn take_files(&mut self, files: Vec<dataset::File>) -> Vec<Effect> {
        let is_model = |file: &dataset::File| {
            let name = file.name.to_ascii_lowercase();
            [".tflite", ".onnx"].iter().any(|ending| name.ends_with(ending))
        };
        let is_recipe = |file: &dataset::File| file.name.to_ascii_lowercase().ends_with(".toml");
        let (recipes, files): (Vec<_>, Vec<_>) = files.into_iter().partition(is_recipe);
        let (models, samples): (Vec<_>, Vec<_>) = files.into_iter().partition(is_model);
        let mut effects = Vec::new();
        if let Some(dataset::File { name, bytes }) = models.into_iter().next() {
            effects.extend(self.choose(Source { name, zoo: None, bytes: Some(bytes), loadable: None }));
        }
        if !samples.is_empty() {
            effects.extend(self.preparing(dataset::Event::Opened(samples)));
        }
        if let Some(recipe) = recipes.into_iter().next() {
            effects.extend(self.shrinking(shrink::Event::RecipeOpened(recipe.bytes.to_vec())));
        }
        effects
    }

    pub(crate) fn use_data(&mut self, data: Data) -> Vec<Effect> {
        self.data = data;
        let mut effects = self.drop_evaluation();
        self.drop_variants();
        self.drop_understanding();
        self.drop_search();
        self.explore.at = None;
        effects.extend(self.count_samples());
        self.prepare_files();
        effects
    }

    /// The results of an evaluation stand for one model, its kernels and its data.
    fn drop_evaluation(&mut self) -> Vec<Effect> {
        let effects = self.cancel();
        self.evaluation = Evaluation::Idle;
        effects
    }

    /// Gives up the import of a model that is on its way; what a guest loads is loaded, and dropped.
    fn stop_loading(&mut self) {
        if let Model::Loading { job } = self.model {
            self.cancel_work(job);
        }
    }

    /// Starts to load the source: first its bytes, where they are not here yet.
    pub(crate) fn load(&mut self) -> Vec<Effect> {
        self.live = Live::default();
        self.stop_loading();
        let job = self.next_job();
        let Some(source) = &self.source else { return Vec::new() };
        let path = source.zoo.and_then(|entry| zoo::ENTRIES.get(entry)).map(|entry| entry.model);
        self.model = Model::Loading { job };
        match (&source.bytes, path) {
            (Some(_), _) => self.hand_over(job),
            (None, Some(path)) => vec![Effect::Fetch { job, path }],
            (None, None) => {
                self.model = Model::None;
                Vec::new()
            }
        }
    }

    /// Gives the source to the worker, once its bytes are here and the browser has told which guest is the fastest. What guests do not
    /// read is imported first; a file that says it is theirs is theirs to judge.
    fn hand_over(&mut self, job: Job) -> Vec<Effect> {
        if self.relaxed.is_none() {
            return Vec::new();
        }
        let Some(Source { name, zoo, bytes: Some(bytes), loadable }) = &mut self.source else { return Vec::new() };
        let for_guests = zoo.is_some() || import::is_tflite(bytes) || name.to_ascii_lowercase().ends_with(".tflite");
        if loadable.is_none() && for_guests {
            *loadable = Some(bytes.clone());
        }
        match loadable.clone() {
            Some(file) => vec![post(Request::Load { job, kernels: self.kernels }, vec![file])],
            None => {
                let file = bytes.clone();
                let job = self.enqueue(Owner::Import, Task::Import, vec![file]);
                self.model = Model::Loading { job };
                Vec::new()
            }
        }
    }

    fn imported(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        if self.model != (Model::Loading { job }) {
            return Vec::new();
        }
        let failure = match outcome.map(|(product, files)| (product, <[Vec<u8>; 1]>::try_from(files))) {
            Ok((Product::Imported, Ok([file]))) => {
                if let Some(source) = &mut self.source {
                    source.loadable = Some(file.into());
                }
                return self.hand_over(job);
            }
            Ok((product, _)) => product.unexpected(),
            Err(failure) => failure,
        };
        self.model = Model::Refused(failure);
        Vec::new()
    }

    fn evaluate(&mut self) -> Vec<Effect> {
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

    fn cancel(&mut self) -> Vec<Effect> {
        match self.evaluation {
            Evaluation::Running { job, done, .. } => {
                self.evaluation = Evaluation::Cancelled { done };
                vec![post(Request::Cancel { job }, Vec::new())]
            }
            Evaluation::Idle | Evaluation::Cancelled { .. } | Evaluation::Done(_) | Evaluation::Failed(_) => Vec::new(),
        }
    }

    /// Runs the model on the drawing. While a run is under way the drawing only becomes stale, so that a fast pen
    /// does not fill the worker's queue.
    fn score(&mut self) -> Vec<Effect> {
        if self.live.running.is_some() {
            self.live.stale = true;
            return Vec::new();
        }
        let Some(input) = self.sketch_input() else { return Vec::new() };
        let job = self.next_job();
        self.live.running = Some(job);
        self.live.stale = false;
        vec![post(Request::Run { job }, vec![input.into()])]
    }

    /// The drawing as the model's input; none while nothing is drawn or the model takes something else.
    fn sketch_input(&self) -> Option<Vec<u8>> {
        if self.sketch.is_empty() || !self.takes_digits() {
            return None;
        }
        let counts = self.sketch.counts().map(|count| f32::from(count) / f32::from(FULL));
        let picture = Array::new([1, SIDE, SIDE], counts.to_vec()).ok()?;
        Inputs::new(&self.description()?.inputs, vec![picture]).ok()?.bytes(0, 0).ok()
    }

    /// Whether the model takes a picture of 8x8 numbers and nothing else.
    #[must_use]
    pub fn takes_digits(&self) -> bool {
        self.description().is_some_and(|d| matches!(d.inputs.as_slice(), [input] if input.elements() == SIDE * SIDE))
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
            Ok(bytes) if evaluating => vec![post(Request::Evaluate { job }, vec![bytes])],
            Err(text) if loading => {
                self.model = Model::Refused(Failure::Page(text));
                Vec::new()
            }
            Err(text) if evaluating => {
                self.evaluation = Evaluation::Failed(Failure::Page(text));
                Vec::new()
            }
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
                effects.extend(self.count_samples());
                self.prepare_files();
                effects.extend(self.follow_in_view());
                effects
            }
            Reply::Ran { job } => self.scored(job, &buffers),
            Reply::Progress { job, done, total, right } => {
                if self.is_evaluating(job) {
                    self.evaluation = Evaluation::Running { job, done, total, right };
                }
                Vec::new()
            }
            Reply::Evaluated { job, report } => {
                if self.is_evaluating(job) {
                    self.evaluation = Evaluation::Done(report);
                }
                Vec::new()
            }
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
            Reply::Cancelled { .. } => Vec::new(),
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

    fn is_evaluating(&self, job: Job) -> bool {
        matches!(self.evaluation, Evaluation::Running { job: current, .. } if current == job)
    }

    fn scored(&mut self, job: Job, buffers: &[Vec<u8>]) -> Vec<Effect> {
        if self.live.running != Some(job) {
            return Vec::new();
        }
        self.live.running = None;
        let output = self.description().and_then(|description| description.outputs.first());
        let scores = output.zip(buffers.first()).and_then(|(output, bytes)| outputs::dequantize(0, output, bytes).ok());
        self.live.scores = scores.unwrap_or_default();
        self.live.failure = None;
        if self.live.stale { self.score() } else { Vec::new() }
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
            self.model = Model::Refused(failure);
        } else if self.is_evaluating(job) {
            self.evaluation = Evaluation::Failed(failure);
        } else if self.live.running == Some(job) {
            self.live = Live { failure: Some(failure), ..Live::default() };
        }
        Vec::new()
    }

    /// Work that was under way has failed; a model that was ready is loaded again. A model that was being loaded is
    /// not, since it may be what killed the worker.
    fn replace_worker(&mut self, why: String) -> Vec<Effect> {
        if matches!(self.evaluation, Evaluation::Running { .. }) {
            self.evaluation = Evaluation::Failed(Failure::Trap(why.clone()));
        }
        self.live = Live::default();
        if matches!(self.worker, Worker::Starting { .. } | Worker::Dead { .. }) {
            self.model = Model::Refused(Failure::Trap(why.clone()));
            self.worker = Worker::Dead { why };
            return Vec::new();
        }
        let mut effects = vec![Effect::ReplaceWorker, post(Request::Probe, Vec::new())];
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
