//! What a model says to each sample of a set.

use serde::{Deserialize, Serialize};

use super::{JudgeError, TestSet, Truth};
use crate::data::{Array, DType};
use crate::progress::Progress;
use crate::run::{Description, Engine, Tensor, each};
use crate::samples::{Inputs, SampleError, SampleErrorKind, outputs};

/// What a model said to each sample, in the samples' order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "samples")]
pub enum Predictions {
    /// A classifier's class.
    Classes(Vec<usize>),
    /// An autoencoder's mean squared error between input 0 and output 0, in the units of the input.
    Errors(Vec<f64>),
    /// Output 0 in real units.
    Values(Vec<Vec<f32>>),
}

/// A model after a set of samples went through it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Inputs, outputs, operators and memory.
    pub description: Description,
    /// What it said.
    pub predictions: Predictions,
    /// Output 0 in real units, one row a sample: what [`Fidelity`] compares.
    pub outputs: Vec<Vec<f32>>,
}

/// How near a variant's outputs are to the original's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// `10 log10(sum of original^2 / sum of (original - variant)^2)` over all outputs, in dB; none when they are equal.
    pub sqnr_db: Option<f64>,
    /// The share of samples with the same class; none for models that are no classifiers.
    pub agreement: Option<f64>,
}

/// A sample whose class changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flip {
    /// Its place in the set.
    pub sample: usize,
    /// Its true class.
    pub truth: usize,
    /// The original's class.
    pub before: usize,
    /// The variant's.
    pub after: usize,
}

/// Runs a `.tflite` file over a set. Each sample meets a fresh state.
///
/// # Errors
/// When the engine refuses the model or a run, samples do not suit it, or `progress` cancels (stage `evaluate`).
pub fn evaluate(
    engine: &dyn Engine,
    model: &[u8],
    set: &TestSet,
    progress: &dyn Progress,
) -> Result<Evaluation, JudgeError> {
    let mut run = engine.load(model)?;
    let description = run.description().clone();
    let inputs = Inputs::new(&description.inputs, set.arrays().to_vec())?;
    let reader = Reader::new(set, &description, &inputs)?;
    let mut said = Vec::with_capacity(set.len());
    let feed = |sample| Ok::<_, JudgeError>(inputs.sample(sample)?);
    each(&mut *run, set.len(), ("evaluate", progress), feed, |sample, fed, found| {
        said.push(reader.read(sample, fed, found)?);
        Ok(())
    })?;
    let (predictions, outputs) = reader.predictions(said);
    Ok(Evaluation { description, predictions, outputs })
}

/// Reads a model's outputs as what a set of samples asks for.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    set: &'a TestSet,
    input: &'a Tensor,
    output: &'a Tensor,
}

/// What a model said to one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// A class, or the mean squared error between input 0 and output 0.
    told: Option<Told>,
    /// Output 0 in real units.
    values: Vec<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    Class(usize),
    Error(f64),
}

impl<'a> Reader<'a> {
    /// For a model and its inputs.
    ///
    /// # Errors
    /// When the set's labels are about something else than the model gives.
    pub fn new(set: &'a TestSet, model: &'a Description, inputs: &Inputs) -> Result<Self, SampleError> {
        let (Some(input), Some(output)) = (model.inputs.first(), model.outputs.first()) else {
            return Err(missing("an input and an output", "none"));
        };
        fits(set, inputs, output)?;
        Ok(Self { set, input, output })
    }

    /// Reads the outputs for one sample, of which `fed` is the input's bytes.
    ///
    /// # Errors
    /// When they are not what the labels are about.
    pub fn read(&self, sample: usize, fed: &[Vec<u8>], found: &[Vec<u8>]) -> Result<Said, SampleError> {
        let (Some(fed), Some(found)) = (fed.first(), found.first()) else {
            return Err(missing("an input and an output", "none"));
        };
        let values = outputs::dequantize(0, self.output, found)?;
        let told = match self.set.truth() {
            Truth::Classes { .. } => Some(Told::Class(outputs::class(0, self.output, found)?)),
            Truth::Anomalies(_) => {
                let wanted = real_input(self.input, &self.set.arrays()[0], sample, fed)?;
                Some(Told::Error(mean_squared(&wanted, &values)?))
            }
            Truth::Values(_) => None,
        };
        Ok(Said { told, values })
    }

