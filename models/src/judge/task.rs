//! What a model is for.

use serde::{Deserialize, Serialize};

use super::{TestSet, Truth};
use crate::data::{Array, DType};
use crate::run::Tensor;
use crate::samples::{SampleError, SampleErrorKind, Targeted, Targets};

/// What a model is for, and so what labels mean and how well it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// It names the class of a sample. Labels are classes.
    Classification,
    /// It gives its input back, the better the more usual that is. Labels are 0 for normal and 1 for anomalous samples, or words
    /// of which one of [`NORMAL`] stands for normal.
    Anomaly,
    /// It gives numbers. Labels are those that are wanted.
    Regression,
}

/// Words for samples that are no anomalies, in any case.
pub const NORMAL: [&str; 6] = ["normal", "good", "ok", "healthy", "0", "false"];

impl Task {
    /// What samples and a model are for, as far as they tell:
    ///
    /// - anomalies, where the output is as large as the input and labels are 0 and 1, or words;
    /// - a regression, where labels are no whole numbers from 0, several and not one-hot for each sample, or above 1 for a model of
    ///   one score;
    /// - a classification otherwise.
    #[must_use]
    pub fn guess(samples: &Targeted, inputs: &[Tensor], outputs: &[Tensor]) -> Self {
        let (input, output) = (inputs.first().map(Tensor::elements), outputs.first());
        let restores = output.is_some_and(|output| Some(output.elements()) == input && output.elements() > 1);
        let Some(y) = samples.targets.numbers() else {
            return if restores { Task::Anomaly } else { Task::Classification };
        };
        let numbers = || (0..y.elements().len()).map(|i| y.elements().real(i).unwrap_or(f64::NAN));
        let is_class = |n: f64| n >= 0.0 && n.fract() == 0.0;
        let is_bit = |n: f64| n == 0.0 || n == 1.0;
        let each = y.elements().len() / y.shape().first().copied().unwrap_or(0).max(1);
        let one_score = |output: &Tensor| {
            output.elements() == 1 && (output.dtype == DType::Float32.name() || output.quantization().is_some())
        };
        if restores && each == 1 && numbers().all(is_bit) {
            Task::Anomaly
        } else if !numbers().all(is_class)
            || (each > 1 && !is_one_hot(&y, each))
            || (output.is_some_and(one_score) && !numbers().all(is_bit))
        {
            Task::Regression
        } else {
            Task::Classification
        }
    }
}

/// Whether each sample has one 1 and is 0 elsewhere.
fn is_one_hot(y: &Array, each: usize) -> bool {
    let numbers: Vec<f64> = (0..y.elements().len()).map(|i| y.elements().real(i).unwrap_or(f64::NAN)).collect();
    let hot = |row: &[f64]| row.iter().filter(|&&n| n == 1.0).count() == 1;
    numbers.chunks(each).all(|row| hot(row) && row.iter().filter(|&&n| n == 0.0).count() == each - 1)
}

impl TestSet {
    /// Samples for a task; `names` are those of the classes, where they are known.
    ///
    /// # Errors
    /// When labels do not mean what the task asks for.
    pub fn of(samples: Targeted, task: Task, names: &[String]) -> Result<Self, SampleError> {
        match task {
            Task::Classification => samples.classes(names)?.try_into(),
            Task::Anomaly => {
                let anomalous = anomalies(&samples.targets)?;
                Self::new(vec![samples.x], Truth::Anomalies(anomalous))
            }
            Task::Regression => {
                let Some(values) = samples.targets.numbers() else {
                    return Err(wrong("numbers", "words", "give each sample the number that is wanted"));
                };
                Self::new(vec![samples.x], Truth::Values(values))
            }
        }
    }

    /// What its models are for.
    #[must_use]
    pub fn task(&self) -> Task {
        match self.truth() {
            Truth::Classes { .. } => Task::Classification,
            Truth::Anomalies(_) => Task::Anomaly,
            Truth::Values(_) => Task::Regression,
        }
    }
}

fn anomalies(targets: &Targets) -> Result<Vec<bool>, SampleError> {
    let remedy = "label normal samples 0 and anomalous ones 1, or put them into folders normal and anomaly";
    match targets {
        Targets::Words(words) => {
            let normal = |word: &String| NORMAL.iter().any(|normal| word.trim().eq_ignore_ascii_case(normal));
            if !words.iter().any(normal) {
                let found = words.first().map_or("none", String::as_str);
                return Err(wrong(&format!("some of {}", NORMAL.join(", ")), found, remedy));
            }
            Ok(words.iter().map(|word| !normal(word)).collect())
        }
        Targets::Numbers(array) => {
            let each = array.elements().len() / array.shape().first().copied().unwrap_or(0).max(1);
            if each > 1 {
                return Err(wrong("one label a sample", &format!("{each}"), remedy));
            }
            let bit = |i| match array.elements().real(i) {
                Some(0.0) => Ok(false),
                Some(1.0) => Ok(true),
                other => Err(wrong("0 or 1", &other.unwrap_or(f64::NAN).to_string(), remedy)),
            };
            (0..array.elements().len()).map(bit).collect()
        }
    }
}

