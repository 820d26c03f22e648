//! A program that runs one model and tells how long it took.
//!
//! It prints `ready VERSION` or `error WHAT`, and then answers lines: `run N` with the nanoseconds of N runs, `outputs` with
//! the numbers that come out for each input, one after the other. Between its turns it waits for a line, and takes no time.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};

/// A running program.
#[derive(Debug)]
pub struct Child {
    process: Process,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    version: String,
}

impl Child {
    /// Starts a program and waits until its model is loaded.
    ///
    /// # Errors
    /// What the program says, or that it cannot be started.
    pub fn start(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item: AsRef<OsStr>>) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|e| format!("{}: {e}", command.get_program().display()))?;
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("its output is piped"));
        let mut child = Self { process, requests, answers, version: String::new() };
        let first = child.line()?;
        child.version = first.strip_prefix("ready").ok_or_else(|| first.clone())?.trim().into();
        Ok(child)
    }

    /// What it says its runtime's version is.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Nanoseconds of some runs.
    ///
    /// # Errors
    /// When it does not answer with that many.
    pub fn times(&mut self, count: usize) -> Result<Vec<u64>, String> {
        let times = self.ask(&format!("run {count}"))?;
        if times.len() == count { Ok(times) } else { Err(format!("{} times for {count} runs", times.len())) }
    }

    /// What comes out for each input.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn outputs(&mut self) -> Result<Vec<f32>, String> {
        self.ask("outputs")
    }

    fn ask<T: std::str::FromStr>(&mut self, request: &str) -> Result<Vec<T>, String> {
        let requests = self.requests.as_mut().ok_or("it was stopped")?;
        writeln!(requests, "{request}").and_then(|()| requests.flush()).map_err(|e| format!("{request}: {e}"))?;
        let line = self.line()?;
        line.split_whitespace().map(|word| word.parse().map_err(|_| line.clone())).collect()
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(0) => Err("it ended without an answer".into()),
            Ok(_) => Ok(line.trim_end().into()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const SHELL: &str =
        "echo ready 1.2; while read -r line; do case $line in run*) echo 7 8;; *) echo 0.5 -1;; esac; done";

    #[test]
    fn a_program_answers_and_is_ended() {
        let mut child = Child::start("sh", ["-c", SHELL]).unwrap();
        assert_eq!(child.version(), "1.2");
        assert_eq!(child.times(2).unwrap(), [7, 8]);
        assert_eq!(child.times(3).unwrap_err(), "2 times for 3 runs");
        assert_eq!(child.outputs().unwrap(), [0.5, -1.0]);
    }

    #[test]
    fn what_a_program_cannot_load_is_told() {
        let error = |script: &str| Child::start("sh", ["-c", script]).unwrap_err();
        assert_eq!(error("echo error no such operator"), "error no such operator");
        assert_eq!(error("true"), "it ended without an answer");
    }
}
