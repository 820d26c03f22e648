//! A zip archive of files that lie in folders named after their classes.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{DataError, DataErrorKind, FileKind, limits};

/// What some systems add to archives that their users make.
const NOT_THE_USERS: &str = "__MACOSX";

/// An archive whose files are read one after the other, so that never more than one of them is decompressed.
///
/// A file's class is the folder that it lies in, whatever stands above: `cats/1.png` and `data/train/cats/1.png` are both of
/// the class `cats`. Files outside of folders, hidden ones and those whose names promise no format that is read are passed over.
#[derive(Debug)]
pub struct Folders<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    files: Vec<Place>,
    passed_over: usize,
    left: u64,
    limit: u64,
}

/// Where a file lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The folder's name.
    pub label: String,
    /// The file's own name.
    pub name: String,
    index: usize,
}

impl<'a> Folders<'a> {
    /// Opens an archive.
    pub fn open(bytes: &'a [u8]) -> Result<Self, DataError> {
        Self::open_within(bytes, limits::DECOMPRESSED_BYTES)
    }

    /// Opens an archive whose files have at most `limit` bytes together, whatever it claims.
    pub fn open_within(bytes: &'a [u8], limit: u64) -> Result<Self, DataError> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| malformed("archive", "a zip archive", e))?;
        if archive.len() > limits::FOLDER_FILES {
            let found = archive.len();
            return Err(DataError::limit(FileKind::Zip, "entries", limits::FOLDER_FILES as u64, found));
        }
        let (mut files, mut passed_over) = (Vec::new(), 0);
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index);
            let entry = entry.map_err(|e| malformed(format!("entry {index}"), "a readable entry", e))?;
            if entry.is_dir() {
                continue;
            }
            match entry.name().ok().and_then(|path| place(&path, index)) {
                Some(place) => files.push(place),
                None => passed_over += 1,
            }
        }
        if files.is_empty() {
            return Err(DataError {
                kind: DataErrorKind::Missing,
                file: FileKind::Zip,
                place: "archive".into(),
                expected: "at least one picture, recording or array in a folder that is named after its class".into(),
                found: format!("{} entries, none of them one", archive.len()),
                remedy: "lay the files out as class/file.png, then zip the folders".into(),
            });
        }
        // By class, then by name: as a folder of folders is read.
        files.sort();
        Ok(Self { archive, files, passed_over, left: limit, limit })
    }

    /// Its files, by class, then by name.
    #[must_use]
    pub fn files(&self) -> &[Place] {
        &self.files
    }

    /// Files that are none of these.
    #[must_use]
    pub fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// Reads file `k` of [`Folders::files`].
    pub fn read(&mut self, k: usize) -> Result<Vec<u8>, DataError> {
        let Some(Place { label, name, index }) = self.files.get(k) else {
            return Err(malformed("archive", "a file below its number of files", k));
        };
        let place = format!("{label}/{name}");
        let entry = self.archive.by_index(*index).map_err(|e| malformed(&place, "a readable entry", e))?;
        let mut bytes = Vec::new();
        // One byte more than allowed tells a longer entry from one that just fits, whatever its header claims.
        let read = entry.take(self.left.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|e| malformed(&place, "readable data", e))?;
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            let place = format!("{place}, bytes of all files after decompression");
            DataError::limit(FileKind::Zip, place, self.limit, "more")
        })?;
        Ok(bytes)
    }
}

fn place(path: &str, index: usize) -> Option<Place> {
    let mut parts = path.split('/').rev();
    let (name, label) = (parts.next()?, parts.next()?);
    let hidden = |part: &str| part.starts_with('.') || part == NOT_THE_USERS;
    if label.is_empty() || path.split('/').any(hidden) {
        return None;
    }
    let kind = FileKind::from_name(name)?;
    (kind != FileKind::Zip).then(|| Place { label: label.into(), name: name.into(), index })
}

fn malformed(place: impl Into<String>, expected: &str, found: impl std::fmt::Display) -> DataError {
    DataError::malformed(FileKind::Zip, place, expected, found)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (path, bytes) in files {
            archive.start_file(*path, options).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn files_come_by_class_and_name_whatever_stands_above_their_folders() {
        let bytes = archive(&[
            ("set/dogs/2.png", b"d2"),
            ("set/cats/9.png", b"c9"),
            ("set/dogs/1.jpg", b"d1"),
            ("README.txt", b""),
            ("set/notes.txt", b""),
            ("top.png", b""),
            ("set/cats/.hidden.png", b""),
            ("__MACOSX/set/cats/9.png", b""),
            ("set/more/inner.zip", b""),
        ]);
        let mut folders = Folders::open(&bytes).unwrap();
        let places: Vec<_> = folders.files().iter().map(|p| (p.label.clone(), p.name.clone())).collect();
        let expected = [("cats", "9.png"), ("dogs", "1.jpg"), ("dogs", "2.png")];
        assert_eq!(places, expected.map(|(label, name)| (label.to_owned(), name.to_owned())));
        assert_eq!(folders.passed_over(), 6);
        assert_eq!(folders.read(0).unwrap(), b"c9");
        assert_eq!(folders.read(2).unwrap(), b"d2");
        assert!(folders.read(3).is_err());
    }

    #[test]
    fn a_small_archive_that_holds_much_is_refused_where_it_passes_the_limit() {
        let zeros = vec![0u8; 1 << 20];
        let bytes = archive(&[("a/1.bin", &zeros), ("a/2.bin", &zeros)]);
        assert!(bytes.len() < 1 << 13, "the point of the case is a small file: {}", bytes.len());
        let mut folders = Folders::open_within(&bytes, (2 << 20) - 1).unwrap();
        assert_eq!(folders.read(0).unwrap().len(), 1 << 20);
        let error = folders.read(1).unwrap_err();
        assert_eq!((error.kind, error.file), (DataErrorKind::Limit, FileKind::Zip), "{error}");
        assert!(Folders::open_within(&bytes, 2 << 20).unwrap().read(1).is_ok());
    }

    #[test]
    fn what_is_no_such_archive_says_so() {
        assert_eq!(Folders::open(b"hello").unwrap_err().kind, DataErrorKind::Malformed);
        let error = Folders::open(&archive(&[("cat.png", b"")])).unwrap_err();
        assert_eq!(error.kind, DataErrorKind::Missing, "{error}");
        let bytes = archive(&[("a/1.bin", &[7; 4000])]);
        for cut in [0, 1, 40, bytes.len() / 2, bytes.len() - 1] {
            assert!(Folders::open(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
