//! Compiled modules on disk, of which only those that this host wrote are ever loaded.
//!
//! Compiled code is native code: whoever may choose it may do anything. So an entry carries a keyed BLAKE3 hash over
//! everything that it depends on, and the key is in a file that only this user can read. An entry whose hash does not hold
//! (changed, cut short, moved here from elsewhere, of another version) counts as absent, and the module is compiled again.
//!
//! ```text
//! <folder>/key                  32 random bytes, mode 0600
//! <folder>/<id>.cwasm           wasmtime's compiled form, then the tag
//! id  = hash(key, wasmtime's version and settings, module bytes)
//! tag = hash(key, compiled bytes, id)
//! ```

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// Environment variable that names another folder; empty turns the cache off.
pub const FOLDER_VARIABLE: &str = "MOTE_CACHE_DIR";

/// Entries that are kept. A host uses one for each build of the guest and each guard; the rest are of older versions.
pub const ENTRIES: usize = 16;

const KEY_BYTES: usize = blake3::KEY_LEN;
const TAG_BYTES: usize = blake3::OUT_LEN;
const EXTENSION: &str = "cwasm";

/// Bits of a file's mode, by what they allow the group and all others.
#[cfg(unix)]
const OTHERS_MAY_READ_OR_WRITE: u32 = 0o077;
#[cfg(unix)]
const OTHERS_MAY_WRITE: u32 = 0o022;

/// Why a cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The folder or the key cannot be made or read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// What was being made or read.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The key is not one that this host made for itself.
    #[error("{path}: {found}; delete the folder to start a new cache", path = path.display())]
    ForeignKey {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        found: &'static str,
    },
}

/// A folder of compiled modules and the key to it.
pub struct Cache {
    folder: PathBuf,
    key: [u8; KEY_BYTES],
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Names one module under one configuration of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryId(blake3::Hash);

impl Cache {
    /// The folder that [`FOLDER_VARIABLE`] names, or else `mote` in the user's cache folder.
    #[must_use]
    pub fn default_folder() -> Option<PathBuf> {
        if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
            return (!folder.is_empty()).then(|| folder.into());
        }
        Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("mote"))
    }

    /// Opens the cache in a folder; makes the folder and its key on first use.
    pub fn open(folder: &Path) -> Result<Self, CacheError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| CacheError::Io { path, source }
        };
        private_folder(folder).map_err(at(folder))?;
        let path = folder.join("key");
        let file = match File::open(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                write_key(folder, &path).map_err(at(&path))?;
                File::open(&path).map_err(at(&path))?
            }
            other => other.map_err(at(&path))?,
        };
        let key = read_key(file, &path)?;
        Ok(Self { folder: folder.to_owned(), key })
    }

    /// The name of a module's entry for an engine.
    #[must_use]
    pub fn id(&self, engine: &wasmtime::Engine, wasm: &[u8]) -> EntryId {
        let mut hasher = HashInto(self.hasher());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let HashInto(mut hasher) = hasher;
        hasher.update(blake3::hash(wasm).as_bytes());
        EntryId(hasher.finalize())
    }

    /// The compiled bytes of an entry, if it is there and this host wrote it.
    #[must_use]
    pub fn read(&self, id: EntryId) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path(id)).ok()?;
        let compiled = bytes.len().checked_sub(TAG_BYTES)?;
        let tag: [u8; TAG_BYTES] = bytes[compiled..].try_into().ok()?;
        bytes.truncate(compiled);
        // `blake3::Hash` compares in constant time.
        (Self::tag(self.hasher().update(&bytes), id) == tag).then_some(bytes)
    }

    /// The file of an entry, to be mapped, if it is there, this host wrote it, and no other user may change it from now on.
    ///
    /// What is mapped is read again when it is used. So beside the hash the file itself is looked at, the open one, not whatever is
    /// at its path by then: it is this user's, and only this user may write to it. Who can do that can read the key too, and
    /// [`Cache::put`] changes no file that is there, but puts a new one in its place.
    #[cfg(unix)]
    #[must_use]
    pub fn open_entry(&self, id: EntryId) -> Option<File> {
        let mut file = File::open(self.path(id)).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || foreign(&metadata, OTHERS_MAY_WRITE).is_some() {
            return None;
        }
        let compiled = metadata.len().checked_sub(TAG_BYTES as u64)?;
        let mut hasher = self.hasher();
        hasher.update_reader(io::Read::take(&file, compiled)).ok()?;
        let mut tag = [0; TAG_BYTES];
        file.read_exact(&mut tag).ok()?;
        (Self::tag(&mut hasher, id) == tag).then_some(file)
    }

    /// Writes an entry: it is there whole, or not at all.
    pub fn put(&self, id: EntryId, compiled: &[u8]) -> Result<(), CacheError> {
        let path = self.path(id);
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(compiled)?;
            file.write_all(Self::tag(self.hasher().update(compiled), id).as_bytes())?;
            file.persist(&path)?;
            self.forget_oldest()
        };
        write().map_err(|source| CacheError::Io { path: path.clone(), source })
    }

    /// The file of an entry.
    #[must_use]
    pub fn path(&self, id: EntryId) -> PathBuf {
        self.folder.join(format!("{}.{EXTENSION}", id.0.to_hex()))
    }

    fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.key)
    }

    /// The tag of an entry from what has hashed its compiled bytes. The name comes last, so that the bytes are hashed in whole
    /// blocks, many at a time.
    fn tag(compiled: &mut blake3::Hasher, id: EntryId) -> blake3::Hash {
        compiled.update(id.0.as_bytes()).finalize()
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|e| e == EXTENSION) {
                entries.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        entries.sort();
        let surplus = entries.len().saturating_sub(ENTRIES);
        entries.iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

/// Lets `Hash` values feed a cryptographic hash.
struct HashInto(blake3::Hasher);

impl Hasher for HashInto {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let bytes = self.0.finalize();
        u64::from_le_bytes(std::array::from_fn(|i| bytes.as_bytes()[i]))
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a new key, unless another process was first. `tempfile` makes its files with mode 0600.
fn write_key(folder: &Path, path: &Path) -> io::Result<()> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&key)?;
    match file.persist_noclobber(path) {
        Err(e) if e.error.kind() != io::ErrorKind::AlreadyExists => Err(e.error),
        _ => Ok(()),
    }
}

fn read_key(mut file: File, path: &Path) -> Result<[u8; KEY_BYTES], CacheError> {
    let not_ours = |found| CacheError::ForeignKey { path: path.to_owned(), found };
    let io = |source| CacheError::Io { path: path.to_owned(), source };
    let metadata = file.metadata().map_err(io)?;
    if !metadata.is_file() || metadata.len() != KEY_BYTES as u64 {
        return Err(not_ours("not a key of this program"));
    }
    #[cfg(unix)]
    if let Some(found) = foreign(&metadata, OTHERS_MAY_READ_OR_WRITE) {
        return Err(not_ours(found));
    }
    let mut key = [0; KEY_BYTES];
    file.read_exact(&mut key).map_err(io)?;
    Ok(key)
}

/// What makes an open file somebody else's: its owner, or one of the bits in `forbidden`.
#[cfg(unix)]
fn foreign(metadata: &fs::Metadata, forbidden: u32) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Some("it belongs to another user");
    }
    (metadata.mode() & forbidden != 0).then_some("others may use it")
}
