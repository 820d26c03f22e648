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
        let target = ["target", "add", "wasm32-unknown-unknown"];
        installing(WHAT, &format!("rustup {}", target.join(" ")));
        match Run::new("rustup").args(target).run() {
            Ok(()) => return Ok(()),
            Err(error) => println!("{WHAT}: rustup could not install it: {error:#}"),
        }
    }
    apt::install(WHAT, &["rustc-web", "rust-web-src", "lld-22"])
}

fn say(toolchain: &Toolchain) {
    match toolchain {
        Toolchain::Rustup => present(WHAT, "rustup's wasm32-unknown-unknown"),
        Toolchain::Debian { linker } => {
            present(WHAT, format_args!("Debian's rustc-web with std from source and {}", linker.display()));
        }
    }
}
