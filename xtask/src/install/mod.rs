//! What set-up can install, one file for each thing. Each looks first, says what it installs, and where it cannot
//! install says what to install by hand.

pub(crate) mod axe;
pub(crate) mod browser;
pub(crate) mod cargo_deny;
pub(crate) mod components;
pub(crate) mod interop;
pub(crate) mod peers;
pub(crate) mod wasm_target;

mod apt;
mod python;

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

pub(crate) use browser::Browser;

/// Says that something is there already.
fn present(what: &str, place: impl std::fmt::Display) {
    println!("{what}: {place}");
}

/// Says what is about to be installed.
fn installing(what: &str, how: &str) {
    println!("{what}: not found; installing it with `{how}`");
}

/// `$XDG_CACHE_HOME/mote`, or what the system has in its place.
fn cache_folder() -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(env::home_dir()?.join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor a home folder is set")?.join("mote"))
}
