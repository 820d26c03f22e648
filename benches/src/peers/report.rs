//! The figures of both suites as one JSON and one Markdown file.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fmt, fs, io};

use serde::{Deserialize, Serialize};

use super::contestant::{Label, Place};
use super::measured::Measured;
use crate::forms::onnx::Form;
use crate::guests::BUILDS;
use crate::peak;

/// What a suite found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Where and with what.
    pub conditions: Conditions,
    /// Who was measured.
    pub measured: Vec<Measured>,
    /// Who was not, and why.
    pub not_measured: Vec<NotMeasured>,
    /// Milliseconds from a model's bytes to its first answer, in a browser's page.
    pub first_answers: Vec<FirstAnswer>,
}

/// A contestant that did not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotMeasured {
    /// The network.
    pub case: String,
    /// Who.
    #[serde(flatten)]
    pub label: Label,
    /// What it said.
    pub why: String,
}

/// A first answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirstAnswer {
    /// The network.
    pub case: String,
    /// Who.
    #[serde(flatten)]
    pub label: Label,
    /// Milliseconds.
    pub millis: f64,
}

/// The machine and the builds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// The processor, as the system names it.
    pub processor: String,
    /// How many of them this process may use.
    pub cores: usize,
    /// The system.
    pub system: String,
    /// The commit that was measured.
    pub commit: String,
    /// The compiler of host and guest.
    pub rustc: String,
    /// wasmtime's version.
    pub wasmtime: String,
    /// The browser, as it names itself.
    pub browser: Option<String>,
    /// Bytes of the guest's builds.
    pub guests: Vec<(String, usize)>,
    /// Multiply-accumulates a second of the 128-bit unit at most, in thousand millions.
    pub peak_gmacs: Option<f64>,
}

impl Conditions {
    /// Those of this process.
    #[must_use]
    pub fn here() -> Self {
        let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
        let processor = read("/proc/cpuinfo")
            .lines()
            .find_map(|l| Some(l.strip_prefix("model name")?.trim_start_matches([' ', '\t', ':']).to_owned()));
        let commit = Command::new("git")
            .args(["describe", "--always", "--dirty"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output();
        Self {
            processor: processor.unwrap_or_else(|| env::consts::ARCH.into()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", env::consts::OS, read("/proc/sys/kernel/osrelease").trim()),
            commit: commit.map_or_else(|_| "unknown".into(), |o| String::from_utf8_lossy(&o.stdout).trim().into()),
            rustc: env!("MOTE_BENCHES_RUSTC").into(),
            wasmtime: locked(include_str!("../../../Cargo.lock"), "wasmtime").unwrap_or_default(),
            browser: None,
            guests: BUILDS.iter().map(|(name, wasm)| ((*name).into(), wasm.len())).collect(),
            peak_gmacs: peak::macs_per_second().map(|macs| macs / 1e9),
        }
    }
}

/// The version of a package in a lock file.
#[must_use]
pub fn locked(lock: &str, package: &str) -> Option<String> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0.into())
}

/// Where figures are kept.
#[must_use]
pub fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target")).join("bench-peers")
}

