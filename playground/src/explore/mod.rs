//! Everything that was tried, side by side: the original, variants, the search's trials.
//!
//! - [`Chart`]: how good each is and what it takes, and which of them nothing beats.
//! - `steps`: what is taken from the state, and what is done with it.

mod points;
mod steps;

use serde::{Deserialize, Serialize};

pub use points::{Axis, Chart, Cost, Measure, Point, Tried};
pub use steps::Event;

/// What is shown of everything that was tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explore {
    /// The horizontal axis.
    pub axis: Axis,
    /// The point that the keyboard is at, or the pointer was last.
    pub at: Option<Tried>,
}
