//! What an artefact tells of itself.

use serde::{Deserialize, Serialize};

use super::{Recipe, RecipeError};
use crate::graph::{Graph, Normalization, ValueId};
use crate::import;
use crate::samples::SampleError;

/// The note with the recipe that made a file, as TOML.
pub const RECIPE_NOTE: &str = "recipe";
/// The note with the SHA-256 of the file that it was made from.
pub const SOURCE_NOTE: &str = "source-sha256";
/// What the names of the source's own notes begin with in the artefact.
pub const OF_SOURCE: &str = "source.";

/// What an artefact tells of its first input and output, where that is not what the source tells.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Told {
    /// Names of the classes, in the order of the first output; empty for those of the source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// How the first input is made from what a sensor gives; none for that of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalization: Option<Normalization>,
}

impl Told {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.normalization.is_none()
    }

    /// Writes it into a graph's metadata. What is not told there stays as it is.
    ///
    /// # Errors
    /// When names are not as many as the first output's scores, or the normalization does not suit the first input.
    pub fn tell(&self, graph: &mut Graph) -> Result<(), RecipeError> {
        let shape = |ids: &[ValueId]| ids.first().map(|&id| graph.value(id).shape.clone());
        if let (false, Some(shape)) = (self.labels.is_empty(), shape(&graph.outputs)) {
            // One score is the probability of the second of two classes.
            let scores = Some(shape.last().copied().unwrap_or(1)).filter(|&n| n != 1).unwrap_or(2);
            if scores != self.labels.len() {
                return Err(RecipeError::Told {
                    place: "labels".into(),
                    expected: format!("{scores} names, as output 0 tells that many classes apart"),
                    found: self.labels.len().to_string(),
                });
            }
        }
        if let (Some(normalization), Some(shape)) = (&self.normalization, shape(&graph.inputs)) {
            let channels = shape.last().copied().unwrap_or(1);
            normalization.check(channels).map_err(|SampleError { expected, found, .. }| RecipeError::Told {
                place: "normalization".into(),
                expected,
                found,
            })?;
        }
        if !self.labels.is_empty() {
            graph.metadata.labels.clone_from(&self.labels);
        }
        if self.normalization.is_some() {
            graph.metadata.normalization.clone_from(&self.normalization);
        }
        Ok(())
    }
}

impl Recipe {
    /// The recipe that a `.tflite` file carries: applied to the same source and samples it makes that file again.
    ///
    /// # Errors
    /// When the file or the recipe cannot be read, and [`RecipeError::Absent`] when it carries none.
    pub fn of_artefact(file: &[u8]) -> Result<Self, RecipeError> {
        let metadata = import::metadata(file)?;
        let text = metadata.notes.get(RECIPE_NOTE).ok_or(RecipeError::Absent)?;
        Self::from_toml(text)
    }

    /// Notes it in an artefact, with the source that it was applied to; see [`note_source`].
    ///
    /// The text names the source even where the recipe is for any: so it is the same for all recipes that mean the same, and
    /// applied to the source it notes itself.
    pub(super) fn note(&self, graph: &mut Graph, source_sha256: &str) {
        note_source(graph, source_sha256);
        let canonical = Self { source_sha256: Some(source_sha256.to_owned()), ..self.clone() };
        graph.metadata.notes.insert(RECIPE_NOTE.into(), canonical.to_toml());
    }
}

/// Notes in a graph which file it was made from; the notes of that file move behind [`OF_SOURCE`].
pub fn note_source(graph: &mut Graph, sha256: &str) {
    let of_source = std::mem::take(&mut graph.metadata.notes);
    let notes = of_source.into_iter().map(|(name, text)| (format!("{OF_SOURCE}{name}"), text));
    graph.metadata.notes = notes.chain([(SOURCE_NOTE.to_owned(), sha256.to_owned())]).collect();
}
