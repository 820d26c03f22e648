//! Charts, each with a text that says the same and a way through it by keyboard. `crate::charts` says where marks lie.
//!
//! - [`heat_map`]: a table whose cells are shaded by their numbers.
//! - [`histogram`]: two histograms over each other.
//! - [`picture`]: a sample, drawn as what it is.
//! - [`strip`]: a small square for each of many.

pub(crate) mod heat_map;
pub(crate) mod histogram;
pub(crate) mod picture;
pub(crate) mod strip;
