//! `cargo xtask test`: every check there is, from a machine with rustup's toolchain alone.
//!
//! All cargo steps share one profile, one set of packages and one set of features, so that nothing heavy (wasmtime,
//! above all) is built twice.

use anyhow::Result;
use mote_wasm_build::{Builder, Toolchain, Variant};

use super::setup::Tools;
use super::{page, setup, size};
use crate::install::axe::AXE_VARIABLE;
use crate::install::browser::{CHROMEDRIVER_VARIABLE, CHROMIUM_VARIABLE};
use crate::install::interop::PYTHON_VARIABLE;
use crate::shell::Run;
use crate::steps::{Outcome, Steps};
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::default();
    let tools = steps.step("set-up", || setup::for_tests(workspace))?;
    steps.step("format", || workspace.cargo().args(["fmt", "--all", "--check"]).run())?;
    let guests = steps.step("guest: build and size", || {
        let guests = size::guests(workspace)?;
        size::check(&guests)?;
        Ok(guests)
    })?;
    steps.step("page: build and size", || {
        page::build(workspace, &guests)?;
        page::check(workspace)
    })?;
    steps.step("clippy", || all(workspace, "clippy").args(["--all-targets", "--", "--deny=warnings"]).run())?;
    steps.step_with("clippy for wasm", || clippy_for_wasm(&workspace.wasm()?))?;
    steps.step("rustdoc", || all(workspace, "doc").arg("--no-deps").env("RUSTDOCFLAGS", "-D warnings").run())?;
    steps.step("tests: native, guest under wasmtime, page in Chromium", || {
        tests(workspace, &tools).arg("--no-fail-fast").run()
    })?;
    steps.step_with("interop: artefacts in TensorFlow Lite Micro and LiteRT", || interop(workspace, &tools))?;
    // Not `--bench *`: that names suites, too, whose feature is not on.
    steps.step("benches, once, as tests", || tests(workspace, &tools).arg("--benches").run())?;
    steps.step("licences, bans, sources", || {
        tools
            .cargo_deny()
            .current_dir(workspace.root())
            .args(["--locked", "check", "licenses", "bans", "sources"])
            .run()
    })?;
    steps.step_with("advisories", || advisories(workspace, &tools))?;
    steps.summary();
    println!("\nAll checks passed.");
    Ok(())
}

/// A cargo over the whole workspace, with the page inside the host.
fn all(workspace: &Workspace, subcommand: &str) -> Run {
    workspace
        .cargo()
        .args([subcommand, "--locked", "--workspace", "--features=mote/page"])
        .env("MOTE_PAGE_DIR", workspace.page())
}

fn tests(workspace: &Workspace, tools: &Tools) -> Run {
    let test = all(workspace, "test")
        .env(CHROMIUM_VARIABLE, &tools.browser.chromium)
        .env(CHROMEDRIVER_VARIABLE, &tools.browser.chromedriver);
    match &tools.axe {
        Ok(script) => test.env(AXE_VARIABLE, script),
        // The test of accessibility says that it skips.
        Err(_) => test,
    }
}

/// Artefacts in other interpreters; where those cannot be installed the step says so, and passes.
fn interop(workspace: &Workspace, tools: &Tools) -> Result<((), Outcome)> {
    match &tools.interop {
        Ok(python) => {
            let test = tests(workspace, tools).args(["--package=mote-models", "--test=interop", "--", "--nocapture"]);
            test.env(PYTHON_VARIABLE, python).run()?;
            Ok(((), Outcome::Passed))
        }
        Err(why) => Ok(((), Outcome::Partly(format!("left out: {why}")))),
    }
}

/// The code that only exists for wasm: SIMD kernels, the guest's ABI, the page.
fn clippy_for_wasm(builder: &Builder) -> Result<((), Outcome)> {
    if let Toolchain::Debian { .. } = builder.toolchain() {
        let why = "left out: Debian's rustc-web is another version than this toolchain's clippy";
        return Ok(((), Outcome::Partly(why.into())));
    }
    for variant in Variant::ALL {
        let mut packages = vec!["--package=mote-kernels", "--package=mote-runtime", "--package=mote-guest"];
        if variant == Variant::Simd128 {
            packages.push("--package=mote-playground");
        }
        Run::from(builder.cargo("clippy", variant)).args(packages).args(["--", "--deny=warnings"]).run()?;
    }
    Ok(((), Outcome::Passed))
}

/// Advisories need a database from the network; without it the step says so, and passes.
fn advisories(workspace: &Workspace, tools: &Tools) -> Result<((), Outcome)> {
    let deny = || tools.cargo_deny().current_dir(workspace.root()).arg("--locked");
    if let Err(error) = deny().args(["fetch", "db"]).run() {
        println!("the advisory database could not be reached: {error:#}");
        return Ok(((), Outcome::Partly("left out: the advisory database could not be reached".into())));
    }
    deny().args(["check", "--disable-fetch", "advisories"]).run()?;
    Ok(((), Outcome::Passed))
}
