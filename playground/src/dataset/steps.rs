//! What happens to samples of the user's: the part of [`State::update`] that is about them.

use mote_models::prepare::Options;

use super::{Dataset, File, Work};
use crate::bytes::Bytes;
use crate::pipeline::{Product, Survey, Task};
use crate::protocol::{Failure, Job};
use crate::shrink::Samples;
use crate::state::{Data, Evaluation, State};
use crate::update::Effect;
use crate::workshop::{Outcome, Owner};
use crate::zoo;

/// What happened to them.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The user opened files of samples.
    Opened(Vec<File>),
    /// Somebody looks at them: those of the zoo are wanted too.
    Wanted,
    /// The user says how samples are made.
    Edited(Box<Options>),
    /// The user goes back to what model and files tell.
    Guessed,
    /// The user opened a model that makes features of recordings.
    FrontEndOpened(File),
    /// The user does without it.
    FrontEndDropped,
    /// The user takes the prepared samples away.
    DownloadAsked,
}

impl State {
    /// Takes in what the user does.
    pub(crate) fn preparing(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Opened(files) => {
                let name = files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
                self.drop_dataset();
                self.dataset = Dataset { files, ..Dataset::default() };
                return self.use_data(Data::File { name, bytes: Bytes::default() });
            }
            Event::Wanted => return self.want_dataset(),
            Event::Edited(options) => self.dataset.options = Some(*options),
            Event::Guessed => self.dataset.options = None,
            Event::FrontEndOpened(file) => {
                self.dataset.front_end = Some(file);
                // What was guessed of the recordings themselves does not count for features.
                self.dataset.options = None;
            }
            Event::FrontEndDropped => {
                self.dataset.front_end = None;
                self.dataset.options = None;
            }
            Event::DownloadAsked => {
                return match &self.data {
                    Data::File { name, bytes } if !bytes.is_empty() => {
                        vec![Effect::Save { name: super::prepared_name(name), bytes: bytes.to_vec() }]
                    }
                    Data::File { .. } | Data::Zoo => Vec::new(),
                };
            }
        }
        self.prepare_again()
    }

    /// Forgets samples and gives up the work on them.
    pub(crate) fn drop_dataset(&mut self) {
        match self.dataset.work {
            Work::Preparing(job) => self.cancel_work(job),
            Work::Fetching(_) | Work::Idle | Work::Failed(_) => {}
        }
        self.dataset = Dataset::default();
    }

    /// The samples are made otherwise: all that stands on them is given up.
    fn prepare_again(&mut self) -> Vec<Effect> {
        match &self.data {
            Data::File { name, .. } => {
                let data = Data::File { name: name.clone(), bytes: Bytes::default() };
                self.use_data(data)
            }
            Data::Zoo => Vec::new(),
        }
    }

    /// Makes samples of the user's files for the model that is there. Work on what they were before is given up.
    pub(crate) fn prepare_files(&mut self) {
        // What is made already is the same for other kernels.
        if !matches!(&self.data, Data::File { bytes, .. } if bytes.is_empty()) {
            return;
        }
        if let Work::Preparing(job) = self.dataset.work {
            self.cancel_work(job);
        }
        self.dataset.work = Work::Idle;
        if self.description().is_none() || self.dataset.files.is_empty() {
            return;
        }
        let files = self.dataset.files.iter().chain(&self.dataset.front_end).map(|file| file.bytes.clone());
        let buffers = [self.source_bytes()].into_iter().chain(files).collect();
        let job = self.enqueue(Owner::Dataset, Task::Prepare(self.dataset.preparation()), buffers);
        self.dataset.work = Work::Preparing(job);
        if self.can_shrink() {
            self.shrink.samples = Samples::Counting { job, archive: Bytes::default() };
        }
    }

    /// Variants are made and judged by the prepared samples.
    fn hand_on(&mut self, archive: Bytes) {
        if self.can_shrink() {
            self.shrink.samples = match (self.dataset.failure(), self.dataset.survey()) {
                (None, Some(survey)) => Samples::Counted { survey: survey.clone(), archive },
                (Some(failure), _) => Samples::Unfit(failure.clone()),
                (None, None) => Samples::None,
            };
        }
    }

    /// Looks at the zoo's samples, unless that was done. The user's are looked at anyway.
    fn want_dataset(&mut self) -> Vec<Effect> {
        let zoo = self.source.as_ref().and_then(|source| zoo::ENTRIES.get(source.zoo?));
        let (Data::Zoo, Some(entry), true) = (&self.data, zoo, self.description().is_some()) else { return Vec::new() };
        if self.dataset.is_working() || self.dataset.outcome.is_some() {
            return Vec::new();
        }
        let job = self.next_job();
        self.dataset.work = Work::Fetching(job);
        vec![Effect::Fetch { job, path: entry.data }]
    }

    /// Takes in the zoo's samples, if a job's file is those that somebody looks at.
    pub(crate) fn dataset_fetched(&mut self, job: Job, result: &Result<Vec<u8>, String>) -> bool {
        if self.dataset.work != Work::Fetching(job) {
            return false;
        }
        match result {
            Ok(bytes) => {
                let name = match &self.source {
                    Some(source) => format!("{}.npz", source.name),
                    None => "samples.npz".into(),
                };
                let task = Task::Prepare(super::Preparation { names: vec![name], options: None, front_end: false });
                let buffers = vec![self.source_bytes(), bytes.clone().into()];
                self.dataset.work = Work::Preparing(self.enqueue(Owner::Dataset, task, buffers));
            }
            Err(text) => self.dataset.work = Work::Failed(Failure::Page(text.clone())),
        }
        true
    }

    /// Takes in samples, or why there are none, and hands them to all that waits for them.
    pub(crate) fn prepared(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        if self.dataset.work != Work::Preparing(job) {
            return Vec::new();
        }
        self.dataset.work = Work::Idle;
        let mut archive = Bytes::default();
        match outcome {
            Ok((Product::Prepared(prepared), buffers)) => {
                let mut buffers = buffers.into_iter();
                archive = buffers.next().unwrap_or_default().into();
                self.dataset.levels = buffers.next().unwrap_or_default().into();
                self.dataset.outcome = Some(*prepared);
            }
            Ok((product, _)) => self.dataset.work = Work::Failed(product.unexpected()),
            Err(failure) => self.dataset.work = Work::Failed(failure),
        }
        match &mut self.data {
            Data::Zoo => return Vec::new(),
            Data::File { bytes, .. } => *bytes = archive.clone(),
        }
        self.hand_on(archive.clone());
        let mut effects = self.follow_in_view();
        effects.extend(self.evaluate_prepared(archive));
        effects
    }

    /// An evaluation that was asked for before its samples were there.
    fn evaluate_prepared(&mut self, archive: Bytes) -> Vec<Effect> {
        match (&self.evaluation, self.dataset.failure()) {
            (Evaluation::Running { .. }, Some(failure)) => {
                self.evaluation = Evaluation::Failed(failure.clone());
                Vec::new()
            }
            (&Evaluation::Running { job, .. }, None) => self.share_out(job, archive),
            (Evaluation::Idle | Evaluation::Cancelled { .. } | Evaluation::Done(_) | Evaluation::Failed(_), _) => {
                Vec::new()
            }
        }
    }
}

impl Dataset {
    /// What there is of samples, once they are made.
    #[must_use]
    pub fn survey(&self) -> Option<&Survey> {
        let outcome = self.outcome.as_ref().filter(|_| !self.is_working())?;
        outcome.samples.as_ref().ok().map(|summary| &summary.survey)
    }
}

#[cfg(test)]
mod tests;
