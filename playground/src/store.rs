//! Where the user's work is kept: a database of this page in the browser, each piece under its key.
//!
//! All tabs of the page share it. Each write leaves a mark that no other has, and a tab writes only where the last mark is the one that it
//! read or left itself: so none overwrites what another has kept meanwhile, whatever either knows of the other.

use std::cell::RefCell;

use js_sys::Uint8Array;
use rexie::{ObjectStore, Rexie, TransactionMode};
use wasm_bindgen::{JsCast, JsValue};

use crate::keep::{Changes, Snapshot};

const DATABASE: &str = "mote";
const PIECES: &str = "pieces";

/// The key of the mark.
const MARK: &str = "mark";

/// The database.
pub(crate) struct Store {
    database: Rexie,
    /// The mark of what this tab has read, or kept since; none before anything was kept.
    mark: RefCell<Option<String>>,
}

/// What came of a write.
pub(crate) enum Written {
    /// It is kept.
    All,
    /// Nothing is: another tab has kept its work.
    Nothing,
}

impl Store {
    /// Opens it. Pages under other paths of this origin have databases of their own.
    pub(crate) async fn open(path: &str) -> Result<Self, String> {
        let name = format!("{DATABASE} {path}");
        let built = Rexie::builder(&name).version(1).add_object_store(ObjectStore::new(PIECES)).build().await;
        Ok(Self { database: built.map_err(words)?, mark: RefCell::default() })
    }

    /// What is kept; none on a first visit.
    pub(crate) async fn read(&self) -> Result<Option<Snapshot>, String> {
        let transaction = self.database.transaction(&[PIECES], TransactionMode::ReadOnly).map_err(words)?;
        let pieces = transaction.store(PIECES).map_err(words)?.scan(None, None, None, None).await.map_err(words)?;
        let (mut snapshot, mut mark) = (Snapshot::default(), None);
        for (key, piece) in pieces {
            match (key.as_string(), piece.as_string(), piece.dyn_into::<Uint8Array>()) {
                (Some(key), Some(text), _) if key == MARK => mark = Some(text),
                (Some(key), Some(text), _) => snapshot.texts.push((key, text)),
                (Some(key), None, Ok(bytes)) => snapshot.files.push((key, bytes.to_vec().into())),
                // Nothing that this page wrote.
                (None, ..) | (Some(_), None, Err(_)) => {}
            }
        }
        self.mark.replace(mark);
        Ok((!snapshot.texts.is_empty()).then_some(snapshot))
    }

    /// Writes the pieces that changed, all or none.
    pub(crate) async fn write(&self, before: &Snapshot, next: &Snapshot) -> Result<Written, String> {
        self.change(Some(before), next).await
    }

    /// Writes all pieces in place of those that are there, whoever kept them.
    pub(crate) async fn replace(&self, next: &Snapshot) -> Result<Written, String> {
        self.change(None, next).await
    }

    async fn change(&self, before: Option<&Snapshot>, next: &Snapshot) -> Result<Written, String> {
        let transaction = self.database.transaction(&[PIECES], TransactionMode::ReadWrite).map_err(words)?;
        let pieces = transaction.store(PIECES).map_err(words)?;
        let nothing = Snapshot::default();
        match before {
            None => pieces.clear().await.map_err(words)?,
            Some(_) => {
                let last = pieces.get(MARK.into()).await.map_err(words)?.and_then(|mark| mark.as_string());
                if last != *self.mark.borrow() {
                    return Ok(Written::Nothing);
                }
            }
        }
        let Changes { gone, texts, files } = before.unwrap_or(&nothing).changes(next);
        for key in gone {
            pieces.delete(key.into()).await.map_err(words)?;
        }
        for (key, bytes) in files {
            pieces.put(&Uint8Array::from(&**bytes), Some(&key.into())).await.map_err(words)?;
        }
        for (key, text) in texts {
            pieces.put(&text.into(), Some(&key.into())).await.map_err(words)?;
        }
        let mark = js_sys::Math::random().to_string();
        pieces.put(&JsValue::from(&mark), Some(&MARK.into())).await.map_err(words)?;
        transaction.done().await.map_err(words)?;
        self.mark.replace(Some(mark));
        Ok(Written::All)
    }

    /// Deletes everything.
    pub(crate) async fn clear(&self) -> Result<(), String> {
        let transaction = self.database.transaction(&[PIECES], TransactionMode::ReadWrite).map_err(words)?;
        transaction.store(PIECES).map_err(words)?.clear().await.map_err(words)?;
        transaction.done().await.map(drop).map_err(words)
    }
}

/// An error with what caused it: the browser's own words, `QuotaExceededError` for instance, stand last.
fn words(error: rexie::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
