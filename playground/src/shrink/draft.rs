//! The variant that follows the controls.
//!
//! ```text
//! controls change -> a moment of rest -> wanted -> layers, original (once) -> make -> judge -> draft -> kept, if asked for
//!                                          |  made before: at once                     other kernels: time again
//!                                          another one wanted: what is under way for the last is cancelled
//! ```

use mote_models::recipe::Recipe;

use super::{Choices, Event, Follows, Plan, Shrink, Split, Step, Variant, Which, Work};
use crate::bytes::Bytes;
use crate::pipeline::{Product, Task};
use crate::protocol::{Job, Kernels};
use crate::state::{Model, State};
use crate::update::Effect;
use crate::view::View;
use crate::workshop::{Outcome, Owner};

/// Controls that have not moved for so long have come to rest: longer than between two steps of a slider that is being
/// dragged, short enough that the answer still belongs to the move.
const REST_MILLIS: u32 = 300;

/// Work that takes longer is told of.
const SLOW_MILLIS: u32 = 500;

/// Bytes of files of what was tried, beyond which those of the oldest are forgotten.
const TRIED_BYTES: usize = 64 << 20;

impl State {
    /// The user chose something: once the controls come to rest the draft follows.
    pub(super) fn choices_changed(&mut self) -> Vec<Effect> {
        match self.shrink.follows {
            Follows::WhenKept => Vec::new(),
            Follows::AtOnce => {
                self.shrink.changes += 1;
                let event = Box::new(Event::Settled(self.shrink.changes).into());
                vec![Effect::After { millis: REST_MILLIS, event }]
            }
        }
    }

    /// The controls came to rest, if this was their last change.
    pub(super) fn settled(&mut self, change: u32) -> Vec<Effect> {
        if change != self.shrink.changes {
            return Vec::new();
        }
        // What was to be kept is what the controls said then.
        self.shrink.keeps = false;
        self.follow()
    }

    /// The view was opened, or the model or its samples became ready under it.
    pub(crate) fn follow_in_view(&mut self) -> Vec<Effect> {
        if let Work::Idle = self.shrink.work
            && !self.shrink.asked.is_empty()
        {
            return self.make_asked();
        }
        let at_once = self.view == View::Shrink && self.shrink.follows == Follows::AtOnce;
        match self.shrink.work {
            Work::Idle if at_once => self.follow(),
            Work::Idle if self.shrink.original.is_some() => self.go_on(),
            Work::Idle | Work::Running { .. } | Work::Cancelled | Work::Failed(_) => Vec::new(),
        }
    }

    /// Makes the draft what the controls say.
    pub(super) fn follow(&mut self) -> Vec<Effect> {
        // A change that has not come to rest yet has now.
        self.shrink.changes += 1;
        let Shrink { history, choices, .. } = &mut self.shrink;
        history.settle(choices);
        let wanted = self.wanted_plan();
        let recipe = |plan: &Option<Plan>| plan.as_ref().map(|plan| plan.recipe.clone());
        if recipe(&wanted) != recipe(&self.shrink.wanted) {
            let keeps = self.shrink.keeps;
            self.drop_step(Work::Idle);
            (self.shrink.wanted, self.shrink.keeps) = (wanted, keeps);
        }
        if let Work::Cancelled | Work::Failed(_) = self.shrink.work {
            self.shrink.work = Work::Idle;
        }
        match &self.shrink.wanted {
            None => self.shrink.draft = None,
            Some(wanted) => {
                let made = |variant: &&Variant| variant.plan.recipe == wanted.recipe && !variant.file.is_empty();
                if let Some(found) = self.shrink.tried.iter().find(made) {
                    self.shrink.draft = Some(Variant { plan: wanted.clone(), ..found.clone() });
                }
            }
        }
        self.go_on()
    }

    /// Keeps what the controls say, once it is made.
    pub(super) fn keep(&mut self) -> Vec<Effect> {
        self.shrink.keeps = true;
        let effects = self.follow();
        self.shrink.keeps &= self.shrink.wanted.is_some() && self.shrink.is_running();
        effects
    }

    /// What the controls say; what the user says of the model's input and output goes with it, unless a recipe said so.
    fn wanted_plan(&self) -> Option<Plan> {
        let mut plan = self.shrink.plan().filter(|_| self.can_shrink())?;
        if plan.recipe.metadata.is_empty() {
            let output = self.description().and_then(|description| description.outputs.first());
            plan.recipe.metadata = self.dataset.told(output.map_or(0, mote_abi::Tensor::elements));
        }
        Some(plan)
    }

