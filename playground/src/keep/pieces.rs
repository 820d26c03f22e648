//! What is kept of the page, and how it goes on with that.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::bytes::Bytes;
use crate::explore::Explore;
use crate::learn::Learn;
use crate::relaxed::Wanted;
use crate::search::{self, Search};
use crate::shrink::{Choices, Follows, Measured, Plan, Shrink, Variant};
use crate::state::{Data, Source, State};
use crate::update::Effect;
use crate::zoo;

/// The form of the texts, raised when one of them means something else than before. Texts of another form are not read; lessons and
/// sources are, whose parts are few and stay.
const VERSION: &str = "2";

/// The one text of the first form: all that the others are now.
const FIRST_FORM: &str = "work";

const VERSION_KEY: &str = "version";
const MODEL: &str = "model";
const DATA: &str = "data";

/// A text that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// What was done of the guided path.
    Lessons,
    /// Where model and samples come from.
    Sources,
    /// The controls, the draft, what was kept.
    Variants,
    /// The search.
    Search,
    /// What is shown of everything that was tried.
    Explore,
}

impl Piece {
    fn key(self) -> &'static str {
        match self {
            Piece::Lessons => "lessons",
            Piece::Sources => "sources",
            Piece::Variants => "variants",
            Piece::Search => "search",
            Piece::Explore => "explore",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Piece::Lessons => "which lessons were done",
            Piece::Sources => "the model and its samples",
            Piece::Variants => "the variants and their settings",
            Piece::Search => "the search",
            Piece::Explore => "what was shown of everything tried",
        }
    }
}

/// Where model and samples come from, and the kernels.
#[derive(Debug, Serialize, Deserialize)]
struct Sources {
    wanted: Wanted,
    source: Option<Source>,
    data: Data,
}

/// What was chosen of variants and made.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Made {
    choices: Choices,
    follows: Follows,
    device: Option<String>,
    original: Option<Measured>,
    wanted: Option<Plan>,
    draft: Option<Variant>,
    variants: Vec<Variant>,
}

/// What of the first form is as it was.
#[derive(Debug, Deserialize)]
struct FirstForm {
    learn: Learn,
    wanted: Wanted,
    source: Option<Source>,
    data: Data,
}

impl State {
    /// What is to be kept of the page.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let judged = |variant: &&Variant| variant.measured.is_some();
        let Shrink { choices, follows, device, original, wanted, draft, variants, .. } = &self.shrink;
        let made = Made {
            choices: choices.clone(),
            follows: *follows,
            device: device.clone(),
            original: original.clone(),
            wanted: wanted.clone(),
            draft: draft.iter().find(judged).cloned(),
            variants: variants.iter().filter(judged).cloned().collect(),
        };
        let mut files = Vec::new();
        if let Some(Source { zoo: None, bytes: Some(bytes), .. }) = &self.source {
            files.push((MODEL.into(), bytes.clone()));
        }
        if let Data::File { bytes, .. } = &self.data {
            files.push((DATA.into(), bytes.clone()));
        }
        for variant in made.variants.iter().chain(&made.draft) {
            let key = variant_key(variant.id);
            if files.iter().all(|(known, _)| *known != key) {
                files.push((key, variant.file.clone()));
            }
        }
        let sources = Sources { wanted: self.wanted, source: self.source.clone(), data: self.data.clone() };
        let texts = vec![
            (VERSION_KEY.into(), VERSION.into()),
            text(Piece::Lessons, &self.learn),
            text(Piece::Sources, &sources),
            text(Piece::Variants, &made),
            text(Piece::Search, &self.search.at_rest()),
            text(Piece::Explore, &self.explore),
        ];
        Snapshot { texts, files }
    }

    /// Goes on with work that was kept. What is missing or cannot be read is left out; without a model the page starts anew.
    pub(crate) fn restore(&mut self, snapshot: &Snapshot) -> Vec<Effect> {
        let mut reader = Reader { snapshot, unread: Vec::new() };
        let (old_lessons, old_sources) = reader.first_form();
        let lessons = reader.read(Piece::Lessons).or(old_lessons);
        let sources: Option<Sources> = reader.read(Piece::Sources).or(old_sources);
        let is_current = snapshot.text(VERSION_KEY) == Some(VERSION);
        let made: Option<Made> = reader.read_if(is_current, Piece::Variants);
        let search: Option<Search> = reader.read_if(is_current, Piece::Search);
        let explore: Option<Explore> = reader.read_if(is_current, Piece::Explore);
        self.unread = reader.unread;

        self.learn = lessons.unwrap_or_default();
        let Some((wanted, source, data)) = sources.and_then(|sources| sources.found(snapshot)) else {
            return self.start();
        };
        self.want(wanted);
        self.explore = explore.unwrap_or_default();
        // What was made and found belongs to its samples as to its model.
        let is_whole = data.is_some();
        let mut effects = self.start_with(source, data.unwrap_or(Data::Zoo));
        self.take_made(made.unwrap_or_default(), is_whole, snapshot);
        let search = search.unwrap_or_default();
        self.search = if is_whole { search } else { Search { wishes: search.wishes, ..Search::default() } };
        effects.extend(self.load());
        effects
    }

    fn take_made(&mut self, made: Made, is_whole: bool, snapshot: &Snapshot) {
        let Made { choices, follows, device, original, wanted, draft, variants } = made;
        let found = |variant: Variant| Some(Variant { file: snapshot.file(&variant_key(variant.id))?, ..variant });
        let variants: Vec<Variant> = variants.into_iter().filter(|_| is_whole).filter_map(found).collect();
        let draft = draft.filter(|_| is_whole).and_then(found);
        // Jobs name variants, too: their numbers are not given again.
        let last = variants.iter().chain(&draft).map(|variant| variant.id).max();
        self.last_job = self.last_job.max(last.unwrap_or_default());
        self.shrink = Shrink {
            choices,
            follows,
            device,
            original: original.filter(|_| is_whole),
            wanted: wanted.filter(|_| draft.is_some()),
            tried: draft.iter().cloned().collect(),
            draft,
            variants,
            ..Shrink::default()
        };
    }
}

