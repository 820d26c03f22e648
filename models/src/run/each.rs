//! Models over many samples.

use super::{Run, RunError};
use crate::progress::{Cancelled, Progress};

/// The bytes of each input of one sample, or of each output.
pub type Bytes = Vec<Vec<u8>>;

/// Runs samples 0 to `count` and hands out each one's inputs and outputs, in order. So many are run at once as
/// [`Run::batch`] asks for; what is seen, and in which order, is the same for any number.
///
/// Progress is told before each batch and at the end.
///
/// # Errors
/// When `feed` has no inputs for a sample, the engine refuses one, `see` refuses what came out, or `progress` cancels.
pub fn each<E: From<RunError> + From<Cancelled>>(
    run: &mut dyn Run,
    count: usize,
    stage: (&str, &dyn Progress),
    feed: impl Fn(usize) -> Result<Bytes, E>,
    mut see: impl FnMut(usize, &[Vec<u8>], &[Vec<u8>]) -> Result<(), E>,
) -> Result<(), E> {
    abreast(&mut [run], count, stage, |i| Ok(vec![feed(i)?]), |i, inputs, outputs| see(i, &inputs[0], &outputs[0]))
}

/// [`each`] for several models that see the same samples: `feed` has the inputs of each, `see` gets the outputs of each.
///
/// # Errors
/// As [`each`].
pub fn abreast<E: From<RunError> + From<Cancelled>>(
    runs: &mut [&mut dyn Run],
    count: usize,
    (stage, progress): (&str, &dyn Progress),
    feed: impl Fn(usize) -> Result<Vec<Bytes>, E>,
    mut see: impl FnMut(usize, &[Bytes], &[Bytes]) -> Result<(), E>,
) -> Result<(), E> {
    let most = runs.iter().map(|run| run.batch()).max().unwrap_or(1).max(1);
    for first in (0..count).step_by(most) {
        progress.at(stage, first, count)?;
        let samples = first..count.min(first + most);
        let mut fed = vec![Vec::with_capacity(samples.len()); runs.len()];
        for sample in samples.clone() {
            fed.iter_mut().zip(feed(sample)?).for_each(|(all, one)| all.push(one));
        }
        let found = runs.iter_mut().zip(&fed).map(|(run, fed)| run.run_batch(fed)).collect::<Result<Vec<_>, _>>()?;
        let mut columns: Vec<_> = fed.into_iter().map(Vec::into_iter).collect();
        let mut results: Vec<_> = found.into_iter().map(Vec::into_iter).collect();
        for sample in samples {
            let inputs: Vec<Bytes> = columns.iter_mut().filter_map(Iterator::next).collect();
            let outputs: Vec<Bytes> = results.iter_mut().filter_map(Iterator::next).collect();
            see(sample, &inputs, &outputs)?;
        }
    }
    Ok(progress.at(stage, count, count)?)
}
