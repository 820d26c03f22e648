//! A search's outcome, as tables and as sections of a page.

use mote_models::search::{Bytes, Measured, Outcome, Trial};

use super::html::Section;
use super::html::plot::bars::Bars;
use super::html::plot::scatter::{Point, Scatter};
use super::html::plot::{Axis, Emphasis, Plot};
use super::{Align, Table, bytes, count, layer_names};

/// Per cent of zeros at which the page compares layers.
const PROBED: u8 = 50;

/// What the score is called.
fn score_name(outcome: &Outcome) -> &'static str {
    outcome.parts.first().map_or("score", |part| part.original.headline_name())
}

/// What no other trial beats, by its bytes; the winner is marked.
#[must_use]
pub fn front(outcome: &Outcome) -> Table {
    let mut table = trials_table(outcome);
    table.row(row("float32, as it came".into(), &outcome.original));
    for &k in &outcome.front {
        push(&mut table, outcome, k);
    }
    if let Some(k) = outcome.nearest.filter(|k| !outcome.front.contains(k)) {
        push(&mut table, outcome, k);
    }
    table
}

fn trials_table(outcome: &Outcome) -> Table {
    Table::new(&[
        ("Model", Align::Wrap),
        ("File", Align::Right),
        ("Gzip", Align::Right),
        ("Arena", Align::Right),
        ("MACs", Align::Right),
        (score_name(outcome), Align::Right),
    ])
}

fn push(table: &mut Table, outcome: &Outcome, k: usize) {
    let Trial { choices, measured, refused, .. } = &outcome.trials[k];
    let mark = match (outcome.winner, outcome.nearest) {
        (Some(winner), _) if winner == k => " *",
        (None, Some(nearest)) if nearest == k => " ~",
        _ => "",
    };
    match measured {
        Some(measured) => table.row(row(format!("{choices}{mark}"), measured)),
        None => {
            let why = refused.as_deref().unwrap_or_default();
            table.row([format!("{choices}: refused, {why}")]);
        }
    }
}

fn row(name: String, measured: &Measured) -> [String; 6] {
    let Measured { score, file_bytes, gzip_bytes, arena_bytes, macs, .. } = measured;
    [name, bytes(*file_bytes), bytes(*gzip_bytes), bytes(*arena_bytes), count(*macs), format!("{:.4}", score.abs())]
}

/// The float model and the winner on each part of the samples.
#[must_use]
pub fn parts(outcome: &Outcome) -> Table {
    let chosen = if outcome.winner.is_some() { "Winner *" } else { "Nearest ~" };
    let mut table = Table::new(&[
        ("Samples", Align::Left),
        ("", Align::Right),
        ("Float", Align::Right),
        (chosen, Align::Right),
        ("95 % interval", Align::Right),
    ]);
    for part in &outcome.parts {
        let (original, chosen) = (part.original.headline(), part.chosen.headline());
        table.row([
            part.name.clone(),
            part.samples.to_string(),
            format!("{:.4}", original.value),
            format!("{:.4}", chosen.value),
            format!("{:.4} to {:.4}", chosen.low, chosen.high),
        ]);
    }
    table
}

/// The outcome as sections of a page.
#[must_use]
pub fn sections(outcome: &Outcome, kind: Bytes) -> Vec<Section> {
    let front = Section::new("The front")
        .text(
            "Each point is a model that was made and run. The line joins those that no other beats in all of bytes, memory and \
             accuracy; the winner is marked with a star.",
        )
        .plot(plane(outcome, kind))
        .table("Models that no other beats, by their bytes", front(outcome));
    let judged = Section::new("The winner judged")
        .text("Only the test samples had no say in what was chosen: theirs is the figure to trust.")
        .table("The float model and the chosen one on each part of the samples", parts(outcome));
    let mut all = trials_table(outcome);
    for k in 0..outcome.trials.len() {
        push(&mut all, outcome, k);
    }
    let tried = Section::new("Everything tried").table("Models in the order in which they were tried", all);
    vec![front, judged, sensitivity(outcome), tried]
}

fn sensitivity(outcome: &Outcome) -> Section {
    const DB: Axis = Axis { name: "dB", show: |v| format!("{v:.0}") };
    let mut pruned = Bars::new(format!("Signal to noise of the output with {PROBED} % zeros in one layer"), DB);
    let mut quantized = Bars::new("Signal to noise of the output with one layer in int8", DB);
    let names = layer_names(outcome.probes.iter().map(|probe| probe.layer.as_str()));
    for (probe, name) in outcome.probes.iter().zip(names) {
        let add = |bars: Bars, noise: f64| {
            let db = -10.0 * noise.log10();
            let shown = if noise > 0.0 { format!("{db:.1} dB") } else { "exact".to_owned() };
            bars.worded(name.clone(), db, shown, Emphasis::Usual)
        };
        if let Some((_, noise)) = probe.sparsity.iter().find(|(percent, _)| *percent == PROBED) {
            pruned = add(pruned, *noise);
        }
        if let Some(noise) = probe.int8 {
            quantized = add(quantized, noise);
        }
    }
    Section::new("Sensitivity")
        .text("What a layer costs when it alone is compressed. The search prunes layers of long bars first.")
        .plot(pruned.draw())
        .plot(quantized.draw())
}

/// Accuracy against bytes.
fn plane(outcome: &Outcome, kind: Bytes) -> Plot {
    let x = Axis {
        name: match kind {
            Bytes::File => "bytes of the file",
            Bytes::Gzip => "bytes of the file after gzip",
        },
        show: |v| bytes(v.max(0.0) as u64),
    };
    let name = score_name(outcome);
    let y = Axis { name, show: |v| format!("{v:.3}") };
    let mut scatter = Scatter::new(format!("{name} against bytes"), x, y);
    let point = |name: String, measured: &Measured, emphasis, named, on_line| Point {
        name,
        x: measured.bytes(kind) as f64,
        y: measured.score.abs(),
        interval: None,
        emphasis,
        named,
        on_line,
    };
    scatter.point(point("float32".into(), &outcome.original, Emphasis::Faint, true, false));
    for (k, trial) in outcome.trials.iter().enumerate() {
        let Some(measured) = &trial.measured else { continue };
        let (on_front, winner) = (outcome.front.contains(&k), outcome.winner == Some(k));
        let emphasis = if winner || on_front { Emphasis::Good } else { Emphasis::Usual };
        let name = if winner { format!("★ {}", trial.choices) } else { trial.choices.to_string() };
        scatter.point(point(name, measured, emphasis, winner, on_front));
    }
    scatter.draw()
}
