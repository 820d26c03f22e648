//! What an autopsy found, in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::signal::noise_over_signal;
use super::compare::Range;
use super::{Autopsy, Layer};

/// Inputs beyond their range by this factor are scaled in another way.
const INPUT_FACTOR: f64 = 4.0;
/// Inputs that fill less than this share of their range, likewise.
const INPUT_SHARE: f64 = 1.0 / 16.0;
/// A layer that clips more than this share of its values is told.
const CLIPPED: f64 = 0.01;
/// A layer that uses less than this share of its range loses more than 3 of its 8 bits.
const USED: f64 = 1.0 / 8.0;
/// A layer that alone makes more than this share of all single layers' noise at the output dominates it.
const DOMINANT: f64 = 0.5;
/// A layer less like the original's than this many dB, whose likeness grows by [`RESCALED_BY_DB`] when each channel is scaled,
/// was scaled channel by channel.
const RESCALED_BELOW_DB: f64 = 15.0;
const RESCALED_BY_DB: f64 = 10.0;
/// Outputs that are nearer than this many dB need no culprit.
const GOOD_DB: f64 = 30.0;

/// What an autopsy found; [`fmt::Display`] says it in words, with what to try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "finding")]
pub enum Finding {
    /// The samples are scaled in another way than those that the variant was calibrated on.
    InputScale {
        /// The input's name.
        input: String,
        /// The samples.
        observed: Range,
        /// What the variant represents.
        calibrated: Range,
    },
    /// A layer's values go beyond what the variant represents.
    Clips {
        /// The layer's name.
        layer: String,
        /// The share of its values.
        share: f64,
        /// The original's values.
        observed: Range,
        /// What the variant represents.
        representable: Range,
    },
    /// A layer uses little of what the variant represents.
    WastesRange {
        /// The layer's name.
        layer: String,
        /// The share that it uses.
        used: f64,
    },
    /// Channels have the same value whatever the sample.
    ConstantChannels {
        /// The layer's name.
        layer: String,
        /// Which.
        channels: Vec<usize>,
        /// Of how many.
        of: usize,
    },
    /// Weights of whole channels became 0.
    VanishedChannels {
        /// The layer's name.
        layer: String,
        /// Which.
        channels: Vec<usize>,
    },
    /// One layer makes most of the error.
    Dominates {
        /// The layer's name.
        layer: String,
        /// Its share of the noise at the output, of all layers changed one at a time.
        share: f64,
        /// The score that is lost when it alone is changed.
        score_lost: f64,
    },
    /// Channels were scaled, as equalization does.
    Rescaled {
        /// Of how many layers.
        layers: usize,
        /// Of how many of them the original could not be scaled likewise: their own figures are of little use.
        not_followed: usize,
    },
    /// Layers of the original that the variant does not have.
    Unpaired {
        /// How many.
        layers: usize,
        /// Of how many.
        of: usize,
    },
    /// Samples changed their class.
    Flipped {
        /// How many became right.
        won: usize,
        /// How many became wrong.
        lost: usize,
        /// How many went from one wrong class to another.
        other: usize,
    },
}

/// Everything that there is to say.
pub(super) fn findings(autopsy: &Autopsy) -> Vec<Finding> {
    let mut found = Vec::new();
    for input in &autopsy.inputs {
        let Some(calibrated) = input.representable else { continue };
        let beyond = input.observed.reach() > INPUT_FACTOR * calibrated.reach();
        let little = input.observed.span() < INPUT_SHARE * calibrated.span();
        if beyond || little {
            found.push(Finding::InputScale { input: input.name.clone(), observed: input.observed, calibrated });
        }
    }
    for layer in &autopsy.layers {
        of_layer(layer, &mut found);
    }
    let not_followed = autopsy.layers.iter().filter(|layer| is_rescaled(layer)).count();
    let layers = autopsy.rescaled + not_followed;
    // Inputs that are clipped make everything behind them unlike.
    if layers > 0 && !found.iter().any(|finding| matches!(finding, Finding::InputScale { .. })) {
        found.push(Finding::Rescaled { layers, not_followed });
    }
    found.extend(dominant(autopsy));
    if autopsy.unpaired > 0 {
        let of = autopsy.unpaired + autopsy.layers.len();
        found.push(Finding::Unpaired { layers: autopsy.unpaired, of });
    }
    if !autopsy.flips.is_empty() {
        let won = autopsy.flips.iter().filter(|flip| flip.after == flip.truth).count();
        let lost = autopsy.flips.iter().filter(|flip| flip.before == flip.truth).count();
        found.push(Finding::Flipped { won, lost, other: autopsy.flips.len() - won - lost });
    }
    found
}

fn of_layer(layer: &Layer, found: &mut Vec<Finding>) {
    let name = || layer.name.clone();
    if let Some(representable) = layer.representable
        && !is_rescaled(layer)
        && !has_fixed_range(layer)
    {
        if layer.clipped > CLIPPED {
            let (share, observed) = (layer.clipped, layer.observed);
            found.push(Finding::Clips { layer: name(), share, observed, representable });
        }
        let used = layer.observed.span() / representable.span();
        if used < USED && used > 0.0 {
            found.push(Finding::WastesRange { layer: name(), used });
        }
    }
    let Some(weights) = &layer.weights else { return };
    // Layers that work channel by channel only pass on what is constant before them.
    if !layer.constant_channels.is_empty() && layer.channels > 1 && layer.op != "DEPTHWISE_CONV_2D" {
        let (channels, of) = (layer.constant_channels.clone(), layer.channels);
        found.push(Finding::ConstantChannels { layer: name(), channels, of });
    }
    let mut channels = weights.vanished_channels.clone();
    channels.retain(|channel| !layer.constant_channels.contains(channel));
    if !channels.is_empty() {
        found.push(Finding::VanishedChannels { layer: name(), channels });
    }
}

