//! What is different between models, and the command lines that do on a gateway what was done here.

use mote_models::data::FileKind;
use mote_models::judge::{Accuracy, ClassAccuracy, Fit};

use super::{Choices, Measured, Split, Variant};
use crate::dataset::{Dataset, File, prepared_name};
use crate::format;
use crate::pipeline::Judged;
use crate::state::{Data, State};
use crate::zoo;

/// How a figure stands to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is better.
    Better,
    /// It is worse.
    Worse,
    /// It is the same, or not told apart by what was measured.
    Even,
}

/// A figure of one model beside that of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In words, `-75 %` or `+0.3 points`.
    pub text: String,
    /// What to think of it.
    pub change: Change,
}

/// Something of which less is better, against what it was.
#[must_use]
pub fn cost(now: f64, before: f64) -> Option<Difference> {
    if !(now.is_finite() && before.is_finite() && before > 0.0) {
        return None;
    }
    let share = now / before - 1.0;
    let change = match share {
        s if s < -5e-4 => Change::Better,
        s if s > 5e-4 => Change::Worse,
        _ => return Some(Difference { text: "same".into(), change: Change::Even }),
    };
    Some(Difference { text: signed(share * 100.0, "%"), change })
}

/// An accuracy against what it was. Intervals that overlap do not tell two models apart.
#[must_use]
pub fn accuracy(now: &Accuracy, before: &Accuracy) -> Difference {
    let (found, was) = (now.headline(), before.headline());
    let text = match now {
        Accuracy::Classification { .. } | Accuracy::Anomaly { .. } => {
            signed((found.value - was.value) * 100.0, "points")
        }
        Accuracy::Regression { .. } => cost(found.value, was.value).map_or_else(String::new, |d| d.text),
    };
    let apart = found.high < was.low || was.high < found.low;
    let change = match now.score() - before.score() {
        _ if !apart => Change::Even,
        score if score > 0.0 => Change::Better,
        _ => Change::Worse,
    };
    Difference { text, change }
}

/// `+1.3 %`; a real minus, so that screen readers say it.
fn signed(value: f64, unit: &str) -> String {
    match format!("{:.1}", value.abs()).as_str() {
        "0.0" => format!("±0 {unit}"),
        size if value < 0.0 => format!("−{size} {unit}"),
        size => format!("+{size} {unit}"),
    }
}

/// One class before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassChange {
    /// Its name, or its number.
    pub name: String,
    /// Samples of it.
    pub support: u64,
    /// Share of them that the original tells right; none without samples.
    pub before: Option<f64>,
    /// Share of them that the variant tells right.
    pub after: Option<f64>,
}

/// Each class before and after; empty for models that are no classifiers.
#[must_use]
pub fn classes(before: &Judged, after: &Judged) -> Vec<ClassChange> {
    let of = |judged: &Judged| match &judged.accuracy {
        Some(Accuracy::Classification { classes, .. }) => classes.clone(),
        Some(Accuracy::Anomaly { .. } | Accuracy::Regression { .. }) | None => Vec::new(),
    };
    let change = |(before, after): (ClassAccuracy, ClassAccuracy)| ClassChange {
        name: before.name.unwrap_or_else(|| before.class.to_string()),
        support: before.support,
        before: before.recall.map(|recall| recall.value),
        after: after.recall.map(|recall| recall.value),
    };
    of(before).into_iter().zip(of(after)).map(change).collect()
}

/// Whether a model fits the board of an id; none for a board that is not known.
#[must_use]
pub fn fit<'a>(judged: &'a Judged, device: &str) -> Option<&'a Fit> {
    let place = mote_models::judge::DEVICES.iter().position(|known| known.id == device)?;
    judged.fits.get(place)
}

/// A figure by which models are compared side by side.
#[must_use]
pub fn latency(measured: &Measured) -> Option<f64> {
    measured.judged.latency.map(|latency| latency.median_millis)
}

/// What a command line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// In words.
    pub about: &'static str,
    /// What to type.
    pub line: String,
}

