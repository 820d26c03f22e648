//! The two ways to a wasm target.
//!
//! 1. rustup's `wasm32-unknown-unknown` libraries for the toolchain that runs this build, and its `rust-src`.
//! 2. Debian's `rustc-web`, which carries no wasm libraries: the standard library is built from `rust-web-src` and
//!    linked by `lld-22`.
//!
//! The first one that is there is taken; [`TOOLCHAIN_VARIABLE`] forces either.
//!
//! The guest's `core` and `alloc` are built from their sources in both: without the texts of panics that nobody could read, for
//! size, and for [a target of our own](crate::guest_target). These are unstable options, hence `RUSTC_BOOTSTRAP`, which only the
//! nested cargo sees.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::BuildError;
use crate::guest_target::GuestTarget;

/// Set to `rustup` or `debian`, it says which toolchain to take; the other one is not looked at.
pub const TOOLCHAIN_VARIABLE: &str = "MOTE_WASM_TOOLCHAIN";

/// The target of every module that we build; the guest's is derived from it.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const DEBIAN_PROGRAMS: &str = "/usr/bin";

/// A toolchain that compiles for [`TARGET`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// The current toolchain; rustup installed the target's libraries.
    Rustup,
    /// Debian's rustc with the standard library built from its sources.
    Debian {
        /// `wasm-ld` of the newest installed LLVM.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// Finds the toolchain to use; [`TOOLCHAIN_VARIABLE`] forces one.
    ///
    /// # Errors
    /// [`BuildError::NoToolchain`] says what is missing and how to install it.
    pub fn find() -> Result<Self, BuildError> {
        let ways: &[fn() -> Result<Self, String>] = match forced().as_str() {
            "" => &[rustup, debian],
            "rustup" => &[rustup],
            "debian" => &[debian],
            other => return Err(BuildError::UnknownToolchain { found: other.to_owned() }),
        };
        let mut missing = Vec::new();
        for way in ways {
            match way() {
                Ok(toolchain) => return Ok(toolchain),
                Err(reason) => missing.push(reason),
            }
        }
        Err(BuildError::NoToolchain { missing })
    }

    /// Whether [`TOOLCHAIN_VARIABLE`] rules rustup's target out.
    #[must_use]
    pub fn is_forced_to_debian() -> bool {
        forced() == "debian"
    }

    /// Makes a nested cargo use this toolchain.
    pub(crate) fn configure(&self, cargo: &mut Command) {
        cargo.arg("--target").arg(TARGET);
        match self {
            Self::Rustup => {}
            Self::Debian { linker } => {
                cargo
                    .arg("-Zbuild-std=std,panic_abort")
                    .env("RUSTC", DEBIAN_RUSTC)
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            }
        }
    }

    /// Makes a nested cargo use this toolchain for the guest, which is compiled for `target` with a standard library of its own.
    pub(crate) fn configure_guest(&self, cargo: &mut Command, target: &GuestTarget) {
        cargo
            .arg("--target")
            .arg(target.path())
            .args(["-Zjson-target-spec", "-Zbuild-std=core,alloc", "-Zbuild-std-features=optimize_for_size"])
            .env("RUSTC_BOOTSTRAP", "1");
        match self {
            Self::Rustup => {}
            Self::Debian { linker } => {
                cargo.env("RUSTC", DEBIAN_RUSTC).env(GuestTarget::LINKER_VARIABLE, linker);
            }
        }
    }

    /// The compiler that this toolchain's cargo calls.
    pub(crate) fn rustc(&self) -> OsString {
        match self {
            Self::Rustup => env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc")),
            Self::Debian { .. } => OsString::from(DEBIAN_RUSTC),
        }
    }
}

fn forced() -> String {
    env::var_os(TOOLCHAIN_VARIABLE).unwrap_or_default().to_string_lossy().into_owned()
}

fn rustup() -> Result<Toolchain, String> {
    let rustc = Toolchain::Rustup.rustc();
    let sysroot = Command::new(&rustc)
        .args(["--print", "sysroot"])
        .output()
        .map_err(|error| format!("`{} --print sysroot`: {error}", Path::new(&rustc).display()))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let sources = sysroot.join("lib/rustlib/src/rust/library/core/Cargo.toml");
    for (what, path) in [("target", libraries), ("component rust-src", sources)] {
        if !path.exists() {
            return Err(format!("rustup's {what}: {} does not exist", path.display()));
        }
    }
    Ok(Toolchain::Rustup)
}

fn debian() -> Result<Toolchain, String> {
    for (package, path) in [("rustc-web", DEBIAN_RUSTC), ("rust-web-src", DEBIAN_STD_SOURCE)] {
        if !Path::new(path).exists() {
            return Err(format!("Debian's packages: {path} of {package} does not exist"));
        }
    }
    newest_wasm_ld(Path::new(DEBIAN_PROGRAMS))
        .map(|linker| Toolchain::Debian { linker })
        .ok_or_else(|| format!("Debian's packages: {DEBIAN_PROGRAMS} has no wasm-ld-N of lld-N"))
}

/// `wasm-ld-N` with the greatest N: an older linker may not know the object features of a newer rustc.
fn newest_wasm_ld(folder: &Path) -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.strip_prefix("wasm-ld-")?.parse::<u32>().ok();
    let entries = fs::read_dir(folder).ok()?;
    let linkers = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        Some((version(&path)?, path))
    });
    linkers.max().map(|(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_linker_is_newest_by_number() {
        let folder = env::temp_dir().join(format!("mote-wasm-ld-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for name in ["wasm-ld", "wasm-ld-9", "wasm-ld-22", "wasm-ld-19", "ld-99"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let found = newest_wasm_ld(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, Some(folder.join("wasm-ld-22")));
    }
}
