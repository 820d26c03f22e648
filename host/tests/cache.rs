//! The cache of compiled modules: what this host wrote is used, anything else is compiled again.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::guest::{self, DOUBLE};
use mote::sandbox::cache::{Cache, CacheError, ENTRIES};
use mote::sandbox::{Engine, Guard, LoadOptions, Origin, Sandbox, Settings};

fn engine(folder: &Path, guard: Guard) -> Engine {
    Engine::new(Settings { guard, cache: Some(folder.to_owned()), ..Settings::default() }).unwrap()
}

/// Makes a sandbox with the cache in `folder`, and sees that its model runs.
fn origin(folder: &Path, guard: Guard) -> Origin {
    let sandbox = Sandbox::new(&engine(folder, guard), guest::wasm(&guest::wat())).unwrap();
    let mut session = sandbox.load(DOUBLE, &LoadOptions::default()).unwrap();
    assert_eq!(session.infer(&[[10]]).unwrap(), [[20]]);
    sandbox.origin()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    files.filter(|p| p.extension().is_some_and(|e| e == "cwasm")).collect()
}

/// A folder whose cache has the guest's entry, and that entry.
fn filled() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Compiled);
    let [entry] = entries(folder.path()).try_into().unwrap();
    (folder, entry)
}

#[test]
fn the_second_start_loads_what_the_first_compiled() {
    let (folder, _) = filled();
    assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Cache);
}

#[test]
fn another_configuration_has_its_own_entry() {
    let (folder, _) = filled();
    assert_eq!(origin(folder.path(), Guard::BetweenSteps), Origin::Compiled);
    assert_eq!(entries(folder.path()).len(), 2);
}

#[test]
fn a_changed_entry_is_compiled_again_and_replaced() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, Change); 6] = [
        ("a flipped bit in the code", |b| b[0] ^= 1),
        ("a flipped bit in the tag", |b| *b.last_mut().unwrap() ^= 1),
        ("cut short", |b| b.truncate(b.len() / 2)),
        ("cut within the tag", |b| b.truncate(b.len() - 7)),
        ("shorter than a tag", |b| b.truncate(7)),
        ("emptied", Vec::clear),
    ];
    for (name, change) in changes {
        let (folder, entry) = filled();
        let mut bytes = fs::read(&entry).unwrap();
        change(&mut bytes);
        fs::write(&entry, bytes).unwrap();
        assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Compiled, "{name}");
        assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Cache, "{name}: replaced");
    }
}

#[cfg(unix)]
#[test]
fn an_entry_that_others_may_change_is_checked_as_a_copy_of_its_own() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, entry) = filled();
    assert_eq!(fs::metadata(&entry).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&entry, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Cache);
    let mut bytes = fs::read(&entry).unwrap();
    bytes[0] ^= 1;
    fs::write(&entry, bytes).unwrap();
    assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Compiled);
}

#[test]
fn an_entry_under_another_name_is_not_used() {
    let (folder, entry) = filled();
    assert_eq!(origin(folder.path(), Guard::BetweenSteps), Origin::Compiled);
    let other = entries(folder.path()).into_iter().find(|e| *e != entry).unwrap();
    fs::copy(&other, &entry).unwrap();
    assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Compiled);
}

#[test]
fn an_entry_written_with_another_key_is_not_used() {
    let (folder, _) = filled();
    fs::remove_file(folder.path().join("key")).unwrap();
    assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Compiled);
}

#[test]
fn a_key_of_the_wrong_size_turns_the_cache_off_and_nothing_else() {
    let (folder, _) = filled();
    let key = folder.path().join("key");
    fs::write(&key, b"short").unwrap();
    let engine = engine(folder.path(), Guard::Epochs);
    assert!(matches!(engine.cache_error(), Some(CacheError::ForeignKey { path, .. }) if *path == key));
    assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Compiled);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_turns_the_cache_off() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _) = filled();
    let key = folder.path().join("key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(Cache::open(folder.path()), Err(CacheError::ForeignKey { .. })));
    assert_eq!(origin(folder.path(), Guard::Epochs), Origin::Compiled);
}

#[test]
fn a_folder_that_cannot_be_made_turns_the_cache_off_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"").unwrap();
    let below = file.join("cache");
    assert!(matches!(engine(&below, Guard::Epochs).cache_error(), Some(CacheError::Io { .. })));
    assert_eq!(origin(&below, Guard::Epochs), Origin::Compiled);
}

#[test]
fn old_entries_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path(), Guard::Epochs);
    for k in 0..ENTRIES + 3 {
        let wat = guest::wat().replacen("(module", &format!("(module (global i32 (i32.const {k}))"), 1);
        assert_eq!(Sandbox::new(&engine, guest::wasm(&wat)).unwrap().origin(), Origin::Compiled);
    }
    assert_eq!(entries(folder.path()).len(), ENTRIES);
}
