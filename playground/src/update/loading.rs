//! From a model that was chosen, and the files that came with it, to a model that is ready.

use mote_models::import;

use super::{Effect, post};
use crate::bytes::Bytes;
use crate::pipeline::{Product, Task};
use crate::protocol::{Job, Request};
use crate::state::{Data, Live, Model, Source, State};
use crate::workshop::{Outcome, Owner};
use crate::{dataset, shrink, zoo};

impl State {
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
    pub(super) fn take_files(&mut self, files: Vec<dataset::File>) -> Vec<Effect> {
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

    /// Gives up the import of a model that is on its way; what a guest loads is loaded, and dropped.
    pub(super) fn stop_loading(&mut self) {
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
    pub(super) fn hand_over(&mut self, job: Job) -> Vec<Effect> {
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

    pub(super) fn imported(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
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
}