impl Report {
    /// Keeps a suite's figures under its name, and writes the summary of what all suites have kept.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn keep(&self, suite: &str) -> io::Result<PathBuf> {
        let folder = folder();
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("{suite}.json")), serde_json::to_vec_pretty(self)?)?;
        let kept = |suite: &str| serde_json::from_slice(&fs::read(folder.join(format!("{suite}.json"))).ok()?).ok();
        let all: Vec<(&str, Report)> = super::SUITES.iter().filter_map(|&suite| Some((suite, kept(suite)?))).collect();
        fs::write(
            folder.join("summary.json"),
            serde_json::to_vec_pretty(&all.iter().cloned().collect::<std::collections::BTreeMap<_, _>>())?,
        )?;
        let summary = folder.join("summary.md");
        fs::write(&summary, all.iter().map(|(_, report)| report.markdown()).collect::<Vec<_>>().join("\n"))?;
        Ok(summary)
    }

    /// The figures for people.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = self.heading();
        let mut cases: Vec<&str> = self.measured.iter().map(|m| m.case.as_str()).collect();
        cases.dedup();
        for place in [Place::Wasmtime, Place::Native, Place::Chromium] {
            text += &self.ratios(place, &cases).unwrap_or_default();
        }
        if let Some(peak) = self.conditions.peak_gmacs {
            text += &self.floors(peak, &cases);
        }
        if !self.first_answers.is_empty() {
            text += "\n| first answer, from the model's bytes | ms |\n| --- | ---: |\n";
            for answer in &self.first_answers {
                let _ = writeln!(
                    text,
                    "| {}, {} {} | {:.1} |",
                    answer.case, answer.label.runtime, answer.label.form, answer.millis
                );
            }
        }
        text + &self.details()
    }

    fn heading(&self) -> String {
        let Conditions { processor, cores, system, commit, rustc, wasmtime, browser, guests, peak_gmacs } =
            &self.conditions;
        let guests: Vec<_> = guests.iter().map(|(name, bytes)| format!("{name} {bytes} bytes")).collect();
        let place = browser.clone().unwrap_or_else(|| format!("wasmtime {wasmtime}"));
        let peak = peak_gmacs.map_or_else(String::new, |peak| format!("; 128-bit peak {peak:.1} GMAC/s"));
        format!(
            "## {place}\n\n{processor}, {cores} cores, {system}{peak}. Mote {commit}, {rustc}; guest: {}. One thread, batch 1; runtimes take turns.\n",
            guests.join(", ")
        )
    }

    /// Our fastest figure of a case that a suite has.
    fn ours(&self, case: &str) -> Option<&Measured> {
        // What a gateway runs unless it is told otherwise.
        let default = |m: &&Measured| m.case == case && m.label.runtime == OURS && m.label.form == BUILDS[0].0;
        self.measured.iter().find(default)
    }

    /// A peer's fastest figure of a case whose answers hold, among its forms with integers or without.
    fn best(&self, case: &str, runtime: &str, place: Place, precision: Precision) -> Option<&Measured> {
        let of = |m: &&Measured| m.case == case && m.label.runtime == runtime && m.label.place == place;
        let valid = self.measured.iter().filter(of).filter(|m| precision.has(m) && m.agreement.holds());
        valid.min_by(|a, b| a.times.median_us.total_cmp(&b.times.median_us))
    }

    fn ratios(&self, place: Place, cases: &[&str]) -> Option<String> {
        let mut peers: Vec<(&str, Precision)> = Vec::new();
        for measured in self.measured.iter().filter(|m| m.label.place == place && m.label.runtime != OURS) {
            let peer = (measured.label.runtime.as_str(), Precision::of(measured));
            if !peers.contains(&peer) {
                peers.push(peer);
            }
        }
        let has_ours = self.measured.iter().any(|m| m.label.place == place && m.label.runtime == OURS);
        if peers.is_empty() && !has_ours {
            return None;
        }
        let builds = BUILDS.map(|(name, _)| name);
        let mut text = format!("\n| median, µs | Mote {} |", builds.join(" | Mote "));
        for (peer, precision) in &peers {
            let _ = write!(text, " {peer}, {place}, {precision} | times ours |");
        }
        let _ = write!(text, "\n| --- |{}\n", " ---: |".repeat(builds.len() + 2 * peers.len()));
        for case in cases {
            let Some(ours) = self.ours(case) else { continue };
            let _ = write!(text, "| {case} |");
            for build in builds {
                let is_build = |m: &&Measured| m.case == *case && m.label.runtime == OURS && m.label.form == build;
                let found = self.measured.iter().find(is_build);
                let _ = write!(text, " {} |", found.map_or_else(|| "-".into(), |m| us(m.times.median_us)));
            }
            for &(peer, precision) in &peers {
                match self.best(case, peer, place, precision) {
                    Some(best) => {
                        let ratio = best.times.median_us / ours.times.median_us;
                        let _ = write!(text, " {} ({}) | **{ratio:.2}** |", us(best.times.median_us), best.label.form);
                    }
                    None => text += " no right answer | |",
                }
            }
            text.push('\n');
        }
        Some(text)
    }

    /// What the 128-bit unit would take if it did nothing but multiply and add.
    fn floors(&self, peak_gmacs: f64, cases: &[&str]) -> String {
        let mut text = String::from(
            "\n| limit | MACs | at the 128-bit peak, µs | Mote, µs | of the peak | GMAC/s |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for case in cases {
            let Some(ours) = self.ours(case) else { continue };
            let floor = ours.macs as f64 / (peak_gmacs * 1e3);
            let median = ours.times.median_us;
            let rate = ours.macs as f64 / median / 1e3;
            let _ = writeln!(
                text,
                "| {case} | {} | {} | {} | {:.0} % | {rate:.1} |",
                ours.macs,
                us(floor),
                us(median),
                100.0 * floor / median
            );
        }
        text
    }

    fn details(&self) -> String {
        let mut text = String::from(
            "\n<details><summary>all figures</summary>\n\n| network | runtime | where | form | median | fastest | p95 | runs | same class | largest difference, steps |\n| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for Measured { case, label, times, agreement, .. } in &self.measured {
            let classes = agreement.classes.map_or_else(String::new, |(same, all)| format!("{same} of {all}"));
            let _ = writeln!(
                text,
                "| {case} | {} {} | {} | {} | {} | {} | {} | {} | {classes} | {:.1} |",
                label.runtime,
                label.version,
                label.place,
                label.form,
                us(times.median_us),
                us(times.min_us),
                us(times.p95_us),
                times.runs,
                agreement.max_steps
            );
        }
        for NotMeasured { case, label, why } in &self.not_measured {
            let why: String = why.replace(['|', '\n'], " ").chars().take(100).collect();
            let _ = writeln!(
                text,
                "| {case} | {} {} | {} | {} | {why} | | | | | |",
                label.runtime, label.version, label.place, label.form
            );
        }
        text + "\n</details>\n"
    }
}