    /// Brings a plan's recipe into the controls, and keeps what it makes under the plan's name.
    pub(crate) fn shrink_to(&mut self, plan: Plan) -> Vec<Effect> {
        let mut effects = self.adopt((*plan.recipe).clone());
        let Shrink { wanted, draft, .. } = &mut self.shrink;
        let draft = draft.as_mut().map(|draft| &mut draft.plan);
        // The wanted one says more of input and output; a draft of before is another one.
        let recipe = wanted.as_ref().map(|wanted| wanted.recipe.clone());
        for named in wanted.iter_mut().chain(draft).filter(|named| Some(&named.recipe) == recipe.as_ref()) {
            named.name.clone_from(&plan.name);
        }
        effects.extend(self.keep());
        effects
    }

    /// Makes and keeps the next variant that a link asks for, once there is a model and samples. The controls stay as they are.
    fn make_asked(&mut self) -> Vec<Effect> {
        if !self.can_shrink() || !self.has_samples() {
            return Vec::new();
        }
        let Some(plan) = self.shrink.asked.pop_front() else { return Vec::new() };
        let choices = self.shrink.choices.clone();
        let effects = self.shrink_to(plan);
        self.shrink.choices = choices;
        effects
    }

    /// Starts the next step towards what is wanted; where all is there the draft is kept, if that was asked for.
    pub(super) fn go_on(&mut self) -> Vec<Effect> {
        let began = !self.shrink.is_running();
        if !began || !self.can_shrink() || !self.has_samples() {
            return Vec::new();
        }
        match self.next_step() {
            Some(step) => {
                let (task, buffers) = self.task_of(step);
                let kernels = self.kernels;
                let job = self.enqueue(Owner::Shrink, task, buffers);
                self.shrink.work = Work::Running { job, step, kernels };
            }
            None => {
                self.shrink.slow = false;
                if std::mem::take(&mut self.shrink.keeps) {
                    self.shrink.keep_draft();
                    // What a link asks for comes one after the other; then the controls are followed again.
                    return if self.shrink.asked.is_empty() { Vec::new() } else { self.make_asked() };
                }
                return Vec::new();
            }
        }
        if self.shrink.slow {
            return Vec::new();
        }
        self.shrink.runs += 1;
        let event = Box::new(Event::Slow(self.shrink.runs).into());
        vec![Effect::After { millis: SLOW_MILLIS, event }]
    }

    /// The work of this number has taken a moment, if it still goes on.
    pub(super) fn slowed(&mut self, run: u32) {
        self.shrink.slow |= self.shrink.is_running() && run == self.shrink.runs;
    }

    fn next_step(&self) -> Option<Step> {
        let Shrink { layers, original, wanted, draft, .. } = &self.shrink;
        if layers.is_none() {
            return Some(Step::Layers);
        }
        if original.is_none() {
            return Some(Step::Original);
        }
        match (wanted, draft) {
            (Some(wanted), Some(draft)) if draft.plan.recipe == wanted.recipe && draft.measured.is_none() => {
                Some(Step::Judge)
            }
            (Some(wanted), Some(draft)) if draft.plan.recipe != wanted.recipe => Some(Step::Make),
            (Some(_), None) => Some(Step::Make),
            (Some(_), Some(_)) | (None, _) => self.shrink.timed_otherwise(self.kernels).map(Step::Time),
        }
    }

    fn task_of(&self, step: Step) -> (Task, Vec<Bytes>) {
        let (source, archive) = (self.source_bytes(), self.archive());
        let all = || self.shrink.split().map(Split::test_places).unwrap_or_default();
        let draft = || self.shrink.draft.as_ref();
        match step {
            Step::Layers => (Task::Layers, vec![source]),
            Step::Original => (Task::Judge { places: all() }, vec![source, archive]),
            Step::Make => {
                let recipe = self.shrink.wanted.as_ref().map(|plan| plan.recipe.clone()).unwrap_or_default();
                (Task::Make { recipe }, vec![source, archive])
            }
            Step::Judge => {
                let places = draft().map(|draft| self.shrink.judging(draft)).unwrap_or_default();
                let file = draft().map(|draft| draft.file.clone()).unwrap_or_default();
                (Task::Judge { places }, vec![file, archive])
            }
            Step::Time(which) => {
                let file = match which {
                    Which::Original => source,
                    Which::Draft => draft().map(|draft| draft.file.clone()).unwrap_or_default(),
                    Which::Kept(id) => self.shrink.kept(id).map(|kept| kept.file.clone()).unwrap_or_default(),
                };
                (Task::Time { places: all() }, vec![file, archive])
            }
        }
    }

