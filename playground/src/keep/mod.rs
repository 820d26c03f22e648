//! What of the page's work survives a reload: texts beside files, as the browser keeps them. What can be made again is not kept.
//!
//! | key | what |
//! | --- | --- |
//! | `version` | the form of the texts |
//! | `lessons` | what was done of the guided path |
//! | `sources` | where model and samples come from, the kernels |
//! | `variants` | the controls, the original, the draft, what was kept |
//! | `search` | the search, as far as it is |
//! | `explore` | what is shown of everything that was tried |
//! | `model`, `data` | the user's own files |
//! | `variant N` | the `.tflite` file of the draft or variant with that id |
//!
//! Each piece is written only when it changed, and read by itself: one that this page cannot read is told and left out, and the rest
//! is there. `pieces` is what each of them is.

mod pieces;

use crate::bytes::Bytes;
use crate::state::State;
use crate::update::Effect;

pub use pieces::Piece;

/// Whether work is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Keeping {
    /// It is.
    #[default]
    On,
    /// The page shows somebody's experiment, and leaves the user's own work as it is kept.
    Visiting,
    /// Another tab of the page has kept its work since this one read what was there, which is not to be lost without a word.
    Elsewhere,
    /// It is not, and why.
    Failed(String),
}

/// What the user does about it, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Work of an earlier visit is there.
    Found(Snapshot),
    /// Wants what this tab shows to be kept, in place of all that is.
    Wanted,
    /// Wants all that is kept to be deleted.
    DeletionAsked,
    /// Another tab has kept its work.
    Outrun,
    /// It could not be kept or read.
    Failed(String),
}

/// What is kept, in pieces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Texts by their keys.
    pub texts: Vec<(String, String)>,
    /// Files by their keys.
    pub files: Vec<(String, Bytes)>,
}

/// What is to be done to come from one snapshot to another.
#[derive(Debug, PartialEq)]
pub struct Changes<'a> {
    /// Keys of pieces that there are no more.
    pub gone: Vec<&'a str>,
    /// Texts that are other ones.
    pub texts: Vec<(&'a str, &'a str)>,
    /// Files that are other ones.
    pub files: Vec<(&'a str, &'a Bytes)>,
}

impl Snapshot {
    fn text(&self, key: &str) -> Option<&str> {
        self.texts.iter().find(|(name, _)| name == key).map(|(_, text)| text.as_str())
    }

    fn file(&self, key: &str) -> Option<Bytes> {
        self.files.iter().find(|(name, _)| name == key).map(|(_, bytes)| bytes.clone())
    }

    /// What is other in `next`.
    #[must_use]
    pub fn changes<'a>(&'a self, next: &'a Snapshot) -> Changes<'a> {
        let files = self.files.iter().filter(|(key, _)| next.file(key).is_none()).map(|(key, _)| key.as_str());
        let texts = self.texts.iter().filter(|(key, _)| next.text(key).is_none()).map(|(key, _)| key.as_str());
        let gone = files.chain(texts).collect();
        let files = next.files.iter().filter(|(key, bytes)| !self.file(key).is_some_and(|old| old.is_same(bytes)));
        let texts = next.texts.iter().filter(|(key, text)| self.text(key) != Some(text));
        Changes {
            gone,
            texts: texts.map(|(key, text)| (key.as_str(), text.as_str())).collect(),
            files: files.map(|(key, bytes)| (key.as_str(), bytes)).collect(),
        }
    }
}

impl State {
    pub(crate) fn keeping(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Found(snapshot) => return self.restore(&snapshot),
            Event::Wanted => {
                self.keeping = Keeping::On;
                return vec![Effect::ReplaceKept];
            }
            Event::DeletionAsked => return vec![Effect::DeleteKept],
            Event::Outrun => self.keeping = Keeping::Elsewhere,
            Event::Failed(why) => self.keeping = Keeping::Failed(why),
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
