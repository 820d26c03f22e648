//! What set-up can install, one file for each thing. Each looks first, says what it installs, and where it cannot
//! install says what to install by hand.

pub(crate) mod browser;
pub(crate) mod cargo_deny;
pub(crate) mod components;
pub(crate) mod wasm_target;

mod apt;

pub(crate) use browser::Browser;

/// Says that something is there already.
fn present(what: &str, place: impl std::fmt::Display) {
    println!("{what}: {place}");
}

/// Says what is about to be installed.
fn installing(what: &str, how: &str) {
    println!("{what}: not found; installing it with `{how}`");
}
