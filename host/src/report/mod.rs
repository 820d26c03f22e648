//! Results: one value a command, which serde turns into JSON and `Display` into tables.
//!
//! Figures of `mote-models` are put into words by `mote-report`, which the page shares. Here are [`made`], what a command made of
//! a model, and who reads what is printed.

pub mod made;

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

use crate::failure::{Failure, FailureKind};

pub use mote_report::{
    Align, Table, activity, autopsied, bytes, count, duration, extents, html, judged, layer_names, paragraph, percent,
    rate, searched, small_percent,
};

/// Who reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// People: tables.
    Text,
    /// Programs: JSON, one value.
    Json,
}

impl Format {
    /// Writes a report to standard output. A reader that has gone away is no failure.
    pub fn print(self, report: &(impl Serialize + Display)) -> Result<(), Failure> {
        let text = match self {
            Format::Text => report.to_string(),
            Format::Json => {
                serde_json::to_string_pretty(report).map_err(|e| Failure::new(FailureKind::Work, "report", e))?
            }
        };
        match writeln!(io::stdout().lock(), "{}", text.trim_end()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::new(FailureKind::Work, "standard output", e))
            }
            _ => Ok(()),
        }
    }

    /// Writes a failure to standard error.
    pub fn print_failure(self, failure: &Failure) {
        match (self, &failure.remedy) {
            (Format::Json, _) => eprintln!("{}", serde_json::json!({ "error": failure })),
            (Format::Text, None) => eprintln!("error: {failure}"),
            (Format::Text, Some(remedy)) => eprintln!("error: {failure}\n  help: {remedy}"),
        }
    }
}
