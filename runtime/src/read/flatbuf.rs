//! A checked cursor over FlatBuffers.
//!
//! Every read is bounds-checked against the file and every offset is followed once, forwards, by code that mirrors the
//! schema; nothing recurses, so a file cannot make the reader loop or nest deeper than the schema does (five tables).
//!
//! Format: <https://flatbuffers.dev/internals/>.

use alloc::string::String;

use crate::error::{Error, ErrorKind, Place};

/// A table: a position in the file and its vtable.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    file: &'a [u8],
    at: usize,
    vtable: usize,
    vtable_len: usize,
}

/// A vector of `count` elements of `size` bytes each.
#[derive(Debug, Clone, Copy)]
pub struct Vector<'a> {
    file: &'a [u8],
    at: usize,
    count: usize,
    size: usize,
}

fn damage(at: usize, expected: &'static str) -> Error {
    Error::new(
        ErrorKind::Malformed,
        Place::Offset(at),
        format_args!("{expected}"),
        format_args!("an offset or a length that leaves the file"),
    )
}

fn bytes<const N: usize>(file: &[u8], at: usize) -> Option<[u8; N]> {
    file.get(at..)?.first_chunk().copied()
}

fn read_u16(file: &[u8], at: usize) -> Option<usize> {
    bytes(file, at).map(u16::from_le_bytes).map(usize::from)
}

fn read_u32(file: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes(file, at)?)).ok()
}

/// Follows the relative offset stored at `at`.
fn follow(file: &[u8], at: usize) -> Option<usize> {
    at.checked_add(read_u32(file, at)?).filter(|&to| to < file.len())
}

impl<'a> Table<'a> {
    /// The root table of a file.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when it is not inside the file.
    pub fn root(file: &'a [u8]) -> Result<Self, Error> {
        let at = follow(file, 0).ok_or_else(|| damage(0, "the offset of the root table"))?;
        Self::at(file, at)
    }

    fn at(file: &'a [u8], at: usize) -> Result<Self, Error> {
        let table = || {
            let back = i32::from_le_bytes(bytes(file, at)?);
            let vtable = i64::try_from(at).ok()?.checked_sub(i64::from(back))?;
            let vtable = usize::try_from(vtable).ok()?;
            let vtable_len = read_u16(file, vtable)?;
            let end = vtable.checked_add(vtable_len)?;
            (vtable_len >= 4 && end <= file.len()).then_some(Self { file, at, vtable, vtable_len })
        };
        table().ok_or_else(|| damage(at, "a table with its vtable"))
    }

    /// Where the table begins in the file.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Where field `id` lies; none when the table does not have it.
    fn field(&self, id: u16) -> Option<usize> {
        let slot = usize::from(id).checked_mul(2)?.checked_add(4)?;
        if slot.checked_add(2)? > self.vtable_len {
            return None;
        }
        match read_u16(self.file, self.vtable.checked_add(slot)?)? {
            0 => None,
            offset => self.at.checked_add(offset),
        }
    }

    fn scalar<const N: usize>(&self, id: u16) -> Result<Option<[u8; N]>, Error> {
        match self.field(id) {
            None => Ok(None),
            Some(at) => bytes(self.file, at).map(Some).ok_or_else(|| damage(at, "a field inside the file")),
        }
    }

    /// Field `id` as `i8`.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when it is not inside the file; so for all readers of fields.
    pub fn i8(&self, id: u16, default: i8) -> Result<i8, Error> {
        Ok(self.scalar(id)?.map_or(default, i8::from_le_bytes))
    }

    /// Field `id` as `u8`; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn u8(&self, id: u16, default: u8) -> Result<u8, Error> {
        Ok(self.scalar(id)?.map_or(default, u8::from_le_bytes))
    }

    /// Field `id` as a boolean; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn bool(&self, id: u16) -> Result<bool, Error> {
        Ok(self.u8(id, 0)? != 0)
    }

    /// Field `id` as `i32`; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn i32(&self, id: u16, default: i32) -> Result<i32, Error> {
        Ok(self.scalar(id)?.map_or(default, i32::from_le_bytes))
    }

    /// Field `id` as `u32`; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn u32(&self, id: u16, default: u32) -> Result<u32, Error> {
        Ok(self.scalar(id)?.map_or(default, u32::from_le_bytes))
    }

    /// Field `id` as `u64`; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn u64(&self, id: u16, default: u64) -> Result<u64, Error> {
        Ok(self.scalar(id)?.map_or(default, u64::from_le_bytes))
    }

    /// Field `id` as `f32`; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn f32(&self, id: u16, default: f32) -> Result<f32, Error> {
        Ok(self.scalar(id)?.map_or(default, f32::from_le_bytes))
    }

    /// Field `id` as a table; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn table(&self, id: u16) -> Result<Option<Table<'a>>, Error> {
        let Some(at) = self.field(id) else { return Ok(None) };
        let to = follow(self.file, at).ok_or_else(|| damage(at, "the offset of a table"))?;
        Self::at(self.file, to).map(Some)
    }

    /// Field `id` as a vector of elements of `size` bytes, empty when it is not there; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn vector(&self, id: u16, size: usize) -> Result<Vector<'a>, Error> {
        let Some(at) = self.field(id) else { return Ok(Vector { file: self.file, at: 0, count: 0, size }) };
        let vector = || {
            let to = follow(self.file, at)?;
            let count = read_u32(self.file, to)?;
            let begin = to.checked_add(4)?;
            let end = begin.checked_add(count.checked_mul(size)?)?;
            (end <= self.file.len()).then_some(Vector { file: self.file, at: begin, count, size })
        };
        vector().ok_or_else(|| damage(at, "a vector inside the file"))
    }

    /// Field `id` as a vector of tables; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn tables(&self, id: u16) -> Result<Vector<'a>, Error> {
        self.vector(id, 4)
    }

    /// Field `id` as a string, damaged UTF-8 replaced; empty when it is not there; see [`Table::i8`].
    #[allow(clippy::missing_errors_doc)]
    pub fn string(&self, id: u16) -> Result<String, Error> {
        /// Names longer than this are cut: they only serve messages.
        const NAME_BYTES: usize = 256;
        let bytes = self.vector(id, 1)?.bytes();
        Ok(String::from_utf8_lossy(bytes.get(..NAME_BYTES).unwrap_or(bytes)).into_owned())
    }
}

