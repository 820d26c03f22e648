//! Headings, durations and the closing table of a long run.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it was done.
    Passed,
    /// Something could not be done here; what, and why.
    Partly(String),
    /// It failed, and the run ended with it.
    Failed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("ok"),
            Self::Partly(what) => write!(f, "ok, but {what}"),
            Self::Failed => f.write_str("FAILED"),
        }
    }
}

/// The steps of one run, so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<(&'static str, Duration, Outcome)>,
}

impl Steps {
    /// Runs a step under its heading. A failure prints the table: the run ends there.
    pub(crate) fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.step_with(name, || Ok((work()?, Outcome::Passed)))
    }

    /// The same for a step that says itself how complete it was.
    pub(crate) fn step_with<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(T, Outcome)>,
    ) -> Result<T> {
        println!("\n=== {name}");
        let started = Instant::now();
        let result = work();
        let outcome = result.as_ref().map_or(Outcome::Failed, |(_, outcome)| outcome.clone());
        println!("=== {name}: {outcome}, {}", seconds(started.elapsed()));
        self.done.push((name, started.elapsed(), outcome));
        match result {
            Ok((value, _)) => Ok(value),
            Err(error) => {
                self.summary();
                Err(error).context(name)
            }
        }
    }

    /// Prints the closing table.
    pub(crate) fn summary(&self) {
        println!("\n{self}");
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.done.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        for (name, duration, outcome) in &self.done {
            writeln!(f, "{name:width$}  {:>8}  {outcome}", seconds(*duration))?;
        }
        let total = self.done.iter().map(|(_, duration, _)| *duration).sum();
        write!(f, "{:width$}  {:>8}", "total", seconds(total))
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failed_step_is_named_in_the_error_and_in_the_table() {
        let mut steps = Steps::default();
        steps.step("one", || Ok(())).unwrap();
        let error = steps.step("two", || -> Result<()> { bail!("broken") }).unwrap_err();
        assert_eq!(format!("{error:#}"), "two: broken");
        let outcomes: Vec<_> = steps.done.iter().map(|(name, _, outcome)| (*name, outcome.clone())).collect();
        assert_eq!(outcomes, [("one", Outcome::Passed), ("two", Outcome::Failed)]);
        assert!(steps.to_string().contains("FAILED"));
    }
}
