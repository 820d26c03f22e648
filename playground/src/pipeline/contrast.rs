//! Two models over the same samples, answer by answer: which samples change their class, and what those samples are.

use mote_models::data::Array;
use mote_models::judge::{Evaluation, Flip, Predictions, TestSet, Truth, evaluate, flips};
use mote_models::progress::Progress;
use mote_models::run::Engine;
use serde::{Deserialize, Serialize};

use super::judge::within;
use super::samples::Samples;
use super::{loadable, of_judge};
use crate::protocol::Failure;

/// Most bytes of pictures that go to the page, one for each number of a sample: those of 300 colour images of 96 x 96.
const MOST_PICTURE_BYTES: usize = 8 << 20;

/// Two models over the same samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    /// How many samples both saw.
    pub samples: usize,
    /// Those whose class changed, in the samples' order; none where the models name no classes.
    pub flips: Option<Vec<Flipped>>,
    /// Extents of one sample.
    pub shape: Vec<usize>,
    /// Names of the classes; empty where they are not known.
    pub names: Vec<String>,
    /// The first so many of the changed ones come with a picture.
    pub pictures: usize,
}

/// A sample whose class changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flipped {
    /// Its place among all samples, of which the models saw some.
    pub sample: usize,
    /// Its true class.
    pub truth: usize,
    /// What the original said.
    pub before: Answer,
    /// What the variant said.
    pub after: Answer,
}

/// What a model said to a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The class.
    pub class: usize,
    /// Its output 0 in real units.
    pub scores: Vec<f32>,
}

impl Answer {
    /// The score of a class, where the model gives one for each.
    #[must_use]
    pub fn score(&self, class: usize) -> Option<f32> {
        self.scores.get(class).copied().filter(|_| self.scores.len() > 1)
    }
}

/// Runs both models over the samples whose places are given. The pictures are one buffer each: a byte for each number of the
/// sample, from 0 for the least to 255 for the greatest number that stands there in any of the samples.
pub(super) fn contrast(
    engine: &dyn Engine,
    models: [&[u8]; 2],
    samples: &[u8],
    places: &[usize],
    progress: &dyn Progress,
) -> Result<(Contrast, Vec<Vec<u8>>), Failure> {
    let Some(set) = Samples::read(samples)?.labelled()? else {
        return Err(Failure::Data(
            "expected samples with labels, found none: answers are compared with the truth".into(),
        ));
    };
    let set = set.take(&within(places, set.len())?);
    let said = |model: &[u8]| -> Result<Evaluation, Failure> {
        evaluate(engine, &loadable(model)?, &set, progress).map_err(of_judge)
    };
    let (before, after) = (said(models[0])?, said(models[1])?);
    let changed = changed(&set, &before, &after);
    let array = &set.arrays()[0];
    let shape = array.shape().get(1..).unwrap_or_default().to_vec();
    let most = MOST_PICTURE_BYTES / shape.iter().product::<usize>().max(1);
    let drawn: Vec<usize> = changed.iter().flatten().map(|flip| flip.sample).take(most).collect();
    let pictures = levels(array, &drawn);
    let answer = |evaluation: &Evaluation, class: usize, sample: usize| Answer {
        class,
        scores: evaluation.outputs.get(sample).cloned().unwrap_or_default(),
    };
    let flipped = |flip: Flip| Flipped {
        sample: places[flip.sample],
        truth: flip.truth,
        before: answer(&before, flip.before, flip.sample),
        after: answer(&after, flip.after, flip.sample),
    };
    let names = match set.truth() {
        Truth::Classes { names, .. } => names.clone(),
        Truth::Anomalies(_) | Truth::Values(_) => Vec::new(),
    };
    let flips = changed.map(|changed| changed.into_iter().map(flipped).collect());
    Ok((Contrast { samples: set.len(), flips, shape, names, pictures: pictures.len() }, pictures))
}

/// The samples of the set whose class changed; none where the models name no classes.
fn changed(set: &TestSet, before: &Evaluation, after: &Evaluation) -> Option<Vec<Flip>> {
    match before.predictions {
        Predictions::Classes(_) => Some(flips(set, before, after)),
        Predictions::Errors(_) | Predictions::Values(_) => None,
    }
}

/// Samples as bytes: 0 for the least, 255 for the greatest number of all samples. Numbers of a table's row have units of their own,
/// so each column has its own range.
fn levels(array: &Array, drawn: &[usize]) -> Vec<Vec<u8>> {
    let width = array.shape().get(1..).unwrap_or_default().iter().product::<usize>();
    let is_row = array.shape().len() == 2;
    let ranges = if is_row { width } else { 1 };
    let mut bounds = vec![(f64::INFINITY, f64::NEG_INFINITY); ranges];
    let elements = array.elements();
    for i in 0..elements.len() {
        let Some(number) = elements.real(i).filter(|number| number.is_finite()) else { continue };
        let (least, greatest) = &mut bounds[i % ranges];
        (*least, *greatest) = (least.min(number), greatest.max(number));
    }
    let level = |i: usize| {
        let (least, greatest) = bounds[i % ranges];
        let share = elements.real(i).map_or(0.0, |number| (number - least) / (greatest - least));
        // A number that is none, or that is the same in all samples, is 0.
        (share * 255.0).round() as u8
    };
    drawn.iter().map(|&sample| (sample * width..(sample + 1) * width).map(level).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_drawn_in_the_range_of_all_and_a_row_column_by_column() {
        let images = Array::new([2, 1, 2], vec![0.0f32, 1.0, 3.0, 4.0]).unwrap();
        assert_eq!(levels(&images, &[1, 0]), [[191, 255], [0, 64]]);
        let rows = Array::new([3, 2], vec![0.0f32, 100.0, 1.0, 300.0, f32::NAN, 200.0]).unwrap();
        assert_eq!(levels(&rows, &[0, 1, 2]), [[0, 0], [255, 255], [0, 128]]);
        let same = Array::new([2, 1, 1], vec![7i8, 7]).unwrap();
        assert_eq!(levels(&same, &[0]), [[0]], "no range");
        assert_eq!(levels(&same, &[]), Vec::<Vec<u8>>::new());
    }
}
