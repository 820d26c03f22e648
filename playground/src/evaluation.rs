//! A model over labelled samples, one step at a time, in whatever engine runs the guest.

use mote_abi::{Client, ClientError, Description, Instance, Tensor};
use mote_models::metrics::ConfusionMatrix;
use mote_models::samples::{Inputs, LabelledSet, outputs};

use crate::latency::Blocks;
use crate::protocol::Failure;
use crate::report::Report;

/// Most classes that are counted: a confusion matrix of so many takes 8 MB. A label above it is hardly meant.
const CLASSES: usize = 1024;

/// An evaluation under way.
pub struct Evaluation {
    inputs: Inputs,
    labels: Vec<usize>,
    output: Tensor,
    confusion: ConfusionMatrix,
    done: usize,
    blocks: Blocks,
}

impl Evaluation {
    /// Takes an `.npz` of samples `x` and labels `y` for a model.
    pub fn new(description: &Description, npz: &[u8]) -> Result<Self, Failure> {
        let data = |error: &dyn std::fmt::Display| Failure::Data(error.to_string());
        let set = LabelledSet::from_npz(npz, &[]).map_err(|error| data(&error))?;
        let inputs = Inputs::new(&description.inputs, vec![set.x]).map_err(|error| data(&error))?;
        let Some(output) = description.outputs.first() else {
            return Err(Failure::Data("the model has no output to compare with the labels".into()));
        };
        if set.y.is_empty() || inputs.len() != set.y.len() {
            let text = format!("expected at least one sample and a label for each, found {} samples", inputs.len());
            return Err(Failure::Data(text));
        }
        set.y.iter().try_for_each(|&label| known(label).map(drop))?;
        Ok(Self {
            inputs,
            labels: set.y,
            output: output.clone(),
            confusion: ConfusionMatrix::new(0),
            done: 0,
            blocks: Blocks::default(),
        })
    }

    /// Runs one sample or, when all have run, times one block; says whether there is more to do. `now` is a clock in
    /// milliseconds. A run is timed from the input's bytes to the output's.
    pub fn step<I: Instance>(&mut self, client: &mut Client<I>, now: impl Fn() -> f64) -> Result<bool, Failure>
    where
        I::Fault: std::fmt::Display,
    {
        let data = |error: &dyn std::fmt::Display| Failure::Data(error.to_string());
        let sample = if self.done() < self.total() { self.done() } else { self.blocks.count() % self.total() };
        let input = [self.inputs.bytes(0, sample).map_err(|error| data(&error))?];
        let start = now();
        if self.done() < self.total() {
            let result = run_once(client, &input)?;
            self.blocks.add(1, now() - start);
            let bytes = result.first().map_or(&[][..], Vec::as_slice);
            let class = outputs::class(0, &self.output, bytes).map_err(|error| data(&error))?;
            self.confusion.add(self.labels[self.done], known(class)?);
            self.done += 1;
        } else {
            let mut runs = 0;
            while !self.blocks.add(runs, now() - start) {
                run_once(client, &input)?;
                runs += 1;
            }
        }
        Ok(self.done() < self.total() || !self.blocks.suffice())
    }

    /// Samples that have run.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// All samples.
    #[must_use]
    pub fn total(&self) -> usize {
        self.labels.len()
    }

    /// Samples so far whose label was predicted.
    #[must_use]
    pub fn right(&self) -> u64 {
        self.confusion.right()
    }

    /// The results so far.
    #[must_use]
    pub fn report(&self) -> Report {
        Report { confusion: self.confusion.clone(), latency: self.blocks.latency() }
    }
}

fn known(class: usize) -> Result<usize, Failure> {
    match class {
        0..CLASSES => Ok(class),
        _ => Err(Failure::Data(format!("expected a class below {CLASSES}, found {class}"))),
    }
}

/// Runs a model once from its start state.
pub fn run_once<I: Instance>(
    client: &mut Client<I>,
    inputs: &[Vec<u8>],
) -> Result<Vec<Vec<u8>>, ClientError<I::Fault>> {
    if client.description().state_bytes > 0 {
        client.reset()?;
    }
    run_on(client, inputs)
}

/// Runs a model once from the state that the run before left.
pub fn run_on<I: Instance>(client: &mut Client<I>, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, ClientError<I::Fault>> {
    let (expected, found) = (client.description().inputs.len(), inputs.len());
    if expected != found {
        return Err(ClientError::Size { what: "number of inputs".into(), expected, found });
    }
    for (k, input) in inputs.iter().enumerate() {
        client.write_input(k, input)?;
    }
    client.run()?;
    (0..client.description().outputs.len()).map(|k| client.read_output(k)).collect()
}

#[cfg(test)]
mod tests;
