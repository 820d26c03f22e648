//! What was tried as the state has it, and what is done with it: the part of [`State::update`] that is about that.

use mote_models::recipe::Recipe;

use super::{Axis, Chart, Cost, Measure, Point, Tried};
use crate::shrink::Measured;
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
                if let Some(recipe) = self.recipe_of(tried) {
                    return self.adopt(recipe);
                }
            }
        }
        Vec::new()
    }

    /// How something that was tried is made. The original is not, and the draft is what the controls say anyway.
    #[must_use]
    pub fn recipe_of(&self, tried: Tried) -> Option<Recipe> {
        match tried {
            Tried::Original | Tried::Draft => None,
            Tried::Variant(id) => Some((*self.shrink.kept(id)?.plan.recipe).clone()),
            Tried::Trial(k) => self.search.found.as_ref()?.recipe(k),
        }
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
        // Once it is kept it is a variant.
        let draft = self.shrink.draft.as_ref().filter(|_| !self.shrink.is_kept());
        let draft = draft.and_then(|draft| judged(Tried::Draft, &draft.plan.name, draft.measured.as_ref()?));
        let trials = self.search.found.iter().flat_map(|found| {
            found.state.trials.iter().enumerate().filter_map(|(k, trial)| {
                let name = trial.choices.to_string();
                Some((found.measure, found.point(Tried::Trial(k), &name, trial.measured.as_ref()?)))
            })
        });
        let all: Vec<(Measure, Point)> = original.into_iter().chain(draft).chain(variants).chain(trials).collect();
        let measure = all.first()?.0;
        let points = all.into_iter().filter(|(own, _)| *own == measure).map(|(_, point)| point).collect();
        Some(Chart::of(points, self.explore.axis, measure))
    }
}

#[cfg(test)]
mod tests {
    use mote_models::judge::{Accuracy, Estimate};
    use mote_models::recipe::{Choice, Summaries};

    use super::*;
    use crate::bytes::Bytes;
    use crate::fixture;
    use crate::protocol::Kernels;
    use crate::shrink::{Plan, Variant};

    #[test]
    fn the_draft_is_a_point_of_its_own_until_it_is_kept() {
        let auc = Estimate { value: 0.9, low: 0.8, high: 0.95 };
        let judged = fixture::judged(Some(Accuracy::Anomaly { auc, anomalous: 3, normal: 3 }));
        let measured = Some(Measured { judged, kernels: Kernels::Reference });
        let variant = |id: u32| {
            let calibration = Choice { samples: id as usize, ..Choice::default() };
            let recipe = Recipe { calibration, ..Recipe::default() };
            let plan = Plan { name: format!("variant {id}"), recipe: recipe.into() };
            let (measured, file) = (measured.clone(), Bytes::default());
            Variant { id, plan, summaries: Summaries::default(), measured, file, c: None }
        };
        let mut state = State::default();
        (state.shrink.original, state.shrink.draft) = (measured.clone(), Some(variant(7)));
        state.shrink.variants = vec![variant(8)];
        let tried = |state: &State| state.tried().unwrap().points.iter().map(|point| point.tried).collect::<Vec<_>>();
        assert_eq!(tried(&state), [Tried::Original, Tried::Draft, Tried::Variant(8)]);
        assert_eq!(state.exploring(Event::Taken(Tried::Draft)), [], "it is in the controls");
        state.shrink.variants.push(variant(7));
        assert_eq!(tried(&state), [Tried::Original, Tried::Variant(8), Tried::Variant(7)]);
    }
}
