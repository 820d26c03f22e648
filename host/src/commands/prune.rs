//! `mote prune`: fewer weights, or fewer neurons and channels.

use std::fmt;
use std::num::NonZero;

use clap::Args;
use mote_models::prune::Pattern;
use mote_models::prune::activity::View;
use mote_models::prune::channels::{self, Bias, Criterion, Target};
use mote_models::prune::weights::{self, Norm, Scope};
use mote_models::recipe::{Choice, Recipe, Summaries};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::html::Section;
use crate::report::made::Made;
use crate::report::{Align, Table, activity, count, layer_names, paragraph, percent};
use crate::work::choice::{Override, one_of, overrides, share};
use crate::work::making::{DATA_HELP, MakeOptions, Making};

/// Prune a float model: its least important weights become 0, or its least important channels go
#[derive(Debug, Args)]
#[command(after_help = DATA_HELP)]
pub(super) struct Prune {
    #[command(flatten)]
    make: MakeOptions,
    #[command(flatten)]
    weights: WeightOptions,
    #[command(flatten)]
    channels: ChannelOptions,
    /// Leave the weights that stay as they are, where samples could fit them to what the layers gave before
    #[arg(long, help_heading = "Pruning")]
    no_refit: bool,
}

/// [`weights::Options`] on the command line; what is not given is as in their default.
#[derive(Debug, Args)]
#[command(next_help_heading = "Weights")]
struct WeightOptions {
    /// Share of the weights that become 0 [default: 0.5, where no channels are asked for]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    sparsity: Option<f64>,
    /// Which weights go together: unstructured, kernels (what Mote's kernels skip), blocks like 16x2, or 2 of 4 kept as 2:4
    #[arg(long, value_name = "PATTERN")]
    pattern: Option<Pattern>,
    /// Whose weights are compared: each layer's, all layers', or all in proportion to their layer [default: lamp]
    #[arg(long, value_parser = one_of::<Scope>(&["per-layer", "global", "lamp"]))]
    scope: Option<Scope>,
    /// What makes a block important [default: l2]
    #[arg(long, value_parser = one_of::<Norm>(&["l1", "l2"]))]
    norm: Option<Norm>,
    /// Prune the first layer, too
    #[arg(long)]
    first_layer: bool,
    /// Prune the last layer, too
    #[arg(long)]
    last_layer: bool,
    /// Prune depthwise convolutions, too
    #[arg(long)]
    depthwise: bool,
    /// What one layer does otherwise, for example conv1:sparsity=0.8; keys: keep, sparsity, pattern
    #[arg(long = "layer", value_name = "NAME:KEY=VALUE")]
    layers: Vec<Override>,
}

impl WeightOptions {
    fn options(&self, making: &Making) -> Result<weights::Options, Failure> {
        let base = weights::Options::default();
        let layers = overrides(&self.layers).map_err(|e| Failure::new(FailureKind::Usage, "--layer", e))?;
        let layers = layers.into_iter().map(|(name, options)| Ok((making.layer("--layer", &name)?, options)));
        Ok(weights::Options {
            sparsity: self.sparsity.map_or(base.sparsity, |share| share as f32),
            pattern: self.pattern.unwrap_or(base.pattern),
            scope: self.scope.unwrap_or(base.scope),
            norm: self.norm.unwrap_or(base.norm),
            first_layer: self.first_layer,
            last_layer: self.last_layer,
            depthwise: self.depthwise,
            layers: layers.collect::<Result<_, Failure>>()?,
        })
    }
}

/// [`channels::Options`] on the command line; what is not given is as in their default.
#[derive(Debug, Args)]
#[command(next_help_heading = "Channels")]
struct ChannelOptions {
    /// Share of the channels and neurons of every layer that goes, with all that depends on them
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with = "macs")]
    channels: Option<f64>,
    /// Share of the multiply-accumulates that goes with the channels that are worth least
    #[arg(long, value_name = "SHARE", value_parser = share)]
    macs: Option<f64>,
    /// What makes a channel unimportant; activity is what it does on the samples [default: l2]
    #[arg(long, value_parser = one_of::<Criterion>(&["l1", "l2", "batch-norm", "activity"]))]
    by: Option<Criterion>,
    /// What goes into the next bias: nothing, channels that are constant on the samples, or the mean of all [default: mean]
    #[arg(long, value_parser = one_of::<Bias>(&["leave", "constant", "mean"]))]
    bias: Option<Bias>,
    /// Channels that stay in every layer at least [default: 1]
    #[arg(long, value_name = "N")]
    minimum: Option<NonZero<usize>>,
    /// Keep a multiple of this many channels, as kernels compute them [default: 8]
    #[arg(long, value_name = "N")]
    align: Option<NonZero<usize>>,
    /// What the channels of one layer do otherwise, for example conv1:keep=true; keys: keep, share
    #[arg(long = "channel-layer", value_name = "NAME:KEY=VALUE")]
    channel_layers: Vec<Override>,
}

