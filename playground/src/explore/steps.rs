//! What was tried as the state has it, and what is done with it: the part of [`State::update`] that is about that.

use mote_models::recipe::Recipe;

use super::{Axis, Chart, Cost, Measure, Point, Tried};
use crate::shrink::{Measured, Plan};
use crate::state::State;
use crate::update::Effect;

/// What happened about what was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The user chose an axis.
    AxisChosen(Axis),
    /// The user came to a point.
    At(Tried),
    /// The user wants the recipe of a point back.
    Taken(Tried),
}

impl State {
    /// Takes in an event.
    pub(crate) fn exploring(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::AxisChosen(axis) => self.explore.axis = axis,
            Event::At(tried) => self.explore.at = Some(tried),
            Event::Taken(tried) => {
                self.explore.at = Some(tried);
                if let Some((name, recipe)) = self.name_of(tried).zip(self.recipe_of(tried)) {
                    return self.shrink_to(Plan { name, recipe: recipe.into() });
                }
            }
        }
        Vec::new()
    }

    /// How something that was tried is made; the original is not.
    #[must_use]
    pub fn recipe_of(&self, tried: Tried) -> Option<Recipe> {
        match tried {
            Tried::Original => None,
            Tried::Variant(id) => {
                let variant = self.shrink.variants.iter().find(|variant| variant.id == id)?;
                Some((*variant.plan.recipe).clone())
            }
            Tried::Trial(k) => self.search.found.as_ref()?.recipe(k),
        }
    }

    fn name_of(&self, tried: Tried) -> Option<String> {
        let chart = self.tried()?;
        chart.points.iter().find(|point| point.tried == tried).map(|point| point.name.clone())
    }

    /// Everything that was tried and can be judged, over the axis that is chosen; none before there is anything.
    #[must_use]
    pub fn tried(&self) -> Option<Chart> {
        let judged = |tried: Tried, name: &str, measured: &Measured| {
            let accuracy = measured.judged.accuracy.as_ref()?;
            let latency = measured.judged.latency.map(|latency| latency.median_millis);
            let cost = Cost::of(&measured.judged.size, latency);
            Some((Measure::of(accuracy), Point { tried, name: name.into(), quality: accuracy.headline(), cost }))
        };
        let name = self.source.as_ref().map_or("original", |source| source.name.as_str());
        let original = self.shrink.original.as_ref().and_then(|measured| judged(Tried::Original, name, measured));
        let original = original.or_else(|| {
            // A search measures it, too, by the samples that its trials are judged by.
            let found = self.search.found.as_ref()?;
            Some((found.measure, found.point(Tried::Original, name, found.state.original.as_ref()?)))
        });
        let variants =
            self.shrink.variants.iter().filter_map(|variant| {
                judged(Tried::Variant(variant.id), &variant.plan.name, variant.measured.as_ref()?)
            });
        let trials = self.search.found.iter().flat_map(|found| {
            found.state.trials.iter().enumerate().filter_map(|(k, trial)| {
                let name = trial.choices.to_string();
                Some((found.measure, found.point(Tried::Trial(k), &name, trial.measured.as_ref()?)))
            })
        });
        let all: Vec<(Measure, Point)> = original.into_iter().chain(variants).chain(trials).collect();
        let measure = all.first()?.0;
        let points = all.into_iter().filter(|(own, _)| *own == measure).map(|(_, point)| point).collect();
        Some(Chart::of(points, self.explore.axis, measure))
    }
}
