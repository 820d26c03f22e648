//! Measures what pruning costs when nothing is trained afterwards:
//! `cargo run --release -p mote-models --example measure_pruning [kws|vww|digits]`.
//!
//! Reads the folder of test data (`MOTE_TESTDATA`, or `../shared/testdata` beside the checkout) and prints a table, accuracy by
//! bytes by multiply-accumulates: magnitude pruning of weights to 50, 70 and 80 %, channel pruning to half the
//! multiply-accumulates, each as it is and refitted. Each network is pruned as float32, and the result is measured so and as int8.
//! The samples by which channels are chosen, weights refitted and ranges calibrated are left out of the accuracy.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{Result, testdata};
use mote_models::graph::Graph;
use mote_models::judge::{Accuracy, Size, TestSet, evaluate};
use mote_models::progress::Silent;
use mote_models::prune::{activity, channels, refit, weights};
use mote_models::run::{Engine, Native};
use mote_models::samples::Inputs;
use mote_models::{export, import, passes, quantize, zoo};

/// What counts as near zero, of activations of about 1.
const EPSILON: f32 = 1e-3;

fn main() -> Result<()> {
    let only = std::env::args().nth(1);
    let folder = testdata();
    println!(
        "| network | pruned | top-1 float32 | top-1 int8 | zeros | parameters | MACs | float32 bytes | gzip | int8 bytes | gzip |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (name, network) in [("kws", kws as fn(&Path) -> Result<Network>), ("vww", vww), ("digits", digits)] {
        if only.as_ref().is_none_or(|only| only == name) {
            let network = network(&folder)?;
            for (name, how, refits) in hows() {
                println!("{}", network.row(&name, &how, refits)?);
            }
        }
    }
    Ok(())
}

/// How a network is pruned.
enum How {
    Not,
    Weights(weights::Options),
    Channels(channels::Options),
}

/// Each way with its name, and whether it is refitted.
fn hows() -> Vec<(String, How, bool)> {
    let mut hows = vec![("not".to_owned(), How::Not, false)];
    for refits in [false, true] {
        let after = if refits { ", refitted" } else { "" };
        for pattern in ["unstructured", "kernels"] {
            for sparsity in [0.5, 0.7, 0.8] {
                let pattern = pattern.parse().expect("a pattern");
                let options = weights::Options { sparsity, pattern, ..weights::Options::default() };
                let name = format!("weights {:.0} %, {pattern}{after}", sparsity * 100.0);
                hows.push((name, How::Weights(options), refits));
            }
        }
        for criterion in [channels::Criterion::L2, channels::Criterion::Activity] {
            let options = channels::Options { criterion, ..channels::Options::default() };
            let name = format!("channels, half the MACs, {criterion:?}{after}");
            hows.push((name, How::Channels(options), refits));
        }
    }
    hows
}

/// A float32 network with its samples.
struct Network {
    name: &'static str,
    graph: Graph,
    /// Those by which it is pruned and quantized.
    seen: TestSet,
    /// Those by which it is judged.
    unseen: TestSet,
}

impl Network {
    fn new(name: &'static str, file: &[u8], set: &TestSet, is_seen: impl Fn(usize) -> bool) -> Result<Self> {
        let pick = |seen: bool| set.take(&(0..set.len()).filter(|&i| is_seen(i) == seen).collect::<Vec<_>>());
        Ok(Self { name, graph: passes::simplify(import::tflite(file)?)?, seen: pick(true), unseen: pick(false) })
    }

    fn samples(&self) -> Result<Inputs> {
        let file = export::tflite(&self.graph)?;
        let run = Native.load(&file)?;
        Ok(Inputs::new(&run.description().inputs, self.seen.arrays().to_vec())?)
    }

    fn prune(&self, how: &How, refits: bool) -> Result<Graph> {
        let graph = self.graph.clone();
        let (pruned, removed) = match how {
            How::Not => (graph, BTreeMap::new()),
            How::Weights(options) => (weights::prune(graph, options)?.0, BTreeMap::new()),
            How::Channels(options) => {
                let activity = activity::measure(&Native, &graph, &self.samples()?, EPSILON, &Silent)?;
                let (graph, summary) = channels::prune(graph, options, Some(&activity))?;
                if std::env::var_os("MOTE_MEASURE_LAYERS").is_some() {
                    for layer in &summary.layers {
                        let channels::LayerSummary { name, channels_before, channels_after, fixed, folded, .. } = layer;
                        eprintln!("{name}: {channels_before} to {channels_after}, {folded:?} {fixed:?}");
                    }
                }
                (graph, summary.removed())
            }
        };
        if !refits {
            return Ok(pruned);
        }
        Ok(refit(&Native, &self.graph, pruned, &removed, &self.samples()?, &Silent)?)
    }

    fn row(&self, name: &str, how: &How, refits: bool) -> Result<String> {
        let graph = self.prune(how, refits)?;
        let quantized = quantize::run(&Native, &graph, &self.samples()?, &quantize::Options::default(), &Silent)?.graph;
        let measured = [graph, quantized].map(|graph| self.measure(&graph));
        let [(float, size), (int8, small)] = match measured {
            [Ok(float), Ok(int8)] => [float, int8],
            [Err(error), _] | [_, Err(error)] => return Err(error),
        };
        let weights = size.weights.unwrap_or_default();
        let (zeros, parameters, macs) = (weights.sparsity() * 100.0, weights.parameters, size.macs);
        Ok(format!(
            "| {} | {name} | {float:.4} | {int8:.4} | {zeros:.1} % | {parameters} | {macs} | {} | {} | {} | {} |",
            self.name, size.file_bytes, size.gzip_bytes, small.file_bytes, small.gzip_bytes
        ))
    }

    fn measure(&self, graph: &Graph) -> Result<(f64, Size)> {
        let file = export::tflite(graph)?;
        let evaluation = evaluate(&Native, &file, &self.unseen, &Silent)?;
        let accuracy = Accuracy::of(&self.unseen, &evaluation.predictions)?;
        Ok((accuracy.score(), Size::of(&file, &evaluation.description, Some(graph))))
    }
}

fn kws(folder: &Path) -> Result<Network> {
    let file = fs::read(folder.join("models/tflite/kws_dscnn_float.tflite"))?;
    Network::new("KWS", &file, &common::kws(folder)?, |i| i % 5 == 0)
}

fn vww(folder: &Path) -> Result<Network> {
    let file = fs::read(folder.join("models/tflite/vww_mobilenetv1_float.tflite"))?;
    Network::new("VWW", &file, &common::vww(folder)?, |i| i % 2 == 1)
}

fn digits(_: &Path) -> Result<Network> {
    let set = zoo::DIGITS.test_set()?;
    Network::new("digits", zoo::DIGITS.float, &TestSet::try_from(set)?, |i| i % 4 == 0)
}