    /// Gives up the step that is under way.
    pub(super) fn drop_step(&mut self, end: Work) {
        if let Work::Running { job, .. } = self.shrink.work {
            self.cancel_work(job);
            self.shrink.end_work(end);
        }
    }

    /// Brings a recipe back into the controls; the draft follows. What the controls cannot show is kept, and counts.
    pub fn adopt(&mut self, recipe: Recipe) -> Vec<Effect> {
        self.shrink.refused = None;
        let Shrink { choices, samples, .. } = &mut self.shrink;
        choices.adopt(recipe, samples.split());
        self.follow()
    }

    /// The same of a recipe's file, which the workshop reads: the page need not know TOML.
    pub(super) fn open_recipe(&mut self, file: Vec<u8>) {
        if let Some(job) = self.shrink.reading.take() {
            self.cancel_work(job);
        }
        self.shrink.reading = Some(self.enqueue(Owner::Recipe, Task::Recipe, vec![file.into()]));
    }

    /// Takes in what a recipe's file says.
    pub(crate) fn recipe_read(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        if self.shrink.reading.take_if(|reading| *reading == job).is_none() {
            return Vec::new();
        }
        match outcome {
            Ok((Product::Recipe(recipe), _)) => return self.adopt(*recipe),
            Ok((product, _)) => self.shrink.refused = Some(product.unexpected()),
            Err(failure) => self.shrink.refused = Some(failure),
        }
        Vec::new()
    }

    /// Makes the controls what they were at another time.
    pub(super) fn return_to(&mut self, choices: Option<Choices>) -> Vec<Effect> {
        match choices {
            Some(choices) => {
                self.shrink.choices = choices;
                self.follow()
            }
            None => Vec::new(),
        }
    }

    fn has_samples(&self) -> bool {
        matches!(self.model, Model::Ready { .. }) && self.shrink.split().is_some_and(|split| split.test() > 0)
    }
}

impl Shrink {
    /// A variant that was kept.
    #[must_use]
    pub fn kept(&self, id: u32) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == id)
    }

    /// The next model that was timed with other kernels than these.
    fn timed_otherwise(&self, kernels: Kernels) -> Option<Which> {
        let other = |measured: &Option<super::Measured>| measured.as_ref().is_some_and(|m| m.kernels != kernels);
        if other(&self.original) {
            return Some(Which::Original);
        }
        if self.draft.as_ref().is_some_and(|draft| other(&draft.measured)) {
            return Some(Which::Draft);
        }
        self.variants.iter().find(|kept| other(&kept.measured)).map(|kept| Which::Kept(kept.id))
    }

    /// Makes the draft a row of the table, in the place of the same one if that is there.
    fn keep_draft(&mut self) {
        let Some(draft) = self.draft.clone().filter(|_| self.is_current()) else { return };
        match self.variants.iter_mut().find(|kept| kept.plan.recipe == draft.plan.recipe) {
            Some(kept) => *kept = Variant { id: kept.id, ..draft },
            None => self.variants.push(draft),
        }
    }

    /// Remembers the draft among all that was tried.
    pub(super) fn remember_draft(&mut self) {
        let Some(draft) = self.draft.clone() else { return };
        self.tried.retain(|variant| variant.plan.recipe != draft.plan.recipe);
        self.tried.push(draft);
        let mut bytes = 0;
        for variant in self.tried.iter_mut().rev() {
            bytes += variant.file.len();
            if bytes > TRIED_BYTES {
                variant.file = Bytes::default();
            }
        }
    }

    /// What was made and not judged is given up with the work.
    pub(super) fn end_work(&mut self, end: Work) {
        // Once one was stopped or failed, nothing more of a link is made by itself.
        if end != Work::Idle {
            self.asked.clear();
        }
        self.work = end;
        (self.slow, self.keeps) = (false, false);
        self.draft.take_if(|draft| draft.measured.is_none());
    }
}
