//! NumPy's `.npz`: a zip archive of `.npy` files, stored (`numpy.savez`) or deflated (`numpy.savez_compressed`).

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::{Array, DataError, DataErrorKind, FileKind, limits, npy};

/// Arrays by name, in the order of the archive.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Npz {
    /// Name (without `.npy`) and array.
    pub arrays: Vec<(String, Array)>,
}

impl Npz {
    /// The array of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.arrays.iter().find(|(n, _)| n == name).map(|(_, array)| array)
    }

    /// Takes the array of this name out.
    pub fn take(&mut self, name: &str) -> Option<Array> {
        let at = self.arrays.iter().position(|(n, _)| n == name)?;
        Some(self.arrays.remove(at).1)
    }

    /// The names, for a message.
    #[must_use]
    pub fn names(&self) -> String {
        self.arrays.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Reads all arrays of an archive; entries that are no `.npy` are passed over.
pub fn read(bytes: &[u8]) -> Result<Npz, DataError> {
    read_within(bytes, limits::DECOMPRESSED_BYTES)
}

/// Reads all arrays of an archive that decompresses to at most `limit` bytes.
pub fn read_within(bytes: &[u8], limit: u64) -> Result<Npz, DataError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| malformed("archive", "a zip archive", e))?;
    if archive.len() > limits::ENTRIES {
        return Err(DataError::limit(FileKind::Npz, "entries", limits::ENTRIES as u64, archive.len()));
    }
    let mut npz = Npz::default();
    let mut left = limit;
    for i in 0..archive.len() {
        let entry = archive.by_index(i).map_err(|e| malformed(format!("entry {i}"), "a readable entry", e))?;
        let Some(name) = entry.name().ok().and_then(|n| n.strip_suffix(".npy").map(str::to_owned)) else { continue };
        let place = format!("entry {name}.npy");
        let mut npy_bytes = Vec::new();
        // One byte more than allowed tells a longer entry from one that just fits, whatever its header claims.
        let read = entry.take(left.saturating_add(1)).read_to_end(&mut npy_bytes);
        read.map_err(|e| malformed(&place, "readable data", e))?;
        let length = npy_bytes.len() as u64;
        left = left.checked_sub(length).ok_or_else(|| {
            DataError::limit(FileKind::Npz, format!("{place}, bytes after decompression"), limit, "more")
        })?;
        let array = npy::read(&npy_bytes).map_err(|e| e.within(&place))?;
        npz.arrays.push((name, array));
    }
    if npz.arrays.is_empty() {
        return Err(DataError {
            kind: DataErrorKind::Missing,
            file: FileKind::Npz,
            place: "archive".into(),
            expected: "at least one .npy entry".into(),
            found: format!("{} entries, none of them .npy", archive.len()),
            remedy: "write it with numpy.savez(file, x=x, y=y)".into(),
        });
    }
    Ok(npz)
}

/// Writes an archive, not compressed. The same arrays give the same bytes: no times, no order of its own.
pub fn write<'a>(arrays: impl IntoIterator<Item = (&'a str, &'a Array)>) -> Result<Vec<u8>, DataError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, array) in arrays {
        let unwritable = |e: &dyn std::fmt::Display| DataError {
            kind: DataErrorKind::Unsupported,
            file: FileKind::Npz,
            place: format!("entry {name}.npy"),
            expected: "an entry that a zip archive can hold".into(),
            found: e.to_string(),
            remedy: "give each array its own name, and less than 4 GiB".into(),
        };
        archive.start_file(format!("{name}.npy"), options).map_err(|e| unwritable(&e))?;
        archive.write_all(&npy::write(array)).map_err(|e| unwritable(&e))?;
    }
    let written = archive.finish().map_err(|e| malformed("archive", "a zip archive", e))?;
    Ok(written.into_inner())
}

fn malformed(place: impl Into<String>, expected: &str, found: impl std::fmt::Display) -> DataError {
    DataError::malformed(FileKind::Npz, place, expected, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<(&'static str, Array)> {
        let x = Array::new([3, 2], vec![1i8, -2, 3, -4, 5, -6]).unwrap();
        vec![("x", x), ("y", Array::vector(vec![0i64, 1, 2]))]
    }

    fn deflated(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file(name, options).unwrap();
        archive.write_all(bytes).unwrap();
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn written_archives_read_back_and_are_the_same_bytes_each_time() {
        let arrays = two();
        let write = || write(arrays.iter().map(|(n, a)| (*n, a))).unwrap();
        let bytes = write();
        assert_eq!(bytes, write());
        let npz = read(&bytes).unwrap();
        assert_eq!(npz.names(), "x, y");
        assert_eq!(npz.get("y"), Some(&arrays[1].1));
        assert_eq!(npz.get("z"), None);
    }

    #[test]
    fn deflated_entries_are_read_up_to_the_limit() {
        let zeros = Array::vector(vec![0u8; 1 << 20]);
        let bytes = deflated("zeros.npy", &npy::write(&zeros));
        assert!(bytes.len() < 1 << 13, "the point of the case is a small file: {}", bytes.len());
        assert_eq!(read(&bytes).unwrap().get("zeros"), Some(&zeros));
        let whole = npy::write(&zeros).len() as u64;
        assert!(read_within(&bytes, whole).is_ok());
        let error = read_within(&bytes, whole - 1).unwrap_err();
        assert_eq!(error.kind, DataErrorKind::Limit, "{error}");
    }

    #[test]
    fn an_archive_without_arrays_says_so() {
        let error = read(&deflated("readme.txt", b"hello")).unwrap_err();
        assert_eq!(error.kind, DataErrorKind::Missing, "{error}");
    }

    #[test]
    fn a_broken_entry_is_named() {
        let error = read(&deflated("broken.npy", b"hello")).unwrap_err();
        assert!(error.place.starts_with("entry broken.npy"), "{error}");
    }
}