    /// What was said to all samples, in their order, and output 0 for each.
    #[must_use]
    pub fn predictions(&self, said: Vec<Said>) -> (Predictions, Vec<Vec<f32>>) {
        let (mut classes, mut errors, mut values) = (Vec::new(), Vec::new(), Vec::with_capacity(said.len()));
        for Said { told, values: real } in said {
            match told {
                Some(Told::Class(class)) => classes.push(class),
                Some(Told::Error(error)) => errors.push(error),
                None => {}
            }
            values.push(real);
        }
        let predictions = match self.set.truth() {
            Truth::Classes { .. } => Predictions::Classes(classes),
            Truth::Anomalies(_) => Predictions::Errors(errors),
            Truth::Values(_) => Predictions::Values(values.clone()),
        };
        (predictions, values)
    }
}

/// The samples whose class differs between two evaluations of the same set; none for models that are no classifiers.
#[must_use]
pub fn flips(set: &TestSet, original: &Evaluation, variant: &Evaluation) -> Vec<Flip> {
    match (set.truth(), &original.predictions, &variant.predictions) {
        (Truth::Classes { y, .. }, Predictions::Classes(before), Predictions::Classes(after)) => before
            .iter()
            .zip(after)
            .zip(y)
            .enumerate()
            .filter(|(_, ((before, after), _))| before != after)
            .map(|(sample, ((&before, &after), &truth))| Flip { sample, truth, before, after })
            .collect(),
        _ => Vec::new(),
    }
}

/// How near a variant's outputs are to the original's over the same set.
#[must_use]
pub fn fidelity(original: &Evaluation, variant: &Evaluation) -> Fidelity {
    let (mut signal, mut noise) = (0.0f64, 0.0f64);
    for (x, y) in original.outputs.iter().flatten().zip(variant.outputs.iter().flatten()) {
        let (x, y) = (f64::from(*x), f64::from(*y));
        signal += x * x;
        noise += (x - y) * (x - y);
    }
    let agreement = match (&original.predictions, &variant.predictions) {
        (Predictions::Classes(a), Predictions::Classes(b)) if !a.is_empty() => {
            Some(a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len() as f64)
        }
        _ => None,
    };
    Fidelity { sqnr_db: super::signal::sqnr_db(signal, noise), agreement }
}

/// That the samples are as many as the labels say, and that the outputs are what the labels are about.
fn fits(set: &TestSet, inputs: &Inputs, output: &Tensor) -> Result<(), SampleError> {
    let mismatch = |place: &str, expected: String, found: String, remedy: &str| SampleError {
        kind: SampleErrorKind::Shape,
        place: place.into(),
        expected,
        found,
        remedy: remedy.into(),
    };
    if inputs.len() != set.len() {
        let (expected, found) = (format!("{} samples, as there are labels", set.len()), inputs.len().to_string());
        return Err(mismatch("inputs", expected, found, "put the samples along the first axis"));
    }
    match set.truth() {
        Truth::Classes { .. } => Ok(()),
        Truth::Anomalies(_) => {
            let elements = set.arrays()[0].elements().len() / set.len().max(1);
            let expected = format!("{elements} elements, as the input has");
            let remedy = "judge anomalies with an autoencoder, whose output is its input again";
            if output.elements() == elements || set.is_empty() {
                return Ok(());
            }
            Err(mismatch("output 0", expected, output.elements().to_string(), remedy))
        }
        Truth::Values(values) => {
            let wanted = values.elements().len() / set.len().max(1);
            let expected = format!("{} values a sample, as output 0 has", output.elements());
            if wanted == output.elements() || set.is_empty() {
                return Ok(());
            }
            Err(mismatch("wanted values", expected, wanted.to_string(), "give every element of output 0 its value"))
        }
    }
}

/// Sample `sample` of input 0 in real units: the numbers given, or what the given codes mean.
fn real_input(input: &Tensor, array: &Array, sample: usize, bytes: &[u8]) -> Result<Vec<f32>, SampleError> {
    if !array.dtype().is_real() && input.dtype != DType::Float32.name() {
        return outputs::dequantize(0, input, bytes);
    }
    let width = input.elements();
    let real = |i| array.elements().real(i).unwrap_or(f64::NAN) as f32;
    Ok((sample * width..(sample + 1) * width).map(real).collect())
}

fn mean_squared(wanted: &[f32], found: &[f32]) -> Result<f64, SampleError> {
    if wanted.len() != found.len() || wanted.is_empty() {
        return Err(missing(&format!("an output of {} elements", wanted.len()), &found.len().to_string()));
    }
    let squares = wanted.iter().zip(found).map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2));
    Ok(squares.sum::<f64>() / wanted.len() as f64)
}

fn missing(expected: &str, found: &str) -> SampleError {
    SampleError::missing("outputs", expected, found, "judge a model that has what its labels are about")
}
