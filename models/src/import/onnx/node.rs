//! A node of the file as its importer sees it: its attributes, checked. Each that is looked at is noted, so that one that nobody
//! looked at can be refused: an attribute that is not known here may change what the operator computes.

use std::cell::Cell;

use super::proto::{self, AttributeValue};
use super::refusal::{Outcome, invalid, unsupported};
use super::tensor;
use crate::data::Array;

/// A node of the file.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) proto: &'a proto::Node<'a>,
    /// Its place in the file.
    pub(super) index: usize,
    /// Version of the operator set that defines it.
    pub(super) opset: i64,
    /// Attributes that were looked at, one bit each.
    seen: Cell<u64>,
}

/// Attributes that change nothing that is computed here: of training, of element types that are not imported, of how exact an
/// intermediate result is.
const IDLE: [&str; 10] = [
    "consumed_inputs",
    "is_test",
    "momentum",
    "precision",
    "ratio",
    "round_mode",
    "saturate",
    "seed",
    "stash_type",
    "storage_order",
];

impl<'a> Node<'a> {
    pub(super) fn new(proto: &'a proto::Node<'a>, index: usize, opset: i64) -> Self {
        Self { proto, index, opset, seen: Cell::new(0) }
    }

    /// The first attribute that nobody has looked at and that may mean something.
    pub(super) fn unseen(&self) -> Option<&'a str> {
        let seen = self.seen.get();
        let attributes = self.proto.attributes.iter().enumerate();
        let mut names = attributes.filter(|&(k, _)| k >= 64 || seen >> k & 1 == 0).map(|(_, a)| a.name);
        names.find(|name| !IDLE.contains(name))
    }

    /// Its operator.
    pub(super) fn op(&self) -> &'a str {
        self.proto.op
    }

    /// Its name, or that of its first output.
    pub(super) fn name(&self) -> &'a str {
        match self.proto.name {
            "" => self.proto.outputs.first().copied().unwrap_or_default(),
            name => name,
        }
    }

    /// The name of input `k`; none when it is left out.
    pub(super) fn input(&self, k: usize) -> Option<&'a str> {
        self.proto.inputs.get(k).copied().filter(|name| !name.is_empty())
    }

    /// How many inputs are named, left-out ones before the last included.
    pub(super) fn inputs(&self) -> usize {
        self.proto.inputs.len()
    }

    /// The name of output `k`; none when nobody wants it.
    pub(super) fn output(&self, k: usize) -> Option<&'a str> {
        self.proto.outputs.get(k).copied().filter(|name| !name.is_empty())
    }

    /// Outputs, unwanted ones included.
    pub(super) fn outputs(&self) -> usize {
        self.proto.outputs.len()
    }

    fn attribute(&self, name: &str) -> Option<&'a AttributeValue<'a>> {
        let (k, attribute) = self.proto.attributes.iter().enumerate().find(|(_, a)| a.name == name)?;
        if k < 64 {
            self.seen.set(self.seen.get() | 1 << k);
        }
        Some(&attribute.value)
    }

    /// An integer attribute, if it is there.
    pub(super) fn optional_int(&self, name: &str) -> Outcome<Option<i64>> {
        match self.attribute(name) {
            None => Ok(None),
            Some(AttributeValue::Int(value)) => Ok(Some(*value)),
            Some(_) => Err(invalid(format!("an integer as attribute {name}"), "another kind")),
        }
    }

    /// An integer attribute.
    pub(super) fn int(&self, name: &str, default: i64) -> Outcome<i64> {
        Ok(self.optional_int(name)?.unwrap_or(default))
    }

    /// An integer attribute that is 0 or 1.
    pub(super) fn flag(&self, name: &str, default: bool) -> Outcome<bool> {
        Ok(self.int(name, default.into())? != 0)
    }

    /// A real attribute.
    pub(super) fn float(&self, name: &str, default: f32) -> Outcome<f32> {
        Ok(self.optional_float(name)?.unwrap_or(default))
    }

    /// A real attribute, if it is there.
    pub(super) fn optional_float(&self, name: &str) -> Outcome<Option<f32>> {
        match self.attribute(name) {
            None => Ok(None),
            Some(AttributeValue::Float(value)) => Ok(Some(*value)),
            Some(_) => Err(invalid(format!("a number as attribute {name}"), "another kind")),
        }
    }

    /// A list of integers, if it is there.
    pub(super) fn ints(&self, name: &str) -> Outcome<Option<&'a [i64]>> {
        match self.attribute(name) {
            None => Ok(None),
            Some(AttributeValue::Ints(values)) => Ok(Some(values)),
            Some(_) => Err(invalid(format!("integers as attribute {name}"), "another kind")),
        }
    }

    /// A list of real numbers, if it is there.
    pub(super) fn floats(&self, name: &str) -> Outcome<Option<&'a [f32]>> {
        match self.attribute(name) {
            None => Ok(None),
            Some(AttributeValue::Floats(values)) => Ok(Some(values)),
            Some(_) => Err(invalid(format!("numbers as attribute {name}"), "another kind")),
        }
    }

    /// A text.
    pub(super) fn text(&self, name: &str, default: &'a str) -> Outcome<&'a str> {
        match self.attribute(name) {
            None => Ok(default),
            Some(AttributeValue::Text(value)) => {
                std::str::from_utf8(value).map_err(|_| invalid(format!("text as attribute {name}"), "other bytes"))
            }
            Some(_) => Err(invalid(format!("a text as attribute {name}"), "another kind")),
        }
    }

    /// A list of texts, if it is there.
    pub(super) fn texts(&self, name: &str) -> Outcome<Option<Vec<&'a str>>> {
        let wrong = |found| invalid(format!("texts as attribute {name}"), found);
        match self.attribute(name) {
            None => Ok(None),
            Some(AttributeValue::Texts(values)) => {
                let texts = values.iter().map(|value| std::str::from_utf8(value)).collect::<Result<_, _>>();
                texts.map(Some).map_err(|_| wrong("other bytes"))
            }
            Some(_) => Err(wrong("another kind")),
        }
    }

    /// A tensor, if it is there.
    pub(super) fn tensor(&self, name: &str) -> Outcome<Option<Array>> {
        match self.attribute(name) {
            None => Ok(None),
            Some(AttributeValue::Tensor(tensor)) => tensor::array(tensor).map(Some),
            Some(_) => Err(invalid(format!("a tensor as attribute {name}"), "another kind")),
        }
    }

    /// Whether it holds a graph of its own.
    pub(super) fn has_graph(&self) -> bool {
        self.proto.attributes.iter().any(|a| matches!(a.value, AttributeValue::Graph))
    }

    /// Refuses a value of an attribute that is not imported.
    pub(super) fn refuse_value(
        &self,
        name: &str,
        value: impl std::fmt::Display,
        remedy: &str,
    ) -> super::refusal::Refusal {
        unsupported(format!("{name} = {value}"), remedy)
    }
}

/// An axis counted from the end where it is negative.
pub(super) fn axis_of(axis: i64, rank: usize) -> Outcome<usize> {
    let signed = i64::try_from(rank).unwrap_or(i64::MAX);
    let counted = if axis < 0 { axis.saturating_add(signed) } else { axis };
    let place = usize::try_from(counted).ok().filter(|&axis| axis < rank);
    place.ok_or_else(|| invalid(format!("an axis of {rank}"), axis.to_string()))
}

/// Axes, each once.
pub(super) fn axes_of(axes: &[i64], rank: usize) -> Outcome<Vec<usize>> {
    let places: Vec<usize> = axes.iter().map(|&axis| axis_of(axis, rank)).collect::<Outcome<_>>()?;
    let mut seen = places.clone();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() == places.len() { Ok(places) } else { Err(invalid("axes that differ", format!("{axes:?}"))) }
}
