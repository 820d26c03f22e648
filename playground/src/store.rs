//! Where the user's work is kept: a database of this page in the browser, each piece under its key.

use js_sys::Uint8Array;
use rexie::{ObjectStore, Rexie, TransactionMode};
use wasm_bindgen::{JsCast, JsValue};

use crate::keep::{Snapshot, TEXT};

const DATABASE: &str = "mote";
const PIECES: &str = "pieces";

/// The database.
pub(crate) struct Store(Rexie);

impl Store {
    /// Opens it. Pages under other paths of this origin have databases of their own.
    pub(crate) async fn open(path: &str) -> Result<Self, String> {
        let name = format!("{DATABASE} {path}");
        let built = Rexie::builder(&name).version(1).add_object_store(ObjectStore::new(PIECES)).build().await;
        built.map(Self).map_err(words)
    }

    /// What is kept; none on a first visit.
    pub(crate) async fn read(&self) -> Result<Option<Snapshot>, String> {
        let transaction = self.0.transaction(&[PIECES], TransactionMode::ReadOnly).map_err(words)?;
        let pieces = transaction.store(PIECES).map_err(words)?.scan(None, None, None, None).await.map_err(words)?;
        let mut snapshot = Snapshot::default();
        for (key, piece) in pieces {
            match (key.as_string(), piece.as_string(), piece.dyn_into::<Uint8Array>()) {
                (Some(_), Some(text), _) => snapshot.text = text,
                (Some(key), None, Ok(bytes)) => snapshot.files.push((key, bytes.to_vec().into())),
                // Nothing that this page wrote.
                (None, ..) | (Some(_), None, Err(_)) => {}
            }
        }
        Ok((!snapshot.text.is_empty()).then_some(snapshot))
    }

    /// Writes the pieces that changed, all or none.
    pub(crate) async fn write(&self, before: &Snapshot, next: &Snapshot) -> Result<(), String> {
        let transaction = self.0.transaction(&[PIECES], TransactionMode::ReadWrite).map_err(words)?;
        let pieces = transaction.store(PIECES).map_err(words)?;
        let (gone, new) = before.changes(next);
        for key in gone {
            pieces.delete(key.into()).await.map_err(words)?;
        }
        for (key, bytes) in new {
            pieces.put(&Uint8Array::from(&**bytes), Some(&key.into())).await.map_err(words)?;
        }
        pieces.put(&JsValue::from(&next.text), Some(&TEXT.into())).await.map_err(words)?;
        transaction.done().await.map(drop).map_err(words)
    }

    /// Deletes everything.
    pub(crate) async fn clear(&self) -> Result<(), String> {
        let transaction = self.0.transaction(&[PIECES], TransactionMode::ReadWrite).map_err(words)?;
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
