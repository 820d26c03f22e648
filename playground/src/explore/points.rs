//! What was tried, as points: how good, and what it takes.

use mote_models::judge::{Accuracy, Estimate, Size, Truth};
use mote_models::metrics::wilson;
use mote_models::search::undominated;
use serde::{Deserialize, Serialize};

use crate::charts::Mark;
use crate::format;

/// Something that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tried {
    /// The original.
    Original,
    /// The draft, which follows the controls.
    Draft,
    /// A variant that was kept, by its id.
    Variant(u32),
    /// A trial of the search, by its place.
    Trial(usize),
}

/// What says how good a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// The share of samples whose class is right.
    Top1,
    /// The area under the ROC curve.
    Auc,
    /// The root of the mean squared error.
    Rmse,
}

/// What a model takes, of which one is the horizontal axis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// Bytes of the file.
    File,
    /// Bytes of the file after gzip.
    #[default]
    Gzip,
    /// Bytes of the arena.
    Arena,
    /// Multiply-accumulates of one run.
    Macs,
    /// Time of one run, measured here.
    Latency,
}

/// What a model takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Bytes of the file.
    pub file: u64,
    /// Bytes of the file after gzip.
    pub gzip: u64,
    /// Bytes of the arena.
    pub arena: u64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Milliseconds of one run; none where it was not timed.
    pub latency: Option<f64>,
}

/// Something that was tried and measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Which.
    pub tried: Tried,
    /// How it was made, in a few words.
    pub name: String,
    /// How good it is, with its 95 % interval.
    pub quality: Estimate,
    /// What it takes.
    pub cost: Cost,
}

/// The points that have a figure on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The axis.
    pub axis: Axis,
    /// What is measured upwards.
    pub measure: Measure,
    /// The points.
    pub points: Vec<Point>,
    /// Where they lie.
    pub marks: Vec<Mark>,
    /// Places of those that no other beats: none is as small and better, or as good and smaller.
    pub front: Vec<usize>,
}

impl Measure {
    /// Of an accuracy.
    #[must_use]
    pub fn of(accuracy: &Accuracy) -> Self {
        match accuracy {
            Accuracy::Classification { .. } => Measure::Top1,
            Accuracy::Anomaly { .. } => Measure::Auc,
            Accuracy::Regression { .. } => Measure::Rmse,
        }
    }

    /// Of what a model should say.
    #[must_use]
    pub fn of_truth(truth: &Truth) -> Self {
        match truth {
            Truth::Classes { .. } => Measure::Top1,
            Truth::Anomalies(_) => Measure::Auc,
            Truth::Values(_) => Measure::Rmse,
        }
    }

    /// Its name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Measure::Top1 => "Accuracy",
            Measure::Auc => "AUC",
            Measure::Rmse => "RMSE",
        }
    }

    /// A figure for people.
    #[must_use]
    pub fn text(self, value: f64) -> String {
        match self {
            Measure::Top1 => format::percent(value),
            Measure::Auc => format!("{value:.3}"),
            Measure::Rmse => format!("{value:.4}"),
        }
    }

    /// A figure as a number of which more is better, and back.
    #[must_use]
    pub fn score(self, value: f64) -> f64 {
        match self {
            Measure::Top1 | Measure::Auc => value,
            Measure::Rmse => -value,
        }
    }

    /// A score over so many samples with its interval, where one can be told from those two.
    #[must_use]
    pub fn estimate(self, score: f64, samples: usize) -> Estimate {
        let value = self.score(score);
        let sure = Estimate { value, low: value, high: value };
        match self {
            Measure::Top1 => wilson((score * samples as f64).round() as u64, samples as u64).unwrap_or(sure),
            Measure::Auc | Measure::Rmse => sure,
        }
    }
}

