//! The interpreters that our artefacts must run in, in a Python environment of their own in the user's cache.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::present;
use super::python::Environment;

/// Names the Python that has the interpreters, for the interop test.
pub(crate) const PYTHON_VARIABLE: &str = "MOTE_INTEROP_PYTHON";

const WHAT: &str = "other interpreters";

/// The Python of the environment; or why there is none, which is no error: the interop test is left out then.
pub(crate) fn ensure(requirements: &Path) -> Result<Result<PathBuf, String>> {
    let environment = Environment {
        what: WHAT,
        name: "interop",
        variable: PYTHON_VARIABLE,
        imports: "import numpy, ai_edge_litert.interpreter, tflite_micro.python.tflite_micro.runtime",
        requirements,
    };
    match environment.ensure() {
        Ok(python) => {
            present(WHAT, python.display());
            Ok(Ok(python))
        }
        Err(error) => {
            let why = format!("{error:#}");
            println!("{WHAT}: not installed, and the interop test is left out: {why}");
            println!("{WHAT}: by hand: {}", environment.by_hand());
            Ok(Err(why))
        }
    }
}
