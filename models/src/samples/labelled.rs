//! Samples with their classes.

use std::collections::BTreeSet;

use mote_abi::Tensor;

use super::error::{InputError, SampleError, SampleErrorKind, extents};
use super::targeted::{Targeted, Targets};
use crate::data::Array;
use crate::data::csv::Column;

/// Samples and the class of each, for a model of one input.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledSet {
    /// Samples along the first axis.
    pub x: Array,
    /// The class of each sample.
    pub y: Vec<usize>,
    /// Names of the classes, where they are known.
    pub class_names: Vec<String>,
}

/// A file in a folder named after its class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledFile {
    /// The folder's name.
    pub label: String,
    /// The file's own name.
    pub name: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

impl LabelledSet {
    /// Reads an `.npz` of `x` and `y`. `y` holds one class number a sample, of shape n or n, 1.
    pub fn from_npz(bytes: &[u8], class_names: &[String]) -> Result<Self, InputError> {
        Ok(Targeted::from_npz(bytes)?.classes(class_names)?)
    }

    /// Reads the samples of an `.npy` and their classes from a table; see [`Targeted::from_npy_and_csv`].
    pub fn from_npy_and_csv(
        samples: &[u8],
        table: &[u8],
        column: Option<&Column>,
        class_names: &[String],
    ) -> Result<Self, InputError> {
        Ok(Targeted::from_npy_and_csv(samples, table, column)?.classes(class_names)?)
    }

    /// Reads files that lie in folders named after their classes; see [`Targeted::from_folders`].
    pub fn from_folders(
        input: &Tensor,
        files: impl IntoIterator<Item = LabelledFile>,
        class_names: &[String],
    ) -> Result<Self, InputError> {
        Ok(Targeted::from_folders(input, files)?.classes(class_names)?)
    }
}

impl Targeted {
    /// With what stands beside the samples as their classes.
    ///
    /// # Errors
    /// When they are no class numbers from 0, or words that are none of the names.
    pub fn classes(self, names: &[String]) -> Result<LabelledSet, SampleError> {
        let (y, class_names) = self.targets.classes(names)?;
        Ok(LabelledSet { x: self.x, y, class_names })
    }
}

impl Targets {
    /// The class of each sample, and the names of the classes, where they are known.
    ///
    /// # Errors
    /// As [`Targeted::classes`].
    pub fn classes(&self, names: &[String]) -> Result<(Vec<usize>, Vec<String>), SampleError> {
        match self {
            Targets::Numbers(y) => Ok((classes_of_array(y)?, names.to_vec())),
            Targets::Words(words) => classes_of_texts(&words.iter().map(String::as_str).collect::<Vec<_>>(), names),
        }
    }
}

fn classes_of_array(y: &Array) -> Result<Vec<usize>, SampleError> {
    let wrong = |expected: &str, found: String| {
        SampleError {
        kind: SampleErrorKind::Value,
        place: "labels".into(),
        expected: expected.into(),
        found,
        remedy: "save class numbers from 0; scores or one-hot rows turn into them by y.argmax(axis=1); values that a model is to \
                 tell are a regression: choose that task"
            .into(),
    }
    };
    if !matches!(y.shape(), [_] | [_, 1]) {
        return Err(wrong("one class a sample", format!("an array of {}", extents(y.shape()))));
    }
    let class = |i: usize| {
        let value = y.elements().real(i).unwrap_or(f64::NAN);
        let class = value as usize;
        if class as f64 == value { Ok(class) } else { Err(wrong("whole numbers from 0", value.to_string())) }
    };
    (0..y.elements().len()).map(class).collect()
}

