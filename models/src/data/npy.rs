//! NumPy's `.npy`: magic, version, a header that is a Python dictionary, then the elements.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>. The header is read here rather than
//! by a crate because the ones there are take memory for whatever header length a file claims, and bring a parser
//! generator that needs a C compiler.

use super::array::count;
use super::{Array, DType, DataError, DataErrorKind, Elements, FileKind, limits};

const MAGIC: &[u8] = b"\x93NUMPY";
/// Elements start at a multiple of this; NumPy's own choice, so that they can be mapped into memory.
const ALIGNMENT: usize = 64;

/// Reads one array. Fortran order and big-endian elements come out in C order and in the host's order.
pub fn read(bytes: &[u8]) -> Result<Array, DataError> {
    let (header, data) = split(bytes)?;
    let Header { dtype, big_endian, fortran_order, shape } = Header::parse(header)?;
    let needed = count(&shape).and_then(|n| n.checked_mul(dtype.size()));
    let Some(data) = needed.and_then(|n| data.get(..n)) else {
        let needed = needed.map_or_else(|| "more bytes than can be counted".into(), |n| format!("{n} bytes"));
        let expected = format!("{needed} of {dtype} for shape {shape:?}");
        return Err(malformed("elements", &expected, format!("{} bytes", data.len())));
    };
    let elements = if big_endian {
        let swapped: Vec<u8> = data.chunks_exact(dtype.size()).flat_map(|e| e.iter().rev()).copied().collect();
        Elements::from_le_bytes(dtype, &swapped)
    } else {
        Elements::from_le_bytes(dtype, data)
    };
    let elements = if fortran_order { to_c_order(&shape, &elements) } else { elements };
    Array::new(shape, elements).map_err(|error| malformed("elements", "as many as the shape holds", error))
}

