//! What is taken away: files of a variant, and reports on all that were kept.

use mote_models::export::CSource;
use serde::{Deserialize, Serialize};

use super::{Variant, stem};
use crate::pipeline::{Form, Product, Subject, Task};
use crate::protocol::{Failure, Job};
use crate::state::State;
use crate::update::Effect;
use crate::workshop::{Outcome, Owner};

/// A file that a user can take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Download {
    /// The `.tflite` file.
    Model,
    /// The recipe that makes it again, TOML.
    Recipe,
    /// The C header.
    Header,
    /// The C source.
    Source,
}

impl Download {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Download; 4] = [Download::Model, Download::Recipe, Download::Header, Download::Source];

    /// How its file's name ends.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Download::Model => "tflite",
            Download::Recipe => "toml",
            Download::Header => "h",
            Download::Source => "c",
        }
    }
}

/// A file that is being written.
#[derive(Debug, Clone, PartialEq)]
pub enum Taking {
    /// It is on its way.
    Running {
        /// The job.
        job: Job,
        /// What it is.
        what: What,
    },
    /// It could not be written.
    Failed(Failure),
}

/// What is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A variant as C, of which one file was asked for.
    C {
        /// The variant.
        id: u32,
        /// The file.
        file: Download,
    },
    /// A report.
    Report(Form),
}

impl State {
    /// Hands out a file of a variant; C is written first, where it was not yet.
    pub(super) fn download(&mut self, id: u32, file: Download) -> Vec<Effect> {
        let Some(variant) = self.shrink.kept(id) else { return Vec::new() };
        let stem = self.stem_of(variant);
        let (stem, bytes) = match (file, &variant.c) {
            (Download::Model, _) => (stem, variant.file.to_vec()),
            (Download::Recipe, _) => {
                let recipe = (*variant.plan.recipe).clone().for_source(&self.source_bytes());
                (stem, recipe.to_toml().into_bytes())
            }
            (Download::Header, Some(c)) => (c.name.clone(), c.header.clone().into_bytes()),
            (Download::Source, Some(c)) => (c.name.clone(), c.source.clone().into_bytes()),
            (Download::Header | Download::Source, None) => {
                let (name, buffers) = (stem.replace('-', "_"), vec![variant.file.clone()]);
                self.take(What::C { id, file }, Task::Export { name }, buffers);
                return Vec::new();
            }
        };
        vec![Effect::Save { name: format!("{stem}.{}", file.extension()), bytes }]
    }

    /// What files of a variant are called, but for their endings.
    pub(crate) fn stem_of(&self, variant: &Variant) -> String {
        stem(self.source.as_ref().map_or("model", |source| source.name.as_str()), &variant.plan.name)
    }

    /// Writes a report on the original and all variants that were kept.
    pub(super) fn report(&mut self, form: Form) {
        let Some(original) = &self.shrink.original else { return };
        let name = self.source.as_ref().map_or_else(String::new, |source| source.name.clone());
        let mut subjects = vec![Subject::original(name, &original.judged, original.kernels)];
        let mut buffers = vec![self.archive(), self.source_bytes()];
        // All are judged by the same samples, none of which made any of them.
        let mut places = self.shrink.split().map(super::Split::test_places).unwrap_or_default();
        for variant in &self.shrink.variants {
            let Some(measured) = &variant.measured else { continue };
            let apart = self.shrink.judging(variant);
            places.retain(|place| apart.binary_search(place).is_ok());
            let recipe = (*variant.plan.recipe).clone().for_source(&self.source_bytes());
            let name = variant.plan.name.clone();
            subjects.push(Subject::variant(name, &measured.judged, measured.kernels, recipe));
            buffers.push(variant.file.clone());
        }
        self.take(What::Report(form), Task::Report { form, subjects, places }, buffers);
    }

    fn take(&mut self, what: What, task: Task, buffers: Vec<crate::bytes::Bytes>) {
        if let Some(Taking::Running { job, .. }) = self.shrink.taking {
            self.cancel_work(job);
        }
        let job = self.enqueue(Owner::TakeAway, task, buffers);
        self.shrink.taking = Some(Taking::Running { job, what });
    }

    /// Takes in a file that was written, and hands it out.
    pub(crate) fn taken(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        let what = match &self.shrink.taking {
            Some(Taking::Running { job: current, what }) if *current == job => *what,
            Some(Taking::Running { .. } | Taking::Failed(_)) | None => return Vec::new(),
        };
        self.shrink.taking = None;
        match (what, outcome) {
            (_, Err(failure)) => self.shrink.taking = Some(Taking::Failed(failure)),
            (What::C { id, file }, Ok((Product::Exported { name }, files))) => {
                let text = |k: usize| files.get(k).map(|text| String::from_utf8_lossy(text).into_owned());
                let c = text(0).zip(text(1)).map(|(header, source)| CSource { name, header, source });
                if let Some(variant) = self.shrink.variants.iter_mut().find(|variant| variant.id == id) {
                    variant.c = c;
                    return self.download(id, file);
                }
            }
            (What::Report(form), Ok((Product::Reported, files))) => {
                let model = self.source.as_ref().map_or("model", |source| source.name.as_str());
                let name = format!("{}.{}", stem(model, "report"), form.extension());
                return files.into_iter().next().map(|bytes| Effect::Save { name, bytes }).into_iter().collect();
            }
            (What::C { .. } | What::Report(_), Ok((product, _))) => {
                self.shrink.taking = Some(Taking::Failed(product.unexpected()));
            }
        }
        Vec::new()
    }
}
