//! Files that somebody watches.

use std::fs;
use std::path::Path;

use crate::error::BuildError;

/// Writes a file, and the folders that it needs; not where it holds these bytes already, so that whoever watches its time does not
/// build again for nothing.
pub(crate) fn write_changed(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(BuildError::io("create", folder))?;
    }
    fs::write(path, bytes).map_err(BuildError::io("write", path))
}
