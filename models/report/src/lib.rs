//! Results for people: figures of `mote-models` as tables, and as self-contained pages with plots. The `mote` binary and the page
//! both show them in these words.
//!
//! - [`activity`]: what channels do on samples.
//! - [`autopsied`]: layers before and after.
//! - [`judged`]: models side by side.
//! - [`searched`]: what a search found.
//! - [`html`]: the same as a page with plots.
//!
//! Everything is a function from figures to text; nothing is read, written or measured here.

#![forbid(unsafe_code)]

pub mod activity;
pub mod autopsied;
pub mod html;
pub mod judged;
pub mod searched;

mod numbers;
mod table;
#[cfg(feature = "terminal")]
mod terminal;

pub use numbers::{bytes, count, duration, extents, layer_names, percent, rate, small_percent};
pub use table::{Align, Table};
#[cfg(feature = "terminal")]
pub use terminal::paragraph;
