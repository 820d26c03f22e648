//! What the tests of this folder share.

use std::path::PathBuf;

/// The folder of real models and signals, where it is there; says that and why the test is skipped where it is not.
pub(crate) fn testdata(test: &str) -> Option<PathBuf> {
    let folder = match std::env::var_os("MOTE_TESTDATA") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/testdata"),
    };
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("{test}: skipped, {} is not there; set MOTE_TESTDATA to the folder of test data", folder.display());
    None
}
