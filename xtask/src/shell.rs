//! Programs: started, waited for, and named in the error when they fail.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A program to be run.
#[derive(Debug)]
pub(crate) struct Run(Command);

impl Run {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self(Command::new(program))
    }

    /// The cargo that runs xtask.
    pub(crate) fn cargo() -> Self {
        Self::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.0.args(args);
        self
    }

    pub(crate) fn arg(self, arg: impl AsRef<OsStr>) -> Self {
        self.args([arg])
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    pub(crate) fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it with our own output; its failure is an error that says how to repeat it.
    pub(crate) fn run(mut self) -> Result<()> {
        let status = self.0.status().with_context(|| format!("cannot run `{}`", self.by_hand()))?;
        if !status.success() {
            bail!("{status}; to repeat it by hand:\n  {}", self.by_hand());
        }
        Ok(())
    }

    /// Runs it silently, for its success alone.
    pub(crate) fn succeeds(mut self) -> bool {
        self.0.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    }

    /// Runs it for what it prints.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self.0.output().with_context(|| format!("cannot run `{}`", self.by_hand()))?;
        if !output.status.success() {
            bail!("`{}`: {}\n{}", self.by_hand(), output.status, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The command as a person would type it.
    pub(crate) fn by_hand(&self) -> String {
        let variables = self.0.get_envs().filter_map(|(name, value)| {
            Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy())))
        });
        let program = Path::new(self.0.get_program());
        let program = if program.file_stem() == Some(OsStr::new("cargo")) { Path::new("cargo") } else { program };
        let program = std::iter::once(quoted(&program.to_string_lossy()));
        let args = self.0.get_args().map(|arg| quoted(&arg.to_string_lossy()));
        variables.chain(program).chain(args).collect::<Vec<_>>().join(" ")
    }
}

impl From<Command> for Run {
    fn from(command: Command) -> Self {
        Self(command)
    }
}

/// The first program of these names on PATH.
pub(crate) fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        let file_name = format!("{name}{}", env::consts::EXE_SUFFIX);
        env::split_paths(&path).map(|folder| folder.join(&file_name)).find(|file| file.is_file())
    })
}

fn quoted(word: &str) -> String {
    const SAFE: &str = "-_./=:,+@%";
    if !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || SAFE.contains(c)) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''").replace('\x1f', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_a_shell_takes_it() {
        let run = Run::new("cargo").args(["deny", "check", "it's"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(run.by_hand(), r"RUSTDOCFLAGS='-D warnings' cargo deny check 'it'\''s'");
    }

    #[test]
    fn the_error_of_a_failed_command_repeats_it() {
        let error = Run::cargo().args(["--no-such-flag"]).run().unwrap_err().to_string();
        assert!(error.ends_with("cargo --no-such-flag"), "{error}");
    }
}
