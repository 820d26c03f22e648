//! The search for the best model: what is wanted, how far it is, what it has found.
//!
//! ```text
//! Wishes, Split -> Options -> the worker's search -> News ... -> Found -> rows, points of the scatter, recipes
//!                    ^------- a slice at a time -------'
//! ```
//!
//! - [`Wishes`]: what the user wants, and the options that it is.
//! - [`Found`]: what the search has found; it comes in as [`News`] and goes on from there.
//! - `steps`: what the search's events do; the only place that changes a [`Search`].

mod found;
mod steps;
mod wishes;

use mote_models::search::{Options, State};
use serde::{Deserialize, Serialize};

use crate::protocol::{Failure, Job};

pub use found::{Found, News, Told};
pub use steps::Event;
pub use wishes::{Aim, Wishes};

/// The search.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// What the user wants.
    pub wishes: Wishes,
    /// How far it is.
    pub work: Work,
    /// What it has found; none before it began.
    pub found: Option<Found>,
    /// A link asks for it: it begins once the link's variants are made.
    #[serde(default)]
    pub asked: bool,
}

/// How far the search is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// It was not asked for.
    #[default]
    Idle,
    /// Under way, or waiting for its turn: the job of its slice.
    Running(Job),
    /// Stopped by the user; it can go on.
    Stopped,
    /// At its end; with more trials it can go on.
    Ended,
    /// Failed.
    Failed(Failure),
}

/// Where a search begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Begin {
    /// With nothing.
    Anew(Options),
    /// Where it was.
    GoOn(State),
}

impl Search {
    /// Where a search with these options begins: where the last one was, if it looked for the same, though perhaps for longer or
    /// shorter.
    #[must_use]
    pub fn begin(&self, options: Options) -> Begin {
        let same = |found: &&Found| Options { trials: options.trials, ..found.state.options.clone() } == options;
        match self.found.as_ref().filter(same) {
            Some(found) => Begin::GoOn(State { options, ..found.state.clone() }),
            None => Begin::Anew(options),
        }
    }
}
