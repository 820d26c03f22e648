//! Recipes: a file that says how an artefact is made, and the one pipeline that makes it.
//!
//! ```text
//! source, samples, Recipe -> import -> simplify -> prune channels -> prune weights -> refit -> calibrate, quantize -> export
//! ```
//!
//! The same source, samples (with their labels, where those choose) and recipe give the same bytes. A stage whose section is missing is left out; without any, the
//! artefact is the simplified float network.
//!
//! - [`Recipe`]: the file.
//! - [`Samples`]: what may be looked at; [`Choice`]: which of them are.
//! - [`Told`]: what the artefact tells of itself; it also carries the recipe, which makes it again, and the checksum of the source.
//! - [`apply`]: the pipeline, and [`Made`], what comes out of it; [`prune()`] is its first half, for those who try many second ones.

mod apply;
mod choice;
mod error;
mod samples;
mod told;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::prune::{channels, weights};
use crate::{export, quantize};

pub use apply::{Made, Pruned, Summaries, apply, prune};
pub use choice::{Choice, Rule};
pub use error::RecipeError;
pub use samples::Samples;
pub use told::{OF_SOURCE, RECIPE_NOTE, SOURCE_NOTE, Told, note_source};

/// The version of recipes that this crate writes and reads.
pub const VERSION: u32 = 1;

/// How an artefact is made. As a file it is TOML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// [`VERSION`].
    pub version: u32,
    /// The SHA-256 of the source file, in hexadecimal; another source is refused. Without it any source will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_sha256: Option<String>,
    /// Which samples pruning by activity and quantization look at.
    #[serde(default)]
    pub calibration: Choice,
    /// Pruning of neurons and channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prune_channels: Option<channels::Options>,
    /// Pruning of weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prune_weights: Option<weights::Options>,
    /// Whether what pruning leaves is fitted to what the layers gave before ([`refit`](crate::prune::refit())), where there are
    /// samples.
    #[serde(default = "yes")]
    pub refit: bool,
    /// Quantization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantize: Option<quantize::Options>,
    /// What the artefact tells of its input and output.
    #[serde(default, skip_serializing_if = "Told::is_empty")]
    pub metadata: Told,
    /// How its file is written.
    #[serde(default, skip_serializing_if = "is_default")]
    pub export: export::Options,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            version: VERSION,
            source_sha256: None,
            calibration: Choice::default(),
            prune_channels: None,
            prune_weights: None,
            refit: true,
            quantize: None,
            metadata: Told::default(),
            export: export::Options::default(),
        }
    }
}

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    /// [`RecipeError::Text`] with line and column of what is no TOML, no known field, or of a wrong type;
    /// [`RecipeError::Version`] for a recipe of another version.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        let recipe: Self = toml::from_str(text).map_err(|error| RecipeError::text(text, &error))?;
        if recipe.version != VERSION {
            return Err(RecipeError::Version { found: recipe.version });
        }
        Ok(recipe)
    }

    /// Writes it. Reading that gives the same recipe.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // Every field is a number, a text, a truth value, or a list or table of them.
        toml::to_string(self).expect("a recipe can be written as TOML")
    }

    /// The same recipe for one source alone.
    #[must_use]
    pub fn for_source(self, source: &[u8]) -> Self {
        Self { source_sha256: Some(sha256(source)), ..self }
    }
}

fn is_default(options: &export::Options) -> bool {
    *options == export::Options::default()
}

fn yes() -> bool {
    true
}

/// The SHA-256 of bytes in lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
