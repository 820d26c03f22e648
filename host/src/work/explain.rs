//! Errors of `mote-models` as failures with their kind, the model's name and a remedy.

use std::fmt::Display;

use mote_abi::ClientError;
use mote_models::judge::JudgeError;
use mote_models::prune::{PruneError, PruneErrorKind};
use mote_models::quantize::QuantizeError;
use mote_models::recipe::RecipeError;
use mote_models::run::RunError;
use mote_models::samples::SampleError;
use mote_models::search::SearchError;

use super::data;
use super::engine::SandboxEngine;
use crate::failure::{Failure, FailureKind};

/// An error that may have come out of an engine.
pub trait Explain {
    /// The failure that it is, of work on what is called `what`.
    fn explain(self, engine: &SandboxEngine, what: &dyn Display) -> Failure;
}

impl Explain for RunError {
    fn explain(self, engine: &SandboxEngine, what: &dyn Display) -> Failure {
        match self {
            RunError::Refused(refusal) => Failure::of_session(&what.to_string(), &ClientError::Guest(refusal)),
            RunError::Engine(reason) => match engine.take_failure() {
                Some(failure) if failure.kind == FailureKind::Cancelled => failure,
                Some(failure) => Failure { what: what.to_string(), ..failure },
                None => Failure::new(FailureKind::Sandbox, what, reason),
            },
        }
    }
}

impl Explain for SampleError {
    fn explain(self, _: &SandboxEngine, what: &dyn Display) -> Failure {
        data::refused(what, self)
    }
}

impl Explain for JudgeError {
    fn explain(self, engine: &SandboxEngine, what: &dyn Display) -> Failure {
        match self {
            JudgeError::Run(error) => error.explain(engine, what),
            JudgeError::Samples(error) => error.explain(engine, what),
            JudgeError::Import(error) => Failure::new(FailureKind::Model, what, error),
            JudgeError::Graph(error) => Failure::new(FailureKind::Model, what, error),
            JudgeError::Activity(error) => error.explain(engine, what),
            JudgeError::Cancelled(_) => Failure::cancelled(),
        }
    }
}

impl Explain for QuantizeError {
    fn explain(self, engine: &SandboxEngine, what: &dyn Display) -> Failure {
        match self {
            QuantizeError::Graph(error) => Failure::new(FailureKind::Model, what, error),
            QuantizeError::Unsuited { place, expected, found, remedy } => {
                let kind = match place.as_str() {
                    "samples" => FailureKind::Data,
                    // The options name a layer.
                    place if place.starts_with("layer ") => FailureKind::Usage,
                    _ => FailureKind::Model,
                };
                Failure::new(kind, what, format!("{place}: expected {expected}, found {found}")).remedy(remedy)
            }
            QuantizeError::Sample(error) => error.explain(engine, what),
            QuantizeError::Run(error) => error.explain(engine, what),
            QuantizeError::Cancelled => Failure::cancelled(),
        }
    }
}

impl Explain for PruneError {
    fn explain(self, engine: &SandboxEngine, what: &dyn Display) -> Failure {
        let kind = match self.kind {
            PruneErrorKind::Option | PruneErrorKind::Layer => FailureKind::Usage,
            PruneErrorKind::Graph => FailureKind::Model,
            PruneErrorKind::Data => FailureKind::Data,
            PruneErrorKind::Run => match engine.take_failure() {
                Some(failure) => return Failure { what: what.to_string(), ..failure },
                None => FailureKind::Model,
            },
            PruneErrorKind::Cancelled => return Failure::cancelled(),
        };
        let Self { kind: _, place, expected, found, remedy } = self;
        Failure::new(kind, what, format!("{place}: expected {expected}, found {found}")).remedy(remedy)
    }
}

impl Explain for RecipeError {
    fn explain(self, engine: &SandboxEngine, what: &dyn Display) -> Failure {
        match self {
            RecipeError::Text { .. }
            | RecipeError::Version { .. }
            | RecipeError::Source { .. }
            | RecipeError::Sample { .. }
            | RecipeError::Indices
            | RecipeError::Classes
            | RecipeError::Told { .. }
            | RecipeError::Absent => Failure::new(FailureKind::Usage, what, self),
            RecipeError::Import(error) => Failure::new(FailureKind::Model, what, error),
            RecipeError::Graph(error) => Failure::new(FailureKind::Model, what, error),
            RecipeError::Samples(error) => error.explain(engine, what),
            RecipeError::Run(error) => error.explain(engine, what),
            RecipeError::Prune(error) => error.explain(engine, what),
            RecipeError::Quantize(error) => error.explain(engine, what),
        }
    }
}

impl Explain for SearchError {
    fn explain(self, engine: &SandboxEngine, what: &dyn Display) -> Failure {
        match self {
            SearchError::Option { .. } | SearchError::State { .. } => Failure::new(FailureKind::Usage, what, self),
            SearchError::Samples { .. } => Failure::new(FailureKind::Data, what, self),
            SearchError::Quantized { .. } => Failure::new(FailureKind::Model, what, self),
            SearchError::Source(error) => error.explain(engine, what),
            SearchError::Judge(error) => error.explain(engine, what),
            SearchError::Cancelled(_) => Failure::cancelled(),
        }
    }
}