impl Sources {
    /// The model that is there, and its samples where they are; none without a model.
    fn found(self, snapshot: &Snapshot) -> Option<(Wanted, Source, Option<Data>)> {
        let source = self.source.and_then(|source| match source.zoo {
            Some(entry) => zoo::ENTRIES.get(entry).map(|_| source),
            None => snapshot.file(MODEL).map(|bytes| Source { bytes: Some(bytes), ..source }),
        })?;
        let data = match self.data {
            Data::File { name, .. } => snapshot.file(DATA).map(|bytes: Bytes| Data::File { name, bytes }),
            Data::Zoo => Some(Data::Zoo),
        };
        Some((self.wanted, source, data))
    }
}

impl Search {
    /// As it is between two slices: one that was under way can go on.
    fn at_rest(&self) -> Search {
        let work = match (&self.work, &self.found) {
            (search::Work::Running(_), Some(_)) => search::Work::Stopped,
            (search::Work::Running(_), None) => search::Work::Idle,
            (work, _) => work.clone(),
        };
        Search { work, ..self.clone() }
    }
}

/// Reads texts, and notes those that it cannot read.
struct Reader<'a> {
    snapshot: &'a Snapshot,
    unread: Vec<Piece>,
}

impl Reader<'_> {
    /// Reads what work of the first form has still; its variants are of settings that are other ones now.
    fn first_form(&mut self) -> (Option<Learn>, Option<Sources>) {
        let Some(text) = self.snapshot.text(FIRST_FORM) else { return (None, None) };
        self.unread.push(Piece::Variants);
        match serde_json::from_str(text) {
            Ok(FirstForm { learn, wanted, source, data }) => (Some(learn), Some(Sources { wanted, source, data })),
            Err(_) => {
                self.unread.extend([Piece::Lessons, Piece::Sources]);
                (None, None)
            }
        }
    }

    fn read<T: DeserializeOwned>(&mut self, piece: Piece) -> Option<T> {
        self.read_if(true, piece)
    }

    fn read_if<T: DeserializeOwned>(&mut self, readable: bool, piece: Piece) -> Option<T> {
        let text = self.snapshot.text(piece.key())?;
        let read = serde_json::from_str(text).ok().filter(|_| readable);
        if read.is_none() {
            self.unread.push(piece);
        }
        read
    }
}

fn text(piece: Piece, value: &impl Serialize) -> (String, String) {
    (piece.key().into(), serde_json::to_string(value).expect("what is kept is plain data"))
}

fn variant_key(id: u32) -> String {
    format!("variant {id}")
}
