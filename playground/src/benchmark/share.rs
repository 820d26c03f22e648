//! Results to be shared: a table for people, JSON for programs.

use super::{Benchmark, Row};
use crate::format;

/// The version of Mote that measured.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// All that was found, as a Markdown table with what it stands for.
#[must_use]
pub fn markdown(benchmark: &Benchmark) -> String {
    let mut text = format!("Mote {VERSION} in this browser\n\n");
    if let Some(machine) = &benchmark.machine {
        text += &format!("{machine}\n\n");
    }
    text += "| model | build | median | 5–95 % | MAC/s | of the peak | from nothing to the first answer |\n";
    text += "| --- | --- | ---: | ---: | ---: | ---: | ---: |\n";
    for Row { model, measured } in &benchmark.rows {
        for times in &measured.builds {
            let run = &times.run;
            let of_peak = benchmark.share_of_peak(measured, times).map_or_else(|| "–".into(), format::percent);
            text += &format!(
                "| {} | {} | {} | {}–{} | {} | {of_peak} | {} |\n",
                model.replace('|', "\\|"),
                times.label(),
                format::millis(run.median),
                format::millis(run.low),
                format::millis(run.high),
                rate(measured.macs, run.median),
                format::millis(times.start.total()),
            );
        }
    }
    if let Some(peak) = benchmark.peak {
        text += &format!("\nPeak of this browser's 128-bit SIMD: {}MAC/s", prefixed(peak.simd128));
        if let Some(relaxed) = peak.relaxed {
            text += &format!("; of its relaxed dot product: {}MAC/s", prefixed(relaxed));
        }
        text += ".\n";
    }
    text
}

/// All that was found, as JSON.
#[must_use]
pub fn json(benchmark: &Benchmark) -> String {
    let Benchmark { machine, peak, rows, work: _ } = benchmark;
    let value = serde_json::json!({
        "mote": VERSION,
        "machine": machine,
        "peak_macs_per_second": peak,
        "unit_of_times": "ms",
        "models": rows,
    });
    format!("{value:#}\n")
}

/// Multiply-accumulates a second of a run that takes so long, for people.
#[must_use]
pub fn rate(macs: u64, millis: f64) -> String {
    match macs {
        0 => "–".into(),
        _ => format!("{}MAC/s", prefixed(macs as f64 / (millis / 1000.0))),
    }
}

/// A rate with its prefix, to be followed by a unit.
pub(crate) fn prefixed(rate: f64) -> String {
    let text = format::count(rate as u64);
    if text.ends_with(|c: char| c.is_ascii_digit()) { format!("{text} ") } else { text }
}

#[cfg(test)]
mod tests {
    use mote_abi::Build;

    use super::*;
    use crate::benchmark::Machine;
    use crate::benchmark::peak::Peak;
    use crate::benchmark::suite::{BuildTimes, Measured, RunTime, Start};
    use crate::protocol::Kernels;

    fn benchmark() -> Benchmark {
        let times = |kernels, median: f64| BuildTimes {
            kernels,
            build: Build::Simd128,
            start: Start { compile: 4.0, instantiate: 0.1, load: 0.5, first_run: 0.4 },
            run: RunTime { median, low: 0.9 * median, high: 1.25 * median, blocks: 40, runs: 800 },
        };
        let builds = vec![times(Kernels::Simd128, 0.1), times(Kernels::Reference, 2.0)];
        let measured = Measured { macs: 1_000_000, float: false, file_bytes: 20_000, builds };
        let float = Measured { float: true, ..measured.clone() };
        Benchmark {
            machine: Some(Machine::of("Firefox/150.0 Linux", 4, "2026-01-02T03:04:05Z")),
            peak: Some(Peak { simd128: 40e9, relaxed: None }),
            rows: vec![Row { model: "a|b".into(), measured }, Row { model: "float".into(), measured: float }],
            ..Benchmark::default()
        }
    }

    #[test]
    fn the_table_says_what_was_measured_where() {
        let text = markdown(&benchmark());
        for line in [
            "Firefox 150 on Linux, 4 cores, 2026-01-02",
            "| a\\|b | SIMD128 | 100 µs | 90.0 µs–125 µs | 10.0 GMAC/s | 25.0 % | 5.00 ms |",
            "| a\\|b | scalar reference | 2.00 ms | 1.80 ms–2.50 ms | 500 MMAC/s | 1.2 % | 5.00 ms |",
            "| float | SIMD128 | 100 µs | 90.0 µs–125 µs | 10.0 GMAC/s | – | 5.00 ms |",
            "Peak of this browser's 128-bit SIMD: 40.0 GMAC/s.",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn programs_get_every_figure() {
        let benchmark = benchmark();
        let value: serde_json::Value = serde_json::from_str(&json(&benchmark)).unwrap();
        assert_eq!(value["mote"], VERSION);
        assert_eq!(value["peak_macs_per_second"]["simd128"], 40e9);
        let models: Vec<Row> = serde_json::from_value(value["models"].clone()).unwrap();
        assert_eq!(models, benchmark.rows);
        assert_eq!(value["models"][0]["builds"][0]["run"]["median"], 0.1);
    }
}
