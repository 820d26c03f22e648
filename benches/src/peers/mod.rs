//! Mote beside other runtimes: the same networks on the same inputs, in turn, within one run.
//!
//! ```text
//! Case (network, inputs, golden outputs) -> Contestant (runtime, place, form) -> interleaved times -> Measured -> report
//! ```
//!
//! - [`case`]: what is run.
//! - [`contestant`]: who runs it: our guest and peers' modules under one wasmtime, peers' programs beside it.
//! - [`child`]: a program that loads a model, answers with times, and waits while others run.
//! - [`measured`]: times and answers, and what they come to.
//! - [`report`]: the figures as JSON and as Markdown.

pub mod case;
pub mod child;
pub mod contestant;
pub mod measured;
pub mod report;

/// The suites that keep figures: under wasmtime and natively, and in a browser.
pub const SUITES: [&str; 2] = ["peers", "browser"];
