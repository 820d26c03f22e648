//! What the commands share.
//!
//! - [`model`]: a model by its path or by its name in the zoo.
//! - [`choice`]: values of options by their names, sizes, shares.
//! - [`data`]: samples from files, as the bytes of inputs.
//! - [`making`]: what the commands share that make a model from another.
//! - [`engine`]: the sandbox as the engine of `mote-models`.
//! - [`samples`]: the options that say what samples are.
//! - [`explain`]: errors of `mote-models` as failures.
//! - [`files`]: reading and writing whole files, with errors that name them.
//! - [`options`]: the sandbox's options on the command line.
//! - [`batch`]: several windows of input in one run.
//! - [`parallel`]: many runs over several instances, results in order, with progress.
//! - [`progress`]: how far work is.
//! - [`latency`]: medians and the like.
//! - [`peak`]: what the machine's 128-bit unit can do at most.
//! - [`throughput`]: runs a second of several instances together.

pub mod batch;
pub mod choice;
pub mod data;
pub mod engine;
pub mod explain;
pub mod files;
pub mod latency;
pub mod making;
pub mod model;
pub mod options;
pub mod parallel;
pub mod peak;
pub mod progress;
pub mod samples;
pub mod throughput;
