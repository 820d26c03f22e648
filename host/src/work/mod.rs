//! What the commands share.
//!
//! - [`model`]: a model by its path or by its name in the zoo.
//! - [`data`]: samples from files, as the bytes of inputs.
//! - [`files`]: reading and writing whole files, with errors that name them.
//! - [`options`]: the sandbox's options on the command line.
//! - [`parallel`]: many runs over several instances, results in order, with progress.
//! - [`latency`]: medians and the like.
//! - [`synthetic`]: seeded input for measurements.

pub mod data;
pub mod files;
pub mod latency;
pub mod model;
pub mod options;
pub mod parallel;
pub mod synthetic;
