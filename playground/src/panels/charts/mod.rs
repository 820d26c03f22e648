//! Charts, each with a text that says the same and a way through it by keyboard. `crate::charts` says where marks lie.
//!
//! - [`axes`]: ticks, lines and names of two axes.
//! - [`heat_map`]: a table whose cells are shaded by their numbers.
//! - [`histogram`]: two histograms over each other.
//! - [`picture`]: a sample, drawn as what it is.
//! - [`scatter`]: everything that was tried.
//! - [`strip`]: a small square for each of many.
//! - [`width_of`]: a chart with text is drawn at its size on the page, so that its text is as large as all other.

pub(crate) mod axes;
pub(crate) mod heat_map;
pub(crate) mod histogram;
pub(crate) mod picture;
pub(crate) mod scatter;
pub(crate) mod strip;
mod width;

pub(crate) use width::width_of;
