//! Where the marks of charts lie, as plain numbers: `panels/charts` draws them.
//!
//! - [`Grid`]: the way through a heat map by keyboard.
//! - [`Overlaid`]: two histograms over one range.
//! - [`Scale`]: from values to places along an axis, and the values that are named there.
//! - [`Scatter`]: marks over two scales, with their whiskers and the line of the best.
//! - [`Strip`]: a small square for each of many, by shade.

mod grid;
mod histogram;
mod scale;
mod scatter;
mod strip;

pub use grid::Grid;
pub use histogram::Overlaid;
pub use scale::Scale;
pub use scatter::{Area, Mark, Place, Scatter};
pub use strip::Strip;
