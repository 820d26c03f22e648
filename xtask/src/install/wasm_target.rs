//! A toolchain that compiles for wasm: rustup's target, else Debian's packages.

use anyhow::{Context, Result};
use mote_wasm_build::{BuildError, Toolchain};

use super::{apt, installing, present};
use crate::shell::{Run, find_program};

const WHAT: &str = "wasm target";

pub(crate) fn ensure() -> Result<()> {
    match Toolchain::find() {
        Ok(toolchain) => {
            say(&toolchain);
            return Ok(());
        }
        Err(BuildError::NoToolchain { .. }) => {}
        Err(other) => return Err(other.into()),
    }
    install()?;
    say(&Toolchain::find().context("installed, and still not found")?);
    Ok(())
}

fn install() -> Result<()> {
    if find_program(&["rustup"]).is_some() && !Toolchain::is_forced_to_debian() {
        match install_by_rustup() {
            Ok(()) => return Ok(()),
            Err(error) => println!("{WHAT}: rustup could not install it: {error:#}"),
        }
    }
    apt::install(WHAT, &["rustc-web", "rust-web-src", "lld-22"])
}

/// The target's libraries for the page, and the sources that the guest's own are built from. What is there already stays.
fn install_by_rustup() -> Result<()> {
    for add in [["target", "add", "wasm32-unknown-unknown"], ["component", "add", "rust-src"]] {
        installing(WHAT, &format!("rustup {}", add.join(" ")));
        Run::new("rustup").args(add).run()?;
    }
    Ok(())
}

fn say(toolchain: &Toolchain) {
    match toolchain {
        Toolchain::Rustup => present(WHAT, "rustup's wasm32-unknown-unknown and rust-src"),
        Toolchain::Debian { linker } => {
            present(WHAT, format_args!("Debian's rustc-web with std from source and {}", linker.display()));
        }
    }
}