impl Axis {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Axis; 5] = [Axis::File, Axis::Gzip, Axis::Arena, Axis::Macs, Axis::Latency];

    /// As the page's elements name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Axis::File => "file",
            Axis::Gzip => "gzip",
            Axis::Arena => "arena",
            Axis::Macs => "macs",
            Axis::Latency => "latency",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Axis::File => "File",
            Axis::Gzip => "Gzipped",
            Axis::Arena => "Arena",
            Axis::Macs => "MACs",
            Axis::Latency => "Latency",
        }
    }

    /// The figure of a model; none where it was not measured.
    #[must_use]
    pub fn value(self, cost: &Cost) -> Option<f64> {
        match self {
            Axis::File => Some(cost.file as f64),
            Axis::Gzip => Some(cost.gzip as f64),
            Axis::Arena => Some(cost.arena as f64),
            Axis::Macs => Some(cost.macs as f64),
            Axis::Latency => cost.latency,
        }
    }

    /// A figure for people.
    #[must_use]
    pub fn text(self, value: f64) -> String {
        match self {
            Axis::File | Axis::Gzip | Axis::Arena => format::bytes(value as u64),
            Axis::Macs => format::count(value as u64),
            Axis::Latency => format::millis(value),
        }
    }
}

impl Cost {
    /// Of a size and a time.
    #[must_use]
    pub fn of(size: &Size, latency: Option<f64>) -> Self {
        let Size { file_bytes, gzip_bytes, arena_bytes, macs, .. } = *size;
        Self { file: file_bytes, gzip: gzip_bytes, arena: arena_bytes, macs, latency }
    }
}

impl Chart {
    /// Of the points that have a figure on an axis.
    #[must_use]
    pub fn of(points: Vec<Point>, axis: Axis, measure: Measure) -> Self {
        let points: Vec<Point> = points.into_iter().filter(|point| axis.value(&point.cost).is_some()).collect();
        let mark = |point: &Point| {
            let Estimate { value, low, high } = point.quality;
            Mark { x: axis.value(&point.cost).unwrap_or_default(), y: value, low, high }
        };
        let marks: Vec<Mark> = points.iter().map(mark).collect();
        let costs: Vec<_> = marks.iter().map(|mark| Some([mark.x, -measure.score(mark.y)])).collect();
        let front = undominated(&costs);
        Self { axis, measure, points, marks, front }
    }

    /// A point in words: what it is, how good, how large.
    #[must_use]
    pub fn describe(&self, place: usize) -> String {
        let (point, mark) = (&self.points[place], &self.marks[place]);
        let text = |value| self.measure.text(value);
        let interval = match point.quality {
            Estimate { low, high, .. } if low < high => format!(" ({} to {})", text(low), text(high)),
            Estimate { .. } => String::new(),
        };
        let best = if self.front.contains(&place) { ", on the front" } else { "" };
        format!(
            "{}: {} {}{interval}, {} {}{best}",
            point.name,
            self.measure.label().to_lowercase(),
            text(point.quality.value),
            self.axis.label().to_lowercase(),
            self.axis.text(mark.x),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(name: &str, file: u64, value: f64, latency: Option<f64>) -> Point {
        let cost = Cost { file, gzip: file / 2, arena: 10, macs: 1000, latency };
        let quality = Estimate { value, low: value - 0.1, high: value };
        Point { tried: Tried::Original, name: name.into(), quality, cost }
    }

    fn points() -> Vec<Point> {
        vec![
            point("float", 57_000, 0.9, Some(0.02)),
            point("int8", 16_000, 0.9, None),
            point("4 bits", 9_000, 0.8, None),
        ]
    }

    #[test]
    fn the_front_is_of_the_axis_that_is_shown() {
        let chart = Chart::of(points(), Axis::File, Measure::Top1);
        assert_eq!((chart.points.len(), chart.front.as_slice()), (3, &[1, 2][..]));
        assert_eq!(chart.describe(2), "4 bits: accuracy 80.0 % (70.0 % to 80.0 %), file 9.00 kB, on the front");
        let chart = Chart::of(points(), Axis::Macs, Measure::Top1);
        assert_eq!(chart.front, [0], "of equals the first");
        let chart = Chart::of(points(), Axis::Latency, Measure::Top1);
        assert_eq!((chart.points.len(), chart.front.as_slice()), (1, &[0][..]));
        assert_eq!(Chart::of(points(), Axis::File, Measure::Rmse).front, [2], "less is better");
        assert_eq!(Chart::of(Vec::new(), Axis::File, Measure::Auc).front, [0; 0]);
    }

    #[test]
    fn a_score_has_the_interval_that_its_samples_allow() {
        let found = Measure::Top1.estimate(0.96, 50);
        assert_eq!(Some(found), wilson(48, 50));
        assert_eq!(Measure::Rmse.estimate(-0.25, 50), Estimate { value: 0.25, low: 0.25, high: 0.25 });
    }
}
