//! An experiment as a link: all that makes it again on a model of the zoo. Files of the user's are in no link.

use serde::{Deserialize, Serialize};

use crate::explore::Axis;
use crate::format::slug;
use crate::keep::Keeping;
use crate::relaxed::Wanted;
use crate::search::Wishes;
use crate::shrink::{Choices, Follows, Plan};
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
    #[serde(default)]
    follows: Follows,
    #[serde(default)]
    device: Option<String>,
    /// The axis that everything is shown over.
    #[serde(default)]
    axis: Axis,
    #[serde(default)]
    wishes: Wishes,
    /// Whether the search was run, and is to run again.
    #[serde(default)]
    searched: bool,
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
    /// Opened one that this page cannot read.
    Broken,
}

impl Link {
    /// Reads the end of an address; none where it only names a view, or nothing that this page can open.
    #[must_use]
    pub fn parse(hash: &str) -> Option<Self> {
        let experiment: Experiment = serde_json::from_str(&text_of(hash)?).ok()?;
        entry(&experiment.model)?;
        Some(Self { view: View::of_hash(hash), experiment })
    }

    /// Whether the end of an address should be a link, and is none that this page can open.
    #[must_use]
    pub fn is_broken(hash: &str) -> bool {
        text_of(hash).is_some() && Self::parse(hash).is_none()
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
            follows: self.shrink.follows,
            device: self.shrink.device.clone(),
            axis: self.explore.axis,
            wishes: self.search.wishes,
            searched: self.search.found.is_some() || self.search.asked,
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
            Event::Broken => self.broken_link = true,
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
        self.broken_link = false;
        self.want(experiment.kernels);
        let effects = self.choose_zoo(entry);
        let Experiment { choices, variants, follows, device, axis, wishes, searched, .. } = experiment;
        self.shrink.choices = choices;
        self.shrink.asked = variants.into();
        (self.shrink.follows, self.shrink.device) = (follows, device);
        self.explore.axis = axis;
        (self.search.wishes, self.search.asked) = (wishes, searched);
        effects
    }
}

/// The text of an experiment in the end of an address.
fn text_of(hash: &str) -> Option<String> {
    let (_, query) = hash.split_once('?')?;
    let (_, text) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "experiment")?;
    Some(text.into_owned())
}

fn entry(model: &str) -> Option<usize> {
    zoo::ENTRIES.iter().position(|entry| slug(entry.name) == model)
}

#[cfg(test)]
mod tests;
