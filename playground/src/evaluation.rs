//! A model over labelled samples, some of them at a time, in whatever engine runs the guest.

use std::collections::BTreeMap;

use mote_abi::{Client, ClientError, Description, Instance, Tensor};
use mote_models::samples::{Inputs, LabelledSet, outputs};
use serde::{Deserialize, Serialize};

use crate::latency::{Blocks, Latency};
use crate::protocol::Failure;

/// Most classes that are counted: a confusion matrix of so many takes 8 MB. A label above it is hardly meant.
const CLASSES: usize = 1024;

/// A slice of time: after it a runner answers, and hears what else is wanted of it.
const SLICE_MILLIS: f64 = 50.0;

/// Samples that lie one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The place of the first.
    pub from: usize,
    /// The place after the last; one beyond all samples stands for their end.
    pub end: usize,
}

impl Part {
    /// All samples, however many there are.
    pub const ALL: Part = Part { from: 0, end: usize::MAX };

    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.from)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// What came of samples that have run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Which: the first ones of the part that was asked for.
    pub part: Part,
    /// All samples that there are.
    pub total: usize,
    /// A label, a class that was predicted, and how many samples had both.
    pub counts: Vec<(usize, usize, u64)>,
    /// How long they took, in milliseconds.
    pub millis: f64,
}

/// An evaluation under way.
pub struct Evaluation {
    inputs: Inputs,
    labels: Vec<usize>,
    output: Tensor,
    blocks: Blocks,
}

impl Evaluation {
    /// Takes an `.npz` of samples `x` and labels `y` for a model.
    pub fn new(description: &Description, npz: &[u8]) -> Result<Self, Failure> {
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
        Ok(Self { inputs, labels: set.y, output: output.clone(), blocks: Blocks::default() })
    }

    /// All samples.
    #[must_use]
    pub fn total(&self) -> usize {
        self.labels.len()
    }

    /// Runs samples of a part, at least one where there is one, until a slice of time is over. `now` is a clock in milliseconds.
    pub fn run<I: Instance>(
        &self,
        client: &mut Client<I>,
        part: Part,
        now: impl Fn() -> f64,
    ) -> Result<Answered, Failure>
    where
        I::Fault: std::fmt::Display,
    {
        let total = self.total();
        let (from, end) = (part.from.min(total), part.end.min(total));
        let (start, mut counts, mut at) = (now(), BTreeMap::new(), from);
        while at < end && (at == from || now() - start < SLICE_MILLIS) {
            let input = [self.inputs.bytes(0, at).map_err(|error| data(&error))?];
            let result = run_once(client, &input)?;
            let bytes = result.first().map_or(&[][..], Vec::as_slice);
            let class = known(outputs::class(0, &self.output, bytes).map_err(|error| data(&error))?)?;
            *counts.entry((self.labels[at], class)).or_insert(0) += 1;
            at += 1;
        }
        let counts = counts.into_iter().map(|((label, class), samples)| (label, class, samples)).collect();
        Ok(Answered { part: Part { from, end: at }, total, counts, millis: now() - start })
    }

    /// Times blocks of runs over samples in turn, at least one, until they suffice or a slice of time is over; says whether there is more
    /// to do. A run is timed from the input's bytes to the output's.
    pub fn time<I: Instance>(&mut self, client: &mut Client<I>, now: impl Fn() -> f64) -> Result<bool, Failure>
    where
        I::Fault: std::fmt::Display,
    {
        let end = now() + SLICE_MILLIS;
        loop {
            let input = [self.inputs.bytes(0, self.blocks.count() % self.total()).map_err(|error| data(&error))?];
            let (start, mut runs) = (now(), 0);
            while !self.blocks.add(runs, now() - start) {
                run_once(client, &input)?;
                runs += 1;
            }
            if self.blocks.suffice() || now() >= end {
                return Ok(!self.blocks.suffice());
            }
        }
    }

    /// How long a run takes, by those that were timed.
    #[must_use]
    pub fn latency(&self) -> Option<Latency> {
        self.blocks.latency()
    }
}

fn data(error: &dyn std::fmt::Display) -> Failure {
    Failure::Data(error.to_string())
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