/// Writes one array, version 1.0, C order, little-endian: the bytes that `numpy.save` writes.
#[must_use]
pub fn write(array: &Array) -> Vec<u8> {
    let shape = match array.shape() {
        [one] => format!("({one},)"),
        many => format!("({})", many.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    let dict = format!("{{'descr': '{}', 'fortran_order': False, 'shape': {shape}, }}", array.dtype().descr());
    let before = MAGIC.len() + 4;
    let padded = (before + dict.len() + 1).next_multiple_of(ALIGNMENT) - before;
    let length = u16::try_from(padded).expect("at most 64 axes of at most 20 digits");

    let mut out = Vec::with_capacity(before + padded + array.elements().len() * array.dtype().size());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[1, 0]);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(dict.as_bytes());
    out.resize(before + padded - 1, b' ');
    out.push(b'\n');
    out.extend_from_slice(&array.elements().to_le_bytes());
    out
}

/// Header text and what follows it.
fn split(bytes: &[u8]) -> Result<(&str, &[u8]), DataError> {
    let cut_short = || malformed("header", "a whole header", format!("a file of {} bytes", bytes.len()));
    let rest =
        bytes.strip_prefix(MAGIC).ok_or_else(|| malformed("byte 0", "the magic \\x93NUMPY", "something else"))?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or_else(cut_short)?;
    let (length, rest) = match version {
        [1, 0] => {
            let (length, rest) = rest.split_first_chunk().ok_or_else(cut_short)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        [2 | 3, 0] => {
            let (length, rest) = rest.split_first_chunk().ok_or_else(cut_short)?;
            (usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX), rest)
        }
        [major, minor] => return Err(malformed("version", "1.0, 2.0 or 3.0", format!("{major}.{minor}"))),
    };
    if length > limits::NPY_HEADER_BYTES {
        return Err(DataError::limit(FileKind::Npy, "bytes of the header", limits::NPY_HEADER_BYTES as u64, length));
    }
    let (header, data) = rest.split_at_checked(length).ok_or_else(cut_short)?;
    let header = str::from_utf8(header).map_err(|_| malformed("header", "text", "bytes that are no UTF-8"))?;
    Ok((header, data))
}

struct Header {
    dtype: DType,
    big_endian: bool,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    fn parse(text: &str) -> Result<Self, DataError> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        let mut cursor = Cursor { rest: text };
        cursor.expect("{")?;
        while !cursor.accept("}") {
            let key = cursor.string()?;
            cursor.expect(":")?;
            match key {
                "descr" => descr = Some(cursor.descr()?),
                "fortran_order" => fortran_order = Some(cursor.truth()?),
                "shape" => shape = Some(cursor.shape()?),
                _ => return Err(malformed("header", "the keys descr, fortran_order and shape", key)),
            }
            if !cursor.accept(",") {
                cursor.expect("}")?;
                break;
            }
        }
        let missing = |key: &str| malformed("header", &format!("the key {key}"), "none");
        let (dtype, big_endian) = descr.ok_or_else(|| missing("descr"))?;
        Ok(Self {
            dtype,
            big_endian,
            fortran_order: fortran_order.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }
}

/// What is left of a header's text.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn accept(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), DataError> {
        if self.accept(token) { Ok(()) } else { Err(self.wrong(token)) }
    }

    fn wrong(&self, expected: &str) -> DataError {
        let found: String = self.rest.trim_start().chars().take(20).collect();
        malformed("header", expected, format!("`{found}`"))
    }

    fn string(&mut self) -> Result<&'a str, DataError> {
        let quote = ["'", "\""].into_iter().find(|quote| self.accept(quote)).ok_or_else(|| self.wrong("a string"))?;
        let (text, rest) = self.rest.split_once(quote).ok_or_else(|| self.wrong("the end of a string"))?;
        self.rest = rest;
        Ok(text)
    }

    fn truth(&mut self) -> Result<bool, DataError> {
        if self.accept("True") {
            Ok(true)
        } else {
            self.expect("False")?;
            Ok(false)
        }
    }

    fn shape(&mut self) -> Result<Vec<usize>, DataError> {
        let mut shape = Vec::new();
        self.expect("(")?;
        while !self.accept(")") {
            if shape.len() == limits::AXES {
                return Err(DataError::limit(FileKind::Npy, "axes", limits::AXES as u64, "more"));
            }
            shape.push(self.extent()?);
            if !self.accept(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(shape)
    }

    fn extent(&mut self) -> Result<usize, DataError> {
        let text = self.rest.trim_start();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, rest) = text.split_at(digits);
        let extent = number.parse().map_err(|_| self.wrong("an extent"))?;
        self.rest = rest;
        // Python 2 wrote long integers as `3L`.
        self.accept("L");
        Ok(extent)
    }

    /// An element type, and whether its bytes are big-endian.
    fn descr(&mut self) -> Result<(DType, bool), DataError> {
        if self.rest.trim_start().starts_with('[') {
            return Err(unsupported("records of several fields"));
        }
        let descr = self.string()?;
        let (order, name) = descr.split_at_checked(1).unwrap_or_default();
        let known = DType::ALL.iter().copied().find(|d| d.descr().get(1..) == Some(name));
        match (known, order) {
            (Some(dtype), "<" | "|" | "=") => Ok((dtype, false)),
            (Some(dtype), ">") => Ok((dtype, true)),
            _ => Err(unsupported(descr)),
        }
    }
}

fn malformed(place: &str, expected: &str, found: impl std::fmt::Display) -> DataError {
    DataError::malformed(FileKind::Npy, place, expected, found)
}

fn unsupported(found: &str) -> DataError {
    let names: Vec<_> = DType::ALL.iter().map(|d| d.name()).collect();
    DataError {
        kind: DataErrorKind::Unsupported,
        file: FileKind::Npy,
        place: "dtype".into(),
        expected: format!("one of {}", names.join(", ")),
        found: found.into(),
        remedy: "convert it before saving: numpy.save(file, x.astype(numpy.float32))".into(),
    }
}

