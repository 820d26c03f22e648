//! `mote prune`: fewer weights.

use std::fmt;

use clap::Args;
use mote_models::prune::Pattern;
use mote_models::prune::weights::{Norm, Options, Scope, Summary};
use mote_models::recipe::Recipe;
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, FailureKind};
use crate::report::{Align, Table, count, layer_names, percent};
use crate::work::choice::{Override, one_of, overrides, share};
use crate::work::making::{DATA_HELP, Made, MakeOptions, Making};

/// Prune a float model: its least important weights become 0
#[derive(Debug, Args)]
#[command(after_help = DATA_HELP)]
pub(super) struct Prune {
    #[command(flatten)]
    make: MakeOptions,
    #[command(flatten)]
    options: PruneOptions,
}

/// [`Options`] on the command line; what is not given is as in their default.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pruning")]
struct PruneOptions {
    /// Share of the weights that become 0 [default: 0.5]
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

impl PruneOptions {
    fn options(&self, making: &Making) -> Result<Options, Failure> {
        let base = Options::default();
        let layers = overrides(&self.layers).map_err(|e| Failure::new(FailureKind::Usage, "--layer", e))?;
        let layers = layers.into_iter().map(|(name, options)| Ok((making.layer("--layer", &name)?, options)));
        Ok(Options {
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

#[derive(Debug, Serialize)]
struct Report {
    pruning: Option<Summary>,
    #[serde(flatten)]
    made: Made,
}

impl Prune {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let making = self.make.open(&context.cancel)?;
        let prune_weights = Some(self.options.options(&making)?);
        let recipe = Recipe { prune_weights, ..Recipe::default() };
        let (made, details) = making.finish(recipe, &self.make)?;
        context.format.print(&Report { pruning: details.summaries.prune_weights, made })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(summary) = &self.pruning {
            writeln!(f, "{}", layers(summary))?;
        }
        write!(f, "{}", self.made)
    }
}

/// What became of each layer's weights.
pub(super) fn layers(summary: &Summary) -> Table {
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
