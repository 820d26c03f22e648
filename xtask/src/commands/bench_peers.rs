//! `cargo xtask bench-peers`: Mote beside every runtime that a user could take in its place.
//!
//! | suite | place | runtimes |
//! | --- | --- | --- |
//! | `peers` | under wasmtime | ours, tract, rten |
//! | `peers` | natively | tract, rten, LiteRT, ONNX Runtime |
//! | `browser` | in one page of a headless Chromium | ours, LiteRT.js, ONNX Runtime Web |

use anyhow::Result;

use super::setup;
use crate::install::browser::CHROMIUM_VARIABLE;
use crate::install::peers::{PACKAGES_VARIABLE, PYTHON_VARIABLE};
use crate::install::{browser, peers};
use crate::shell::Run;
use crate::workspace::Workspace;

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A program that starts the measurement outside the browser: "chrt -f 50 taskset -c 1" on a machine with other work
    #[arg(long, value_name = "COMMAND")]
    under: Option<String>,
}

pub(super) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    setup::for_build()?;
    let chromium = browser::ensure()?.chromium;
    let python = peers::python(&workspace.path("benches/peers/requirements.txt"))?;
    let packages = peers::packages(&workspace.path("benches/page/package.json"), &workspace.target("bench-peers/npm"))?;
    // Everything first: nothing is to compile beside the measurement, or under its priority.
    suites(workspace, &["peers", "browser"]).arg("--no-run").run()?;
    let mut measured = suites(workspace, &["peers"]);
    if let Some(under) = &arguments.under {
        measured = measured.arg("--config").arg(format!("target.'cfg(all())'.runner = {under:?}"));
    }
    measured.env(PYTHON_VARIABLE, python).run()?;
    suites(workspace, &["browser"]).env(PACKAGES_VARIABLE, packages).env(CHROMIUM_VARIABLE, chromium).run()?;
    println!("\nall of it: {}", workspace.target("bench-peers/summary.md").display());
    Ok(())
}

fn suites(workspace: &Workspace, names: &[&str]) -> Run {
    let mut cargo = workspace.cargo().args(["bench", "--locked", "--package=mote-benches", "--features=peers"]);
    for name in names {
        cargo = cargo.args(["--bench", name]);
    }
    cargo
}