/// Elements whose first index runs fastest, reordered so that the last one does. `shape` holds exactly the elements.
fn to_c_order(shape: &[usize], elements: &Elements) -> Elements {
    let mut stride = 1;
    let mut strides = Vec::with_capacity(shape.len());
    for &extent in shape {
        strides.push(stride);
        stride *= extent;
    }
    let indices = (0..elements.len()).map(|mut at| {
        let mut index = 0;
        for (&extent, &stride) in shape.iter().zip(&strides).rev() {
            index += at % extent * stride;
            at /= extent;
        }
        index
    });
    elements.gather(indices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataErrorKind::{Limit, Malformed, Unsupported};

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend_from_slice(&u16::try_from(header.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(data);
        bytes
    }

    #[test]
    fn written_arrays_read_back() {
        for &dtype in DType::ALL {
            let bytes: Vec<u8> = (0..6 * dtype.size()).map(|i| (i % 2) as u8).collect();
            for shape in [&[6][..], &[2, 3], &[1, 6, 1], &[6, 1]] {
                let array = Array::new(shape, Elements::from_le_bytes(dtype, &bytes)).unwrap();
                let written = write(&array);
                assert_eq!((written.len() - bytes.len()) % ALIGNMENT, 0);
                assert_eq!(read(&written).unwrap(), array);
            }
        }
        for shape in [&[][..], &[0], &[3, 0, 2]] {
            let array = Array::new(shape, vec![1.5f32; usize::from(shape.is_empty())]).unwrap();
            assert_eq!(read(&write(&array)).unwrap(), array);
        }
    }

    #[test]
    fn other_orders_come_out_in_ours() {
        // numpy.asfortranarray([[1, 2, 3], [4, 5, 6]])
        let fortran =
            file("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n", &[0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6]);
        assert_eq!(read(&fortran).unwrap(), Array::new([2, 3], vec![1i16, 2, 3, 4, 5, 6]).unwrap());
        let python2 = file("{'shape': (1L, 2L), 'fortran_order': False, 'descr': \"|u1\"}", &[7, 8]);
        assert_eq!(read(&python2).unwrap(), Array::new([1, 2], vec![7u8, 8]).unwrap());
    }

    #[test]
    fn each_kind_of_wrong_header_has_its_error() {
        let dict = |descr: &str, shape: &str| format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}");
        let huge = format!("({})", "65536, ".repeat(40));
        let cases = [
            ("strings", dict("'<U3'", "(1,)"), Unsupported),
            ("records", dict("[('a', '<i4')]", "(1,)"), Unsupported),
            ("pickles", dict("'|O'", "(1,)"), Unsupported),
            ("empty type", dict("''", "(1,)"), Unsupported),
            ("half", dict("'<f2'", "(1,)"), Unsupported),
            ("negative extent", dict("'|i1'", "(-1,)"), Malformed),
            ("extent beyond counting", dict("'|i1'", "(99999999999999999999999,)"), Malformed),
            ("product beyond counting", dict("'<f8'", &huge), Malformed),
            ("more elements than bytes", dict("'<f8'", "(4294967295, 1048576)"), Malformed),
            ("too many axes", dict("'|i1'", &format!("({})", "1, ".repeat(65))), Limit),
            ("no shape", "{'descr': '|i1', 'fortran_order': False}".into(), Malformed),
            ("open dictionary", "{'descr': '|i1', ".into(), Malformed),
            ("unknown key", "{'descr': '|i1', 'x': 1}".into(), Malformed),
        ];
        for (name, header, kind) in cases {
            let error = read(&file(&header, &[0; 16])).expect_err(name);
            assert_eq!(error.kind, kind, "{name}: {error}");
        }
        let mut long = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
        long.resize(64, b' ');
        assert_eq!(read(&long).unwrap_err().kind, Limit);
    }
}
