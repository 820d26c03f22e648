//! `cargo xtask size`: what the guest and the page's first screen weigh, against their budgets.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use mote_wasm_build::Variant;

use super::page;
use crate::sync;
use crate::workspace::Workspace;

/// What one guest weighs at most, in bytes, and as a browser downloads it.
const BUDGET: Size = Size { raw: 300_000, gzip: 110_000 };

/// Bytes of a file, raw and gzipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    raw: usize,
    gzip: usize,
}

impl Size {
    pub(super) fn of(path: &Path) -> Result<Self> {
        let bytes = sync::read(path)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes)?;
        Ok(Self { raw: bytes.len(), gzip: gzip.finish()?.len() })
    }

    /// Bytes as a browser downloads them.
    pub(super) fn gzip(self) -> usize {
        self.gzip
    }

    fn exceeds(self, budget: Self) -> bool {
        self.raw > budget.raw || self.gzip > budget.gzip
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9} bytes {:>9} gzipped", self.raw, self.gzip)
    }
}

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let guests = guests(workspace)?;
    check(&guests)?;
    page::build(workspace, &guests)?;
    page::check(workspace)
}

/// Builds both guests into the target folder and prints their sizes.
pub(super) fn guests(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let builder = workspace.wasm()?;
    let out = workspace.target("guest");
    let mut built = Vec::new();
    for variant in Variant::ALL {
        built.push(builder.guest(variant, &out)?);
    }
    for (variant, path) in Variant::ALL.iter().zip(&built) {
        println!("{:27}{}", variant.file_name(), Size::of(path)?);
    }
    println!("{:27}{BUDGET}", "budget of each");
    Ok(built)
}

/// Refuses guests that are over the budget.
pub(super) fn check(guests: &[PathBuf]) -> Result<()> {
    let mut over = Vec::new();
    for guest in guests {
        if Size::of(guest)?.exceeds(BUDGET) {
            over.push(guest.display().to_string());
        }
    }
    if !over.is_empty() {
        bail!("over the budget: {}", over.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_size_alone_can_exceed_the_budget() {
        let budget = Size { raw: 10, gzip: 5 };
        for (raw, gzip, exceeds) in [(10, 5, false), (11, 5, true), (10, 6, true)] {
            assert_eq!(Size { raw, gzip }.exceeds(budget), exceeds, "{raw} {gzip}");
        }
    }
}
