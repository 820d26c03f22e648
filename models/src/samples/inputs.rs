//! All inputs of a model from one file.

use mote_abi::Tensor;

use super::encode::Samples;
use super::error::{InputError, SampleError, SampleErrorKind, place};
use crate::data::image::Channels;
use crate::data::npz::{self, Npz};
use crate::data::{Array, DType, FileKind, csv, image, npy, raw, wav};

/// Samples for all inputs of a model, the same number for each.
#[derive(Debug, Clone)]
pub struct Inputs {
    samples: Vec<Samples>,
    count: usize,
}

impl Inputs {
    /// Takes one array for each input, in the model's order.
    pub fn new(inputs: &[Tensor], arrays: Vec<Array>) -> Result<Self, SampleError> {
        let uneven = |expected: String, found: String| SampleError {
            kind: SampleErrorKind::Count,
            place: "inputs".into(),
            expected,
            found,
            remedy: "give each input an array with one row for each sample".into(),
        };
        if arrays.len() != inputs.len() {
            return Err(uneven(format!("{} arrays", inputs.len()), arrays.len().to_string()));
        }
        let samples = inputs.iter().zip(arrays).enumerate().map(|(k, (input, array))| Samples::new(k, input, array));
        let samples = samples.collect::<Result<Vec<_>, _>>()?;
        let count = samples.first().map_or(0, Samples::len);
        if let Some(other) = samples.iter().find(|s| s.len() != count) {
            return Err(uneven(format!("{count} samples for each input, as for input 0"), other.len().to_string()));
        }
        Ok(Self { samples, count })
    }

    /// Reads a file for a model; see [`arrays_of_file`].
    pub fn from_file(inputs: &[Tensor], kind: FileKind, bytes: &[u8]) -> Result<Self, InputError> {
        Ok(Self::new(inputs, arrays_of_file(inputs, kind, bytes)?)?)
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

    /// The bytes of all inputs for sample `i`.
    pub fn sample(&self, i: usize) -> Result<Vec<Vec<u8>>, SampleError> {
        self.samples.iter().map(|samples| samples.bytes(i)).collect()
    }

    /// The bytes of input `k` for sample `i`.
    pub fn bytes(&self, k: usize, i: usize) -> Result<Vec<u8>, SampleError> {
        match self.samples.get(k) {
            Some(samples) => samples.bytes(i),
            None => Err(SampleError {
                kind: SampleErrorKind::Count,
                place: "inputs".into(),
                expected: format!("an input below {}", self.samples.len()),
                found: k.to_string(),
                remedy: "ask for one that is there".into(),
            }),
        }
    }
}

/// One array for each input of a model, from one file.
///
/// An `.npz` holds them as `input_0`, `input_1`, ..., or under the inputs' names; for a model of one input `x` or a
/// single array of any name will do. Every other format holds one array and suits a model of one input: a picture takes
/// the channels that the input has, raw bytes its element type, a table all its columns, a recording its samples.
pub fn arrays_of_file(inputs: &[Tensor], kind: FileKind, bytes: &[u8]) -> Result<Vec<Array>, InputError> {
    if kind != FileKind::Npz && inputs.len() != 1 {
        return Err(InputError::Sample(SampleError {
            kind: SampleErrorKind::Count,
            place: "inputs".into(),
            expected: format!("{} arrays", inputs.len()),
            found: format!("one, in a {kind} file"),
            remedy: "put the arrays into one .npz as input_0, input_1, ...".into(),
        }));
    }
    let channels = inputs.first().map_or(Channels::AsStored, |input| Channels::for_shape(&input.shape));
    let array = match kind {
        FileKind::Npz => return arrays_of_npz(inputs, bytes),
        FileKind::Npy => npy::read(bytes)?,
        FileKind::Png => image::read_png(bytes, channels)?,
        FileKind::Jpeg => image::read_jpeg(bytes, channels)?,
        FileKind::Wav => wav::read(bytes)?.samples,
        FileKind::Csv => {
            let table = csv::Table::read(bytes)?;
            let all: Vec<_> = (0..table.columns()).map(csv::Column::Index).collect();
            table.numbers(&all)?
        }
        FileKind::Raw => {
            let dtype = inputs.first().and_then(|input| DType::from_name(&input.dtype));
            raw::read(bytes, dtype.unwrap_or(DType::UInt8))?
        }
        FileKind::Zip => {
            return Err(InputError::Sample(SampleError {
                kind: SampleErrorKind::Missing,
                place: "zip file".into(),
                expected: "a file of samples".into(),
                found: "folders of files, which are labelled samples".into(),
                remedy: "give it where labelled samples are asked for, or one of its files".into(),
            }));
        }
    };
    Ok(vec![array])
}

/// One array for each input of a model, from an `.npz`; see [`arrays_of_file`].
pub fn arrays_of_npz(inputs: &[Tensor], bytes: &[u8]) -> Result<Vec<Array>, InputError> {
    Ok(arrays_of_archive(inputs, npz::read(bytes)?)?)
}

/// One array for each input of a model, from an `.npz` that was read; see [`arrays_of_file`].
pub fn arrays_of_archive(inputs: &[Tensor], mut npz: Npz) -> Result<Vec<Array>, SampleError> {
    if inputs.len() == 1 && npz.arrays.len() == 1 {
        return Ok(npz.arrays.into_iter().map(|(_, array)| array).collect());
    }
    let names = npz.names();
    let mut arrays = Vec::with_capacity(inputs.len());
    for (k, input) in inputs.iter().enumerate() {
        let numbered = format!("input_{k}");
        let mut candidates = vec![numbered.as_str(), input.name.as_str()];
        if inputs.len() == 1 {
            candidates.push("x");
        }
        let array = candidates.iter().find_map(|name| npz.take(name)).ok_or_else(|| SampleError {
            kind: SampleErrorKind::Missing,
            place: place("input", k, input),
            expected: format!("an array named {}", candidates.join(" or ")),
            found: format!("the arrays {names}"),
            remedy: format!("write the file with numpy.savez(file, {numbered}=...)"),
        })?;
        arrays.push(array);
    }
    Ok(arrays)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, shape: &[u32]) -> Tensor {
        Tensor {
            index: 0,
            name: name.into(),
            dtype: "int8".into(),
            shape: shape.to_vec(),
            scale_bits: Some(1f32.to_bits()),
            zero_point: Some(0),
            bytes: shape.iter().map(|&d| u64::from(d)).product(),
        }
    }

