//! Reading vectors, and running a model over them.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use mote_runtime::{DType, Error, LoadOptions, Session};
use npyz::npz::NpzArchive;
use npyz::{DType as NpyType, NpyFile, Order};

/// The test data that is shared between projects, if it is there.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/testdata");
    let path = std::env::var_os("MOTE_TESTDATA").map_or(beside, PathBuf::from);
    path.is_dir().then_some(path)
}

/// An array of an archive: its bytes in C order, little-endian.
#[derive(Debug, Clone)]
pub(crate) struct Array {
    pub(crate) dtype: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl Array {
    /// Row `k` along the first axis.
    pub(crate) fn row(&self, k: usize) -> &[u8] {
        let len = self.bytes.len() / self.shape[0];
        &self.bytes[k * len..(k + 1) * len]
    }

    /// Elements as `f64`, whatever their type.
    pub(crate) fn as_f64(dtype: &str, bytes: &[u8]) -> Vec<f64> {
        macro_rules! numbers {
            ($ty:ty) => {
                bytes
                    .chunks_exact(size_of::<$ty>())
                    .map(|b| <$ty>::from_le_bytes(b.try_into().unwrap()) as f64)
                    .collect()
            };
        }
        match dtype {
            "int8" => numbers!(i8),
            "uint8" | "bool" => numbers!(u8),
            "int16" => numbers!(i16),
            "int32" => numbers!(i32),
            "uint32" => numbers!(u32),
            "int64" => numbers!(i64),
            "uint64" => numbers!(u64),
            "float32" => numbers!(f32),
            other => panic!("no numbers of {other}"),
        }
    }
}

/// The arrays of an `.npz` file.
pub(crate) struct Npz(NpzArchive<Cursor<Vec<u8>>>);

impl Npz {
    pub(crate) fn open(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self(NpzArchive::new(Cursor::new(bytes)).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.array_names().any(|n| n == name)
    }

    pub(crate) fn get(&mut self, name: &str) -> Option<Array> {
        let file = self.0.by_name(name).unwrap()?;
        let NpyType::Plain(kind) = file.dtype() else { panic!("{name}: a structured type") };
        let shape: Vec<usize> = file.shape().iter().map(|&d| d as usize).collect();
        assert!(file.order() == Order::C || shape.len() < 2, "{name}: not in C order");
        let kind = kind.to_string();
        macro_rules! read {
            ($ty:ty, $name:literal) => {
                ($name, elements::<$ty, _>(file).iter().flat_map(|v| v.to_le_bytes()).collect())
            };
        }
        let (dtype, bytes) = match &kind[1..] {
            "i1" => read!(i8, "int8"),
            "u1" => read!(u8, "uint8"),
            "i2" => read!(i16, "int16"),
            "i4" => read!(i32, "int32"),
            "u4" => read!(u32, "uint32"),
            "i8" => read!(i64, "int64"),
            "u8" => read!(u64, "uint64"),
            "f4" => read!(f32, "float32"),
            "b1" => ("bool", elements::<bool, _>(file).iter().map(|&v| u8::from(v)).collect()),
            other => panic!("{name}: type {other}"),
        };
        Some(Array { dtype, shape, bytes })
    }
}

fn elements<T: npyz::Deserialize, R: std::io::Read>(file: NpyFile<R>) -> Vec<T> {
    file.into_vec().unwrap()
}

/// The arrays `input_0`, `input_1`, ...
pub(crate) fn inputs(npz: &mut Npz) -> Vec<Array> {
    (0..).map_while(|k| npz.get(&format!("input_{k}"))).collect()
}

pub(crate) fn load(model: &[u8]) -> Result<Session, Error> {
    Session::load(model, &LoadOptions::default())
}

/// Writes row `row` of each input, and runs.
pub(crate) fn run(session: &mut Session, inputs: &[Array], row: usize) -> Result<(), Error> {
    for (k, input) in inputs.iter().enumerate() {
        let found = session.inputs().nth(k).map(|t| (t.dtype.name(), t.bytes()));
        assert_eq!(found, Some((input.dtype, input.row(row).len())), "input {k}");
        session.input_mut(k).unwrap().copy_from_slice(input.row(row));
    }
    session.run()
}

/// How two outputs differ: elements compared, elements that differ, and the largest difference; for floats in units of
/// the last place of the largest magnitude expected.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Difference {
    pub(crate) compared: usize,
    pub(crate) differing: usize,
    pub(crate) largest: f64,
}

pub(crate) fn difference(dtype: &str, expected: &[u8], found: &[u8]) -> Difference {
    assert_eq!(expected.len(), found.len(), "bytes of an output");
    let (expected, found) = (Array::as_f64(dtype, expected), Array::as_f64(dtype, found));
    let unit = if dtype == "float32" {
        let scale = expected.iter().filter(|v| v.is_finite()).fold(0f64, |m, v| m.max(v.abs()));
        scale.max(f64::from(f32::MIN_POSITIVE)) * f64::from(f32::EPSILON)
    } else {
        1.0
    };
    let mut difference = Difference { compared: expected.len(), ..Difference::default() };
    for (e, f) in expected.iter().zip(&found) {
        if e == f || e.is_nan() && f.is_nan() {
            continue;
        }
        difference.differing += 1;
        let d = (e - f).abs() / unit;
        difference.largest = difference.largest.max(if d.is_nan() { f64::INFINITY } else { d });
    }
    difference
}

/// Whether a session's type is compared exactly.
pub(crate) fn is_exact(dtype: DType) -> bool {
    dtype != DType::F32
}
