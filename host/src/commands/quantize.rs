//! `mote quantize`: a float model's integers.

use std::fmt;
use std::num::NonZero;

use clap::Args;
use mote_models::quantize::{self, Calibration, Granularity, Interface, Options, Rounding, Scheme};
use mote_models::recipe::{Recipe, Summaries};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::html::Section;
use crate::report::judged::decibels;
use crate::report::made::Made;
use crate::report::{Align, Table, layer_names, small_percent};
use crate::work::choice::{Override, one_of, overrides};
use crate::work::making::{DATA_HELP, MakeOptions, Making};

/// Quantize a float model: int8, 16x8 or int8 weights only
#[derive(Debug, Args)]
#[command(after_help = DATA_HELP)]
pub(super) struct Quantize {
    #[command(flatten)]
    make: MakeOptions,
    #[command(flatten)]
    options: QuantizeOptions,
}

const GRANULARITIES: &[&str] = &["per-channel", "per-tensor"];

/// [`Options`] on the command line; what is not given is as in their default.
#[derive(Debug, Args)]
#[command(next_help_heading = "Quantization")]
pub(super) struct QuantizeOptions {
    /// Which numbers the model computes with [default: int8]
    #[arg(long, value_parser = one_of::<Scheme>(&["int8", "16x8", "weight-only"]))]
    scheme: Option<Scheme>,
    /// What the model takes and gives: integers, or float32 [default: stored]
    #[arg(long, value_parser = one_of::<Interface>(&["stored", "float"]))]
    interface: Option<Interface>,
    /// Scales of the weights of convolutions [default: per-channel]
    #[arg(long, value_parser = one_of::<Granularity>(GRANULARITIES))]
    weights: Option<Granularity>,
    /// Scales of the weights of dense layers [default: per-tensor]
    #[arg(long, value_parser = one_of::<Granularity>(GRANULARITIES))]
    dense_weights: Option<Granularity>,
    /// Bits of a weight, from 2 to 8; of fewer the compressed file shrinks [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=8))]
    weight_bits: Option<u8>,
    /// How ranges follow from the samples; auto tries all for each layer [default: auto]
    #[arg(long)]
    #[arg(value_parser = one_of::<Calibration>(&["min-max", "average", "percentile", "mse", "entropy", "auto"]))]
    calibration: Option<Calibration>,
    /// Per cent of the values that --calibration percentile keeps [default: 99.99]
    #[arg(long, value_name = "PER CENT")]
    percentile: Option<f64>,
    /// The most samples to calibrate by [default: 100]
    #[arg(long = "calibration-samples", value_name = "N")]
    samples: Option<NonZero<usize>>,
    /// Leave scales between layers as they are
    #[arg(long)]
    no_equalize: bool,
    /// How weights are rounded: each by itself, or so that the layer's output is nearest [default: adaptive]
    #[arg(long, value_parser = one_of::<Rounding>(&["nearest", "adaptive"]))]
    rounding: Option<Rounding>,
    /// Leave biases as they are
    #[arg(long)]
    no_correct_bias: bool,
    /// Only what converters do: min-max ranges, nearest weights, no equalization, no correction of biases
    #[arg(long)]
    plain: bool,
    /// Layers that stay float32, by name or a part of it, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    keep_float: Vec<String>,
    /// What one layer does otherwise, for example conv1:calibration=mse; keys: calibration, weights, rounding, weight-bits
    #[arg(long = "layer", value_name = "NAME:KEY=VALUE")]
    layers: Vec<Override>,
}

impl QuantizeOptions {
    /// The options of the pass.
    pub(super) fn options(&self, making: &Making) -> Result<Options, Failure> {
        let layer = |option, name: &String| making.layer(option, name);
        let layers = overrides(&self.layers).map_err(|e| Failure::new(FailureKind::Usage, "--layer", e))?;
        let base = if self.plain { Options::plain() } else { Options::default() };
        Ok(Options {
            scheme: self.scheme.unwrap_or(base.scheme),
            interface: self.interface.unwrap_or(base.interface),
            weights: self.weights.unwrap_or(base.weights),
            dense_weights: self.dense_weights.unwrap_or(base.dense_weights),
            weight_bits: self.weight_bits.unwrap_or(base.weight_bits),
            calibration: self.calibration.unwrap_or(base.calibration),
            percentile: self.percentile.unwrap_or(base.percentile),
            samples: self.samples.map_or(base.samples, NonZero::get),
            equalize: base.equalize && !self.no_equalize,
            rounding: self.rounding.unwrap_or(base.rounding),
            correct_bias: base.correct_bias && !self.no_correct_bias,
            keep_float: self.keep_float.iter().map(|name| layer("--keep-float", name)).collect::<Result<_, _>>()?,
            layers: layers
                .into_iter()
                .map(|(name, options)| Ok((layer("--layer", &name)?, options)))
                .collect::<Result<_, Failure>>()?,
        })
    }
}

#[derive(Debug, Serialize)]
struct Report {
    quantization: quantize::Report,
    #[serde(flatten)]
    made: Made,
}

impl Quantize {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let making = self.make.open(&context.cancel)?;
        let options = self.options.options(&making)?;
        let calibration = making.choice(options.samples);
        let metadata = making.told();
        let recipe = Recipe { calibration, quantize: Some(options), metadata, ..Recipe::default() };
        let (made, details) = making.finish(recipe, &self.make)?;
        self.make.page(&made, sections(&details.summaries))?;
        context.format.print(&Report { quantization: details.summaries.quantize.unwrap_or_default(), made })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", layers(&self.quantization))?;
        write!(f, "{}", self.made)
    }
}

/// What quantization did, as sections of a page.
pub(super) fn sections(summaries: &Summaries) -> Vec<Section> {
    let section = |report| Section::new("Quantized layers").table("What became of each layer", layers(report));
    summaries.quantize.iter().map(section).collect()
}

/// What became of each layer.
pub(super) fn layers(report: &quantize::Report) -> Table {
    let mut table = Table::new(&[
        ("Layer", Align::Wrap),
        ("Operator", Align::Left),
        ("Range", Align::Right),
        ("By", Align::Left),
        ("Clipped", Align::Right),
        ("SQNR", Align::Right),
    ]);
    let names = layer_names(report.layers.iter().map(|layer| layer.node.as_str()));
    for (layer, name) in report.layers.iter().zip(names) {
        let range = layer.range.map_or_else(|| "float".to_owned(), |r| format!("{:.3} to {:.3}", r.min, r.max));
        let by = match serde_json::to_value(layer.calibration) {
            Ok(serde_json::Value::String(name)) if layer.range.is_some() => name,
            _ => String::new(),
        };
        table.row([name, layer.op.clone(), range, by, small_percent(layer.clipped), decibels(layer.sqnr_db)]);
    }
    table
}
