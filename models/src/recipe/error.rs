//! Why a recipe made nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::VERSION;
use crate::graph::GraphError;
use crate::import::ImportError;
use crate::prune::{PruneError, PruneErrorKind};
use crate::quantize::QuantizeError;
use crate::run::RunError;
use crate::samples::SampleError;

/// Why a recipe made nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipeError {
    /// The file is no recipe.
    Text {
        /// The line, from 1.
        line: usize,
        /// The character in it, from 1.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// The recipe is of another version.
    Version {
        /// Its version.
        found: u32,
    },
    /// The recipe is for another source.
    Source {
        /// The SHA-256 that it names.
        expected: String,
        /// That of the source.
        found: String,
    },
    /// A listed sample is not there.
    Sample {
        /// Its place.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// Samples are listed, and another rule is to choose them.
    Indices,
    /// Samples are to be chosen by their classes, which are not known.
    Classes,
    /// What the artefact is to tell of itself does not suit it.
    Told {
        /// Which part.
        place: String,
        /// What would suit.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A file carries no recipe.
    Absent,
    /// The source could not be read.
    Import(ImportError),
    /// The graph is not sound.
    Graph(GraphError),
    /// The samples do not suit the source.
    Samples(SampleError),
    /// The runtime refused the source.
    Run(RunError),
    /// It could not be pruned.
    Prune(PruneError),
    /// It could not be quantized.
    Quantize(QuantizeError),
}

impl RecipeError {
    /// Whether nothing is wrong but that the work was given up.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        match self {
            RecipeError::Prune(error) => error.kind == PruneErrorKind::Cancelled,
            RecipeError::Quantize(error) => *error == QuantizeError::Cancelled,
            RecipeError::Text { .. }
            | RecipeError::Version { .. }
            | RecipeError::Source { .. }
            | RecipeError::Sample { .. }
            | RecipeError::Indices
            | RecipeError::Classes
            | RecipeError::Told { .. }
            | RecipeError::Absent
            | RecipeError::Import(_)
            | RecipeError::Graph(_)
            | RecipeError::Samples(_)
            | RecipeError::Run(_) => false,
        }
    }

    pub(super) fn text(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.get(..at).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self::Text { line, column, what: error.message().trim().to_owned() }
    }
}

impl fmt::Display for RecipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecipeError::Text { line, column, what } => write!(f, "recipe, line {line}, column {column}: {what}"),
            RecipeError::Version { found } => {
                write!(f, "recipe: expected version {VERSION}, found {found}; make it anew, or use the mote it was made with")
            }
            RecipeError::Source { expected, found } => write!(
                f,
                "source: expected the file with SHA-256 {expected}, found {found}; take source-sha256 out of the recipe to use \
                 it for another model"
            ),
            RecipeError::Sample { index, count } => {
                write!(f, "recipe, calibration: expected indices below {count}, found {index}; give the samples it was made with")
            }
            RecipeError::Indices => f.write_str(
                "recipe, calibration: expected no indices, found some; set rule = \"listed\" to take them, or take them out",
            ),
            RecipeError::Classes => f.write_str(
                "recipe, calibration: expected samples with their classes, to take some of each, found none; give the labels too, or set \
                 rule = \"spread\" to take samples evenly spaced",
            ),
            RecipeError::Told { place, expected, found } => {
                write!(f, "metadata, {place}: expected {expected}, found {found}; give others, or none to keep the source's")
            }
            RecipeError::Absent => f.write_str("expected a file that carries its recipe, found none in it; files made by mote do"),
            RecipeError::Import(error) => error.fmt(f),
            RecipeError::Graph(error) => error.fmt(f),
            RecipeError::Samples(error) => error.fmt(f),
            RecipeError::Run(error) => error.fmt(f),
            RecipeError::Prune(error) => error.fmt(f),
            RecipeError::Quantize(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RecipeError {}

impl From<ImportError> for RecipeError {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl From<GraphError> for RecipeError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<SampleError> for RecipeError {
    fn from(error: SampleError) -> Self {
        Self::Samples(error)
    }
}

impl From<RunError> for RecipeError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl From<PruneError> for RecipeError {
    fn from(error: PruneError) -> Self {
        Self::Prune(error)
    }
}

impl From<QuantizeError> for RecipeError {
    fn from(error: QuantizeError) -> Self {
        Self::Quantize(error)
    }
}