/// What a form computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Precision {
    Int8,
    Float32,
}

impl Precision {
    fn of(measured: &Measured) -> Self {
        if measured.label.form == Form::Float.name() { Self::Float32 } else { Self::Int8 }
    }

    fn has(self, measured: &Measured) -> bool {
        Self::of(measured) == self
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int8 => "int8",
            Self::Float32 => "float32",
        })
    }
}

/// Our name in the figures.
pub const OURS: &str = "mote";

/// Microseconds in three digits.
fn us(us: f64) -> String {
    match us {
        0.0..10.0 => format!("{us:.2}"),
        10.0..100.0 => format!("{us:.1}"),
        _ => format!("{us:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::measured::{Agreement, Times};

    fn measured(runtime: &str, place: Place, form: &str, median_us: f64, mean_steps: f32) -> Measured {
        let label = Label { runtime: runtime.into(), version: "1".into(), place, form: form.into() };
        let times = Times { runs: 3, min_us: median_us, median_us, p95_us: median_us };
        let agreement = Agreement { classes: None, max_steps: mean_steps, mean_steps };
        Measured { case: "net".into(), macs: 1000, label, times, agreement }
    }

    #[test]
    fn a_peer_is_measured_by_the_fastest_of_its_forms_that_answers_right() {
        let report = Report {
            conditions: Conditions { peak_gmacs: Some(10.0), ..Conditions::here() },
            measured: vec![
                measured(OURS, Place::Wasmtime, "simd128", 2.0, 0.0),
                measured("rten", Place::Wasmtime, "qdq", 1.0, 99.0),
                measured("rten", Place::Wasmtime, "qlinear", 8.0, 1.0),
                measured("rten", Place::Wasmtime, "integer", 5.0, 1.0),
                measured("tract", Place::Native, "float", 3.0, 1.0),
            ],
            not_measured: Vec::new(),
            first_answers: Vec::new(),
        };
        let text = report.markdown();
        assert!(text.contains("| net | 2.00 | - | 5.00 (integer) | **2.50** |"), "{text}");
        assert!(text.contains("| net | 2.00 | - | 3.00 (float) | **1.50** |"), "{text}");
        assert!(text.contains("| net | 1000 | 0.10 | 2.00 | 5 % | 0.5 |"), "{text}");
    }

    #[test]
    fn versions_are_read_from_a_lock_file() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.2\"\n\n[[package]]\nname = \"b\"\nversion = \"3\"\n";
        assert_eq!((locked(lock, "b").as_deref(), locked(lock, "c")), (Some("3"), None));
    }
}
