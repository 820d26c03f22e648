//! Judging: what a model costs, how well it does, and what compressing it did to it.
//!
//! ```text
//! .tflite, TestSet -> evaluate -> Predictions -> Accuracy
//!                  -> description, graph -> Size, Energy, Fit        all of it side by side -> Report
//! ```
//!
//! - [`TestSet`]: samples, and what a model should say to them; [`Task`]: what that is about.
//! - [`evaluate()`], [`Accuracy`]: what it says, and how good that is, each figure with its interval.
//! - [`Size`], [`Energy`], [`Device`]: what it takes.
//! - [`Report`]: an original and its variants side by side.
//! - [`autopsy()`]: what compressing did to each layer.
//!
//! Every figure is a value to be serialized; the host and the page only show it.

mod accuracy;
mod auc;
pub mod autopsy;
pub mod devices;
pub mod energy;
mod error;
mod estimate;
mod evaluate;
mod reals;
mod report;
pub(crate) mod signal;
mod size;
mod task;
mod test_set;

pub use crate::metrics::Estimate;
pub use accuracy::{Accuracy, ClassAccuracy};
pub use auc::roc_auc;
pub use autopsy::{Autopsy, Finding, autopsy};
pub use devices::{DEVICES, Device, Fit, Misfit};
pub use energy::Energy;
pub use error::JudgeError;
pub use estimate::bootstrap;
pub use evaluate::{Evaluation, Fidelity, Flip, Predictions, Reader, Said, evaluate, fidelity, flips};
pub use reals::reals;
pub use report::{Candidate, Change, Report, Variant};
pub use size::{Size, Weights, gzip_bytes};
pub use task::{NORMAL, Task};
pub use test_set::{TestSet, Truth};
