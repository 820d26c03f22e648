//! `mote`: runs quantized models in a sandbox.
//!
//! - [`sandbox`]: the guest under wasmtime, with a memory cap and a deadline for each call. All that a library user needs.
//! - [`commands`]: the command line, one command a file.
//! - [`work`]: what the commands share: models and data from files, instances in parallel, timing.
//! - [`report`]: results as tables for people and as JSON for programs.
//! - [`server`]: the page over HTTP.
//! - [`failure`]: why a command did not do its work, and its exit code.

pub mod commands;
pub mod failure;
pub mod report;
pub mod sandbox;
pub mod server;
pub mod work;