impl<'a> Vector<'a> {
    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All bytes of a vector of scalars.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        let end = self.count.saturating_mul(self.size).saturating_add(self.at);
        self.file.get(self.at..end).unwrap_or_default()
    }

    /// The elements of a vector of scalars of `N` bytes; nothing if that is not their size.
    pub fn scalars<const N: usize>(&self) -> impl ExactSizeIterator<Item = [u8; N]> + 'a {
        let bytes = if self.size == N { self.bytes() } else { &[] };
        let (chunks, _) = bytes.as_chunks::<N>();
        chunks.iter().copied()
    }

    /// Elements as `i32`.
    pub fn i32s(&self) -> impl ExactSizeIterator<Item = i32> + 'a {
        self.scalars().map(i32::from_le_bytes)
    }

    /// Element `k` of a vector of tables.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when there is no such element or it leaves the file.
    pub fn table(&self, k: usize) -> Result<Table<'a>, Error> {
        let at = || {
            let at = self.at.checked_add(k.checked_mul(4)?)?;
            (k < self.count && self.size == 4).then_some(at)
        };
        let at = at().ok_or_else(|| damage(self.at, "an element of a vector"))?;
        let to = follow(self.file, at).ok_or_else(|| damage(at, "the offset of a table"))?;
        Table::at(self.file, to)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;

    /// A root table with one i32 field (42) and one vector of two bytes.
    fn sample() -> [u8; 30] {
        let mut file = [0; 30];
        file[0..4].copy_from_slice(&12u32.to_le_bytes()); // root at 12
        file[4..6].copy_from_slice(&8u16.to_le_bytes()); // vtable: its length,
        file[6..8].copy_from_slice(&12u16.to_le_bytes()); // the table's length,
        file[8..10].copy_from_slice(&4u16.to_le_bytes()); // field 0,
        file[10..12].copy_from_slice(&8u16.to_le_bytes()); // field 1
        file[12..16].copy_from_slice(&8i32.to_le_bytes());
        file[16..20].copy_from_slice(&42i32.to_le_bytes());
        file[20..24].copy_from_slice(&4u32.to_le_bytes());
        file[24..28].copy_from_slice(&2u32.to_le_bytes());
        file[28..30].copy_from_slice(&[7, 9]);
        file
    }

    #[test]
    fn reads_fields_and_defaults() {
        let file = sample();
        let root = Table::root(&file).unwrap();
        assert_eq!(root.i32(0, 0).unwrap(), 42);
        assert_eq!(root.vector(1, 1).unwrap().bytes(), [7, 9]);
        assert_eq!(root.i32(2, -5).unwrap(), -5);
        assert!(root.table(3).unwrap().is_none());
        assert!(root.vector(3, 4).unwrap().is_empty());
    }

    #[test]
    fn survives_every_truncation_and_every_changed_byte() {
        let file = sample();
        let probe = |file: &[u8]| {
            let Ok(root) = Table::root(file) else { return };
            for id in 0..4 {
                let _ = (root.i32(id, 0), root.table(id), root.string(id), root.vector(id, 8));
                if let Ok(tables) = root.tables(id) {
                    let _ = (0..4).map(|k| tables.table(k)).filter(Result::is_ok).count();
                }
            }
        };
        for len in 0..file.len() {
            probe(&file[..len]);
        }
        for at in 0..file.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = file;
                changed[at] = value;
                probe(&changed);
            }
        }
    }

    #[test]
    fn a_vector_longer_than_the_file_is_refused() {
        let mut file = sample();
        file[24..28].copy_from_slice(&u32::MAX.to_le_bytes());
        let error = Table::root(&file).unwrap().vector(1, 1).unwrap_err();
        assert_eq!((error.kind, &error.place), (ErrorKind::Malformed, &Place::Offset(20)));
    }
}
