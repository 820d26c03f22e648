//! What events do: the part of [`State::update`] that is about understanding.

use mote_models::judge::autopsy::Options;
use mote_models::judge::{Accuracy, Autopsy};

use super::confusion::Both;
use super::silent::Removal;
use super::{Accuracies, Answered, Event, Found, Gallery, Lack, Part, Understand};
use crate::bytes::Bytes;
use crate::pipeline::{Product, Task};
use crate::protocol::{Failure, Job};
use crate::shrink::{self, Shrink, Stage, Variant};
use crate::state::State;
use crate::update::Effect;
use crate::workshop::{Outcome, Owner};

/// What counts as near zero in the activity of channels.
pub(crate) const NEAR_ZERO: f32 = 1e-6;

impl State {
    /// Takes in what the user does.
    pub(crate) fn understanding(&mut self, event: Event) -> Vec<Effect> {
        let understand = &mut self.understand;
        match event {
            Event::VariantChosen(id) => {
                understand.chosen = Some(id);
                understand.filter = Default::default();
            }
            Event::Asked(part) => self.examine(part),
            Event::Cancelled(part) => self.stop_examining(part),
            Event::SideChosen(side) => understand.side = side,
            Event::KindChosen(kind) => (understand.filter.kind, understand.filter.page) = (kind, 0),
            Event::ClassChosen(class) => (understand.filter.class, understand.filter.page) = (class, 0),
            Event::PageChosen(page) => understand.filter.page = page,
            Event::LayerOpened(layer) => understand.layer = layer,
            Event::ThresholdChosen(threshold) => understand.threshold = threshold.min(100),
            Event::SilentRemoved => return self.remove_silent(),
        }
        Vec::new()
    }

    /// The variant that is compared with the original: the one that was chosen, or else the draft, or else the one that was kept last.
    /// One that is not judged yet is none.
    #[must_use]
    pub fn examined(&self) -> Option<&Variant> {
        let chosen =
            self.understand.chosen.and_then(|id| self.examinable().into_iter().find(|variant| variant.id == id));
        chosen.or_else(|| self.examinable().pop())
    }

    /// All variants that can be compared: those that were kept, the one that was chosen, and the draft.
    #[must_use]
    pub fn examinable(&self) -> Vec<&Variant> {
        let chosen = self.shrink.tried.iter().filter(|tried| self.understand.chosen == Some(tried.id));
        let mut found: Vec<&Variant> = Vec::new();
        for variant in self.shrink.variants.iter().chain(chosen).chain(&self.shrink.draft) {
            let is_there = found.iter().any(|other| other.plan.recipe == variant.plan.recipe);
            if variant.measured.is_some() && !variant.file.is_empty() && !is_there {
                found.push(variant);
            }
        }
        found
    }

    /// What the controls make now, beside the variant that is compared: its name, and how much more its accuracy is. None where they
    /// make that variant.
    #[must_use]
    pub fn recipe_now(&self) -> Option<Answered> {
        let (wanted, examined) = (self.shrink.wanted.as_ref()?, self.examined()?);
        if wanted.recipe == examined.plan.recipe {
            return None;
        }
        let draft = self.shrink.draft.as_ref().filter(|_| self.shrink.is_current());
        let accuracy = |variant: &Variant| variant.measured.as_ref()?.judged.accuracy.clone();
        let change = draft.and_then(|draft| Some(Accuracies::of(&accuracy(examined)?, &accuracy(draft)?)));
        Some(Answered { name: wanted.name.clone(), id: draft.map(|draft| draft.id), change })
    }

    /// What is missing before anything can be compared.
    #[must_use]
    pub fn lack(&self) -> Option<Lack> {
        if self.description().is_none() {
            return Some(Lack::Model);
        }
        if !self.can_shrink() {
            return Some(Lack::Float);
        }
        let Some(survey) = self.shrink.survey() else { return Some(Lack::Samples) };
        if !survey.labelled {
            return Some(Lack::Labels);
        }
        match self.examined() {
            Some(_) => None,
            None => Some(Lack::Variant),
        }
    }

    /// How well the original and the variant do.
    #[must_use]
    pub fn accuracies(&self) -> Option<Accuracies> {
        let before = self.shrink.original.as_ref()?.judged.accuracy.as_ref()?;
        Some(Accuracies::of(before, self.examined()?.measured.as_ref()?.judged.accuracy.as_ref()?))
    }

    /// Names of the classes, where they are known.
    #[must_use]
    pub fn class_names(&self) -> Vec<String> {
        match self.shrink.original.as_ref().and_then(|original| original.judged.accuracy.as_ref()) {
            Some(Accuracy::Classification { classes, .. }) => {
                classes.iter().map(|class| class.name.clone().unwrap_or_default()).collect()
            }
            Some(Accuracy::Anomaly { .. } | Accuracy::Regression { .. }) | None => Vec::new(),
        }
    }

    /// How far a part is, of the variant that is compared.
    #[must_use]
    pub fn progress(&self, part: Part) -> Found<()> {
        match part {
            Part::Gallery => self.gallery().map_or(Found::None, Found::progress),
            Part::Autopsy => self.autopsy().map_or(Found::None, Found::progress),
            Part::Channels => self.understand.channels.progress(),
        }
    }

    /// The changed samples of the variant that is compared.
    #[must_use]
    pub fn gallery(&self) -> Option<&Found<Gallery>> {
        self.understand.galleries.get(&self.examined()?.id)
    }

    /// The autopsy of the variant that is compared.
    #[must_use]
    pub fn autopsy(&self) -> Option<&Found<Autopsy>> {
        self.understand.autopsies.get(&self.examined()?.id)
    }

