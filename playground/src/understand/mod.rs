//! Why a variant answers otherwise than the original: what the user looks at, and what was found.
//!
//! ```text
//! original, variant, test samples -> Task::Contrast -> Gallery     samples whose class changed, each drawn as what it is
//!                                 -> Task::Autopsy  -> Autopsy     each layer, and findings in words
//! original, calibration samples   -> Task::Activity -> Channels    channels that stay silent, and their Removal
//! accuracies of both              -> confusion::Both               which class is taken for which
//! ```
//!
//! - [`confusion`], [`flips`], [`picture`], [`silent`]: what is shown, as plain data.
//! - [`layers`]: the figures of an autopsy's layers in words.
//! - `steps`: what events do; the only place that changes an [`Understand`].
//!
//! What looks for a reason looks at test samples alone; what chooses channels to take out looks at those that variants are made by.

pub mod confusion;
pub mod flips;
pub mod layers;
pub mod picture;
pub mod silent;
mod steps;

use std::collections::BTreeMap;

use mote_models::judge::{Accuracy, Autopsy};
use mote_models::metrics::Estimate;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::format;
use crate::pipeline::{Channels, Contrast};
use crate::protocol::{Failure, Job};
use confusion::Side;
use flips::{Filter, Kind};

/// What the user looks at, and what was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Understand {
    /// The variant, by its id, that is compared with the original; none for the one that was made last.
    pub chosen: Option<u32>,
    /// What the confusion matrix shows.
    pub side: Side,
    /// Which changed samples are shown.
    pub filter: Filter,
    /// The layer that is looked at, by its node's name.
    pub layer: Option<String>,
    /// Per cent of the samples on which a channel that counts as silent gives nothing.
    pub threshold: u8,
    /// Changed samples by variant.
    #[serde(skip)]
    pub galleries: BTreeMap<u32, Found<Gallery>>,
    /// Autopsies by variant.
    #[serde(skip)]
    pub autopsies: BTreeMap<u32, Found<Autopsy>>,
    /// What the original's channels do.
    #[serde(skip)]
    pub channels: Found<Channels>,
}

impl Default for Understand {
    fn default() -> Self {
        Self {
            chosen: None,
            side: Side::default(),
            filter: Filter::default(),
            layer: None,
            threshold: 100,
            galleries: BTreeMap::new(),
            autopsies: BTreeMap::new(),
            channels: Found::default(),
        }
    }
}

/// Work that finds something.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Found<T> {
    /// It was not asked for.
    #[default]
    None,
    /// It waits for its turn, or is under way.
    Running(Job),
    /// It was stopped by the user.
    Cancelled,
    /// It failed.
    Failed(Failure),
    /// It is here.
    Done(T),
}

impl<T> Found<T> {
    /// What was found, once it is here.
    #[must_use]
    pub fn done(&self) -> Option<&T> {
        match self {
            Found::Done(found) => Some(found),
            Found::None | Found::Running(_) | Found::Cancelled | Found::Failed(_) => None,
        }
    }

    /// The job that finds it, while it is on its way.
    #[must_use]
    pub fn job(&self) -> Option<Job> {
        match self {
            Found::Running(job) => Some(*job),
            Found::None | Found::Cancelled | Found::Failed(_) | Found::Done(_) => None,
        }
    }

    /// The same without what was found.
    #[must_use]
    pub fn progress(&self) -> Found<()> {
        match self {
            Found::None => Found::None,
            Found::Running(job) => Found::Running(*job),
            Found::Cancelled => Found::Cancelled,
            Found::Failed(failure) => Found::Failed(failure.clone()),
            Found::Done(_) => Found::Done(()),
        }
    }
}

/// Samples whose class changed, with their pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Gallery {
    /// The samples.
    pub contrast: Contrast,
    /// The pictures of the first of them.
    pub pictures: Vec<Bytes>,
}

/// Work that can be asked for, and stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The samples whose class changed.
    Gallery,
    /// The layers.
    Autopsy,
    /// The channels.
    Channels,
}

impl Part {
    /// All of them, what takes least first.
    pub const ALL: [Part; 3] = [Part::Gallery, Part::Channels, Part::Autopsy];
}

/// What is missing before anything can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// A model.
    Model,
    /// A model that computes with floats.
    Float,
    /// Samples that suit it.
    Samples,
    /// A variant that was judged.
    Variant,
    /// Labels of the samples.
    Labels,
}

/// How well the original and the variant do, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accuracies {
    /// What is measured.
    pub name: &'static str,
    /// The original's figure, and its interval.
    pub before: (String, String),
    /// The variant's.
    pub after: (String, String),
    /// How much more the variant's is.
    pub change: String,
}

impl Accuracies {
    fn of(before: &Accuracy, after: &Accuracy) -> Self {
        let (x, y) = (before.headline(), after.headline());
        let are_shares = matches!(after, Accuracy::Classification { .. });
        let shown = |found: Estimate| match are_shares {
            true => (format::percent(found.value), format::interval(found)),
            false => (format!("{:.4}", found.value), format!("{:.4}–{:.4}", found.low, found.high)),
        };
        let change = match are_shares {
            true => format!("{:+.1} points", (y.value - x.value) * 100.0),
            false => format!("{:+.4}", y.value - x.value),
        };
        let name = match after {
            Accuracy::Classification { .. } => "of the accuracy",
            Accuracy::Anomaly { .. } => "of the area under the ROC curve",
            Accuracy::Regression { .. } => "of the root mean squared error",
        };
        Self { name, before: shown(x), after: shown(y), change }
    }
}

/// What the controls make, beside the variant that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What it is called.
    pub name: String,
    /// The draft, once it is made and judged.
    pub id: Option<u32>,
    /// How well both do, where the samples tell.
    pub change: Option<Accuracies>,
}

/// A class for people: its name where that is known, else its number.
#[must_use]
pub fn class_name(names: &[String], class: usize) -> String {
    names.get(class).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| class.to_string())
}

/// What the user does about it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Chose a variant, by its id.
    VariantChosen(u32),
    /// Asked for a part of it.
    Asked(Part),
    /// Stopped one.
    Cancelled(Part),
    /// Chose what the confusion matrix shows.
    SideChosen(Side),
    /// Chose which kind of changed samples are shown; none for all.
    KindChosen(Option<Kind>),
    /// Chose the true class of those that are shown; none for all.
    ClassChosen(Option<usize>),
    /// Went to another page of them.
    PageChosen(usize),
    /// Looks at a layer, by its node's name, or at none.
    LayerOpened(Option<String>),
    /// Chose from when on a channel counts as silent, in per cent of the samples.
    ThresholdChosen(u8),
    /// Takes the silent channels out, in the recipe.
    SilentRemoved,
}

impl From<Event> for crate::update::Event {
    fn from(event: Event) -> Self {
        Self::Understand(event)
    }
}
