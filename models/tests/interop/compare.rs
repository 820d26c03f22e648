//! Outputs against outputs.

/// How far an output may be from ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Allowed {
    /// The same integers; floats within [`FLOAT_UNITS`].
    Same,
    /// Integers one step apart at most.
    OneStep,
    /// Other values: only told.
    AnyValues,
    /// Other values or none: only told.
    Anything,
    /// It is not given to the engine.
    NotTried,
}

/// Units in the last place of the output's largest magnitude that floats may differ by: sums are taken in another order, layer
/// after layer.
const FLOAT_UNITS: f64 = 64.0;

impl Allowed {
    /// In a table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Allowed::Same => "same",
            Allowed::OneStep => "one step",
            Allowed::AnyValues | Allowed::Anything | Allowed::NotTried => "told only",
        }
    }

    pub(crate) fn limit(self, is_float: bool) -> f64 {
        match self {
            Allowed::Same if is_float => FLOAT_UNITS,
            Allowed::Same => 0.0,
            Allowed::OneStep => 1.0,
            Allowed::AnyValues | Allowed::Anything | Allowed::NotTried => f64::INFINITY,
        }
    }
}

/// How outputs differ.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Difference {
    pub(crate) values: usize,
    pub(crate) differing: usize,
    /// In steps of integers, in units in the last place of floats.
    pub(crate) largest: f64,
}

impl Difference {
    /// Of two tensors of a type, by its name.
    pub(crate) fn of(dtype: &str, ours: &[u8], theirs: &[u8]) -> Self {
        let (ours, theirs) = (numbers(dtype, ours), numbers(dtype, theirs));
        assert_eq!(ours.len(), theirs.len(), "cut to the same length");
        let unit = if dtype == "float32" {
            let largest = ours.iter().filter(|x| x.is_finite()).fold(0.0, |m: f64, x| m.max(x.abs()));
            (largest * f64::from(f32::EPSILON)).max(f64::from(f32::MIN_POSITIVE))
        } else {
            1.0
        };
        let mut sum = Self { values: ours.len(), ..Self::default() };
        for (a, b) in ours.iter().zip(&theirs) {
            let same = a == b || a.is_nan() && b.is_nan();
            if !same {
                sum.differing += 1;
                let apart = (a - b).abs() / unit;
                sum.largest = sum.largest.max(if apart.is_nan() { f64::INFINITY } else { apart });
            }
        }
        sum
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            values: self.values + other.values,
            differing: self.differing + other.differing,
            largest: self.largest.max(other.largest),
        }
    }
}

/// The elements; integers beyond 2^53 do not occur.
fn numbers(dtype: &str, bytes: &[u8]) -> Vec<f64> {
    macro_rules! read {
        ($ty:ty, $size:literal) => {
            bytes.as_chunks::<$size>().0.iter().map(|&b| <$ty>::from_le_bytes(b) as f64).collect()
        };
    }
    match dtype {
        "float32" => read!(f32, 4),
        "int8" => read!(i8, 1),
        "uint8" | "bool" => read!(u8, 1),
        "int16" => read!(i16, 2),
        "int32" => read!(i32, 4),
        "uint32" => read!(u32, 4),
        "int64" => read!(i64, 8),
        "uint64" => read!(u64, 8),
        other => panic!("no output is of {other}"),
    }
}
