//! Folders of files: made equal, listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// All files below `folder`, relative to it, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, Path::new(""), &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(root: &Path, below: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let folder = root.join(below);
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        let relative = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(root, &relative, found)?;
        } else {
            found.push(relative);
        }
    }
    Ok(())
}

/// Copies the files below `from` that `wanted` accepts (by their path relative to `from`) to the same place below `to`.
pub(crate) fn copy(from: &Path, to: &Path, wanted: impl Fn(&Path) -> bool) -> Result<()> {
    for file in files(from)?.iter().filter(|file| wanted(file)) {
        write(&to.join(file), &read(&from.join(file))?)?;
    }
    Ok(())
}

/// Makes `to` hold exactly the files of `from`. A file that is equal already is not touched: cargo looks at times.
pub(crate) fn mirror(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let wanted: BTreeSet<_> = files(from)?.into_iter().collect();
    for old in files(to)?.iter().filter(|file| !wanted.contains(*file)) {
        let old = to.join(old);
        fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
    }
    for file in &wanted {
        let bytes = read(&from.join(file))?;
        let to = to.join(file);
        if fs::read(&to).ok().as_ref() != Some(&bytes) {
            write(&to, &bytes)?;
        }
    }
    Ok(())
}

/// Writes a file, and the folders that it needs.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_adds_removes_and_leaves_equal_files_alone() {
        let folder = std::env::temp_dir().join(format!("mote-mirror-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        for (path, text) in [("from/same", "1"), ("from/new/deep", "2"), ("from/changed", "3")] {
            write(&folder.join(path), text.as_bytes()).unwrap();
        }
        for (path, text) in [("to/same", "1"), ("to/changed", "old"), ("to/gone/deep", "4")] {
            write(&folder.join(path), text.as_bytes()).unwrap();
        }
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let before = time(&to.join("same"));
        mirror(&from, &to).unwrap();
        let after = time(&to.join("same"));
        let (left, right) = (files(&from).unwrap(), files(&to).unwrap());
        let changed = read(&to.join("changed")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(left, right);
        assert_eq!(changed, b"3");
        assert_eq!(before, after);
    }
}
