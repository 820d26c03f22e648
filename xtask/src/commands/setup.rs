//! `cargo xtask setup`: what building and testing need beyond rustup's toolchain.

use anyhow::Result;

use crate::install::{Browser, browser, cargo_deny, components, wasm_target};
use crate::shell::Run;

pub(super) fn run() -> Result<()> {
    for_tests().map(|_| ())
}

/// What building needs.
pub(super) fn for_build() -> Result<()> {
    wasm_target::ensure()
}

/// What the whole test run needs besides, and found or put where.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) browser: Browser,
    cargo_deny: std::path::PathBuf,
}

impl Tools {
    /// cargo-deny, which takes the same arguments on PATH and off it.
    pub(super) fn cargo_deny(&self) -> Run {
        Run::new(&self.cargo_deny)
    }
}

/// What the whole test run needs.
pub(super) fn for_tests() -> Result<Tools> {
    for_build()?;
    components::ensure()?;
    Ok(Tools { browser: browser::ensure()?, cargo_deny: cargo_deny::ensure()? })
}
