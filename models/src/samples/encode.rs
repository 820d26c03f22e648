//! Samples of one array as the bytes of one input.

use mote_abi::Tensor;

use super::error::{SampleError, SampleErrorKind, extents, place};
use crate::data::{Array, DType};

/// The samples of an array, ready to be encoded for one input.
#[derive(Debug, Clone)]
pub struct Samples {
    array: Array,
    place: String,
    count: usize,
    elements: usize,
    encoding: Encoding,
}

/// How one value becomes the bytes of one element.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Encoding {
    /// The integer plus `offset`, which must fit `dtype`.
    Integer { dtype: DType, offset: i64 },
    /// `round(value / scale) + zero_point`, halves away from zero, clamped to `dtype`.
    Quantized { dtype: DType, scale: f32, zero_point: i32 },
    /// As `float32`.
    Real,
}

impl Samples {
    /// Takes an array for input `k`. Its first axis counts the samples when the others hold as many elements as the
    /// input; without such an axis the array is one sample. Only the numbers of elements must agree: 8x8 pictures
    /// suit an input of 1x8x8x1 or of 1x64. Where channels stand first in the samples and last in the input, as from a framework
    /// that lays pictures out as 3x32x32, they are moved.
    pub fn new(k: usize, input: &Tensor, array: Array) -> Result<Self, SampleError> {
        let place = place("input", k, input);
        let elements = input.elements();
        let total = array.elements().len();
        let stacked = match array.shape() {
            [count, rest @ ..] if rest.iter().product::<usize>() == elements => Some(*count),
            _ => None,
        };
        let count = match stacked {
            Some(count) => count,
            None if total == elements => 1,
            None => {
                return Err(SampleError {
                    kind: SampleErrorKind::Shape,
                    place,
                    expected: format!("{elements} elements a sample ({})", extents(&input.shape)),
                    found: format!("an array of {}", extents(array.shape())),
                    remedy: "stack the samples along the first axis, each in the input's shape".into(),
                });
            }
        };
        let array = channels_last(&input.shape, count, array);
        let encoding = Encoding::choose(input, array.dtype()).map_err(|expected| SampleError {
            kind: SampleErrorKind::DType,
            place: place.clone(),
            expected,
            found: format!("data of {}", array.dtype()),
            remedy: "give integers in the input's own coding, for example x.astype(numpy.int8)".into(),
        })?;
        Ok(Self { array, place, count, elements, encoding })
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes of sample `i`: the input's elements in C order, little-endian.
    pub fn bytes(&self, i: usize) -> Result<Vec<u8>, SampleError> {
        if i >= self.count {
            return Err(SampleError {
                kind: SampleErrorKind::Count,
                place: self.place.clone(),
                expected: format!("a sample below {}", self.count),
                found: i.to_string(),
                remedy: "ask for one that is there".into(),
            });
        }
        let from = i * self.elements;
        let mut bytes = Vec::with_capacity(self.elements * self.encoding.element_bytes());
        for e in 0..self.elements {
            self.encoding.push(&self.array, from + e, &mut bytes).map_err(|expected| SampleError {
                kind: SampleErrorKind::Value,
                place: format!("{}, sample {i}, element {e}", self.place),
                expected,
                found: self.array.elements().real(from + e).map_or_else(String::new, |value| value.to_string()),
                remedy: "check how the data was scaled, or give real numbers for the model to quantize".into(),
            })?;
        }
        Ok(bytes)
    }
}

/// Samples whose axes are those of the input with the channels first, as the input has them. Axes of extent 1 do not count, and
/// an order of axes that reads either way is left as it is.
fn channels_last(input: &[u32], count: usize, array: Array) -> Array {
    let long = |axes: &[usize]| axes.iter().copied().filter(|&d| d != 1).collect::<Vec<_>>();
    let wanted = long(&input.iter().map(|&d| d as usize).collect::<Vec<_>>());
    let axes = if array.shape().first() == Some(&count) { &array.shape()[1..] } else { array.shape() };
    let found = long(axes);
    let [places @ .., channels] = wanted.as_slice() else { return array };
    if found == wanted || found.first() != Some(channels) || found.get(1..) != Some(places) {
        return array;
    }
    let (places, channels) = (places.iter().product::<usize>(), *channels);
    let each = places * channels;
    let moved = (0..array.elements().len()).map(|i| {
        let (sample, place, channel) = (i / each, i % each / channels, i % channels);
        sample * each + channel * places + place
    });
    let shape: Vec<usize> = [count].into_iter().chain(input.iter().map(|&d| d as usize)).collect();
    Array::new(shape, array.elements().gather(moved)).expect("as many elements as before")
}

impl Encoding {
    /// The encoding of `data` for an input, or what the input takes instead.
    fn choose(input: &Tensor, data: DType) -> Result<Self, String> {
        let Some(dtype) = DType::from_name(&input.dtype) else {
            return Err(format!("an input of a type that files can hold, not {}", input.dtype));
        };
        match (dtype, data.is_real()) {
            (DType::Float32, _) => Ok(Encoding::Real),
            (DType::Float64 | DType::UInt64, _) => Err(format!("an input of a type that models take, not {dtype}")),
            (_, true) => match input.quantization() {
                Some((scale, zero_point)) => Ok(Encoding::Quantized { dtype, scale, zero_point }),
                None => Err(format!("integers: the input is {dtype} and has no scale to quantize real numbers by")),
            },
            (_, false) => {
                let offset = match (data, dtype) {
                    (DType::UInt8, DType::Int8) => -128,
                    (DType::Int8, DType::UInt8) => 128,
                    _ => 0,
                };
                Ok(Encoding::Integer { dtype, offset })
            }
        }
    }

