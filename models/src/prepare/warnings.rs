//! What the owner of samples should look at, though they can be used.

use std::collections::BTreeSet;
use std::fmt;

use mote_abi::Tensor;
use serde::{Deserialize, Serialize};

use super::{Options, Range};
use crate::data::Array;
use crate::graph::Metadata;
use crate::judge::Truth;

/// The share of values outside of an input's range from which on a scaling is thought to be wrong.
const CLIPPED: f64 = 0.02;
/// The share of an input's range below which samples are thought to be scaled wrongly.
const NARROW: f64 = 0.1;
/// Names of a list that are told.
const NAMES: usize = 12;

/// What the owner of samples should look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// Values are outside of the range that the input's scale has room for, and become its ends.
    Clipped {
        /// The share of them.
        share: f64,
        /// The range of the values.
        found: Range,
        /// The range of the input.
        expected: Range,
    },
    /// Values take a small part of the range that the input was calibrated on.
    Narrow {
        /// The range of the values.
        found: Range,
        /// The range of the input.
        expected: Range,
    },
    /// The model tells how its input is made of raw values, and these look as if that was done already.
    Twice {
        /// The range of the values before.
        found: Range,
    },
    /// Some values are no finite numbers.
    NotFinite {
        /// How many.
        count: usize,
    },
    /// All values are the same.
    Constant {
        /// Which.
        value: f64,
    },
    /// Labels are beyond the classes that the model tells apart.
    Beyond {
        /// The greatest label.
        label: usize,
        /// Classes of the model.
        classes: usize,
    },
    /// No sample is of these classes.
    Absent {
        /// Their names, or their numbers.
        classes: Vec<String>,
    },
    /// Classes were numbered in alphabetical order, since the model does not name its own.
    Alphabetical {
        /// Their names in that order.
        classes: Vec<String>,
    },
}

pub(super) fn of_values(
    input: &Tensor,
    x: &Array,
    range: Range,
    raw: Range,
    options: &Options,
    metadata: &Metadata,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let reals = || (0..x.elements().len()).filter_map(|i| x.elements().real(i));
    let count = reals().filter(|real| !real.is_finite()).count();
    if count > 0 {
        warnings.push(Warning::NotFinite { count });
    }
    if x.elements().len() > 1 && range.low >= range.high {
        warnings.push(Warning::Constant { value: range.low });
        return warnings;
    }
    if let Some(told) = metadata.normalization.as_ref().filter(|told| options.normalization.as_ref() == Some(*told)) {
        let scales_down = told.deviation.iter().any(|&deviation| deviation > 10.0);
        if scales_down && raw.low >= -1.0 && raw.high <= 1.0 {
            warnings.push(Warning::Twice { found: raw });
        }
    }
    if let Some(expected) = calibrated(input, x) {
        let outside = reals().filter(|&real| real < expected.low || real > expected.high).count();
        let share = outside as f64 / x.elements().len().max(1) as f64;
        if share > CLIPPED {
            warnings.push(Warning::Clipped { share, found: range, expected });
        } else if range.high - range.low < NARROW * (expected.high - expected.low) {
            warnings.push(Warning::Narrow { found: range, expected });
        }
    }
    warnings
}

/// The range of numbers that a quantized input was calibrated on, in the numbers of the array: real ones, or the input's codes.
fn calibrated(input: &Tensor, x: &Array) -> Option<Range> {
    let (scale, zero_point) = input.quantization()?;
    let (low, high) = match input.dtype.as_str() {
        "int8" => (-128.0, 127.0),
        "uint8" => (0.0, 255.0),
        "int16" => (-32_768.0, 32_767.0),
        _ => return None,
    };
    if x.dtype().is_real() {
        let real = |code: f64| f64::from(scale) * (code - f64::from(zero_point));
        // Half a step beyond the ends is still rounded to them.
        let half = f64::from(scale) / 2.0;
        return Some(Range { low: real(low) - half, high: real(high) + half });
    }
    let shift = match (x.dtype().name(), input.dtype.as_str()) {
        ("uint8", "int8") => 128.0,
        ("int8", "uint8") => -128.0,
        _ => 0.0,
    };
    Some(Range { low: low + shift, high: high + shift })
}

pub(super) fn of_classes(truth: &Truth, named: &[String], outputs: &[Tensor]) -> Vec<Warning> {
    let Truth::Classes { y, names } = truth else { return Vec::new() };
    let mut warnings = Vec::new();
    if named.is_empty() && !names.is_empty() {
        warnings.push(Warning::Alphabetical { classes: names.clone() });
    }
    // One score is the probability of the second of two classes.
    let classes = match outputs.first().map(Tensor::elements) {
        Some(1) => 2,
        Some(scores) => scores,
        None => return warnings,
    };
    let present: BTreeSet<usize> = y.iter().copied().collect();
    match present.last() {
        Some(&label) if label >= classes => warnings.push(Warning::Beyond { label, classes }),
        Some(_) | None => {
            let name = |class: usize| names.get(class).cloned().unwrap_or_else(|| class.to_string());
            let absent: Vec<String> = (0..classes).filter(|class| !present.contains(class)).map(name).collect();
            if !absent.is_empty() {
                warnings.push(Warning::Absent { classes: absent });
            }
        }
    }
    warnings
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", short(self.low), short(self.high))
    }
}

/// A number for people.
fn short(number: f64) -> String {
    let rounded = format!("{number:.3}");
    let trimmed = rounded.trim_end_matches('0').trim_end_matches('.');
    if trimmed == "-0" { "0".into() } else { trimmed.into() }
}

fn list(names: &[String]) -> String {
    match names.len().checked_sub(NAMES) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..NAMES].join(", ")),
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::Clipped { share, found, expected } => write!(
                f,
                "The values are {found}. The model was calibrated on {expected}; {:.1} % of the values are outside and are \
                 clipped. Check the scaling.",
                share * 100.0
            ),
            Warning::Narrow { found, expected } => write!(
                f,
                "The values are {found}, a small part of {expected}, which the model was calibrated on. Check the scaling."
            ),
            Warning::Twice { found } => write!(
                f,
                "The values are {found} already, and the model expects raw values of a sensor or picture here: they may be \
                 scaled twice."
            ),
            Warning::NotFinite { count } => write!(f, "{count} values are no finite numbers."),
            Warning::Constant { value } => write!(f, "All values are {}.", short(*value)),
            Warning::Beyond { label, classes } => write!(
                f,
                "A label is {label}, and the model tells {classes} classes apart, 0 to {}. Labels count from 0.",
                classes.saturating_sub(1)
            ),
            Warning::Absent { classes } => write!(f, "No sample is of the class {}.", list(classes)),
            Warning::Alphabetical { classes } => write!(
                f,
                "The model does not name its classes. They are numbered in alphabetical order: {}. Name them in the model's \
                 order if that is another.",
                list(&classes.iter().enumerate().map(|(k, name)| format!("{k} {name}")).collect::<Vec<_>>())
            ),
        }
    }
}