/// Whether the layer's range follows from its operator, not from calibration.
fn has_fixed_range(layer: &Layer) -> bool {
    ["SOFTMAX", "LOGISTIC", "TANH", "LOG_SOFTMAX"].contains(&layer.op.as_str())
}

/// Whether scaling each channel makes an unlike layer much more like the original's.
pub(super) fn is_rescaled(layer: &Layer) -> bool {
    match (layer.sqnr_db, layer.aligned_sqnr_db) {
        (Some(plain), aligned) if plain < RESCALED_BELOW_DB => aligned.is_none_or(|db| db > plain + RESCALED_BY_DB),
        (Some(_) | None, _) => false,
    }
}

fn dominant(autopsy: &Autopsy) -> Option<Finding> {
    let noise = |layer: &Layer| layer.sensitivity.map_or(0.0, |s| noise_over_signal(s.output_sqnr_db));
    if autopsy.fidelity.sqnr_db.is_none_or(|db| db > GOOD_DB) {
        return None;
    }
    let total: f64 = autopsy.layers.iter().map(noise).sum();
    let worst =
        autopsy.layers.iter().filter(|layer| !has_fixed_range(layer)).max_by(|a, b| noise(a).total_cmp(&noise(b)))?;
    let measured = autopsy.layers.iter().filter(|layer| layer.sensitivity.is_some()).count();
    let share = noise(worst) / total;
    (measured > 2 && share > DOMINANT).then(|| Finding::Dominates {
        layer: worst.name.clone(),
        share,
        score_lost: worst.sensitivity.map_or(0.0, |s| s.score_lost),
    })
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::InputScale { input, observed, calibrated } => write!(
                f,
                "input {} looks like {observed}, calibrated on {calibrated}: scale the samples as the model was trained, or \
                 calibrate on samples scaled like these",
                label(input)
            ),
            Finding::Clips { layer, share, observed, representable } => write!(
                f,
                "layer {} clips {}: its values are {observed}, the variant holds {representable}; calibrate on more \
                 samples, try another calibration (percentile, MSE), or keep it float",
                label(layer),
                percent(*share)
            ),
            Finding::WastesRange { layer, used } => write!(
                f,
                "layer {} uses {} of its range: outliers in calibration; try percentile or MSE, or calibrate on samples \
                 like these",
                label(layer),
                percent(*used)
            ),
            Finding::ConstantChannels { layer, channels, of } => write!(
                f,
                "layer {}: {} of {of} channels have the same value in all samples ({}); pruning channels by activity \
                 folds them into the next bias",
                label(layer),
                channels.len(),
                list(channels)
            ),
            Finding::VanishedChannels { layer, channels } => write!(
                f,
                "layer {}: all weights of {} channels became 0 ({}); use a scale for each channel, or equalize, or \
                 prune less",
                label(layer),
                channels.len(),
                list(channels)
            ),
            Finding::Dominates { layer, share, score_lost } => write!(
                f,
                "layer {} makes {} of the error of all layers changed one at a time, and alone costs {score_lost:.4} of \
                 the score; keep it float or prune it less",
                label(layer),
                percent(*share)
            ),
            Finding::Rescaled { layers, not_followed: 0 } => write!(
                f,
                "channels of {layers} layers were scaled, as equalization does; these are compared with the original scaled \
                 likewise"
            ),
            Finding::Rescaled { layers, not_followed } => write!(
                f,
                "channels of {layers} layers were scaled, as equalization does; {not_followed} of them have no like in the \
                 original, and their own figures say little"
            ),
            Finding::Unpaired { layers, of } => {
                write!(f, "{layers} of {of} layers were not found in the variant, by name or by order")
            }
            Finding::Flipped { won, lost, other } => {
                write!(f, "{} samples changed their class: {lost} became wrong, {won} right", won + lost + other)
            }
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", short(self.min), short(self.max))
    }
}

/// The first of the names that a converter has strung together.
fn label(name: &str) -> &str {
    name.split(';').next().unwrap_or(name)
}

fn percent(share: f64) -> String {
    format!("{} %", short(share * 100.0))
}

/// Three digits, and none after the point that say nothing.
fn short(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize };
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The first few of many.
fn list(channels: &[usize]) -> String {
    let shown: Vec<String> = channels.iter().take(8).map(usize::to_string).collect();
    if channels.len() > shown.len() { format!("{}, ...", shown.join(", ")) } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let cases =
            [(0.0, "0"), (255.0, "255"), (1.0, "1"), (-0.004_321, "-0.00432"), (12345.6, "12346"), (6.9712, "6.97")];
        for (value, text) in cases {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn findings_say_what_to_try() {
        let range = |min, max| Range { min, max };
        let input =
            Finding::InputScale { input: "image".into(), observed: range(0.0, 255.0), calibrated: range(0.0, 1.0) };
        assert!(input.to_string().starts_with("input image looks like 0..255, calibrated on 0..1: "), "{input}");
        let clips = Finding::Clips {
            layer: "conv1".into(),
            share: 0.07,
            observed: range(-3.0, 9.5),
            representable: range(-2.0, 2.0),
        };
        assert!(clips.to_string().starts_with("layer conv1 clips 7 %: its values are -3..9.5"), "{clips}");
    }
}
