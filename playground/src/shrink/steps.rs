//! Which task follows on what: the part of [`State::update`] that is about variants.

use mote_models::export::CSource;

use super::{Download, Event, Measured, Plan, Samples, Shrink, Step, Variant, Work, stem};
use crate::bytes::Bytes;
use crate::pipeline::{Product, Task};
use crate::protocol::{Failure, Job};
use crate::state::{Data, Model, State};
use crate::update::Effect;
use crate::workshop::{Outcome, Owner};
use crate::zoo;

impl State {
    /// Takes in what the user does.
    pub(crate) fn shrinking(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Chosen(choices) => self.shrink.choices = choices,
            Event::Asked => self.shrink(),
            Event::Cancelled => self.stop_shrinking(),
            Event::Dropped(id) => self.drop_variant(id),
            Event::DownloadAsked { id, file } => return self.download(id, file),
        }
        Vec::new()
    }

    /// Gives up all variants, since the model or the samples are others now. What the user chose stays.
    pub(crate) fn drop_variants(&mut self) {
        if let Samples::Counting { job, .. } = self.shrink.samples {
            self.cancel_work(job);
        }
        if let Work::Running { job, .. } = self.shrink.work {
            self.cancel_work(job);
        }
        self.shrink = Shrink { choices: self.shrink.choices, ..Shrink::default() };
    }

    /// Counts the samples, where there is a model to shrink and that was not done yet.
    pub(crate) fn count_samples(&mut self) -> Vec<Effect> {
        if !self.can_shrink() || self.shrink.samples != Samples::None {
            return Vec::new();
        }
        let zoo = self.source.as_ref().and_then(|source| zoo::ENTRIES.get(source.zoo?));
        match (&self.data, zoo) {
            // Files of the user's are prepared first, and counted with that.
            (Data::File { bytes, .. }, _) if bytes.is_empty() => {}
            (Data::File { bytes, .. }, _) => self.survey(bytes.clone()),
            (Data::Zoo, Some(entry)) => {
                let job = self.next_job();
                self.shrink.samples = Samples::Counting { job, archive: Bytes::default() };
                return vec![Effect::Fetch { job, path: entry.data }];
            }
            (Data::Zoo, None) => {}
        }
        Vec::new()
    }

    fn survey(&mut self, archive: Bytes) {
        let job = self.enqueue(Owner::Survey, Task::Survey, vec![self.source_bytes(), archive.clone()]);
        self.shrink.samples = Samples::Counting { job, archive };
    }

    /// Whether a job's file is the samples that are to be counted.
    pub(crate) fn is_counting(&self, job: Job) -> bool {
        matches!(self.shrink.samples, Samples::Counting { job: current, .. } if current == job)
    }

    /// Takes in the samples that were fetched.
    pub(crate) fn samples_fetched(&mut self, result: Result<Vec<u8>, String>) {
        match result {
            Ok(archive) => self.survey(archive.into()),
            Err(text) => self.shrink.samples = Samples::Unfit(Failure::Page(text)),
        }
    }

    /// Takes in what there is of the samples.
    pub(crate) fn surveyed(&mut self, job: Job, outcome: Outcome) {
        if let Samples::Counting { job: current, archive } = &mut self.shrink.samples
            && *current == job
        {
            self.shrink.samples = match outcome {
                Ok((Product::Surveyed(survey), _)) => Samples::Counted { survey, archive: std::mem::take(archive) },
                Ok((product, _)) => Samples::Unfit(product.unexpected()),
                Err(failure) => Samples::Unfit(failure),
            };
        }
    }

    /// Starts to make what the choices say. A variant that is there already is made again in its place.
    fn shrink(&mut self) {
        if let Some(mut plan) = self.shrink.plan() {
            // What the user says of the model's input and output goes with the artefact.
            let output = self.description().and_then(|description| description.outputs.first());
            plan.recipe.metadata = self.dataset.told(output.map_or(0, mote_abi::Tensor::elements));
            self.shrink_to(plan);
        }
    }

    /// Goes on with what a link asks for, unless what came before was stopped or failed.
    pub(crate) fn make_wanted(&mut self) {
        match self.shrink.work {
            Work::Idle if self.can_shrink() && self.shrink.split().is_some_and(|split| split.test() > 0) => {
                if let Some(plan) = self.shrink.wanted.pop_front() {
                    self.shrink_to(plan);
                }
            }
            Work::Idle | Work::Running { .. } => {}
            Work::Cancelled | Work::Failed(_) => self.shrink.wanted.clear(),
        }
    }

    /// Starts to make what a plan says.
    pub(crate) fn shrink_to(&mut self, plan: Plan) {
        if !self.can_shrink() || self.shrink.is_running() {
            return;
        }
        match self.shrink.original {
            Some(_) => self.make(plan),
            None => {
                let source = self.source_bytes();
                self.judge(Step::Original(plan), source);
            }
        }
    }

    fn make(&mut self, plan: Plan) {
        let task = Task::Make { recipe: plan.recipe.clone() };
        let buffers = vec![self.source_bytes(), self.archive()];
        self.step(Step::Make(plan), task, buffers);
    }

    fn judge(&mut self, step: Step, file: Bytes) {
        let places = self.shrink.split().map(super::Split::test_places).unwrap_or_default();
        let buffers = vec![file, self.archive()];
        self.step(step, Task::Judge { places }, buffers);
    }

    fn step(&mut self, step: Step, task: Task, buffers: Vec<Bytes>) {
        let job = self.enqueue(Owner::Shrink, task, buffers);
        self.shrink.work = Work::Running { job, step };
    }

    /// Ends the work at once.
    fn stop_shrinking(&mut self) {
        if let Work::Running { job, .. } = self.shrink.work {
            self.cancel_work(job);
            self.end_work(Work::Cancelled);
        }
    }

    /// What was made and not judged is given up with the work.
    fn end_work(&mut self, end: Work) {
        self.shrink.work = end;
        self.shrink.variants.retain(|variant| variant.measured.is_some());
    }

    /// Takes in what came of a step, and goes on to the next.
    pub(crate) fn shrunk(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        let step = match &self.shrink.work {
            Work::Running { job: current, step } if *current == job => step.clone(),
            Work::Running { .. } | Work::Idle | Work::Cancelled | Work::Failed(_) => return Vec::new(),
        };
        let (product, buffers) = match outcome {
            Ok(made) => made,
            Err(failure) => {
                self.end_work(Work::Failed(failure));
                return Vec::new();
            }
        };
        let kernels = self.kernels;
        match (step, product, <[Vec<u8>; 1]>::try_from(buffers)) {
            (Step::Original(plan), Product::Judged(judged), _) => {
                self.shrink.original = Some(Measured { judged: *judged, kernels });
                self.make(plan);
            }
            (Step::Make(plan), Product::Made { summaries }, Ok([file])) => {
                self.shrink.variants.retain(|variant| variant.plan.recipe != plan.recipe);
                let file = Bytes::from(file);
                let variant = Variant { id: job.0, plan, summaries, measured: None, file: file.clone(), c: None };
                self.shrink.variants.push(variant);
                self.judge(Step::Judge, file);
            }
            (Step::Judge, Product::Judged(judged), _) => {
                if let Some(variant) = self.shrink.variants.last_mut() {
                    variant.measured = Some(Measured { judged: *judged, kernels });
                }
                self.shrink.work = Work::Idle;
            }
            (Step::Export { id, file }, Product::Exported { name }, Err(files)) => {
                self.shrink.work = Work::Idle;
                let text = |k: usize| files.get(k).map(|text| String::from_utf8_lossy(text).into_owned());
                let c = text(0).zip(text(1)).map(|(header, source)| CSource { name, header, source });
                if let Some(variant) = self.variant_mut(id) {
                    variant.c = c;
                }
                return self.download(id, file);
            }
            (Step::Original(_) | Step::Make(_) | Step::Judge | Step::Export { .. }, product, _) => {
                self.end_work(Work::Failed(product.unexpected()));
            }
        }
        Vec::new()
    }

    /// Forgets a variant.
    fn drop_variant(&mut self, id: u32) {
        self.shrink.variants.retain(|variant| variant.id != id || variant.measured.is_none());
    }

    /// Hands out a file of a variant; C is written first, where it was not yet.
    fn download(&mut self, id: u32, file: Download) -> Vec<Effect> {
        let model = self.source.as_ref().map_or("model", |source| source.name.as_str());
        let Some(variant) = self.shrink.variants.iter().find(|variant| variant.id == id) else { return Vec::new() };
        let stem = stem(model, &variant.plan.name);
        let bytes = match (file, &variant.c) {
            (Download::Model, _) => variant.file.to_vec(),
            (Download::Recipe, _) => {
                (*variant.plan.recipe).clone().for_source(&self.source_bytes()).to_toml().into_bytes()
            }
            (Download::Header, Some(c)) => c.header.clone().into_bytes(),
            (Download::Source, Some(c)) => c.source.clone().into_bytes(),
            (Download::Header | Download::Source, None) if self.shrink.is_running() => return Vec::new(),
            (Download::Header | Download::Source, None) => {
                let buffers = vec![variant.file.clone()];
                let name = stem.replace('-', "_");
                self.step(Step::Export { id, file }, Task::Export { name }, buffers);
                return Vec::new();
            }
        };
        let stem = match (file, &variant.c) {
            (Download::Header | Download::Source, Some(c)) => c.name.clone(),
            (Download::Model | Download::Recipe | Download::Header | Download::Source, _) => stem,
        };
        vec![Effect::Save { name: format!("{stem}.{}", file.extension()), bytes }]
    }

    fn variant_mut(&mut self, id: u32) -> Option<&mut Variant> {
        self.shrink.variants.iter_mut().find(|variant| variant.id == id)
    }

    /// Whether the model is one that can be made smaller: it computes with float32.
    #[must_use]
    pub fn can_shrink(&self) -> bool {
        match &self.model {
            Model::Ready { description, .. } => {
                let real = |tensor: &mote_abi::Tensor| tensor.dtype == "float32";
                description.ops.iter().all(|op| op.outputs.iter().all(|output| output.quantization().is_none()))
                    && description.inputs.iter().any(real)
            }
            Model::None | Model::Loading { .. } | Model::Refused(_) => false,
        }
    }

    pub(crate) fn source_bytes(&self) -> Bytes {
        self.source.as_ref().and_then(|source| source.bytes.clone()).unwrap_or_default()
    }

    pub(crate) fn archive(&self) -> Bytes {
        match &self.shrink.samples {
            Samples::Counted { archive, .. } => archive.clone(),
            Samples::None | Samples::Counting { .. } | Samples::Unfit(_) => Bytes::default(),
        }
    }
}

#[cfg(test)]
mod tests;