    fn element_bytes(self) -> usize {
        match self {
            Encoding::Integer { dtype, .. } | Encoding::Quantized { dtype, .. } => dtype.size(),
            Encoding::Real => DType::Float32.size(),
        }
    }

    /// Appends element `i` of `array`, which is in range; or says what the value should have been.
    fn push(self, array: &Array, i: usize, out: &mut Vec<u8>) -> Result<(), String> {
        let (dtype, coded) = match self {
            Encoding::Integer { dtype, offset } => {
                let (low, high) = range(dtype);
                let coded = array.elements().integer(i).and_then(|value| value.checked_add(offset));
                let coded = coded.filter(|coded| (low..=high).contains(coded));
                let expected = || format!("an integer from {} to {}", low - offset, high - offset);
                (dtype, coded.ok_or_else(expected)?)
            }
            Encoding::Quantized { dtype, scale, zero_point } => {
                let real = array.elements().real(i).filter(|real| !real.is_nan());
                let real = real.ok_or("a number")?;
                (dtype, quantize(real as f32, scale, zero_point, dtype))
            }
            Encoding::Real => {
                let real = array.elements().real(i).ok_or("a number")?;
                out.extend_from_slice(&(real as f32).to_le_bytes());
                return Ok(());
            }
        };
        // In range of `dtype`, so the low bytes of the two's complement are its own.
        out.extend_from_slice(&coded.to_le_bytes()[..dtype.size()]);
        Ok(())
    }
}

/// `clamp(round(real / scale) + zero_point)` in single precision with halves away from zero: `AffineQuantize` of TFLite's
/// reference kernels.
fn quantize(real: f32, scale: f32, zero_point: i32, dtype: DType) -> i64 {
    let (low, high) = range(dtype);
    // A float beyond the integers becomes the nearest of them, and is clamped like any other.
    let steps = (real / scale).round() as i64;
    steps.saturating_add(zero_point.into()).clamp(low, high)
}

/// Least and greatest value of an integer type; all that is wider than an `i64` gets the `i64`'s own.
fn range(dtype: DType) -> (i64, i64) {
    match dtype {
        DType::Bool => (0, 1),
        DType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DType::UInt8 => (0, u8::MAX.into()),
        DType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DType::UInt16 => (0, u16::MAX.into()),
        DType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        DType::UInt32 => (0, u32::MAX.into()),
        DType::Int64 | DType::UInt64 | DType::Float32 | DType::Float64 => (i64::MIN, i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Elements;

    fn tensor(dtype: &str, shape: &[u32], quantization: Option<(f32, i32)>) -> Tensor {
        Tensor {
            index: 0,
            name: "x".into(),
            dtype: dtype.into(),
            shape: shape.to_vec(),
            scale_bits: quantization.map(|(scale, _)| scale.to_bits()),
            zero_point: quantization.map(|(_, zero_point)| zero_point),
            bytes: 0,
        }
    }

    fn encode(
        dtype: &str,
        quantization: Option<(f32, i32)>,
        data: impl Into<Elements>,
    ) -> Result<Vec<u8>, SampleError> {
        let array = Array::vector(data);
        let input = tensor(dtype, &[1, array.elements().len() as u32], quantization);
        Samples::new(0, &input, array)?.bytes(0)
    }

    #[test]
    fn channels_that_stand_first_are_moved_to_the_end() {
        let numbers = |n: usize| (0..n).map(|i| i as f32).collect::<Vec<_>>();
        let moved = |input: &[u32], count, shape: &[usize]| {
            let array = Array::new(shape, numbers(shape.iter().product())).unwrap();
            let found = channels_last(input, count, array.clone());
            (found != array)
                .then(|| (0..found.elements().len()).filter_map(|i| found.elements().real(i)).collect::<Vec<_>>())
        };
        let expected = vec![0.0, 4.0, 8.0, 1.0, 5.0, 9.0, 2.0, 6.0, 10.0, 3.0, 7.0, 11.0];
        assert_eq!(moved(&[1, 2, 2, 3], 1, &[1, 3, 2, 2]), Some(expected.clone()));
        assert_eq!(moved(&[1, 2, 2, 3], 1, &[3, 2, 2]), Some(expected));
        assert_eq!(moved(&[1, 1, 2, 3], 2, &[2, 3, 2]).unwrap()[..6], [0.0, 2.0, 4.0, 1.0, 3.0, 5.0]);
        for (name, input, count, shape) in [
            ("already last", &[1, 2, 2, 3][..], 1, &[1, 2, 2, 3][..]),
            ("one channel", &[1, 4, 4, 1], 2, &[2, 1, 4, 4]),
            ("as many channels as rows", &[1, 3, 3, 3], 1, &[1, 3, 3, 3]),
            ("flat", &[1, 12], 1, &[1, 12]),
            ("other axes", &[1, 2, 2, 3], 1, &[1, 4, 3]),
        ] {
            assert_eq!(moved(input, count, shape), None, "{name}");
        }
    }

    #[test]
    fn the_first_axis_counts_samples_where_the_rest_fits() {
        type Case<'a> = (&'a str, &'a [u32], &'a [usize], Option<usize>);
        let cases: [Case; 9] = [
            ("stacked", &[1, 2, 3], &[5, 2, 3], Some(5)),
            ("stacked with the batch axis", &[1, 2, 3], &[5, 1, 2, 3], Some(5)),
            ("one without the batch axis", &[1, 2, 3], &[2, 3], Some(1)),
            ("one as it is", &[1, 2, 3], &[1, 2, 3], Some(1)),
            ("flattened", &[1, 2, 3], &[5, 6], Some(5)),
            ("scalars", &[1, 1], &[4], Some(4)),
            ("none", &[1, 2, 3], &[0, 2, 3], Some(0)),
            ("too few", &[1, 2, 3], &[5, 5], None),
            ("too many in one", &[1, 2, 3], &[7], None),
        ];
        for (name, input, shape, expected) in cases {
            let array = Array::new(shape, vec![0i8; shape.iter().product()]).unwrap();
            let samples = Samples::new(0, &tensor("int8", input, None), array);
            match expected {
                Some(count) => assert_eq!(samples.expect(name).len(), count, "{name}"),
                None => assert_eq!(samples.expect_err(name).kind, SampleErrorKind::Shape, "{name}"),
            }
        }
    }

    #[test]
    fn each_sample_is_its_own_slice() {
        let array = Array::new([3, 2], vec![1i16, 2, 3, 4, 5, 6]).unwrap();
        let samples = Samples::new(0, &tensor("int16", &[1, 2], None), array).unwrap();
        assert_eq!(samples.bytes(1).unwrap(), [3, 0, 4, 0]);
        assert_eq!(samples.bytes(3).unwrap_err().kind, SampleErrorKind::Count);
    }

    #[test]
    fn real_numbers_are_quantized_with_halves_away_from_zero_and_clamped() {
        let values = vec![0.25f64, -0.25, 0.75, -0.75, 0.24, 100.0, -100.0, f64::INFINITY, f64::NEG_INFINITY];
        let expected = [1 + 3, -1 + 3, 2 + 3, -2 + 3, 3, 127, -128, 127, -128i8].map(|v| v as u8);
        assert_eq!(encode("int8", Some((0.5, 3)), values).unwrap(), expected);
        assert_eq!(encode("uint8", Some((1.0, 0)), vec![-5.0f32, 300.0, 2.5]).unwrap(), [0, 255, 3]);
        assert_eq!(encode("int16", Some((1.0, 0)), vec![-2.5f32]).unwrap(), (-3i16).to_le_bytes());
        assert_eq!(encode("int32", Some((1e-9, 0)), vec![1e9f32]).unwrap(), i32::MAX.to_le_bytes());
    }

    #[test]
    fn integers_stay_as_they_are_and_pictures_change_their_signedness() {
        assert_eq!(encode("int8", Some((0.5, 3)), vec![-128i64, 127]).unwrap(), [128, 127]);
        assert_eq!(encode("int8", Some((0.5, 3)), vec![0u8, 128, 255]).unwrap(), [128, 0, 127]);
        assert_eq!(encode("uint8", None, vec![-128i8, 127]).unwrap(), [0, 255]);
        assert_eq!(encode("bool", None, vec![0i32, 1]).unwrap(), [0, 1]);
        assert_eq!(encode("int64", None, vec![-1i8]).unwrap(), [255; 8]);
        assert_eq!(encode("float32", None, vec![3u8]).unwrap(), 3f32.to_le_bytes());
        assert_eq!(encode("float32", None, vec![true]).unwrap(), 1f32.to_le_bytes());
    }

    #[test]
    fn what_does_not_suit_is_refused_by_its_kind() {
        use SampleErrorKind::{DType as Type, Value};
        let scale = Some((1.0, 0));
        let cases = [
            ("over int8", "int8", scale, Elements::Int64(vec![128]), Value),
            ("over int16", "int16", scale, Elements::Int32(vec![-40_000]), Value),
            ("no truth value", "bool", None, Elements::UInt8(vec![2]), Value),
            ("not a number", "int8", scale, Elements::Float32(vec![f32::NAN]), Value),
            ("real without a scale", "int32", None, Elements::Float32(vec![1.0]), Type),
            ("no type of ours", "complex64", None, Elements::Int8(vec![1]), Type),
        ];
        for (name, dtype, quantization, data, kind) in cases {
            let error = encode(dtype, quantization, data).expect_err(name);
            assert_eq!(error.kind, kind, "{name}: {error}");
        }
        let error = encode("int8", None, vec![7i64, 300]).unwrap_err();
        assert_eq!(error.place, "input 0 (x), sample 0, element 1");
    }
}
