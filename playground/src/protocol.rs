//! What the page and its worker say to each other: JSON of these types beside a list of transferred buffers.
//!
//! On the wire a message is the object `{ json: string, buffers: ArrayBuffer[] }`; which buffers go with which message
//! is said at each variant. The JSON of a variant is `{"its-name": {...}}`, and `"its-name"` where it says nothing more: a reader that
//! looked for the name among the fields would have to be compiled twice, for what comes before the name and for what comes after it.
//! A worker answers every request that has a job, `Forget` excepted, with exactly one final reply (`Loaded`, `Ran`, `Evaluated`, `Timed`,
//! `Worked` or `Failed`); `Working` and `Found` may come before it.
//!
//! There are two kinds of workers. One has a guest with a loaded model and answers [`Request`]s, each in a moment: an evaluation is
//! many of them, and to cancel it is to ask no more. The other takes [`Order`]s: a task needs nothing but its buffers and holds the
//! worker until it ends; to cancel it is to end that worker.

use mote_abi::{Build, ClientError, Description, GuestError};
use mote_models::import::ImportError;
use mote_models::recipe::RecipeError;
use serde::{Deserialize, Serialize};

use crate::evaluation::{Answered, Part};
use crate::latency::Latency;
use crate::pipeline::{Product, Task};
use crate::relaxed::Relaxed;
use crate::search::News;

/// Names one piece of work, so that replies to work that was given up can be told apart and dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Job(pub u32);

/// Which kernels compute: the guest module and the flag that it is loaded with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kernels {
    /// The plain module with its SIMD128 kernels.
    #[default]
    Simd128,
    /// The relaxed-SIMD module.
    RelaxedSimd,
    /// The plain module with the scalar reference kernels, the specification of the other two.
    Reference,
}

impl Kernels {
    /// All of them, in the order in which the page offers them.
    pub const ALL: [Kernels; 3] = [Kernels::Simd128, Kernels::RelaxedSimd, Kernels::Reference];

    /// The guest module's file, beside the page.
    #[must_use]
    pub fn module(self) -> &'static str {
        match self {
            Kernels::Simd128 | Kernels::Reference => "mote_runtime.wasm",
            Kernels::RelaxedSimd => "mote_runtime.relaxed.wasm",
        }
    }

    /// Whether the guest is asked for its reference kernels.
    #[must_use]
    pub fn reference(self) -> bool {
        self == Kernels::Reference
    }

    /// As messages and the page's elements name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Kernels::Simd128 => "simd128",
            Kernels::RelaxedSimd => "relaxed-simd",
            Kernels::Reference => "reference",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Kernels::Simd128 => "SIMD128",
            Kernels::RelaxedSimd => "Relaxed SIMD",
            Kernels::Reference => "Reference",
        }
    }

    /// What they are, for people.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Kernels::Simd128 => "the vector instructions that every browser of today has",
            Kernels::RelaxedSimd => "vector instructions that do what this processor does best, where that is exact",
            Kernels::Reference => "plain loops, slow and obvious: the specification of the other two",
        }
    }
}

/// Page to the worker that runs models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// What does this browser have beside plain SIMD128? Answered by [`Reply::Probed`].
    Probe,
    /// Load a model into a fresh guest instance. Buffers: the model file, `.tflite` or `.onnx`.
    Load {
        /// The job.
        job: Job,
        /// The kernels to load it with.
        kernels: Kernels,
    },
    /// Run the loaded model once. Buffers: one for each input, in the model's order.
    Run {
        /// The job.
        job: Job,
    },
    /// Run the loaded model over a part of labelled samples, as far as it comes in a slice of time. Buffers: an `.npz` with `x` and
    /// `y`; none where this job's samples are here already.
    Evaluate {
        /// The job.
        job: Job,
        /// The part.
        part: Part,
    },
    /// Time runs over an evaluation's samples, for a slice of time. Buffers: as [`Request::Evaluate`].
    Time {
        /// The evaluation's job.
        job: Job,
    },
    /// An evaluation is over, and its samples can go. Not answered.
    Forget {
        /// The evaluation's job.
        job: Job,
    },
}

/// Page to the worker that does tasks. Buffers: those of the [`Task`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The job.
    pub job: Job,
    /// The kernels of the guests that it runs models in.
    pub kernels: Kernels,
    /// What is to be done.
    pub task: Task,
}

