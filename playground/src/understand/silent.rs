//! Channels that stay silent, and their removal.

use std::collections::BTreeMap;

use mote_models::prune::activity::ChannelActivity;
use mote_models::prune::channels::{Criterion, LayerOptions, Options, Target};

use crate::pipeline::{Channels, Layer};

/// The operator whose channels each come from one channel before it.
const DEPTHWISE: &str = "DEPTHWISE_CONV_2D";

/// What is added to a number of channels before it becomes a share, so that rounding the share never makes it one less.
const SPARE: f64 = 0.01;

/// What goes when the silent channels are taken out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Removal {
    /// How many channels of which layer; of layers that lose them together, the first one stands for all.
    pub layers: BTreeMap<String, Loss>,
}

/// What a layer loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Channels that go.
    pub gone: usize,
    /// All that it has.
    pub of: usize,
}

/// The shade of a silent channel; others have one from 0, always busy, to 4, mostly nothing.
const SILENT: usize = 5;

/// The shade of each channel of a layer: by the share of its outputs that are nothing, or `SILENT`.
#[must_use]
pub fn shades(layer: &Layer, threshold: f64) -> Vec<usize> {
    let shade = |channel: &ChannelActivity| match channel.idle >= threshold {
        true => SILENT,
        false => ((channel.near_zero * SILENT as f64) as usize).min(SILENT - 1),
    };
    layer.channels.iter().map(shade).collect()
}

impl Layer {
    /// Channels that give nothing on at least this share of the samples.
    #[must_use]
    pub fn silent(&self, threshold: f64) -> Vec<usize> {
        (0..self.channels.len()).filter(|&k| self.channels[k].idle >= threshold).collect()
    }
}

impl Removal {
    /// Of the channels that give nothing on at least this share of the samples.
    ///
    /// Layers that lose channels together lose one where all layers that make it are silent: what they give may be added up. A
    /// depthwise convolution makes each channel of one, so that a channel also goes where it alone is silent. One channel of a layer
    /// always stays.
    #[must_use]
    pub fn of(channels: &Channels, threshold: f64) -> Self {
        let mut layers = BTreeMap::new();
        for (k, layer) in channels.layers.iter().enumerate() {
            let is_together = |other: &&Layer| layer.together_with.contains(&other.name);
            let is_later = channels.layers[..k].iter().any(|other| is_together(&other));
            if is_later || layer.fixed.is_some() {
                continue;
            }
            let group: Vec<&Layer> = std::iter::once(layer).chain(channels.layers.iter().filter(is_together)).collect();
            let of = layer.channels.len();
            // Channels of layers with different numbers of them do not stand for each other.
            if group.len() != 1 + layer.together_with.len() || group.iter().any(|other| other.channels.len() != of) {
                continue;
            }
            let silent = |channel: usize, other: &&Layer| other.channels[channel].idle >= threshold;
            let (follow, make): (Vec<&Layer>, Vec<&Layer>) = group.iter().partition(|other| other.op == DEPTHWISE);
            let goes = |&channel: &usize| {
                let made_silent = !make.is_empty() && make.iter().all(|other| silent(channel, other));
                made_silent || follow.iter().any(|other| silent(channel, other))
            };
            let gone = (0..of).filter(goes).count().min(of.saturating_sub(1));
            if gone > 0 {
                layers.insert(layer.name.clone(), Loss { gone, of });
            }
        }
        Self { layers }
    }

    /// All channels that go.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.layers.values().map(|loss| loss.gone).sum()
    }

    /// How channels are pruned so that these go: in each layer those that do least on the samples, which silent ones do.
    #[must_use]
    pub fn options(&self) -> Options {
        let share = |loss: &Loss| ((loss.gone as f64 + SPARE) / loss.of as f64) as f32;
        let layer = |(name, loss): (&String, &Loss)| {
            (name.clone(), LayerOptions { share: Some(share(loss)), ..LayerOptions::default() })
        };
        Options {
            criterion: Criterion::Activity,
            target: Target::Channels(0.0),
            align: 1,
            layers: self.layers.iter().map(layer).collect(),
            ..Options::default()
        }
    }
}

#[cfg(test)]
mod tests;
