//! The test data that is shared between projects.

use std::path::{Path, PathBuf};

/// Its folder; none, with a word on standard output, where it is not.
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/testdata");
    let folder = std::env::var_os("MOTE_TESTDATA").map_or(beside, PathBuf::from);
    if !folder.is_dir() {
        println!("skipped: the shared test data (../shared/testdata, or MOTE_TESTDATA) is not here");
        return None;
    }
    Some(folder)
}