/// Worker to page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// What this browser runs beside plain SIMD128.
    Probed {
        /// Its relaxed SIMD.
        relaxed: Relaxed,
    },
    /// The model is ready.
    Loaded {
        /// The job.
        job: Job,
        /// How the module that runs it was built.
        build: Build,
        /// The guest's description.
        description: Description,
    },
    /// The model ran. Buffers: one for each output.
    Ran {
        /// The job.
        job: Job,
    },
    /// Some of an evaluation's samples have run.
    Evaluated {
        /// The job.
        job: Job,
        /// What came of them.
        answered: Answered,
    },
    /// Some runs of an evaluation were timed.
    Timed {
        /// The job.
        job: Job,
        /// How long one takes, by all that were timed so far; none when no block of runs was long enough for the clock.
        latency: Option<Latency>,
        /// Whether more would tell more.
        more: bool,
    },
    /// A task is under way.
    Working {
        /// The job.
        job: Job,
        /// What it is at.
        stage: String,
        /// Parts of the stage that are done.
        done: usize,
        /// All of them.
        total: usize,
    },
    /// A task has found something, and goes on.
    Found {
        /// The job.
        job: Job,
        /// What.
        news: Box<News>,
    },
    /// A task has ended. Its buffers are those of the [`Product`].
    Worked {
        /// The job.
        job: Job,
        /// What came of it.
        product: Product,
    },
    /// The job failed.
    Failed {
        /// The job; none when the failure is the worker's own.
        job: Option<Job>,
        /// Why.
        failure: Failure,
    },
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// The guest said no, in its own words. The worker stays usable.
    Guest(GuestError),
    /// The file is nothing that can be imported; what is not supported is listed.
    Import(ImportError),
    /// The recipe made nothing.
    Recipe(RecipeError),
    /// The data could not be read, or does not fit the model.
    Data(String),
    /// The request cannot be met: nothing is loaded, a file of the page cannot be fetched, an unknown message.
    Page(String),
    /// The guest trapped or broke its contract. Its instance is gone, and the worker is to be replaced.
    Trap(String),
}

impl<F: std::fmt::Display> From<ClientError<F>> for Failure {
    fn from(error: ClientError<F>) -> Self {
        match error {
            ClientError::Guest(error) => Failure::Guest(error),
            ClientError::Size { .. } => Failure::Data(error.to_string()),
            ClientError::Fault(_) | ClientError::Abi { .. } | ClientError::Protocol(_) => {
                Failure::Trap(error.to_string())
            }
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Guest(error) => write!(f, "{error}"),
            Failure::Import(error) => write!(f, "{error}"),
            Failure::Recipe(error) => write!(f, "{error}"),
            Failure::Data(text) | Failure::Page(text) => f.write_str(text),
            Failure::Trap(text) => write!(f, "the guest stopped: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_json_that_a_script_can_write_by_hand() {
        let load = Request::Load { job: Job(7), kernels: Kernels::RelaxedSimd };
        for (text, request) in
            [(r#"{"load":{"job":7,"kernels":"relaxed-simd"}}"#, load), (r#""probe""#, Request::Probe)]
        {
            assert_eq!(serde_json::from_str::<Request>(text).unwrap(), request);
            assert_eq!(serde_json::to_string(&request).unwrap(), text);
        }
    }

    #[test]
    fn a_failure_keeps_the_guests_own_words() {
        let error = GuestError {
            kind: "unsupported".into(),
            place: "node 3 (LSTM)".into(),
            expected: "an op of this build".into(),
            found: "LSTM version 4".into(),
        };
        let reply = Reply::Failed { job: Some(Job(2)), failure: Failure::Guest(error.clone()) };
        let text = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<Reply>(&text).unwrap(), reply);
        assert!(text.contains("node 3 (LSTM)"));
        assert_eq!(Failure::Guest(error.clone()).to_string(), error.to_string());
    }

    #[test]
    fn both_guests_are_reachable_and_the_reference_is_the_plain_module() {
        assert_eq!(Kernels::Reference.module(), Kernels::Simd128.module());
        assert_ne!(Kernels::RelaxedSimd.module(), Kernels::Simd128.module());
        assert_eq!(Kernels::ALL.map(Kernels::reference), [false, false, true]);
        for kernels in Kernels::ALL {
            assert_eq!(serde_json::to_value(kernels).unwrap(), kernels.key());
        }
    }
}