/// Labels as class numbers: their place among the known names; else the numbers that they are; else their place in
/// alphabetical order.
fn classes_of_texts(texts: &[&str], known: &[String]) -> Result<(Vec<usize>, Vec<String>), SampleError> {
    let numbers: Option<Vec<usize>> = texts.iter().map(|text| text.parse().ok()).collect();
    let place_in = |names: &[String]| {
        let class = |text: &str| names.iter().position(|name| name == text);
        let strangers: BTreeSet<&str> = texts.iter().copied().filter(|text| class(text).is_none()).collect();
        if strangers.is_empty() {
            return Ok(texts.iter().filter_map(|text| class(text)).collect());
        }
        Err(SampleError {
            kind: SampleErrorKind::Value,
            place: "labels".into(),
            expected: format!("one of {}", names.join(", ")),
            found: strangers.into_iter().collect::<Vec<_>>().join(", "),
            remedy: "use the names of the model's own classes".into(),
        })
    };
    match (place_in(known), numbers) {
        (Ok(classes), _) if !known.is_empty() => Ok((classes, known.to_vec())),
        (_, Some(numbers)) => Ok((numbers, known.to_vec())),
        (Err(error), None) if !known.is_empty() => Err(error),
        (_, None) => {
            let mut names: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
            names.sort();
            names.dedup();
            Ok((place_in(&names)?, names))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{npy, npz};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&n| n.to_owned()).collect()
    }

    fn archive(y: Array) -> Vec<u8> {
        let x = Array::new([3, 2], vec![0i8, 1, 2, 3, 4, 5]).unwrap();
        npz::write([("x", &x), ("y", &y)]).unwrap()
    }

    #[test]
    fn an_archive_holds_samples_and_class_numbers() {
        for y in [
            Array::vector(vec![2i64, 0, 1]),
            Array::vector(vec![2.0f32, 0.0, 1.0]),
            Array::new([3, 1], vec![2u8, 0, 1]).unwrap(),
        ] {
            let set = LabelledSet::from_npz(&archive(y), &names(&["a", "b", "c"])).unwrap();
            assert_eq!(set.y, [2, 0, 1]);
            assert_eq!(set.x.shape(), [3, 2]);
            assert_eq!(set.class_names, ["a", "b", "c"]);
        }
        for (name, y) in [
            ("negative", Array::vector(vec![2i8, -1, 1])),
            ("half", Array::vector(vec![2.0f32, 0.5, 1.0])),
            ("one-hot", Array::new([3, 2], vec![0u8; 6]).unwrap()),
            ("one short", Array::vector(vec![2i8, 1])),
        ] {
            assert!(LabelledSet::from_npz(&archive(y), &[]).is_err(), "{name}");
        }
    }

    #[test]
    fn labels_of_a_table_are_numbers_or_names() {
        let x = npy::write(&Array::new([3, 2], vec![0i8; 6]).unwrap());
        let read = |csv: &[u8], column: Option<Column>, known: &[&str]| {
            LabelledSet::from_npy_and_csv(&x, csv, column.as_ref(), &names(known)).map(|s| (s.y, s.class_names))
        };
        let table = b"index,label,word\n0,7,stop\n1,2,left\n2,7,stop\n";
        assert_eq!(read(table, None, &[]).unwrap(), (vec![7, 2, 7], vec![]));
        let word = || Some(Column::Name("word".into()));
        assert_eq!(read(table, word(), &[]).unwrap(), (vec![1, 0, 1], names(&["left", "stop"])));
        assert_eq!(read(table, word(), &["stop", "go", "left"]).unwrap().0, [0, 2, 0]);
        assert!(read(table, word(), &["stop", "go"]).is_err(), "a name that the model does not have");
        assert_eq!(read(b"1\n0\n1\n", None, &[]).unwrap().0, [1, 0, 1]);
        assert!(read(b"1\n0\n", None, &[]).is_err(), "one label short");
        assert!(read(b"index,class\n0,1\n", None, &[]).is_err(), "no label column");
    }

    #[test]
    fn folders_name_the_classes_of_their_files() {
        let input = Tensor {
            index: 0,
            name: "x".into(),
            dtype: "int8".into(),
            shape: vec![1, 2],
            scale_bits: None,
            zero_point: None,
            bytes: 2,
        };
        let file = |label: &str, name: &str, bytes: &[u8]| LabelledFile {
            label: label.into(),
            name: name.into(),
            bytes: bytes.into(),
        };
        let files =
            || vec![file("wave", "1.bin", &[1, 2]), file("idle", "2.bin", &[3, 4]), file("wave", "3.bin", &[5, 6])];
        let set = LabelledSet::from_folders(&input, files(), &[]).unwrap();
        assert_eq!(set.x, Array::new([3, 2], vec![1i8, 2, 3, 4, 5, 6]).unwrap());
        assert_eq!((set.y, set.class_names), (vec![1, 0, 1], names(&["idle", "wave"])));

        for (name, odd) in [
            ("another shape", file("wave", "4.bin", &[1])),
            ("another format", file("wave", "4.txt", &[1, 2])),
            ("broken", file("wave", "4.npy", &[1, 2])),
        ] {
            let error = LabelledSet::from_folders(&input, [files(), vec![odd]].concat(), &[]).expect_err(name);
            assert!(error.to_string().contains("wave/4."), "{name}: {error}");
        }
        assert!(LabelledSet::from_folders(&input, vec![], &[]).is_err(), "no files");
    }
}
