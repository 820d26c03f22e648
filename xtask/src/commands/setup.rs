//! `cargo xtask setup`: what building and testing need beyond rustup's toolchain.

use std::path::PathBuf;

use anyhow::Result;

use crate::install::{Browser, axe, browser, cargo_deny, components, interop, wasm_target};
use crate::shell::Run;
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    for_tests(workspace).map(|_| ())
}

/// What building needs.
pub(super) fn for_build() -> Result<()> {
    wasm_target::ensure()
}

/// What the whole test run needs besides, and found or put where.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) browser: Browser,
    /// The Python with other interpreters, or why there is none.
    pub(super) interop: Result<PathBuf, String>,
    /// The script that checks accessibility, or why there is none.
    pub(super) axe: Result<PathBuf, String>,
    cargo_deny: PathBuf,
}

impl Tools {
    /// cargo-deny, which takes the same arguments on PATH and off it.
    pub(super) fn cargo_deny(&self) -> Run {
        Run::new(&self.cargo_deny)
    }
}

/// What the whole test run needs.
pub(super) fn for_tests(workspace: &Workspace) -> Result<Tools> {
    for_build()?;
    components::ensure()?;
    Ok(Tools {
        browser: browser::ensure()?,
        interop: interop::ensure(&workspace.path("models/tests/interop/requirements.txt"))?,
        axe: axe::ensure(&workspace.path("playground/tests/axe"))?,
        cargo_deny: cargo_deny::ensure()?,
    })
}
