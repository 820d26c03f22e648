//! Protocol Buffers: the fields of a message, each checked before it is believed. Nothing is copied, and a message inside a
//! message is bytes until somebody asks for its fields, so that no nesting in a file is nesting here.
//!
//! Source: the encoding of Protocol Buffers, <https://protobuf.dev/programming-guides/encoding>.

use crate::import::{FileErrorKind, ImportError};

/// The bytes of a message, and where they begin in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    at: usize,
    bytes: &'a [u8],
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Held<'a> {
    Varint(u64),
    Eight([u8; 8]),
    Bytes(&'a [u8]),
    Four([u8; 4]),
}

/// A field of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    at: usize,
    /// Its number in the schema.
    pub(super) number: u64,
    held: Held<'a>,
}

/// The most bytes of a varint: 64 bits, 7 a byte.
const VARINT_BYTES: usize = 10;

fn malformed(at: usize, expected: &str, found: impl Into<String>) -> ImportError {
    ImportError::file(FileErrorKind::Malformed, format!("byte {at}"), expected, found)
}

impl<'a> Message<'a> {
    /// The message that a file is.
    pub(super) fn of_file(bytes: &'a [u8]) -> Self {
        Self { at: 0, bytes }
    }

    /// The next field, taken off the front; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Field<'a>>, ImportError> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let at = self.at;
        let key = self.varint()?;
        let held = match key & 7 {
            0 => Held::Varint(self.varint()?),
            1 => Held::Eight(self.array()?),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).map_err(|_| self.short("a length of the file's"))?;
                Held::Bytes(self.take(length)?)
            }
            5 => Held::Four(self.array()?),
            other => return Err(malformed(at, "a field of wire type 0, 1, 2 or 5", other.to_string())),
        };
        Ok(Some(Field { at, number: key >> 3, held }))
    }

    fn short(&self, expected: &str) -> ImportError {
        malformed(self.at, expected, format!("{} bytes left", self.bytes.len()))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], ImportError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(count) else {
            return Err(self.short(&format!("{count} bytes")));
        };
        (self.at, self.bytes) = (self.at + count, rest);
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImportError> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.short("a number"))
    }

    fn varint(&mut self) -> Result<u64, ImportError> {
        let at = self.at;
        let mut value = 0u64;
        for k in 0..VARINT_BYTES {
            let [byte] = self.array()?;
            // Of the tenth byte one bit fits; others are cut, as readers of the format do.
            value |= u64::from(byte & 0x7F) << (7 * k);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(malformed(at, "a number of at most 10 bytes", "more"))
    }
}

impl<'a> Field<'a> {
    fn wrong(&self, expected: &str) -> ImportError {
        let found = match self.held {
            Held::Varint(_) => "an integer",
            Held::Eight(_) => "8 bytes",
            Held::Bytes(_) => "a string of bytes",
            Held::Four(_) => "4 bytes",
        };
        malformed(self.at, expected, format!("{found} in field {}", self.number))
    }

    /// An `int64`, `int32` or enum.
    pub(super) fn integer(&self) -> Result<i64, ImportError> {
        match self.held {
            Held::Varint(value) => Ok(value.cast_signed()),
            _ => Err(self.wrong("an integer")),
        }
    }

    /// A `float`.
    pub(super) fn float(&self) -> Result<f32, ImportError> {
        match self.held {
            Held::Four(bytes) => Ok(f32::from_le_bytes(bytes)),
            _ => Err(self.wrong("a float")),
        }
    }

    /// A `bytes`.
    pub(super) fn bytes(&self) -> Result<&'a [u8], ImportError> {
        match self.held {
            Held::Bytes(bytes) => Ok(bytes),
            _ => Err(self.wrong("a string of bytes")),
        }
    }

    /// A `string`.
    pub(super) fn text(&self) -> Result<&'a str, ImportError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| self.wrong("text in UTF-8"))
    }

    /// A message. Its offset is that of the field: near enough to look there.
    pub(super) fn message(&self) -> Result<Message<'a>, ImportError> {
        Ok(Message { at: self.at, bytes: self.bytes()? })
    }

    /// Integers of a repeated field, packed or one by one, appended.
    pub(super) fn integers(&self, all: &mut Vec<i64>) -> Result<(), ImportError> {
        match self.held {
            Held::Varint(value) => all.push(value.cast_signed()),
            Held::Bytes(bytes) => {
                let mut packed = Message { at: self.at, bytes };
                while !packed.bytes.is_empty() {
                    all.push(packed.varint()?.cast_signed());
                }
            }
            Held::Eight(_) | Held::Four(_) => return Err(self.wrong("integers")),
        }
        Ok(())
    }

    /// Floats of a repeated field, likewise.
    pub(super) fn floats(&self, all: &mut Vec<f32>) -> Result<(), ImportError> {
        match self.held {
            Held::Four(bytes) => all.push(f32::from_le_bytes(bytes)),
            Held::Bytes(bytes) => match bytes.as_chunks() {
                (numbers, []) => all.extend(numbers.iter().map(|&b| f32::from_le_bytes(b))),
                _ => return Err(self.wrong("whole floats")),
            },
            Held::Eight(_) | Held::Varint(_) => return Err(self.wrong("floats")),
        }
        Ok(())
    }

    /// Doubles of a repeated field, likewise.
    pub(super) fn doubles(&self, all: &mut Vec<f64>) -> Result<(), ImportError> {
        match self.held {
            Held::Eight(bytes) => all.push(f64::from_le_bytes(bytes)),
            Held::Bytes(bytes) => match bytes.as_chunks() {
                (numbers, []) => all.extend(numbers.iter().map(|&b| f64::from_le_bytes(b))),
                _ => return Err(self.wrong("whole doubles")),
            },
            Held::Four(_) | Held::Varint(_) => return Err(self.wrong("doubles")),
        }
        Ok(())
    }
}
