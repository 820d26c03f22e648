//! The layers of an autopsy: figures for people, and how long their bars are.

use mote_models::judge::Autopsy;
use mote_models::judge::autopsy::Layer;

/// Signal over noise at which a bar is full: what is nearer than this is as good as equal.
const FULL_DB: f64 = 60.0;

/// Layers less like the original's than this are drawn as bad: one part of noise in a hundred.
const LOW_DB: f64 = 20.0;

/// Layers that clip more than this share of their values are drawn as bad.
const CLIPPED: f64 = 0.01;

/// What a layer's row shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its node's name.
    pub name: String,
    /// The same, short.
    pub label: String,
    /// Its operator.
    pub op: String,
    /// How like the original's its results are.
    pub likeness: Decibels,
    /// How like the original's the model's output is when it alone is changed.
    pub alone: Decibels,
    /// What it alone costs of the score; none where that was not measured.
    pub lost: Option<f64>,
    /// The share of its values that it cannot hold.
    pub clipped: f64,
    /// Whether that is many.
    pub clips: bool,
}

/// Signal over noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decibels {
    /// It was not measured, or cannot be: the extents differ, since channels are gone.
    Unknown,
    /// There is no noise.
    Equal,
    /// So much, in dB.
    Some(f64),
}

impl Decibels {
    /// For people.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Decibels::Unknown => "–".into(),
            Decibels::Equal => "equal".into(),
            Decibels::Some(db) => format!("{db:.1} dB"),
        }
    }

    /// How long its bar is, from 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        match self {
            Decibels::Unknown => 0.0,
            Decibels::Equal => 1.0,
            Decibels::Some(db) => (db / FULL_DB).clamp(0.0, 1.0),
        }
    }

    /// Whether it is so little that one should look here.
    #[must_use]
    pub fn is_low(self) -> bool {
        match self {
            Decibels::Unknown | Decibels::Equal => false,
            Decibels::Some(db) => db < LOW_DB,
        }
    }
}

/// The rows of an autopsy, in the order in which the layers run.
#[must_use]
pub fn rows(autopsy: &Autopsy) -> Vec<Row> {
    let labels = labels(autopsy.layers.iter().map(|layer| layer.name.as_str()));
    autopsy.layers.iter().zip(labels).map(|(layer, label)| row(layer, label)).collect()
}

fn row(layer: &Layer, label: String) -> Row {
    let likeness = match (layer.sqnr_db, layer.cosine) {
        (Some(db), _) => Decibels::Some(db),
        (None, Some(_)) => Decibels::Equal,
        (None, None) => Decibels::Unknown,
    };
    let alone = match layer.sensitivity.map(|cost| cost.output_sqnr_db) {
        Some(Some(db)) => Decibels::Some(db),
        Some(None) => Decibels::Equal,
        None => Decibels::Unknown,
    };
    Row {
        name: layer.name.clone(),
        label,
        op: layer.op.clone(),
        likeness,
        alone,
        lost: layer.sensitivity.map(|cost| cost.score_lost),
        clipped: layer.clipped,
        clips: layer.clipped > CLIPPED,
    }
}

/// Names of layers without what converters put around them: the first of several, and without the folder that most are in.
#[must_use]
pub fn labels<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: Vec<&str> = names.map(|name| name.split(';').next().unwrap_or(name)).collect();
    let folder = |name: &'a str| name.split_once('/').map(|(folder, _)| folder);
    let members = |of: &str| names.iter().filter(|name| folder(name) == Some(of)).count();
    let shared = names.iter().filter_map(|name| folder(name)).find(|of| 2 * members(of) > names.len());
    let short = |name: &&str| match shared.and_then(|of| name.strip_prefix(of)?.strip_prefix('/')) {
        Some(rest) => rest.to_owned(),
        None => (*name).to_owned(),
    };
    names.iter().map(short).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_all_have_in_common() {
        let cases = [
            (&["model/conv/Relu;model/bn", "model/dense", "softmax"][..], &["conv/Relu", "dense", "softmax"][..]),
            (&["a/x", "b/y"], &["a/x", "b/y"]),
            (&["one"], &["one"]),
        ];
        for (names, short) in cases {
            assert_eq!(labels(names.iter().copied()), short);
        }
    }

    #[test]
    fn signal_over_noise_has_words_and_a_bar() {
        let cases = [
            (Decibels::Unknown, "–", 0.0, false),
            (Decibels::Equal, "equal", 1.0, false),
            (Decibels::Some(15.04), "15.0 dB", 15.04 / 60.0, true),
            (Decibels::Some(-3.0), "-3.0 dB", 0.0, true),
            (Decibels::Some(90.0), "90.0 dB", 1.0, false),
        ];
        for (decibels, text, share, low) in cases {
            assert_eq!((decibels.text().as_str(), decibels.share(), decibels.is_low()), (text, share, low));
        }
    }
}
