//! How fast the guest is in this browser: each model with each build, beside the most that this browser's SIMD can do.
//!
//! ```text
//! peak of the browser (once) -> each model: fetch -> measure (suite) -> Row          one task at a time
//! ```
//!
//! - [`suite`]: what is measured of one model, and how.
//! - [`peak`]: the limit that it is measured against.
//! - [`Machine`]: where it was measured.
//! - [`share`]: the results as Markdown and JSON.
//! - `steps`: which task follows on which; the only place that changes a [`Benchmark`].

mod machine;
pub mod peak;
pub mod share;
mod steps;
pub mod suite;

use serde::{Deserialize, Serialize};

use crate::protocol::{Failure, Job};
use peak::Peak;
use suite::{BuildTimes, Measured};

pub use machine::Machine;
pub use steps::Event;

/// What was measured, and the work on it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// The work.
    pub work: Work,
    /// Where it was measured.
    pub machine: Option<Machine>,
    /// The most that this browser's SIMD can do.
    pub peak: Option<Peak>,
    /// One for each model, in the order in which they were measured.
    pub rows: Vec<Row>,
}

/// How far the work is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// None was asked for, or all is done.
    #[default]
    Idle,
    /// Under way.
    Running(Run),
    /// Stopped by the user; what was found until then is there.
    Stopped,
    /// Failed.
    Failed(Failure),
}

/// A run over models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The job that is under way: a fetch or a task.
    pub job: Job,
    /// What it is for; none for the peak of the browser, which is first.
    pub subject: Option<Subject>,
    /// What comes after it.
    pub next: Vec<Subject>,
}

/// A model to be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Its place in [`crate::zoo::ENTRIES`]; none for the file that the user opened.
    pub zoo: Option<usize>,
}

/// A model that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name.
    pub model: String,
    /// What was found.
    #[serde(flatten)]
    pub measured: Measured,
}

impl Benchmark {
    /// How much of the peak a run reaches; none where it has no multiply-accumulates, or they are of float32, whose limit is
    /// another one.
    #[must_use]
    pub fn share_of_peak(&self, measured: &Measured, times: &BuildTimes) -> Option<f64> {
        let peak = self.peak?;
        let peak = match times.build {
            mote_abi::Build::Scalar | mote_abi::Build::Simd128 | mote_abi::Build::RelaxedSimd => peak.simd128,
            mote_abi::Build::RelaxedDotSigned | mote_abi::Build::RelaxedDotUnsigned => peak.relaxed?,
        };
        let rate = measured.macs as f64 / (times.run.median / 1000.0);
        (measured.macs > 0 && !measured.float).then_some(rate / peak)
    }
}