impl ChannelOptions {
    /// None where no channels are to go.
    fn options(&self, making: &Making) -> Result<Option<channels::Options>, Failure> {
        const LAYER: &str = "--channel-layer";
        let target = match (self.channels, self.macs) {
            (Some(share), _) => Target::Channels(share as f32),
            (None, Some(share)) => Target::Macs(share as f32),
            (None, None) if self.channel_layers.is_empty() && self.by.is_none() => return Ok(None),
            (None, None) => Target::Macs(0.5),
        };
        let base = channels::Options::default();
        let layers = overrides(&self.channel_layers).map_err(|e| Failure::new(FailureKind::Usage, LAYER, e))?;
        let layers = layers.into_iter().map(|(name, options)| Ok((making.layer(LAYER, &name)?, options)));
        Ok(Some(channels::Options {
            criterion: self.by.unwrap_or(base.criterion),
            target,
            bias: self.bias.unwrap_or(base.bias),
            minimum: self.minimum.map_or(base.minimum, NonZero::get),
            align: self.align.map_or(base.align, NonZero::get),
            layers: layers.collect::<Result<_, Failure>>()?,
        }))
    }
}

#[derive(Debug, Serialize)]
struct Report {
    /// What the channels do on the samples, where that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    activity: Option<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<channels::Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<weights::Summary>,
    #[serde(flatten)]
    made: Made,
}

impl Prune {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let making = self.make.open(&context.cancel)?;
        let prune_channels = self.channels.options(&making)?;
        let weights_too = prune_channels.is_none() || self.weights.sparsity.is_some() || self.weights.pattern.is_some();
        let prune_weights = weights_too.then(|| self.weights.options(&making)).transpose()?;
        let calibration = making.choice(Choice::default().samples);
        let refit = !self.no_refit;
        let metadata = making.told();
        let recipe = Recipe { calibration, prune_channels, prune_weights, refit, metadata, ..Recipe::default() };
        let (made, details) = making.finish(recipe, &self.make)?;
        self.make.page(&made, sections(&details.summaries))?;
        let Summaries { activity, prune_channels: channels, prune_weights: weights, .. } = details.summaries;
        context.format.print(&Report { activity, channels, weights, made })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(view) = &self.activity {
            writeln!(f, "{}\n\n{}", paragraph(&activity::legend(view)), activity::table(view))?;
        }
        if let Some(summary) = &self.channels {
            writeln!(f, "{}", channel_table(summary))?;
        }
        if let Some(summary) = &self.weights {
            writeln!(f, "{}", weight_table(summary))?;
        }
        write!(f, "{}", self.made)
    }
}

/// What pruning did, as sections of a page.
pub(super) fn sections(summaries: &Summaries) -> Vec<Section> {
    let mut sections: Vec<Section> = summaries.activity.iter().filter_map(activity::section).collect();
    if let Some(summary) = &summaries.prune_channels {
        let table = channel_table(summary);
        sections.push(Section::new("Pruned channels").table("Channels of each layer, before and after", table));
    }
    if let Some(summary) = &summaries.prune_weights {
        sections.push(Section::new("Pruned weights").table("Weights of each layer that are 0", weight_table(summary)));
    }
    sections
}

/// What became of each layer's channels.
pub(super) fn channel_table(summary: &channels::Summary) -> Table {
    let mut table = Table::new(&[
        ("Layer", Align::Wrap),
        ("Channels", Align::Right),
        ("Left", Align::Right),
        ("MACs", Align::Right),
        ("Left", Align::Right),
        ("Fixed because", Align::Wrap),
    ]);
    let names = layer_names(summary.layers.iter().map(|layer| layer.name.as_str()));
    for (layer, name) in summary.layers.iter().zip(names) {
        table.row([
            name,
            layer.channels_before.to_string(),
            layer.channels_after.to_string(),
            count(layer.macs_before),
            count(layer.macs_after),
            layer.fixed.clone().unwrap_or_default(),
        ]);
    }
    table
}

/// What became of each layer's weights.
pub(super) fn weight_table(summary: &weights::Summary) -> Table {
    let mut table = Table::new(&[
        ("Layer", Align::Wrap),
        ("Operator", Align::Left),
        ("Weights", Align::Right),
        ("Zeros", Align::Right),
        ("Zero blocks", Align::Right),
    ]);
    let names = layer_names(summary.layers.iter().map(|layer| layer.name.as_str()));
    for (layer, name) in summary.layers.iter().zip(names) {
        let of = |part: u64, whole: u64| if whole == 0 { String::new() } else { percent(part as f64 / whole as f64) };
        table.row([
            name,
            layer.op.clone(),
            count(layer.weights),
            of(layer.zeros, layer.weights),
            if layer.pruned { of(layer.zero_blocks, layer.blocks) } else { "kept".to_owned() },
        ]);
    }
    table
}
