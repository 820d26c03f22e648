//! Where the marks of charts lie, as plain numbers: `panels/charts` draws them.
//!
//! - [`Grid`]: the way through a heat map by keyboard.
//! - [`Overlaid`]: two histograms over one range.
//! - [`Strip`]: a small square for each of many, by shade.

mod grid;
mod histogram;
mod strip;

pub use grid::Grid;
pub use histogram::Overlaid;
pub use strip::Strip;