fn wrong(expected: &str, found: &str, remedy: &str) -> SampleError {
    SampleError {
        kind: SampleErrorKind::Value,
        place: "labels".into(),
        expected: expected.into(),
        found: found.into(),
        remedy: remedy.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(targets: Targets, count: usize) -> Targeted {
        Targeted { x: Array::new([count, 4], vec![0.0f32; count * 4]).unwrap(), targets }
    }

    fn tensor(dtype: &str, elements: u32) -> Tensor {
        Tensor {
            index: 0,
            name: String::new(),
            dtype: dtype.into(),
            shape: vec![1, elements],
            scale_bits: None,
            zero_point: None,
            bytes: 0,
        }
    }

    fn words(words: &[&str]) -> Targets {
        Targets::Words(words.iter().map(|&w| w.to_owned()).collect())
    }

    #[test]
    fn labels_and_outputs_tell_what_a_model_is_for() {
        let numbers = |values: Vec<f32>| Targets::Numbers(Array::vector(values));
        let pairs = |values: Vec<f32>| Targets::Numbers(Array::new([2, 2], values).unwrap());
        for (name, targets, outputs, task) in [
            ("classes", numbers(vec![0.0, 3.0]), 10, Task::Classification),
            ("bits of a classifier", numbers(vec![0.0, 1.0]), 2, Task::Classification),
            ("bits of one score", numbers(vec![0.0, 1.0]), 1, Task::Classification),
            ("one-hot rows", pairs(vec![0.0, 1.0, 1.0, 0.0]), 2, Task::Classification),
            ("names", words(&["left", "right"]), 2, Task::Classification),
            ("numbers as words", words(&["0", "3"]), 10, Task::Classification),
            ("bits of what gives its input back", numbers(vec![0.0, 1.0]), 4, Task::Anomaly),
            ("names of what gives its input back", words(&["normal", "fan"]), 4, Task::Anomaly),
            ("classes as many as inputs", numbers(vec![0.0, 3.0]), 4, Task::Classification),
            ("fractions", numbers(vec![0.0, 0.5]), 1, Task::Regression),
            ("below zero", numbers(vec![-1.0, 1.0]), 2, Task::Regression),
            ("counts of one score", numbers(vec![2.0, 7.0]), 1, Task::Regression),
            ("several for each", pairs(vec![0.0, 1.0, 1.0, 7.0]), 2, Task::Regression),
            ("fractions as words", words(&["1.5", "2"]), 1, Task::Regression),
        ] {
            let (input, output) = (tensor("float32", 4), tensor("float32", outputs));
            assert_eq!(Task::guess(&samples(targets, 2), &[input], &[output]), task, "{name}");
        }
    }

    #[test]
    fn labels_mean_what_the_task_says() {
        let anomalies = |targets| TestSet::of(samples(targets, 3), Task::Anomaly, &[]).map(|set| set.truth().clone());
        let expected = Truth::Anomalies(vec![false, true, true]);
        assert_eq!(anomalies(words(&["Normal", "broken", "anomaly"])), Ok(expected.clone()));
        assert_eq!(anomalies(Targets::Numbers(Array::vector(vec![0i64, 1, 1]))), Ok(expected));
        assert!(anomalies(words(&["left", "right", "up"])).unwrap_err().to_string().contains("normal"));
        assert!(
            anomalies(Targets::Numbers(Array::vector(vec![0i64, 1, 2]))).unwrap_err().to_string().contains("0 or 1")
        );
        let values = TestSet::of(samples(words(&["1", "2.5", "-3"]), 3), Task::Regression, &[]).unwrap();
        assert_eq!(values.truth(), &Truth::Values(Array::vector(vec![1.0f64, 2.5, -3.0])));
        assert_eq!(values.task(), Task::Regression);
        assert!(TestSet::of(samples(words(&["a", "b", "c"]), 3), Task::Regression, &[]).is_err());
        let fractions = samples(Targets::Numbers(Array::vector(vec![0.0f32, 0.5, 1.0])), 3);
        let error = TestSet::of(fractions, Task::Classification, &[]).unwrap_err().to_string();
        assert!(error.contains("regression"), "{error}");
    }
}