    fn rows(count: usize, width: usize, from: i8) -> Array {
        Array::new([count, width], (from..).take(count * width).collect::<Vec<i8>>()).unwrap()
    }

    fn archive(arrays: &[(&str, Array)]) -> Vec<u8> {
        npz::write(arrays.iter().map(|(name, array)| (*name, array))).unwrap()
    }

    #[test]
    fn an_archive_gives_each_input_its_array_by_number_or_name() {
        let two = [input("left", &[1, 2]), input("right", &[1, 3])];
        let numbered = archive(&[("input_1", rows(4, 3, 50)), ("input_0", rows(4, 2, 0))]);
        let named = archive(&[("right", rows(4, 3, 50)), ("left", rows(4, 2, 0))]);
        for bytes in [numbered, named] {
            let inputs = Inputs::from_file(&two, FileKind::Npz, &bytes).unwrap();
            assert_eq!(inputs.len(), 4);
            assert_eq!(inputs.bytes(0, 1).unwrap(), [2, 3]);
            assert_eq!(inputs.bytes(1, 3).unwrap(), [59, 60, 61]);
        }
        let one = [input("image", &[1, 2])];
        let with_labels = archive(&[("y", rows(4, 1, 0)), ("x", rows(4, 2, 7))]);
        assert_eq!(Inputs::from_file(&one, FileKind::Npz, &with_labels).unwrap().bytes(0, 0).unwrap(), [7, 8]);
        let alone = archive(&[("anything", rows(4, 2, 7))]);
        assert_eq!(Inputs::from_file(&one, FileKind::Npz, &alone).unwrap().len(), 4);
    }

    #[test]
    fn single_arrays_suit_models_of_one_input() {
        let one = [input("x", &[1, 3])];
        let csv = Inputs::from_file(&one, FileKind::Csv, b"a,b,c\n1,2,3\n4,5,6\n").unwrap();
        assert_eq!((csv.len(), csv.bytes(0, 1).unwrap()), (2, vec![4, 5, 6]));
        let raw = Inputs::from_file(&one, FileKind::Raw, &[9, 8, 7]).unwrap();
        assert_eq!((raw.len(), raw.bytes(0, 0).unwrap()), (1, vec![9, 8, 7]));
    }

    #[test]
    fn what_does_not_fit_the_inputs_is_refused_by_its_kind() {
        use SampleErrorKind::{Count, Missing};
        let two = [input("left", &[1, 2]), input("right", &[1, 3])];
        let cases = [
            ("one array for two inputs", FileKind::Raw, vec![0; 5], Count),
            ("uneven", FileKind::Npz, archive(&[("left", rows(4, 2, 0)), ("right", rows(3, 3, 0))]), Count),
            ("no right one", FileKind::Npz, archive(&[("left", rows(4, 2, 0)), ("up", rows(4, 3, 0))]), Missing),
        ];
        for (name, kind, bytes, expected) in cases {
            match Inputs::from_file(&two, kind, &bytes) {
                Err(InputError::Sample(error)) => assert_eq!(error.kind, expected, "{name}: {error}"),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}
