//! Which task follows on what: the part of [`State::update`] that is about variants.

use super::{Event, Measured, Samples, Shrink, Step, Taking, Variant, Which, Work};
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
            Event::Chosen(choices) => {
                self.shrink.choices = *choices;
                return self.choices_changed();
            }
            Event::LayerChosen { layer, choice } => {
                self.shrink.choices.set_layer(&layer, *choice);
                return self.choices_changed();
            }
            Event::Adopted(recipe) => return self.adopt(*recipe),
            Event::RecipeOpened(file) => self.open_recipe(file),
            Event::BeyondDropped => {
                self.shrink.choices.drop_beyond_controls();
                return self.choices_changed();
            }
            Event::Settled(change) => return self.settled(change),
            Event::Slow(run) => self.slowed(run),
            Event::FollowsChosen(follows) => {
                self.shrink.follows = follows;
                return self.choices_changed();
            }
            Event::Kept => return self.keep(),
            Event::Undone => {
                let choices = self.shrink.history.undo();
                return self.return_to(choices);
            }
            Event::Redone => {
                let choices = self.shrink.history.redo();
                return self.return_to(choices);
            }
            Event::Cancelled => self.drop_step(Work::Cancelled),
            Event::Dropped(id) => self.drop_variant(id),
            Event::Restored => self.shrink.variants.extend(self.shrink.removed.pop()),
            Event::DeviceChosen(device) => self.shrink.device = device,
            Event::EnergyOpened(open) => self.shrink.energy_open = open,
            Event::DownloadAsked { id, file } => return self.download(id, file),
            Event::ReportAsked(form) => self.report(form),
            Event::CopyAsked(text) => return vec![Effect::Copy(text)],
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
        if let Some(Taking::Running { job, .. }) = self.shrink.taking {
            self.cancel_work(job);
        }
        let Shrink { choices, follows, device, changes, runs, .. } = std::mem::take(&mut self.shrink);
        self.shrink = Shrink { choices, follows, device, changes, runs, ..Shrink::default() };
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

    /// Takes in what there is of the samples; a draft can follow now.
    pub(crate) fn surveyed(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        if let Samples::Counting { job: current, archive } = &mut self.shrink.samples
            && *current == job
        {
            self.shrink.samples = match outcome {
                Ok((Product::Surveyed(survey), _)) => Samples::Counted { survey, archive: std::mem::take(archive) },
                Ok((product, _)) => Samples::Unfit(product.unexpected()),
                Err(failure) => Samples::Unfit(failure),
            };
        }
        self.follow_in_view()
    }

    /// Takes in what came of a step, and goes on to the next.
    pub(crate) fn shrunk(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        let (step, kernels) = match self.shrink.work {
            Work::Running { job: current, step, kernels } if current == job => (step, kernels),
            Work::Running { .. } | Work::Idle | Work::Cancelled | Work::Failed(_) => return Vec::new(),
        };
        let (product, buffers) = match outcome {
            Ok(made) => made,
            Err(failure) => {
                self.shrink.end_work(Work::Failed(failure));
                return Vec::new();
            }
        };
        self.shrink.work = Work::Idle;
        match (step, product, <[Vec<u8>; 1]>::try_from(buffers)) {
            (Step::Layers, Product::Layers { layers }, _) => self.shrink.layers = Some(layers),
            (Step::Original, Product::Judged(judged), _) => {
                self.shrink.original = Some(Measured { judged: *judged, kernels });
            }
            (Step::Make, Product::Made { summaries }, Ok([file])) => {
                let file = Bytes::from(file);
                self.shrink.draft = self.shrink.wanted.clone().map(|plan| Variant {
                    id: job.0,
                    plan,
                    summaries,
                    measured: None,
                    file,
                    c: None,
                });
            }
            (Step::Judge, Product::Judged(judged), _) => {
                if let Some(draft) = &mut self.shrink.draft {
                    draft.measured = Some(Measured { judged: *judged, kernels });
                }
                self.shrink.remember_draft();
            }
            (Step::Time(which), Product::Timed { latency }, _) => {
                if let Some(measured) = self.shrink.measured_mut(which) {
                    (measured.judged.latency, measured.kernels) = (latency, kernels);
                }
                if which == Which::Draft {
                    self.shrink.remember_draft();
                }
            }
            (Step::Layers | Step::Original | Step::Make | Step::Judge | Step::Time(_), product, _) => {
                self.shrink.end_work(Work::Failed(product.unexpected()));
                return Vec::new();
            }
        }
        self.go_on()
    }

    /// Removes a variant from the table; it can be had back.
    fn drop_variant(&mut self, id: u32) {
        let place = self.shrink.variants.iter().position(|variant| variant.id == id);
        self.shrink.removed.extend(place.map(|place| self.shrink.variants.remove(place)));
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

impl Shrink {
    fn measured_mut(&mut self, which: Which) -> Option<&mut Measured> {
        match which {
            Which::Original => self.original.as_mut(),
            Which::Draft => self.draft.as_mut()?.measured.as_mut(),
            Which::Kept(id) => self.variants.iter_mut().find(|variant| variant.id == id)?.measured.as_mut(),
        }
    }
}

#[cfg(test)]
mod tests;
