//! The runtimes that are measured beside ours and are no crates: LiteRT and ONNX Runtime, for Python and for a page.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::python::Environment;
use super::{installing, present};
use crate::shell::{Run, find_program};
use crate::sync;

/// Names the Python that has them, for the suite `peers`.
pub(crate) const PYTHON_VARIABLE: &str = "MOTE_PEERS_PYTHON";
/// Names the folder of the page's packages, for the suite `browser`.
pub(crate) const PACKAGES_VARIABLE: &str = "MOTE_PEERS_PACKAGES";

/// The Python, with the packages of `requirements`.
pub(crate) fn python(requirements: &Path) -> Result<PathBuf> {
    let environment = Environment {
        what: "LiteRT and ONNX Runtime",
        name: "peers",
        variable: PYTHON_VARIABLE,
        imports: "import numpy, ai_edge_litert.interpreter, onnxruntime",
        requirements,
    };
    let python = environment.ensure().with_context(|| format!("by hand: {}", environment.by_hand()))?;
    present(environment.what, python.display());
    Ok(python)
}

/// The page's packages, as `manifest` (a `package.json`) pins them, below `folder`.
pub(crate) fn packages(manifest: &Path, folder: &Path) -> Result<PathBuf> {
    let what = "LiteRT.js and ONNX Runtime Web";
    let (installed, packages) = (folder.join("package.json"), folder.join("node_modules"));
    let wanted = sync::read(manifest)?;
    // npm's own lock comes last: without it, what is there was cut short.
    let complete = packages.join(".package-lock.json").is_file();
    if !(complete && sync::read(&installed).is_ok_and(|found| found == wanted)) {
        let npm = find_program(&["npm"]).context("there is no npm on PATH (Debian: apt-get install npm)")?;
        sync::write(&installed, &wanted)?;
        // Nothing of theirs runs here: the page takes files.
        let install =
            Run::new(npm).args(["install", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
        installing(what, &install.by_hand());
        install.run()?;
    }
    present(what, packages.display());
    Ok(packages)
}
