//! A judgement of models side by side, as tables and as sections of a page.

use std::time::Duration;

use mote_models::judge::{Accuracy, Estimate, Report, Variant};

use super::html::Section;
use super::html::plot::bars::Bars;
use super::html::plot::scatter::{Point, Scatter};
use super::html::plot::{Axis, Emphasis, Plot};
use super::numbers::three_digits;
use super::{Align, Table, bytes, count, duration, percent};

/// Samples whose class changed that are told one by one; the JSON has them all.
const FLIPS: usize = 12;

/// Figures of one variant, one for each row of the table.
type Row = (&'static str, fn(&Variant) -> Option<String>);

/// The figures side by side: a row for each, a column for each model.
#[must_use]
pub fn figures(report: &Report) -> Table {
    const ROWS: &[Row] = &[
        ("macro-F1", |v| match &v.accuracy {
            Accuracy::Classification { macro_f1, .. } => Some(short(macro_f1)),
            Accuracy::Anomaly { .. } | Accuracy::Regression { .. } => None,
        }),
        ("mean absolute error", |v| match &v.accuracy {
            Accuracy::Regression { mae, .. } => Some(short(mae)),
            Accuracy::Classification { .. } | Accuracy::Anomaly { .. } => None,
        }),
        ("same class as first", |v| v.change.as_ref().and_then(|c| c.fidelity.agreement).map(percent)),
        ("SQNR of the output", |v| v.change.as_ref().map(|c| decibels(c.fidelity.sqnr_db))),
        ("file", |v| Some(bytes(v.size.file_bytes))),
        ("file, gzipped", |v| Some(bytes(v.size.gzip_bytes))),
        ("weights, dense", |v| v.size.weights.map(|w| bytes(w.dense_bytes))),
        ("parameters", |v| v.size.weights.map(|w| count(w.parameters))),
        ("of them not 0", |v| v.size.weights.map(|w| percent(1.0 - w.sparsity()))),
        ("multiply-accumulates", |v| Some(count(v.size.macs))),
        ("arena", |v| Some(bytes(v.size.arena_bytes))),
        ("latency here, median", |v| v.latency_seconds.map(|s| duration(Duration::from_secs_f64(s)))),
        ("energy, estimated", |v| Some(joules(v.energy.total_nj()))),
    ];
    let titles = std::iter::once((String::new(), Align::Left));
    let mut table = Table::new(&titles.chain(names(report).into_iter().map(|n| (n, Align::Right))).collect::<Vec<_>>());
    let mut row = |title: &str, cell: &dyn Fn(&Variant) -> Option<String>| {
        let cells: Vec<_> = report.variants.iter().map(cell).collect();
        if cells.iter().any(Option::is_some) {
            table.row(std::iter::once(title.to_owned()).chain(cells.into_iter().map(Option::unwrap_or_default)));
        }
    };
    let headline = report.variants.first().map_or("", |v| v.accuracy.headline_name());
    row(headline, &|v| Some(short(&v.accuracy.headline())));
    row("  95 % interval", &|v| Some(interval(&v.accuracy.headline())));
    row("  better by", &|v| v.change.as_ref().map(|c| signed(c.score)));
    for (title, cell) in ROWS {
        row(title, cell);
    }
    table
}

/// Which board each model fits.
#[must_use]
pub fn boards(report: &Report) -> Table {
    let titles = std::iter::once(("Fits".to_owned(), Align::Wrap));
    let mut table = Table::new(&titles.chain(names(report).into_iter().map(|n| (n, Align::Right))).collect::<Vec<_>>());
    let devices = report.variants.first().map_or(0, |v| v.fits.len());
    for k in 0..devices {
        let name = report.variants[0].fits[k].device.clone();
        let fit = |v: &Variant| {
            let misfits: Vec<_> = v.fits[k].misfits.iter().map(|m| short_misfit(*m)).collect();
            if misfits.is_empty() { "yes".to_owned() } else { format!("no: {}", misfits.join(", ")) }
        };
        table.row(std::iter::once(name).chain(report.variants.iter().map(fit)));
    }
    table
}

fn short_misfit(misfit: mote_models::judge::Misfit) -> String {
    use mote_models::judge::Misfit;
    match misfit {
        Misfit::Flash { needed, there } => format!("{} flash of {}", bytes(needed), bytes(there)),
        Misfit::Ram { needed, there } => format!("{} RAM of {}", bytes(needed), bytes(there)),
    }
}

/// How each class fares: its recall in every model.
#[must_use]
pub fn classes(report: &Report) -> Table {
    let first = [("Class".to_owned(), Align::Left), ("Samples".to_owned(), Align::Right)];
    let names = names(report).into_iter().map(|n| (n, Align::Right));
    let mut table = Table::new(&first.into_iter().chain(names).collect::<Vec<_>>());
    let classes = |v: &Variant| match &v.accuracy {
        Accuracy::Classification { classes, .. } => classes.clone(),
        Accuracy::Anomaly { .. } | Accuracy::Regression { .. } => Vec::new(),
    };
    let all: Vec<_> = report.variants.iter().map(classes).collect();
    for (k, class) in all.first().into_iter().flatten().enumerate() {
        let name = class.name.clone().unwrap_or_else(|| class.class.to_string());
        let recall = |classes: &Vec<mote_models::judge::ClassAccuracy>| {
            classes.get(k).and_then(|c| c.recall).map_or_else(String::new, |r| percent(r.value))
        };
        let cells = [name, class.support.to_string()];
        table.row(cells.into_iter().chain(all.iter().map(recall)));
    }
    table
}

/// What became of the samples whose class changed, in words; one line a model.
#[must_use]
pub fn flips(report: &Report) -> Vec<String> {
    let line = |(variant, name): (&Variant, String)| {
        let flips = &variant.change.as_ref()?.flips;
        if flips.is_empty() {
            return matches!(variant.accuracy, Accuracy::Classification { .. })
                .then(|| format!("{name}: every sample keeps its class."));
        }
        let lost = flips.iter().filter(|f| f.before == f.truth).count();
        let won = flips.iter().filter(|f| f.after == f.truth).count();
        let first: Vec<_> = flips.iter().take(FLIPS).map(|f| f.sample.to_string()).collect();
        let more = if flips.len() > FLIPS { ", ..." } else { "" };
        let samples = if flips.len() == 1 { "sample changes its" } else { "samples change their" };
        Some(format!(
            "{name}: {} {samples} class, {lost} from right to wrong, {won} from wrong to right (at {}{more}).",
            flips.len(),
            first.join(", ")
        ))
    };
    report.variants.iter().zip(names(report)).filter_map(line).collect()
}

/// The judgement as sections of a page.
#[must_use]
pub fn sections(report: &Report) -> Vec<Section> {
    let energy = format!("Energy is an {}.", report.energy_source);
    let figures = Section::new("Side by side")
        .plot(trade_off(report))
        .table(format!("Figures over {} samples", report.samples), figures(report))
        .text("Intervals are two-sided and hold with 95 %. Models whose intervals overlap are not told apart by this set.")
        .text(energy);
    let cost =
        Section { plots: COSTS.iter().map(|cost| cost.draw(report)).collect(), ..Section::new("What each takes") };
    let mut sections = vec![figures, cost];
    let boards = boards(report);
    if !boards.is_empty() {
        let text = "Flash holds the file and an interpreter, RAM the arena and what the interpreter keeps; the program around \
                    the model comes on top.";
        sections.push(Section::new("Boards").text(text).table("Which board holds which model", boards));
    }
    let classes = classes(report);
    if !classes.is_empty() {
        let mut section = Section::new("Classes").table("Share of each class's samples that are told right", classes);
        section.text = flips(report);
        sections.push(section);
    }
    sections
}

/// The figures as comma-separated values, a row for each model: plain numbers in the units that the header names.
#[must_use]
pub fn csv(report: &Report) -> String {
    const HEADER: [&str; 16] = [
        "model",
        "metric",
        "value",
        "low_95",
        "high_95",
        "samples",
        "file_bytes",
        "gzip_bytes",
        "dense_bytes",
        "parameters",
        "non_zero_parameters",
        "arena_bytes",
        "macs",
        "latency_seconds",
        "energy_nj",
        "fits",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    let row = |variant: &Variant| {
        let Estimate { value, low, high } = variant.accuracy.headline();
        let weights = variant.size.weights;
        let optional = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        let fits: Vec<_> = variant.fits.iter().filter(|fit| fit.fits()).map(|fit| fit.device.as_str()).collect();
        [
            variant.name.clone(),
            variant.accuracy.headline_name().to_owned(),
            value.to_string(),
            low.to_string(),
            high.to_string(),
            report.samples.to_string(),
            variant.size.file_bytes.to_string(),
            variant.size.gzip_bytes.to_string(),
            optional(weights.map(|w| w.dense_bytes)),
            optional(weights.map(|w| w.parameters)),
            optional(weights.map(|w| w.non_zeros)),
            variant.size.arena_bytes.to_string(),
            variant.size.macs.to_string(),
            variant.latency_seconds.map_or_else(String::new, |seconds| seconds.to_string()),
            variant.energy.total_nj().to_string(),
            fits.join("; "),
        ]
    };
    let rows = std::iter::once(HEADER.map(str::to_owned)).chain(report.variants.iter().map(row));
    let written = rows.into_iter().try_for_each(|row| writer.write_record(row));
    let text = written.ok().and_then(|()| writer.into_inner().ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    text.expect("texts are written to memory, row by row of one length")
}

/// Something of which less is better.
struct Cost {
    title: &'static str,
    axis: Axis,
    of: fn(&Variant) -> f64,
}

const BYTES: Axis = Axis { name: "bytes", show: |v| bytes(v.max(0.0) as u64) };

const COSTS: [Cost; 4] = [
    Cost { title: "File", axis: BYTES, of: |v| v.size.file_bytes as f64 },
    Cost { title: "File, gzipped", axis: BYTES, of: |v| v.size.gzip_bytes as f64 },
    Cost { title: "Arena", axis: BYTES, of: |v| v.size.arena_bytes as f64 },
    Cost {
        title: "Multiply-accumulates",
        axis: Axis { name: "of one run", show: |v| count(v.max(0.0) as u64) },
        of: |v| v.size.macs as f64,
    },
];

impl Cost {
    fn draw(&self, report: &Report) -> Plot {
        let mut bars = Bars::new(self.title, self.axis);
        for (k, (variant, name)) in report.variants.iter().zip(names(report)).enumerate() {
            bars = bars.bar(name, (self.of)(variant), emphasis(k));
        }
        bars.draw()
    }
}

/// The original is there to compare with.
fn emphasis(k: usize) -> Emphasis {
    if k == 0 { Emphasis::Faint } else { Emphasis::Usual }
}

/// Accuracy against bytes.
fn trade_off(report: &Report) -> Plot {
    let headline = report.variants.first().map_or("accuracy", |v| v.accuracy.headline_name());
    let y = Axis { name: headline, show: |v| format!("{v:.3}") };
    let mut scatter = Scatter::new(format!("{headline} against bytes, with its 95 % interval"), BYTES, y);
    for (k, (variant, name)) in report.variants.iter().zip(names(report)).enumerate() {
        let Estimate { value, low, high } = variant.accuracy.headline();
        scatter.point(Point {
            name,
            x: variant.size.file_bytes as f64,
            y: value,
            interval: Some((low, high)),
            emphasis: emphasis(k),
            named: true,
            on_line: false,
        });
    }
    scatter.draw()
}

/// Names of the models without the folders that they share.
#[must_use]
pub fn names(report: &Report) -> Vec<String> {
    let file = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
    let short: Vec<_> = report.variants.iter().map(|v| file(&v.name)).collect();
    let unique = |name: &String| short.iter().filter(|other| *other == name).count() == 1;
    short.iter().zip(&report.variants).map(|(s, v)| if unique(s) { s.clone() } else { v.name.clone() }).collect()
}

/// `0.9084`.
fn short(estimate: &Estimate) -> String {
    format!("{:.4}", estimate.value)
}

/// `0.8800 to 0.9310`.
fn interval(Estimate { low, high, .. }: &Estimate) -> String {
    format!("{low:.4} to {high:.4}")
}

/// `+0.0020`.
fn signed(change: f64) -> String {
    format!("{change:+.4}")
}

/// `32.1 dB`; without noise there is no end to it.
#[must_use]
pub fn decibels(value: Option<f64>) -> String {
    value.map_or_else(|| "exact".to_owned(), |db| format!("{db:.1} dB"))
}

/// `1.23 µJ`.
fn joules(nano: f64) -> String {
    match nano {
        n if n >= 1e6 => format!("{} mJ", three_digits(n / 1e6)),
        n if n >= 1e3 => format!("{} µJ", three_digits(n / 1e3)),
        n => format!("{} nJ", three_digits(n)),
    }
}
