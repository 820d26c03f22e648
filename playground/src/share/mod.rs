//! An experiment as a link: all that makes it again on a model of the zoo. Files of the user's are in no link.

use serde::{Deserialize, Serialize};

use crate::format::slug;
use crate::keep::Keeping;
use crate::relaxed::Wanted;
use crate::shrink::{Choices, Plan};
use crate::state::{Data, State};
use crate::update::Effect;
use crate::view::View;
use crate::zoo;

/// An experiment on a model of the zoo, with its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The view to open it in.
    pub view: View,
    experiment: Experiment,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Experiment {
    /// The model's name in addresses.
    model: String,
    kernels: Wanted,
    choices: Choices,
    variants: Vec<Plan>,
}

/// What the user does with links, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Opened one.
    Opened(Box<Link>),
    /// Wants one of what the page shows.
    CopyAsked,
    /// Whether it is in the clipboard; it is in the address in any case.
    Copied(bool),
}

impl Link {
    /// Reads the end of an address; none where it only names a view, or nothing that this page can open.
    #[must_use]
    pub fn parse(hash: &str) -> Option<Self> {
        let (_, query) = hash.split_once('?')?;
        let (_, text) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "experiment")?;
        let experiment: Experiment = serde_json::from_str(&text).ok()?;
        entry(&experiment.model)?;
        Some(Self { view: View::of_hash(hash), experiment })
    }

    /// The end of an address, with its `#`.
    #[must_use]
    pub fn hash(&self) -> String {
        let text = serde_json::to_string(&self.experiment).expect("an experiment is plain data");
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("experiment", &text).finish();
        format!("#{}?{query}", self.view.key())
    }

    /// Whether both are the same experiment, in whichever view.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.experiment == other.experiment
    }
}

impl State {
    /// The link to what the page shows; none for a model or samples of the user's.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        let Data::Zoo = self.data else { return None };
        let entry = zoo::ENTRIES.get(self.source.as_ref()?.zoo?)?;
        let made = self.shrink.variants.iter().map(|variant| &variant.plan);
        let experiment = Experiment {
            model: slug(entry.name),
            kernels: self.wanted,
            choices: self.shrink.choices.clone(),
            variants: made.chain(&self.shrink.asked).cloned().collect(),
        };
        Some(Link { view: self.view, experiment })
    }

    pub(crate) fn sharing(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Opened(link) => return self.open_link(*link),
            Event::CopyAsked => {
                self.copied = None;
                return self.link().map(|link| Effect::CopyLink { hash: link.hash() }).into_iter().collect();
            }
            Event::Copied(copied) => self.copied = Some(copied),
        }
        Vec::new()
    }

    fn open_link(&mut self, Link { view, experiment }: Link) -> Vec<Effect> {
        self.view = view;
        if self.link().is_some_and(|shown| shown.experiment == experiment) {
            return Vec::new();
        }
        let Some(entry) = entry(&experiment.model) else { return Vec::new() };
        self.keeping = Keeping::Visiting;
        self.want(experiment.kernels);
        let effects = self.choose_zoo(entry);
        self.shrink.choices = experiment.choices;
        self.shrink.asked = experiment.variants.into();
        effects
    }
}

fn entry(model: &str) -> Option<usize> {
    zoo::ENTRIES.iter().position(|entry| slug(entry.name) == model)
}

#[cfg(test)]
mod tests;
