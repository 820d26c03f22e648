//! A checked cursor over the FlexBuffers map that custom operators keep their options in.
//!
//! A map of `n` entries with values of `w` bytes is found from a position `p` in its middle: at `p` the values, behind them a byte
//! of type for each; before `p` the number of entries, the width of the keys' offsets, and the offset of the keys, each in `w` bytes.
//! All offsets count backwards. Format: <https://flatbuffers.dev/internals/#flexbuffers>.

/// A map from names to numbers. Whatever is damaged is as good as not there.
#[derive(Debug, Clone, Copy)]
pub struct Map<'a> {
    file: &'a [u8],
    /// Where the values begin.
    values: usize,
    /// Bytes of a value.
    width: usize,
    count: usize,
    /// Where the keys' offsets begin.
    keys: usize,
    /// Bytes of a key's offset.
    key_width: usize,
}

const INT: u8 = 1;
const UINT: u8 = 2;
const INDIRECT_INT: u8 = 6;
const INDIRECT_UINT: u8 = 7;
const MAP: u8 = 9;
const BOOL: u8 = 26;

/// A packed type: the type, and the bytes that its value's own values take.
fn unpack(packed: u8) -> (u8, usize) {
    (packed >> 2, 1 << (packed & 3))
}

fn unsigned(file: &[u8], at: usize, width: usize) -> Option<u64> {
    let mut bytes = [0; 8];
    bytes.get_mut(..width)?.copy_from_slice(file.get(at..)?.get(..width)?);
    Some(u64::from_le_bytes(bytes))
}

fn signed(file: &[u8], at: usize, width: usize) -> Option<i64> {
    let spare = u32::try_from(8usize.checked_sub(width)?.checked_mul(8)?).ok()?;
    let value = unsigned(file, at, width)?.cast_signed();
    value.checked_shl(spare)?.checked_shr(spare)
}

/// Follows the offset stored at `at`, backwards.
fn back(file: &[u8], at: usize, width: usize) -> Option<usize> {
    at.checked_sub(usize::try_from(unsigned(file, at, width)?).ok()?)
}

impl<'a> Map<'a> {
    /// The map that the whole of `file` is.
    #[must_use]
    pub fn root(file: &'a [u8]) -> Option<Self> {
        let (&[packed, root_width], rest) = file.split_last_chunk::<2>().map(|(rest, last)| (last, rest))?;
        let (kind, width) = unpack(packed);
        let root_width = usize::from(root_width);
        let values = back(file, rest.len().checked_sub(root_width)?, root_width)?;
        let before = |n: usize| values.checked_sub(width.checked_mul(n)?);
        let word = |n: usize| usize::try_from(unsigned(file, before(n)?, width)?).ok();
        let (count, key_width, keys) = (word(1)?, word(2)?, back(file, before(3)?, width)?);
        (kind == MAP).then_some(Self { file, values, width, count, keys, key_width })
    }

    /// The integer (or boolean) of that name.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        let index = (0..self.count.min(self.file.len())).find(|&k| self.key(k) == Some(name.as_bytes()))?;
        let at = self.values.checked_add(index.checked_mul(self.width)?)?;
        let types = self.values.checked_add(self.count.checked_mul(self.width)?)?;
        let (kind, width) = unpack(*self.file.get(types.checked_add(index)?)?);
        let far = || back(self.file, at, self.width);
        match kind {
            INT => signed(self.file, at, self.width),
            UINT | BOOL => i64::try_from(unsigned(self.file, at, self.width)?).ok(),
            INDIRECT_INT => signed(self.file, far()?, width),
            INDIRECT_UINT => i64::try_from(unsigned(self.file, far()?, width)?).ok(),
            _ => None,
        }
    }

    /// The bytes of key `k`, which end before a zero.
    fn key(&self, k: usize) -> Option<&'a [u8]> {
        let at = self.keys.checked_add(k.checked_mul(self.key_width)?)?;
        let text = self.file.get(back(self.file, at, self.key_width)?..)?;
        text.get(..text.iter().position(|&b| b == 0)?)
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    /// `{"end": 241, "start": -5}` as the FlexBuffers library writes it: values of two bytes.
    const SAMPLE: &[u8] = &[
        b'e', b'n', b'd', 0, b's', b't', b'a', b'r', b't', 0, // keys
        2, 11, 8, // their number, their offsets
        0, // padding
        3, 0, 1, 0, 2, 0, // offset of the keys, its width, number of values
        241, 0, 251, 255, // values
        5, 5, // types: INT of two bytes
        6, 37, 1, // root: offset, MAP of two bytes, width
    ];

    #[test]
    fn finds_numbers_by_name() {
        let map = Map::root(SAMPLE).unwrap();
        assert_eq!(map.integer("end"), Some(241));
        assert_eq!(map.integer("start"), Some(-5));
        assert_eq!(map.integer("star"), None);
    }

    #[test]
    fn survives_every_truncation_and_every_changed_byte() {
        let probe = |file: &[u8]| Map::root(file).map(|m| (m.integer("end"), m.integer("start")));
        for len in 0..SAMPLE.len() {
            probe(&SAMPLE[len..]);
            probe(&SAMPLE[..len]);
        }
        for at in 0..SAMPLE.len() {
            for value in 0..=255 {
                let mut changed = SAMPLE.to_vec();
                changed[at] = value;
                probe(&changed);
            }
        }
    }
}
