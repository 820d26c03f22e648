//! Measures what a search finds: `cargo run --release -p mote-models --example measure_search [kws|vww|digits] [trials]`.
//!
//! Reads the folder of test data (`MOTE_TESTDATA`, or `../shared/testdata` beside the checkout). For each network: most bytes
//! after gzip are half of what plain int8 takes, at most one score point of a hundred may be lost on the validation part.
//! Prints the front, and the winner on each part of the samples.

mod common;

use std::fs;
use std::path::Path;

use common::{Result, testdata};
use mote_models::judge::{TestSet, gzip_bytes};
use mote_models::progress::Silent;
use mote_models::recipe::{Choice, Recipe, apply};
use mote_models::run::Native;
use mote_models::search::{Bytes, Constraints, Options, Outcome, Search};
use mote_models::{quantize, zoo};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let only = arguments.next();
    let trials = arguments.next().map_or(Ok(40), |trials| trials.parse())?;
    let folder = testdata();
    for (name, network) in [("kws", kws as fn(&Path) -> Result<Network>), ("vww", vww), ("digits", digits)] {
        if only.as_ref().is_none_or(|only| only == name) {
            let network = network(&folder)?;
            println!("\n## {name}\n\n{}", table(&network.search(trials)?));
        }
    }
    Ok(())
}

/// A float network and its samples.
struct Network {
    source: Vec<u8>,
    set: TestSet,
}

impl Network {
    fn search(&self, trials: usize) -> Result<Outcome> {
        let plain = Recipe {
            calibration: Choice { samples: 50, ..Choice::default() },
            quantize: Some(quantize::Options::plain()),
            ..Recipe::default()
        };
        let plain = apply(&Native, &self.source, self.set.arrays(), &plain, &Silent)?;
        let constraints = Constraints { bytes: Some(gzip_bytes(&plain.file) / 2), ram_bytes: None, drop: Some(0.01) };
        let options = Options { constraints, bytes: Bytes::Gzip, trials, ..Options::default() };
        Ok(Search::new(&self.source, &self.set, options)?.run(&Native, &Silent)?)
    }
}

fn table(outcome: &Outcome) -> String {
    let mut text = String::from(
        "| trial | choices | score | file | gzip | arena | MACs |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut row = |name: &str, choices: &str, m: &mote_models::search::Measured| {
        text += &format!(
            "| {name} | {choices} | {:.4} | {} | {} | {} | {} |\n",
            m.score, m.file_bytes, m.gzip_bytes, m.arena_bytes, m.macs
        );
    };
    row("-", "float32", &outcome.original);
    for &k in &outcome.front {
        let trial = &outcome.trials[k];
        let name = if outcome.winner == Some(k) { format!("**{k}**") } else { k.to_string() };
        if let Some(measured) = &trial.measured {
            row(&name, &trial.choices.to_string(), measured);
        }
    }
    let kept = if outcome.winner.is_some() { "winner" } else { "nearest (none keeps to the limits)" };
    text += &format!("\n{} tried; {kept}, by parts of the samples:\n\n", outcome.trials.len());
    for part in &outcome.parts {
        let (before, after) = (part.original.headline(), part.chosen.headline());
        text += &format!("- {} ({}): float32 {before}, chosen {after}\n", part.name, part.samples);
    }
    text
}

fn digits(_: &Path) -> Result<Network> {
    Ok(Network { source: zoo::DIGITS.float.to_vec(), set: zoo::DIGITS.test_set()?.try_into()? })
}

fn kws(folder: &Path) -> Result<Network> {
    let source = fs::read(folder.join("models/tflite/kws_dscnn_float.tflite"))?;
    Ok(Network { source, set: common::kws(folder)? })
}

fn vww(folder: &Path) -> Result<Network> {
    let source = fs::read(folder.join("models/tflite/vww_mobilenetv1_float.tflite"))?;
    Ok(Network { source, set: common::vww(folder)? })
}
