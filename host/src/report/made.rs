//! What a command made of a model: how large it is and how well it does, as tables and as a page.

use std::fmt;
use std::path::PathBuf;

use mote_models::judge::{Report, Size};
use mote_models::recipe::Recipe;
use serde::Serialize;

use super::html::{Page, Section};
use super::{Align, Table, bytes, count, judged, paragraph};

/// What was made.
#[derive(Debug, Serialize)]
pub struct Made {
    /// The model that it was made from.
    pub model: String,
    /// The file.
    pub output: PathBuf,
    /// Samples that it was made by, and where they are from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Source>,
    /// Where the samples are from that it was judged by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The model, then what was made of it: how large each is.
    pub sizes: [Size; 2],
    /// The same two, judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Report>,
    /// What makes the file again.
    pub recipe: Recipe,
    /// Weights that are stored in the sparse encoding.
    pub sparse_weights: usize,
    /// Where the recipe was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved_recipe: Option<PathBuf>,
    /// Where the report was written as a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PathBuf>,
}

/// Samples by number and name.
#[derive(Debug, Serialize)]
pub struct Source {
    /// How many.
    pub samples: usize,
    /// Where they are from.
    pub data: String,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(judged) = &self.judged {
            writeln!(f, "{}", judged::figures(judged))?;
            for line in judged::flips(judged) {
                writeln!(f, "{}", paragraph(&line))?;
            }
        } else {
            writeln!(f, "{}", self.size_table())?;
        }
        writeln!(f, "{}", paragraph(&self.samples()))?;
        writeln!(f, "written to {}", self.output.display())?;
        if self.recipe.export.sparse {
            writeln!(f, "{}", self.sparse_note())?;
        }
        if let Some(path) = &self.saved_recipe {
            writeln!(f, "recipe written to {}", path.display())?;
        }
        match &self.page {
            Some(path) => writeln!(f, "report written to {}", path.display()),
            None => Ok(()),
        }
    }
}

impl Made {
    /// The same as a page, with what was done for it behind.
    #[must_use]
    pub fn page(&self, done: Vec<Section>) -> Page {
        let mut sections = match &self.judged {
            Some(judged) => judged::sections(judged),
            None => vec![Section::new("Side by side").table("Before and after", self.size_table())],
        };
        sections.extend(done);
        let title = format!("{}, made of {}", self.output.display(), self.model);
        Page { title, summary: vec![self.samples()], sections }
    }

    /// Which samples it was made by and judged on, in words.
    fn samples(&self) -> String {
        let from = self.calibration.as_ref().map(|source| &source.data);
        let made = match &self.calibration {
            Some(Source { samples, data }) => format!("made by {samples} samples of {data}, "),
            None => String::new(),
        };
        match (&self.data, &self.judged) {
            (Some(data), Some(judged)) if from == Some(data) => {
                format!("{made}judged on the {} others", judged.samples)
            }
            (Some(data), Some(judged)) => format!("{made}judged on {} samples of {data}", judged.samples),
            _ => format!("{made}not judged: there are no labels"),
        }
    }

    fn sparse_note(&self) -> String {
        match self.sparse_weights {
            0 => "no weights are smaller in the sparse encoding: all are dense".into(),
            1 => "the weights of one layer are sparse: not for TensorFlow Lite Micro".into(),
            n => format!("the weights of {n} layers are sparse: not for TensorFlow Lite Micro"),
        }
    }

    fn size_table(&self) -> Table {
        let mut table = Table::new(&[("", Align::Left), ("before", Align::Right), ("after", Align::Right)]);
        let [before, after] = &self.sizes;
        let mut row = |title: &str, of: &dyn Fn(&Size) -> Option<String>| {
            if let (Some(before), Some(after)) = (of(before), of(after)) {
                table.row([title.to_owned(), before, after]);
            }
        };
        row("file", &|s| Some(bytes(s.file_bytes)));
        row("file, gzipped", &|s| Some(bytes(s.gzip_bytes)));
        row("parameters", &|s| s.weights.map(|w| count(w.parameters)));
        row("of them not 0", &|s| s.weights.map(|w| count(w.non_zeros)));
        row("multiply-accumulates", &|s| Some(count(s.macs)));
        row("arena", &|s| Some(bytes(s.arena_bytes)));
        table
    }
}
