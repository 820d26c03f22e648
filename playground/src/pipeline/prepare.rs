//! Files of samples as a model takes them: what is in them, how they become samples, and those.

use mote_abi::Description;
use mote_models::data::csv::Header;
use mote_models::data::{Array, DataError};
use mote_models::graph::Metadata;
use mote_models::import;
use mote_models::prepare::{
    self, Contents, FrontEnd, Guess, Named, Options, PrepareError, Prepared, Range, Subject, Warning,
};
use mote_models::progress::Progress;
use mote_models::recipe::RecipeError;
use mote_models::run::Engine;
use mote_models::samples::{InputError, SampleError, SampleErrorKind};
use serde::{Deserialize, Serialize};

use super::survey::Survey;
use super::{loadable, of_run};
use crate::protocol::Failure;
use crate::shrink::Split;

/// Samples that are shown.
const SHOWN: usize = 12;
/// Numbers of a sample up to which it is shown: a colour picture of 512 x 512.
const NUMBERS: usize = 3 << 18;

/// Which files, and how they become samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    /// Names of the files, in the order of their buffers.
    pub names: Vec<String>,
    /// What the user says; none for what model and files tell.
    pub options: Option<Options>,
    /// Whether a front end's file follows.
    pub front_end: bool,
}

/// What became of files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What is in them.
    pub contents: Contents,
    /// What model and files tell.
    pub guess: Guess,
    /// How they were read.
    pub options: Options,
    /// Whether the model tells how its input is made.
    pub told: bool,
    /// The samples, or why there are none.
    pub samples: Result<Summary, Failure>,
}

/// Samples, but for themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many, and whether they have labels.
    pub survey: Survey,
    /// Extents of one.
    pub shape: Vec<usize>,
    /// Type of its numbers.
    pub dtype: String,
    /// Their range.
    pub range: Range,
    /// Samples or rows that gave none.
    pub left_out: usize,
    /// What their owner should look at.
    pub warnings: Vec<Warning>,
    /// Classes and how many samples of each are on either side of the split; none where there are no classes.
    pub classes: Vec<OfClass>,
    /// Samples that equal an earlier one.
    pub repeated: usize,
    /// Samples to judge by that equal one to make models by.
    pub shared: usize,
    /// Some of them.
    pub shown: Vec<Shown>,
}

/// Samples of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfClass {
    /// Its name, or its number.
    pub name: String,
    /// Those that models may be made by.
    pub calibration: usize,
    /// Those that models are judged by.
    pub test: usize,
}

/// A sample to be shown. Its bytes are levels from 0 to 255 over the range of all samples, one for each of its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its place.
    pub place: usize,
    /// Its class; empty where there is none.
    pub label: String,
}

/// Prepares samples. Buffers: the outcome's archive, empty where there is none; the bytes of those that are shown, one after the
/// other.
pub(super) fn prepare(
    engine: &dyn Engine,
    preparation: &Preparation,
    model: &[u8],
    files: &[Vec<u8>],
    progress: &dyn Progress,
) -> Result<(Outcome, Vec<Vec<u8>>), Failure> {
    let (files, front_end) = match (files, preparation.front_end) {
        ([files @ .., front_end], true) => (files, Some(front_end)),
        (files, _) => (files, None),
    };
    let named: Vec<Named<'_>> =
        preparation.names.iter().zip(files).map(|(name, bytes)| Named { name, bytes }).collect();
    let file = loadable(model)?;
    let run = engine.load(&file).map_err(of_run)?;
    let Description { inputs, outputs, .. } = run.description();
    let metadata = import::metadata(&file).map_err(Failure::Import)?;
    let subject = Subject { inputs, outputs, metadata: &metadata };
    let header = preparation.options.as_ref().map_or(Header::Guess, |options| options.columns.header);
    let contents = prepare::look(&named, header).map_err(of_input)?;
    let guess = prepare::guess(&contents, subject);
    let options = preparation.options.clone().unwrap_or_else(|| guess.options.clone());
    let made = samples(engine, &named, &options, subject, front_end, progress);
    let (samples, buffers) = match made {
        Ok((summary, buffers)) => (Ok(summary), buffers),
        Err(failure) => (Err(failure), vec![Vec::new(), Vec::new()]),
    };
    let told = metadata.normalization.is_some();
    Ok((Outcome { contents, guess, options, told, samples }, buffers))
}

