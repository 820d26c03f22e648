//! Python environments with pinned packages, one for each list of them, in the user's cache.

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::{cache_folder, installing};
use crate::shell::{Run, find_program};
use crate::sync;

/// Written last, so that an environment whose making was cut short is made again.
const COMPLETE: &str = "complete";

/// An environment that somebody needs.
#[derive(Debug)]
pub(crate) struct Environment<'a> {
    /// What is in it, for messages.
    pub(crate) what: &'static str,
    /// What its folder's name begins with.
    pub(crate) name: &'static str,
    /// Names a Python that has the packages already.
    pub(crate) variable: &'static str,
    /// What a package that cannot be imported is told by.
    pub(crate) imports: &'static str,
    /// The packages, all of them, with their versions.
    pub(crate) requirements: &'a Path,
}

impl Environment<'_> {
    /// Its Python.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        if let Some(python) = env::var_os(self.variable) {
            return self.checked(PathBuf::from(python));
        }
        let environment = self.folder()?;
        let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let python = programs.join(format!("python{}", env::consts::EXE_SUFFIX));
        if !environment.join(COMPLETE).is_file() {
            let system = find_program(&["python3", "python"]).context("there is no python3 on PATH")?;
            let venv = Run::new(system).args(["-m", "venv", "--clear"]).arg(&environment);
            installing(self.what, &venv.by_hand());
            venv.run().context("python3 cannot make a virtual environment (Debian: apt-get install python3-venv)")?;
            let pip = Run::new(&python)
                .args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--requirement"])
                .arg(self.requirements);
            println!("{}: `{}`", self.what, pip.by_hand());
            pip.run().context("pip could not install the packages")?;
            let python = self.checked(python)?;
            sync::write(&environment.join(COMPLETE), b"")?;
            return Ok(python);
        }
        self.checked(python)
    }

    /// How to make it by hand.
    pub(crate) fn by_hand(&self) -> String {
        format!(
            "`python3 -m venv FOLDER && FOLDER/bin/pip install -r {}`, then {}=FOLDER/bin/python",
            self.requirements.display(),
            self.variable
        )
    }

    /// One for each list of packages.
    fn folder(&self) -> Result<PathBuf> {
        let mut name = format!("{}-", self.name);
        for byte in Sha256::digest(sync::read(self.requirements)?).iter().take(6) {
            write!(name, "{byte:02x}")?;
        }
        Ok(cache_folder()?.join("tools").join(name))
    }

    /// The Python, once it has shown that it can import the packages.
    fn checked(&self, python: PathBuf) -> Result<PathBuf> {
        if !python.is_file() {
            bail!("{} is not there", python.display());
        }
        Run::new(&python).args(["-c", self.imports]).output().context("a package cannot be imported")?;
        Ok(python)
    }
}
