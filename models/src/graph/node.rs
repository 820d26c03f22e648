//! A node: one operator over values.

use super::{Op, ValueId};

/// An operator at work.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its name in the file it came from, or that of its first output; for messages and recipes.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// Input values in the operator's order; none for an optional one that is left out.
    pub inputs: Vec<Option<ValueId>>,
    /// Output values.
    pub outputs: Vec<ValueId>,
    /// Values that only carry the scales of inner results, as LSTMs have them.
    pub intermediates: Vec<ValueId>,
}

impl Node {
    /// A node whose inputs are all there.
    #[must_use]
    pub fn new(name: impl Into<String>, op: Op, inputs: &[ValueId], outputs: &[ValueId]) -> Self {
        Self {
            name: name.into(),
            op,
            inputs: inputs.iter().map(|&v| Some(v)).collect(),
            outputs: outputs.to_vec(),
            intermediates: Vec::new(),
        }
    }

    /// Input `k`, if it is there.
    #[must_use]
    pub fn input(&self, k: usize) -> Option<ValueId> {
        self.inputs.get(k).copied().flatten()
    }

    /// The inputs that are there.
    pub fn present_inputs(&self) -> impl Iterator<Item = ValueId> {
        self.inputs.iter().flatten().copied()
    }
}