    /// The confusion matrices of the original and that variant; none where they name no classes.
    #[must_use]
    pub fn confusion(&self) -> Option<Both> {
        let of = |measured: &crate::shrink::Measured| match &measured.judged.accuracy {
            Some(Accuracy::Classification { confusion, .. }) => Some(confusion.clone()),
            Some(Accuracy::Anomaly { .. } | Accuracy::Regression { .. }) | None => None,
        };
        let after = of(self.examined()?.measured.as_ref()?)?;
        Some(Both::of(&of(self.shrink.original.as_ref()?)?, &after))
    }

    /// What goes when the silent channels are taken out; none before it is known which are silent.
    #[must_use]
    pub fn removal(&self) -> Option<Removal> {
        let channels = self.understand.channels.done()?;
        Some(Removal::of(channels, f64::from(self.understand.threshold) / 100.0))
    }

    fn examine(&mut self, part: Part) {
        let Some(split) = self.shrink.split() else { return };
        match self.progress(part) {
            Found::Running(_) | Found::Done(()) => return,
            Found::None | Found::Cancelled | Found::Failed(_) => {}
        }
        match part {
            Part::Channels => {
                let places = split.calibration_places().to_vec();
                let task = Task::Activity { places, epsilon: NEAR_ZERO };
                let buffers = vec![self.source_bytes(), self.archive()];
                self.understand.channels = Found::Running(self.enqueue(Owner::Understand, task, buffers));
            }
            Part::Gallery | Part::Autopsy => {
                let Some(variant) = self.examined() else { return };
                let (id, file, places) = (variant.id, variant.file.clone(), self.shrink.judging(variant));
                self.forget_dropped();
                // What is made from now on does not take this one's place.
                self.understand.chosen = Some(id);
                let buffers = vec![self.source_bytes(), file, self.archive()];
                match part {
                    Part::Gallery => {
                        let job = self.enqueue(Owner::Understand, Task::Contrast { places }, buffers);
                        self.understand.galleries.insert(id, Found::Running(job));
                    }
                    Part::Autopsy | Part::Channels => {
                        let task = Task::Autopsy { places, options: Options::default() };
                        let job = self.enqueue(Owner::Understand, task, buffers);
                        self.understand.autopsies.insert(id, Found::Running(job));
                    }
                }
            }
        }
    }

    fn stop_examining(&mut self, part: Part) {
        let Some(job) = self.progress(part).job() else { return };
        self.cancel_work(job);
        let Understand { galleries, autopsies, channels, .. } = &mut self.understand;
        if channels.job() == Some(job) {
            *channels = Found::Cancelled;
        }
        galleries.values_mut().filter(|found| found.job() == Some(job)).for_each(|found| *found = Found::Cancelled);
        autopsies.values_mut().filter(|found| found.job() == Some(job)).for_each(|found| *found = Found::Cancelled);
    }

    /// Takes in what came of a task. What came of one that was given up is dropped.
    pub(crate) fn understood(&mut self, job: Job, outcome: Outcome) {
        let Understand { galleries, autopsies, channels, .. } = &mut self.understand;
        if let Some(gallery) = galleries.values_mut().find(|found| found.job() == Some(job)) {
            *gallery = end(outcome, |product, pictures| match product {
                Product::Contrasted(contrast) => {
                    let pictures = pictures.into_iter().map(Bytes::from).collect();
                    Ok(Gallery { contrast: *contrast, pictures })
                }
                other => Err(other.unexpected()),
            });
        } else if let Some(autopsy) = autopsies.values_mut().find(|found| found.job() == Some(job)) {
            *autopsy = end(outcome, |product, _| match product {
                Product::Autopsied(autopsy) => Ok(*autopsy),
                other => Err(other.unexpected()),
            });
        } else if channels.job() == Some(job) {
            *channels = end(outcome, |product, _| match product {
                Product::Channels(channels) => Ok(*channels),
                other => Err(other.unexpected()),
            });
        }
    }

    /// Gives up all that was found, since the model or the samples are others now.
    pub(crate) fn drop_understanding(&mut self) {
        let Understand { side, threshold, galleries, autopsies, channels, .. } = std::mem::take(&mut self.understand);
        let jobs = galleries.values().filter_map(Found::job).chain(autopsies.values().filter_map(Found::job));
        jobs.chain(channels.job()).for_each(|job| self.cancel_work(job));
        self.understand = Understand { side, threshold, ..Understand::default() };
    }

    /// Gives up what was found about variants that are there no more.
    fn forget_dropped(&mut self) {
        let Shrink { variants, tried, draft, .. } = &self.shrink;
        let is_there = |id: &u32| variants.iter().chain(tried).chain(draft).any(|variant| variant.id == *id);
        self.understand.galleries.retain(|id, _| is_there(id));
        self.understand.autopsies.retain(|id, _| is_there(id));
    }

    /// Tells the controls to take out the silent channels.
    fn remove_silent(&mut self) -> Vec<Effect> {
        let Some(removal) = self.removal().filter(|removal| removal.channels() > 0) else { return Vec::new() };
        let mut choices = self.shrink.choices.clone();
        choices.channels = Stage { on: true, options: removal.options() };
        self.shrinking(shrink::Event::Chosen(choices.into()))
    }
}

/// The end of a task, whose product is taken if it is what was asked for.
fn end<T>(outcome: Outcome, take: impl FnOnce(Product, Vec<Vec<u8>>) -> Result<T, Failure>) -> Found<T> {
    match outcome.and_then(|(product, buffers)| take(product, buffers)) {
        Ok(found) => Found::Done(found),
        Err(failure) => Found::Failed(failure),
    }
}

#[cfg(test)]
mod tests;
