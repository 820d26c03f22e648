//! An autopsy, as tables and as sections of a page.

use mote_models::judge::autopsy::{Autopsy, Layer};

use super::html::Section;
use super::html::plot::bars::Bars;
use super::html::plot::histogram::Histogram;
use super::html::plot::ranges::Ranges;
use super::html::plot::{Axis, Emphasis, Plot};
use super::judged::decibels;
use super::{Align, Table, activity, layer_names, percent, small_percent};

/// Layers less like the original's than this many dB are drawn as bad: one part of noise in a hundred.
const LOW_DB: f64 = 20.0;

/// Layers that clip more than this share of their values are drawn as bad.
const CLIPPED: f64 = 0.01;

/// Samples whose class changed that are told one by one; the JSON has them all.
const FLIPS: usize = 20;

/// How near the outputs are, in words.
#[must_use]
pub fn fidelity(autopsy: &Autopsy) -> String {
    let outputs = match autopsy.fidelity.sqnr_db {
        None => "The outputs are equal".to_owned(),
        Some(db) => format!("The outputs' signal to noise is {db:.1} dB"),
    };
    match autopsy.fidelity.agreement {
        Some(share) => format!("{outputs}; {} of the samples keep their class.", percent(share)),
        None => format!("{outputs}."),
    }
}

/// The samples whose class changed, by index.
#[must_use]
pub fn flips(autopsy: &Autopsy) -> Option<String> {
    let flip = |f: &mote_models::judge::Flip| format!("{} ({}: {} to {})", f.sample, f.truth, f.before, f.after);
    let first: Vec<_> = autopsy.flips.iter().take(FLIPS).map(flip).collect();
    let more = if autopsy.flips.len() > FLIPS { ", ..." } else { "" };
    (!first.is_empty())
        .then(|| format!("samples that changed (true class: before to after): {}{more}", first.join(", ")))
}

fn names(autopsy: &Autopsy) -> Vec<String> {
    layer_names(autopsy.layers.iter().map(|layer| layer.name.as_str()))
}

/// The layers in the order in which they run.
#[must_use]
pub fn layers(autopsy: &Autopsy) -> Table {
    let mut table = Table::new(&[
        ("Layer", Align::Wrap),
        ("SQNR", Align::Right),
        ("Cosine", Align::Right),
        ("Clipped", Align::Right),
        ("Values", Align::Right),
        ("Held", Align::Right),
        ("Alone", Align::Right),
    ]);
    for (layer, name) in autopsy.layers.iter().zip(names(autopsy)) {
        table.row([
            name,
            if layer.cosine.is_none() && layer.sqnr_db.is_none() { String::new() } else { decibels(layer.sqnr_db) },
            layer.cosine.map_or_else(String::new, |c| format!("{c:.4}")),
            small_percent(layer.clipped),
            layer.observed.to_string(),
            layer.representable.map_or_else(|| "float".to_owned(), |range| range.to_string()),
            layer.sensitivity.map_or_else(String::new, |s| decibels(s.output_sqnr_db)),
        ]);
    }
    table
}

/// The autopsy as sections of a page.
#[must_use]
pub fn sections(autopsy: &Autopsy) -> Vec<Section> {
    let mut findings = Section::new("Findings");
    findings.text = autopsy.findings.iter().map(ToString::to_string).chain(flips(autopsy)).collect();
    if findings.text.is_empty() {
        findings = findings.text("Nothing stands out.");
    }
    let mut layers = Section::new("Layers")
        .text(
            "SQNR is the signal of a layer's values over what the variant adds to it, with all that went before it \
             compressed too. Alone: the signal to noise of the model's output when only this layer is compressed; the lowest \
             one is where to start.",
        )
        .table("Layers in the order in which they run", layers(autopsy));
    let alone = "Signal to noise of the output, one layer compressed alone";
    let plots = [
        decibel_bars(autopsy, "Signal to noise of each layer", |layer| layer.sqnr_db),
        decibel_bars(autopsy, alone, |layer| layer.sensitivity.and_then(|s| s.output_sqnr_db)),
    ];
    layers.plots.extend(plots.into_iter().flatten());
    let mut sections = vec![findings, layers];
    let mut ranges = Ranges::new("Values in what each layer can hold");
    for (layer, name) in autopsy.layers.iter().zip(names(autopsy)) {
        if let Some(held) = layer.representable {
            let emphasis = if layer.clipped > CLIPPED { Emphasis::Bad } else { Emphasis::Usual };
            ranges.layer(name, (held.min, held.max), (layer.observed.min, layer.observed.max), emphasis);
        }
    }
    if !ranges.is_empty() {
        let text = "Grey is what calibration chose, the bar what the original's values are. A short bar wastes bits, one that \
                    goes beyond is clipped; red where that meets more than 1 % of the values.";
        sections.push(Section::new("Ranges").text(text).plot(ranges.draw()));
    }
    let mut weights = Section::new("Weights").text(
        "How often each value occurs among a layer's weights in the variant. Many zeros compress; one far outlier makes the \
         steps of all others coarse.",
    );
    for (layer, name) in autopsy.layers.iter().zip(names(autopsy)) {
        if let Some(found) = &layer.weights {
            let histogram = &found.after;
            let (range, counts) = ((histogram.min, histogram.max), histogram.counts.clone());
            let zeros = 1.0 - found.non_zeros as f64 / found.parameters.max(1) as f64;
            let title = format!("{name}, {} zeros", percent(zeros));
            weights = weights.plot(Histogram { title, range, counts }.draw());
        }
    }
    if !weights.plots.is_empty() {
        sections.push(weights);
    }
    sections.extend(activity::section(&autopsy.activity));
    sections
}

/// A bar for each layer that has a figure; none without any.
fn decibel_bars(autopsy: &Autopsy, title: &str, of: fn(&Layer) -> Option<f64>) -> Option<Plot> {
    let mut bars = Bars::new(title, Axis { name: "dB", show: |v| format!("{v:.0}") });
    for (layer, name) in autopsy.layers.iter().zip(names(autopsy)) {
        if let Some(value) = of(layer) {
            let emphasis = if value < LOW_DB { Emphasis::Bad } else { Emphasis::Usual };
            bars = bars.worded(name, value, format!("{value:.1} dB"), emphasis);
        }
    }
    (!bars.is_empty()).then(|| bars.draw())
}
