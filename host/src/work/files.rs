//! Whole files in and out, with failures that name them.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, FailureKind};

/// Bytes of the largest data file that is read. Larger sets are split.
pub const DATA_FILE_LIMIT: u64 = 1 << 30;

/// Reads a file of at most `limit` bytes; a failure is of `kind`.
pub fn read(path: &Path, limit: u64, kind: FailureKind) -> Result<Vec<u8>, Failure> {
    let fail = |reason: String| Failure::new(kind, path.display(), reason);
    let open = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // One byte more than allowed tells a longer file from one that just fits; its size may change while it is read.
        File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = open().map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => fail("no such file".into()).remedy("check the path"),
        io::ErrorKind::IsADirectory => fail("is a folder, a file was expected".into()),
        _ => fail(e.to_string()),
    })?;
    if bytes.len() as u64 > limit {
        return Err(fail(format!("more than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

/// Refuses to write two things into one file, or into a file that is read. What is no plain file is nobody's.
pub fn apart(outputs: &[&Path], inputs: &[Option<&Path>]) -> Result<(), Failure> {
    let places: Vec<_> = outputs.iter().map(|path| place(path)).collect();
    let refuse = |path: &Path, reason: &str| {
        Err(Failure::new(FailureKind::Usage, path.display(), reason).remedy("give it another name"))
    };
    for (k, (path, place)) in outputs.iter().zip(&places).enumerate() {
        if fs::metadata(path).is_ok_and(|m| !m.is_file()) {
            continue;
        }
        if inputs.iter().flatten().any(|input| self::place(input) == *place) {
            return refuse(path, "is read here, and would be overwritten");
        }
        if places[..k].contains(place) {
            return refuse(path, "would be written twice");
        }
    }
    Ok(())
}

/// Where a file is or would be, whichever way its path goes there.
fn place(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default();
    fs::canonicalize(path)
        .or_else(|_| Ok::<_, io::Error>(fs::canonicalize(folder)?.join(name)))
        .unwrap_or_else(|_| path.into())
}

/// Writes a file whole or not at all: a failure leaves what was there before. What is no plain file, `/dev/stdout`, say, is
/// written to as it is.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let in_place = fs::metadata(path).is_ok_and(|m| !m.is_file());
    let written = if in_place { fs::write(path, bytes) } else { replace(path, bytes) };
    written.map_err(|e| {
        Failure::new(FailureKind::Work, path.display(), format!("cannot be written: {e}"))
            .remedy("check that its folder is there and may be written to")
    })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    // As any new file: the user's umask decides. A temporary file's own default is for its owner only.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_apart_from_inputs_and_from_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("model"), b"m").unwrap();
        fs::create_dir(at("sub")).unwrap();
        let round = folder.path().join("sub").join("..").join("model");
        let new = (at("new"), folder.path().join("sub").join("..").join("new"));
        assert_eq!(apart(&[&at("a"), &at("b")], &[Some(&at("model")), None]), Ok(()));
        assert!(apart(&[&round], &[Some(&at("model"))]).unwrap_err().what.contains("model"));
        assert!(apart(&[&new.0, &new.1], &[]).is_err());
        assert_eq!(apart(&[Path::new("/dev/null"), Path::new("/dev/null")], &[]), Ok(()));
    }
}
