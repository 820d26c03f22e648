//! Which task follows on what: the part of [`State::update`] that is about variants.

use mote_models::export::CSource;

use super::{Download, Measured, Plan, Samples, Shrink, Step, Variant, Work, stem};
use crate::pipeline::{Product, Task};
use crate::protocol::{Failure, Job, Request};
use crate::state::{Data, Model, State};
use crate::update::Effect;
use crate::zoo;

impl State {
    /// Gives up all variants, since the model or the samples are others now. What the user chose stays.
    pub(crate) fn drop_variants(&mut self) -> Vec<Effect> {
        let was_running = self.shrink.is_running();
        self.shrink = Shrink { choices: self.shrink.choices, ..Shrink::default() };
        if was_running { vec![Effect::StopWork] } else { Vec::new() }
    }

    /// Counts the samples, where there is a model to shrink and that was not done yet.
    pub(crate) fn count_samples(&mut self) -> Vec<Effect> {
        if !self.can_shrink() || self.shrink.samples != Samples::None {
            return Vec::new();
        }
        let zoo = self.source.as_ref().and_then(|source| zoo::ENTRIES.get(source.zoo?));
        let (archive, path) = match (&self.data, zoo) {
            (Data::File { bytes, .. }, _) => (bytes.clone(), None),
            (Data::Zoo, Some(entry)) => (Vec::new(), Some(entry.data)),
            (Data::Zoo, None) => return Vec::new(),
        };
        let job = self.next_job();
        self.shrink.samples = Samples::Counting { job, archive };
        match path {
            Some(path) => vec![Effect::Fetch { job, path }],
            None => self.survey(job),
        }
    }

    fn survey(&mut self, job: Job) -> Vec<Effect> {
        match &self.shrink.samples {
            Samples::Counting { archive, .. } => {
                let buffers = vec![self.source_bytes(), archive.clone()];
                vec![self.work(job, Task::Survey, buffers)]
            }
            Samples::None | Samples::Counted { .. } | Samples::Unfit(_) => Vec::new(),
        }
    }

    /// Whether a job's file is the samples that are to be counted.
    pub(crate) fn is_counting(&self, job: Job) -> bool {
        matches!(self.shrink.samples, Samples::Counting { job: current, .. } if current == job)
    }

    /// Takes in the samples that were fetched.
    pub(crate) fn samples_fetched(&mut self, job: Job, result: Result<Vec<u8>, String>) -> Vec<Effect> {
        match result {
            Ok(archive) => {
                self.shrink.samples = Samples::Counting { job, archive };
                self.survey(job)
            }
            Err(text) => {
                self.shrink.samples = Samples::Unfit(Failure::Page(text));
                Vec::new()
            }
        }
    }

    /// Starts to make what the choices say. A variant that is there already is made again in its place.
    pub(crate) fn shrink(&mut self) -> Vec<Effect> {
        let Some(plan) = self.shrink.plan().filter(|_| self.can_shrink() && !self.shrink.is_running()) else {
            return Vec::new();
        };
        match self.shrink.original {
            Some(_) => self.make(plan),
            None => {
                let source = self.source_bytes();
                self.judge(Step::Original(plan), source)
            }
        }
    }

    fn make(&mut self, plan: Plan) -> Vec<Effect> {
        let task = Task::Make { recipe: plan.recipe.clone() };
        let buffers = vec![self.source_bytes(), self.archive()];
        self.step(Step::Make(plan), task, buffers)
    }

    fn judge(&mut self, step: Step, file: Vec<u8>) -> Vec<Effect> {
        let places = self.shrink.split().map(super::Split::test_places).unwrap_or_default();
        let buffers = vec![file, self.archive()];
        self.step(step, Task::Judge { places }, buffers)
    }

    fn step(&mut self, step: Step, task: Task, buffers: Vec<Vec<u8>>) -> Vec<Effect> {
        let job = self.next_job();
        self.shrink.work = Work::Running { job, step, stage: String::new(), done: 0, total: 0 };
        vec![self.work(job, task, buffers)]
    }

    fn work(&self, job: Job, task: Task, buffers: Vec<Vec<u8>>) -> Effect {
        Effect::Work { request: Request::Work { job, kernels: self.kernels, task }, buffers }
    }

    /// Ends the work at once, with the worker that does it.
    pub(crate) fn stop_shrinking(&mut self) -> Vec<Effect> {
        if !self.shrink.is_running() {
            return Vec::new();
        }
        self.end_work(Work::Cancelled);
        vec![Effect::StopWork]
    }

    /// What was made and not judged is given up with the work.
    fn end_work(&mut self, end: Work) {
        self.shrink.work = end;
        self.shrink.variants.retain(|variant| variant.measured.is_some());
    }

    /// How far the work is.
    pub(crate) fn working(&mut self, job: Job, stage: String, done: usize, total: usize) {
        if let Work::Running { job: current, step, .. } = &self.shrink.work
            && *current == job
        {
            self.shrink.work = Work::Running { job, step: step.clone(), stage, done, total };
        }
    }

