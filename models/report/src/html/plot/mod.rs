//! Plots: numbers to SVG.
//!
//! - [`bars`]: one number for each name.
//! - [`scatter`]: two numbers for each point, with an interval and a line through chosen ones.
//! - [`histogram`]: counts over a range.
//! - [`ranges`]: what values are, against what can be held.
//!
//! A plot of numbers that are no numbers (NaN, infinite) leaves those out. `canvas` writes shapes, `scale` finds their places.

pub mod bars;
pub mod histogram;
pub mod ranges;
pub mod scatter;

mod canvas;
mod rows;
mod scale;

use super::palette::Role;

/// A plot, drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// The same for those who cannot see it: what the numbers say.
    pub alternative: String,
    pub(super) svg: String,
}

/// An axis.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    /// What it counts.
    pub name: &'static str,
    /// A number on it as people read it.
    pub show: fn(f64) -> String,
}

/// How a mark is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emphasis {
    /// One of many.
    Usual,
    /// Of the other group.
    Other,
    /// The one to look at.
    Good,
    /// Too much of something.
    Bad,
    /// There for comparison.
    Faint,
}

impl Emphasis {
    fn role(self) -> Role {
        match self {
            Emphasis::Usual => Role::First,
            Emphasis::Other => Role::Second,
            Emphasis::Good => Role::Good,
            Emphasis::Bad => Role::Bad,
            Emphasis::Faint => Role::Muted,
        }
    }
}

/// Pixels of the height of text.
const TEXT: f64 = 16.0;

/// Pixels that a character of that text takes, at most on average.
const CHARACTER: f64 = 7.0;

/// A name in at most so many characters, its middle left out: names of layers differ at both ends.
fn short(name: &str, most: usize) -> String {
    let length = name.chars().count();
    if length <= most {
        return name.to_owned();
    }
    let head = most.saturating_sub(1).div_ceil(2);
    let tail = most.saturating_sub(1) - head;
    name.chars().take(head).chain(['…']).chain(name.chars().skip(length - tail)).collect()
}

/// The least and the greatest of the numbers among the values; none without any.
fn extremes(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| v.is_finite()).fold(None, |found, v| match found {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

/// A range with a margin at both ends, of this share; of some width even where the values are one.
fn widened((low, high): (f64, f64), share: f64) -> (f64, f64) {
    let width = if high > low { high - low } else { low.abs().max(1.0) };
    (low - width * share, high + width * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_both_ends() {
        for (name, most, expected) in [
            ("conv", 8, "conv"),
            ("functional_1/conv2d_12/Relu", 9, "func…Relu"),
            ("äöüäöü", 4, "äö…ü"),
            ("abc", 1, "…"),
        ] {
            assert_eq!(short(name, most), expected);
        }
    }

    #[test]
    fn ranges_have_a_width_and_ignore_what_is_no_number() {
        assert_eq!(extremes([f64::NAN, 2.0, -1.0, f64::INFINITY]), Some((-1.0, 2.0)));
        assert_eq!(extremes([f64::NAN]), None);
        assert_eq!(widened((0.0, 10.0), 0.1), (-1.0, 11.0));
        assert_eq!(widened((0.0, 0.0), 0.5), (-0.5, 0.5));
    }
}
