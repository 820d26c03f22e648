//! The page: choose or open a model, see what the guest tells about it, run it over data, draw digits for it.
//!
//! What can be plain data is, and is tested natively: [`state`] is all that the page shows, [`update`] how it changes,
//! [`view`] which part of it is shown,
//! [`network`] what its layers are, [`dataset`] how files become samples, [`workshop`] how tasks wait for their turn, [`protocol`] what page and worker say to each other, [`evaluation`] and [`latency`] how a model is measured, [`pool`] how runners share that, [`pipeline`]
//! how artefacts are made and judged, [`shrink`] how a user comes to one, [`sketch`] how a drawing becomes the model's input. The
//! rest needs a browser: `engine` runs the guest's own bytes, `worker` answers the page with it, `app` does what [`update`] asks
//! for, `panels` show the state.

pub mod benchmark;
pub mod bytes;
pub mod charts;
pub mod dataset;
pub mod evaluation;
pub mod explore;
#[cfg(test)]
mod fixture;
pub mod format;
pub mod keep;
pub mod latency;
pub mod learn;
pub mod network;
pub mod pipeline;
pub mod pool;
pub mod protocol;
pub mod relaxed;
pub mod report;
pub mod search;
pub mod share;
pub mod shrink;
pub mod sketch;
pub mod state;
pub mod trace;
pub mod try_it;
pub mod understand;
pub mod update;
pub mod view;
pub mod words;
pub mod workshop;
pub mod zoo;

#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod devices;
#[cfg(target_arch = "wasm32")]
mod engine;
#[cfg(target_arch = "wasm32")]
mod panels;
#[cfg(target_arch = "wasm32")]
mod store;
#[cfg(target_arch = "wasm32")]
mod timed;
#[cfg(target_arch = "wasm32")]
pub mod worker;

#[cfg(target_arch = "wasm32")]
pub use browser::tell_panics;