    /// Takes in what came of a task, and goes on to the next. What came of one that was given up is dropped.
    pub(crate) fn worked(&mut self, job: Job, product: Product, buffers: Vec<Vec<u8>>) -> Vec<Effect> {
        if let Samples::Counting { job: current, archive } = &mut self.shrink.samples
            && *current == job
        {
            if let Product::Surveyed(survey) = product {
                self.shrink.samples = Samples::Counted { survey, archive: std::mem::take(archive) };
            }
            return Vec::new();
        }
        let step = match &self.shrink.work {
            Work::Running { job: current, step, .. } if *current == job => step.clone(),
            Work::Running { .. } | Work::Idle | Work::Cancelled | Work::Failed(_) => return Vec::new(),
        };
        let kernels = self.kernels;
        match (step, product, <[Vec<u8>; 1]>::try_from(buffers)) {
            (Step::Original(plan), Product::Judged(judged), _) => {
                self.shrink.original = Some(Measured { judged: *judged, kernels });
                self.make(plan)
            }
            (Step::Make(plan), Product::Made { summaries }, Ok([file])) => {
                self.shrink.variants.retain(|variant| variant.plan.recipe != plan.recipe);
                let variant = Variant { id: job.0, plan, summaries, measured: None, file: file.clone(), c: None };
                self.shrink.variants.push(variant);
                self.judge(Step::Judge, file)
            }
            (Step::Judge, Product::Judged(judged), _) => {
                if let Some(variant) = self.shrink.variants.last_mut() {
                    variant.measured = Some(Measured { judged: *judged, kernels });
                }
                self.shrink.work = Work::Idle;
                Vec::new()
            }
            (Step::Export { id, file }, Product::Exported { name }, Err(files)) => {
                self.shrink.work = Work::Idle;
                let text = |k: usize| files.get(k).map(|text| String::from_utf8_lossy(text).into_owned());
                let c = text(0).zip(text(1)).map(|(header, source)| CSource { name, header, source });
                if let Some(variant) = self.variant_mut(id) {
                    variant.c = c;
                }
                self.download(id, file)
            }
            (Step::Original(_) | Step::Make(_) | Step::Judge | Step::Export { .. }, product, _) => {
                self.end_work(Work::Failed(Failure::Page(format!("the worker answered something else: {product:?}"))));
                Vec::new()
            }
        }
    }

    /// Takes in that a task failed; says whether it was one of these.
    pub(crate) fn work_failed(&mut self, job: Job, failure: &Failure) -> bool {
        if self.is_counting(job) {
            self.shrink.samples = Samples::Unfit(failure.clone());
            return true;
        }
        let running = matches!(self.shrink.work, Work::Running { job: current, .. } if current == job);
        if running {
            self.end_work(Work::Failed(failure.clone()));
        }
        running
    }

    /// The worker of the tasks died. The next task gets another one.
    pub(crate) fn workshop_died(&mut self, why: String) -> Vec<Effect> {
        let failure = Failure::Trap(why);
        if matches!(self.shrink.samples, Samples::Counting { .. }) {
            self.shrink.samples = Samples::Unfit(failure.clone());
        }
        if self.shrink.is_running() {
            self.end_work(Work::Failed(failure));
        }
        vec![Effect::StopWork]
    }

    /// Forgets a variant.
    pub(crate) fn drop_variant(&mut self, id: u32) {
        self.shrink.variants.retain(|variant| variant.id != id || variant.measured.is_none());
    }

    /// Hands out a file of a variant; C is written first, where it was not yet.
    pub(crate) fn download(&mut self, id: u32, file: Download) -> Vec<Effect> {
        let model = self.source.as_ref().map_or("model", |source| source.name.as_str());
        let Some(variant) = self.shrink.variants.iter().find(|variant| variant.id == id) else { return Vec::new() };
        let stem = stem(model, &variant.plan.name);
        let bytes = match (file, &variant.c) {
            (Download::Model, _) => variant.file.clone(),
            (Download::Recipe, _) => {
                (*variant.plan.recipe).clone().for_source(&self.source_bytes()).to_toml().into_bytes()
            }
            (Download::Header, Some(c)) => c.header.clone().into_bytes(),
            (Download::Source, Some(c)) => c.source.clone().into_bytes(),
            (Download::Header | Download::Source, None) if self.shrink.is_running() => return Vec::new(),
            (Download::Header | Download::Source, None) => {
                let buffers = vec![variant.file.clone()];
                let name = stem.replace('-', "_");
                return self.step(Step::Export { id, file }, Task::Export { name }, buffers);
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

    fn source_bytes(&self) -> Vec<u8> {
        self.source.as_ref().and_then(|source| source.bytes.clone()).unwrap_or_default()
    }

    fn archive(&self) -> Vec<u8> {
        match &self.shrink.samples {
            Samples::Counted { archive, .. } => archive.clone(),
            Samples::None | Samples::Counting { .. } | Samples::Unfit(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
