//! cargo-deny: from PATH, or built once into the user's cache.

use std::env;
use std::path::PathBuf;

use anyhow::Result;

use super::{cache_folder, installing, present};
use crate::shell::{Run, find_program};

/// The version that is built where there is none; one on PATH may be any.
const VERSION: &str = "0.20.2";
const NAME: &str = "cargo-deny";

pub(crate) fn ensure() -> Result<PathBuf> {
    let root = cache_folder()?.join("tools").join(format!("{NAME}-{VERSION}"));
    let built = root.join("bin").join(format!("{NAME}{}", env::consts::EXE_SUFFIX));
    let program = match find_program(&[NAME]) {
        Some(program) => program,
        None if built.is_file() => built,
        None => {
            // Unoptimized: it is built on machines that run it once, and building is what takes the time.
            let install = Run::cargo()
                .args(["install", "--locked", "--debug", NAME, "--version", VERSION, "--root"])
                .arg(&root)
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .without_env("CARGO_TARGET_DIR");
            installing(NAME, &install.by_hand());
            install.run()?;
            built
        }
    };
    present(NAME, program.display());
    Ok(program)
}
