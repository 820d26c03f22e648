//! The interpreters that our artefacts must run in, in a Python environment of their own in the user's cache.

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::{cache_folder, installing, present};
use crate::shell::{Run, find_program};
use crate::sync;

/// Names the Python that has the interpreters, for the interop test.
pub(crate) const PYTHON_VARIABLE: &str = "MOTE_INTEROP_PYTHON";

const WHAT: &str = "other interpreters";
/// Written last, so that an environment whose making was cut short is made again.
const COMPLETE: &str = "complete";
/// What a package that cannot be imported is told by.
const IMPORTS: &str = "import numpy, ai_edge_litert.interpreter, tflite_micro.python.tflite_micro.runtime";

/// The Python of the environment; or why there is none, which is no error: the interop test is left out then.
pub(crate) fn ensure(requirements: &Path) -> Result<Result<PathBuf, String>> {
    let environment = folder(requirements)?;
    match made(&environment, requirements) {
        Ok(python) => {
            present(WHAT, python.display());
            Ok(Ok(python))
        }
        Err(error) => {
            let why = format!("{error:#}");
            println!("{WHAT}: not installed, and the interop test is left out: {why}");
            println!(
                "{WHAT}: by hand: `python3 -m venv FOLDER && FOLDER/bin/pip install -r {}`, then {PYTHON_VARIABLE}=FOLDER/bin/python",
                requirements.display()
            );
            Ok(Err(why))
        }
    }
}

/// One environment for each list of packages.
fn folder(requirements: &Path) -> Result<PathBuf> {
    let mut name = String::from("interop-");
    for byte in Sha256::digest(sync::read(requirements)?).iter().take(6) {
        write!(name, "{byte:02x}")?;
    }
    Ok(cache_folder()?.join("tools").join(name))
}

fn made(environment: &Path, requirements: &Path) -> Result<PathBuf> {
    if let Some(python) = env::var_os(PYTHON_VARIABLE) {
        return checked(PathBuf::from(python));
    }
    let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let python = programs.join(format!("python{}", env::consts::EXE_SUFFIX));
    if !environment.join(COMPLETE).is_file() {
        let system = find_program(&["python3", "python"]).context("there is no python3 on PATH")?;
        let venv = Run::new(system).args(["-m", "venv", "--clear"]).arg(environment);
        installing(WHAT, &venv.by_hand());
        venv.run().context("python3 cannot make a virtual environment (Debian: apt-get install python3-venv)")?;
        let pip = Run::new(&python)
            .args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--requirement"])
            .arg(requirements);
        println!("{WHAT}: `{}`", pip.by_hand());
        pip.run().context("pip could not install the packages")?;
        let python = checked(python)?;
        sync::write(&environment.join(COMPLETE), b"")?;
        return Ok(python);
    }
    checked(python)
}

/// The Python, once it has shown that it can import the packages.
fn checked(python: PathBuf) -> Result<PathBuf> {
    if !python.is_file() {
        bail!("{} is not there", python.display());
    }
    Run::new(&python).args(["-c", IMPORTS]).output().context("a package cannot be imported")?;
    Ok(python)
}
