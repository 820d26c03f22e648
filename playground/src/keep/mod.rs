//! What of the page's work survives a reload: a text beside files, as the browser keeps them. What can be made again is not kept.
//!
//! | key | what |
//! | --- | --- |
//! | `work` | `Kept` as JSON |
//! | `model`, `data` | the user's own files |
//! | `variant N` | the `.tflite` file of the variant with that id |
//!
//! Each piece is written only when it changed.

use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::learn::Learn;
use crate::relaxed::Wanted;
use crate::shrink::{Choices, Measured, Shrink, Variant};
use crate::state::{Data, Source, State};
use crate::update::Effect;
use crate::zoo;

/// The form of what is kept. Work of another form is not read, and replaced by the next that is kept.
const VERSION: u32 = 1;

/// The key of the text.
pub const TEXT: &str = "work";

const MODEL: &str = "model";
const DATA: &str = "data";

/// Whether work is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keeping {
    /// It is.
    #[default]
    On,
    /// The page shows somebody's experiment, and leaves the user's own work as it is kept.
    Visiting,
    /// It is not, and why.
    Failed(String),
}

/// What the user does about it, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Work of an earlier visit is there.
    Found(Snapshot),
    /// Wants an experiment of somebody's to be kept in place of the own work.
    Wanted,
    /// Wants all that is kept to be deleted.
    DeletionAsked,
    /// It could not be kept or read.
    Failed(String),
}

/// What is kept, in pieces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// `Kept` as JSON.
    pub text: String,
    /// Files by their keys.
    pub files: Vec<(String, Bytes)>,
}

/// The text of what is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    version: u32,
    learn: Learn,
    wanted: Wanted,
    source: Option<Source>,
    data: Data,
    choices: Choices,
    original: Option<Measured>,
    variants: Vec<Variant>,
    last_job: u32,
}

impl Snapshot {
    fn file(&self, key: &str) -> Option<Bytes> {
        self.files.iter().find(|(name, _)| name == key).map(|(_, bytes)| bytes.clone())
    }

    /// Keys of files that `next` has no more, and its files that are other ones there.
    #[must_use]
    pub fn changes<'a>(&'a self, next: &'a Snapshot) -> (Vec<&'a str>, Vec<(&'a str, &'a Bytes)>) {
        let gone = self.files.iter().filter(|(key, _)| next.file(key).is_none()).map(|(key, _)| key.as_str());
        let new = next.files.iter().filter(|(key, bytes)| !self.file(key).is_some_and(|old| old.is_same(bytes)));
        (gone.collect(), new.map(|(key, bytes)| (key.as_str(), bytes)).collect())
    }
}

impl State {
    /// What is to be kept of the page.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let variants: Vec<Variant> =
            self.shrink.variants.iter().filter(|variant| variant.measured.is_some()).cloned().collect();
        let mut files = Vec::new();
        if let Some(Source { zoo: None, bytes: Some(bytes), .. }) = &self.source {
            files.push((MODEL.into(), bytes.clone()));
        }
        if let Data::File { bytes, .. } = &self.data {
            files.push((DATA.into(), bytes.clone()));
        }
        files.extend(variants.iter().map(|variant| (variant_key(variant.id), variant.file.clone())));
        let kept = Kept {
            version: VERSION,
            learn: self.learn.clone(),
            wanted: self.wanted,
            source: self.source.clone(),
            data: self.data.clone(),
            choices: self.shrink.choices.clone(),
            original: self.shrink.original.clone(),
            variants,
            last_job: self.last_job,
        };
        Snapshot { text: serde_json::to_string(&kept).expect("what is kept is plain data"), files }
    }

    /// Goes on with work that was kept. Pieces that are missing are left out; work of another form starts the page anew.
    pub(crate) fn restore(&mut self, snapshot: &Snapshot) -> Vec<Effect> {
        let kept = serde_json::from_str(&snapshot.text).ok().filter(|kept: &Kept| kept.version == VERSION);
        let Some(kept) = kept else { return self.start() };
        let source = kept.source.and_then(|source| match source.zoo {
            Some(entry) => zoo::ENTRIES.get(entry).map(|_| source),
            None => snapshot.file(MODEL).map(|bytes| Source { bytes: Some(bytes), ..source }),
        });
        let Some(source) = source else { return self.start() };
        let data = match kept.data {
            Data::File { name, .. } => snapshot.file(DATA).map(|bytes| Data::File { name, bytes }),
            Data::Zoo => Some(Data::Zoo),
        };
        let found = |variant: Variant| Some(Variant { file: snapshot.file(&variant_key(variant.id))?, ..variant });
        // Variants belong to their samples as to their model.
        let (original, variants) = match data {
            Some(_) => (kept.original, kept.variants.into_iter().filter_map(found).collect()),
            None => (None, Vec::new()),
        };
        self.learn = kept.learn;
        self.want(kept.wanted);
        self.last_job = self.last_job.max(kept.last_job);
        self.shrink.choices = kept.choices;
        let mut effects = self.start_with(source, data.unwrap_or(Data::Zoo));
        self.shrink = Shrink { original, variants, ..std::mem::take(&mut self.shrink) };
        effects.extend(self.load());
        effects
    }

    pub(crate) fn keeping(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Found(snapshot) => return self.restore(&snapshot),
            Event::Wanted => self.keeping = Keeping::On,
            Event::DeletionAsked => return vec![Effect::DeleteKept],
            Event::Failed(why) => self.keeping = Keeping::Failed(why),
        }
        Vec::new()
    }
}

fn variant_key(id: u32) -> String {
    format!("variant {id}")
}

#[cfg(test)]
mod tests;
