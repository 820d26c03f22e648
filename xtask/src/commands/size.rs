//! `cargo xtask size`: what the guest weighs, against its budget.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use mote_wasm_build::Variant;

use crate::sync;
use crate::workspace::Workspace;

/// The most that one guest may be, in bytes, and as a browser downloads it.
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
    guests(workspace).map(|_| ())
}

/// Builds both guests into the target folder, prints their sizes, and refuses what is over the budget.
pub(super) fn guests(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let builder = workspace.wasm()?;
    let out = workspace.target("guest");
    let mut built = Vec::new();
    for variant in Variant::ALL {
        built.push(builder.guest(variant, &out)?);
    }
    let mut over = Vec::new();
    for (variant, path) in Variant::ALL.iter().zip(&built) {
        let size = Size::of(path)?;
        println!("{:27}{size}", variant.file_name());
        if size.exceeds(BUDGET) {
            over.push(variant.file_name());
        }
    }
    println!("{:27}{BUDGET}", "budget");
    if !over.is_empty() {
        bail!("over the budget: {}", over.join(", "));
    }
    Ok(built)
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