fn samples(
    engine: &dyn Engine,
    files: &[Named<'_>],
    options: &Options,
    model: Subject<'_>,
    front_end: Option<&Vec<u8>>,
    progress: &dyn Progress,
) -> Result<(Summary, Vec<Vec<u8>>), Failure> {
    let loaded = front_end.map(|file| engine.load(file).map_err(of_run)).transpose()?;
    let mut front_end = loaded.map(FrontEnd::new).transpose().map_err(of_sample)?;
    let prepared = prepare::prepare(files, options, model, front_end.as_mut(), progress).map_err(of_prepare)?;
    let archive = prepared.archive().map_err(|error| of_input(error.into()))?;
    let (summary, shown) = summary(&prepared, model.metadata)?;
    Ok((summary, vec![archive, shown]))
}

fn summary(prepared: &Prepared, metadata: &Metadata) -> Result<(Summary, Vec<u8>), Failure> {
    let count = prepared.len();
    let groups = prepared.groups();
    let split = Split::new(count, groups.as_deref()).map_err(Failure::Recipe)?;
    let mut is_test = vec![false; count];
    split.test_places().into_iter().for_each(|place| is_test[place] = true);
    let names: &[String] = if prepared.class_names().is_empty() { &metadata.labels } else { prepared.class_names() };
    let name = |class: usize| names.get(class).cloned().unwrap_or_else(|| class.to_string());
    let classes = groups.as_ref().map_or(0, |groups| {
        let most = groups.iter().max().map_or(0, |most| most + 1);
        // Labels beyond all reason are told by a warning, not by a row each.
        if most <= count.max(names.len()).max(2) { most.max(names.len()) } else { 0 }
    });
    let mut of_class: Vec<OfClass> =
        (0..classes).map(|class| OfClass { name: name(class), calibration: 0, test: 0 }).collect();
    for (place, &class) in groups.iter().flat_map(|groups| groups.iter()).enumerate() {
        if let Some(class) = of_class.get_mut(class) {
            if is_test[place] { class.test += 1 } else { class.calibration += 1 }
        }
    }
    let firsts = prepared.firsts();
    let mut making = vec![false; count];
    firsts.iter().zip(&is_test).filter(|(_, test)| !**test).for_each(|(&first, _)| making[first] = true);
    let shared = firsts.iter().zip(&is_test).filter(|(first, test)| **test && making[**first]).count();
    let (shown, levels) = match prepared.arrays.first() {
        Some(array) => shown(array, prepared.range, |place| {
            groups.as_ref().and_then(|groups| groups.get(place)).map(|&class| name(class)).unwrap_or_default()
        }),
        None => (Vec::new(), Vec::new()),
    };
    let first = prepared.arrays.first();
    let summary = Summary {
        survey: Survey { split, labelled: prepared.truth.is_some() },
        shape: first.and_then(|array| array.shape().get(1..)).map(<[usize]>::to_vec).unwrap_or_default(),
        dtype: first.map(|array| array.dtype().name().to_owned()).unwrap_or_default(),
        range: prepared.range,
        left_out: prepared.left_out,
        warnings: prepared.warnings.clone(),
        classes: of_class,
        repeated: firsts.iter().enumerate().filter(|&(place, &first)| first != place).count(),
        shared,
        shown,
    };
    Ok((summary, levels))
}

/// Some samples as levels, evenly spaced over all.
fn shown(array: &Array, range: Range, label: impl Fn(usize) -> String) -> (Vec<Shown>, Vec<u8>) {
    let [count, shape @ ..] = array.shape() else { return (Vec::new(), Vec::new()) };
    let each: usize = shape.iter().product();
    if each > NUMBERS {
        return (Vec::new(), Vec::new());
    }
    let span = range.high - range.low;
    let level = |at: usize| {
        let real = array.elements().real(at).unwrap_or(range.low);
        // Casts of floats to integers saturate.
        if span > 0.0 { ((real - range.low) / span * 255.0).round() as u8 } else { 0 }
    };
    let taken = SHOWN.min(*count);
    let places = || (0..taken).map(|k| k * count / taken);
    let levels = places().flat_map(|place| place * each..(place + 1) * each).map(level).collect();
    (places().map(|place| Shown { place, label: label(place) }).collect(), levels)
}

fn of_prepare(error: PrepareError) -> Failure {
    match error {
        PrepareError::Input(error) => of_input(error),
        PrepareError::Run(error) => of_run(error),
        PrepareError::Cancelled(cancelled) => Failure::Page(cancelled.to_string()),
    }
}

/// In parts, whoever found it.
fn of_input(error: InputError) -> Failure {
    match error {
        InputError::Sample(error) => of_sample(error),
        InputError::Data(DataError { kind: _, file, place, expected, found, remedy }) => of_sample(SampleError {
            kind: SampleErrorKind::Missing,
            place: format!("{file} file, {place}"),
            expected,
            found,
            remedy,
        }),
    }
}

fn of_sample(error: SampleError) -> Failure {
    Failure::Recipe(RecipeError::Samples(error))
}

#[cfg(test)]
mod tests {
    use mote_models::data::npz;
    use mote_models::progress::Silent;
    use mote_models::run::Native;
    use mote_models::zoo::DIGITS;

    use super::*;

    fn run(names: &[&str], files: &[Vec<u8>]) -> Result<(Outcome, Vec<Vec<u8>>), Failure> {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let preparation = Preparation { names, options: None, front_end: false };
        prepare(&Native, &preparation, DIGITS.float, files, &Silent)
    }

    #[test]
    fn the_zoos_samples_are_their_own_archive_and_each_is_on_one_side() {
        let (outcome, buffers) = run(&["digits.npz"], &[DIGITS.test_data.to_vec()]).unwrap();
        let summary = outcome.samples.unwrap();
        let set = DIGITS.test_set().unwrap();
        let made = npz::read(&buffers[0]).unwrap();
        assert_eq!(made.get("x").unwrap().elements().reals(), set.x.elements().reals());
        let split = Split::new(set.y.len(), Some(&set.y)).unwrap();
        assert_eq!(summary.survey, Survey { split: split.clone(), labelled: true });
        assert_eq!(summary.classes.len(), 10);
        for (class, of_class) in summary.classes.iter().enumerate() {
            let all = set.y.iter().filter(|&&y| y == class).count();
            assert_eq!((of_class.calibration, of_class.test), (10, all - 10), "{class}");
        }
        assert_eq!(summary.classes.iter().map(|class| class.test).sum::<usize>(), split.test());
        assert_eq!(summary.shown.len(), 12);
        assert_eq!(buffers[1].len(), 12 * 64);
    }

    #[test]
    fn a_sample_on_both_sides_is_counted() {
        let x =
            Array::new([4, 8, 8, 1], [vec![0.0f32; 64], vec![1.0; 64], vec![0.0; 64], vec![0.0; 64]].concat()).unwrap();
        let archive = npz::write([("x", &x)]).unwrap();
        let (outcome, _) = run(&["a.npz"], &[archive]).unwrap();
        let summary = outcome.samples.unwrap();
        // Samples 0 and 2 make models; 3 equals both and judges them, as 1 does, which is its own.
        assert_eq!((summary.repeated, summary.shared), (2, 1));
        assert!(summary.classes.is_empty() && !summary.survey.labelled);
    }

    #[test]
    fn what_cannot_be_samples_is_told_beside_what_is_in_the_files() {
        let (outcome, buffers) = run(&["t.csv"], &[b"a,b,label\n1,2,0\n3,4,1\n".to_vec()]).unwrap();
        assert_eq!(outcome.contents.table.unwrap().names, ["a", "b", "label"]);
        assert_eq!(outcome.options.columns.label, Some(2));
        let text = outcome.samples.unwrap_err().to_string();
        // Two columns divide 64: 32 rows are a sample, and there are not as many.
        assert!(text.contains("samples") && buffers[0].is_empty(), "{text}");
        assert!(run(&["t.txt"], &[vec![]]).unwrap_err().to_string().contains("found t.txt"));
    }
}