impl State {
    /// The command lines that run a variant, judge it, and make it again.
    #[must_use]
    pub fn commands(&self, variant: &Variant) -> Vec<Command> {
        let stem = self.stem_of(variant);
        let (model, recipe) = (format!("{stem}.tflite"), format!("{stem}.toml"));
        let entry = self.source.as_ref().and_then(|source| zoo::ENTRIES.get(source.zoo?));
        let file = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let source = match (&self.source, entry) {
            (_, Some(entry)) => file(entry.model),
            (Some(source), None) => source.name.clone(),
            (None, None) => return Vec::new(),
        };
        let Words { samples, labels, scale } = match (&self.data, entry) {
            (Data::File { name, .. }, _) => self.dataset.words(name),
            (Data::Zoo, Some(entry)) => Words { samples: file(entry.data), ..Words::default() },
            (Data::Zoo, None) => return Vec::new(),
        };
        let labels: Vec<&str> = labels.iter().flat_map(|file| ["--labels", file]).collect();
        let line = |parts: &[&[&str]]| parts.concat().into_iter().map(quoted).collect::<Vec<_>>().join(" ");
        let run = line(&[&["mote", "run", &model, "--input", &samples], scale]);
        let eval = line(&[&["mote", "eval", &model, &samples], &labels, scale]);
        let compress =
            line(&[&["mote", "compress", &source, &samples], &labels, scale, &["--recipe", &recipe, "-o", &model]]);
        let labelled = self.shrink.survey().is_some_and(|survey| survey.labelled);
        let commands = [
            Some(Command { about: "Run it", line: run }),
            labelled.then_some(Command { about: "Judge it", line: eval }),
            Some(Command { about: "Make it again", line: compress }),
        ];
        commands.into_iter().flatten().collect()
    }
}

/// How a command line names samples.
#[derive(Debug, Default)]
struct Words {
    samples: String,
    /// The file of their labels, where that is another one.
    labels: Option<String>,
    /// What is to be said of their scale.
    scale: &'static [&'static str],
}

impl Dataset {
    /// The user's own files, where commands read them as the page does; else the samples that the page has prepared, which are scaled
    /// already. `name` is that of the samples.
    fn words(&self, name: &str) -> Words {
        let ending = |file: &File| FileKind::from_name(&file.name);
        let of = |kind| self.files.iter().find(|file| ending(file) == Some(kind)).map(|file| file.name.clone());
        match (self.files.len(), of(FileKind::Npz), of(FileKind::Npy), of(FileKind::Csv)) {
            (1, Some(samples), ..) | (1, None, Some(samples), _) => Words { samples, ..Words::default() },
            (2, None, Some(samples), labels @ Some(_)) => Words { samples, labels, ..Words::default() },
            _ => {
                let scaled = self.options().is_some_and(|options| options.normalization.is_some());
                let scale: &[&str] = if scaled { &["--mean", "0", "--deviation", "1"] } else { &[] };
                Words { samples: prepared_name(name), labels: None, scale }
            }
        }
    }
}

/// A word as a POSIX shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// What counts and no control shows, in words; none where there is nothing.
#[must_use]
pub fn beyond(choices: &Choices, split: &Split) -> Option<String> {
    match choices.beyond_controls(split).as_slice() {
        [] => None,
        [one] => Some(format!("And 1 setting from the recipe: {one}")),
        all => Some(format!("And {} settings from the recipe: {}", all.len(), all.join("; "))),
    }
}

/// A share of right answers before and after, for people.
#[must_use]
pub fn recall(share: Option<f64>) -> String {
    share.map_or_else(|| "–".into(), format::percent)
}

#[cfg(test)]
mod tests {
    use mote_models::metrics::Estimate;

    use super::*;

    fn auc(value: f64) -> Accuracy {
        let auc = Estimate { value, low: value - 0.02, high: value + 0.02 };
        Accuracy::Anomaly { auc, anomalous: 5, normal: 5 }
    }

    fn rmse(value: f64) -> Accuracy {
        let rmse = Estimate { value, low: value * 0.99, high: value * 1.01 };
        Accuracy::Regression { rmse, mae: rmse }
    }

    #[test]
    fn a_cost_is_better_when_it_is_less() {
        for (now, before, text, change) in [
            (25.0, 100.0, "−75.0 %", Change::Better),
            (200.0, 100.0, "+100.0 %", Change::Worse),
            (100.0, 100.0, "same", Change::Even),
        ] {
            assert_eq!(cost(now, before), Some(Difference { text: text.into(), change }));
        }
        assert_eq!(cost(1.0, 0.0), None);
    }

    #[test]
    fn an_accuracy_is_better_or_worse_only_where_intervals_are_apart() {
        for (now, before, text, change) in [
            (auc(0.95), auc(0.9), "+5.0 points", Change::Better),
            (auc(0.9), auc(0.95), "−5.0 points", Change::Worse),
            (auc(0.90), auc(0.93), "−3.0 points", Change::Even),
            (auc(0.9), auc(0.9), "±0 points", Change::Even),
            (rmse(2.0), rmse(1.0), "+100.0 %", Change::Worse),
            (rmse(0.5), rmse(1.0), "−50.0 %", Change::Better),
        ] {
            assert_eq!(accuracy(&now, &before), Difference { text: text.into(), change }, "{now:?} {before:?}");
        }
    }

    #[test]
    fn words_of_a_command_line_stay_words() {
        for (word, expected) in [
            ("net-int8.tflite", "net-int8.tflite"),
            ("my net.tflite", "'my net.tflite'"),
            ("it's; rm -rf $HOME", r"'it'\''s; rm -rf $HOME'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
