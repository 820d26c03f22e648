//! Builds both variants of the guest, and hands their paths to the crate as environment variables for `include_bytes!`.
//!
//! | variable | what it names |
//! | --- | --- |
//! | `MOTE_GUEST_SIMD128` | the guest for every engine with 128-bit SIMD |
//! | `MOTE_GUEST_RELAXED_SIMD` | the guest for engines that have relaxed SIMD too |
//! | `MOTE_PAGE_DIR` | with feature `page`: the folder of the page, as `cargo xtask page` made it |

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mote_wasm_build::{Builder, TOOLCHAIN_VARIABLE, Variant};

/// What the guest is made of, relative to the workspace.
const GUEST_SOURCES: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "runtime/Cargo.toml",
    "runtime/src",
    "runtime/abi/Cargo.toml",
    "runtime/abi/src",
    "runtime/guest/Cargo.toml",
    "runtime/guest/src",
    "runtime/kernels/Cargo.toml",
    "runtime/kernels/src",
];

fn main() -> ExitCode {
    match guests().and_then(|()| page()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn guests() -> Result<(), Box<dyn Error>> {
    let manifest = variable("CARGO_MANIFEST_DIR")?;
    let workspace = manifest.parent().ok_or("the host's folder has no parent")?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={TOOLCHAIN_VARIABLE}");
    for source in GUEST_SOURCES {
        println!("cargo::rerun-if-changed={}", workspace.join(source).display());
    }
    let out = variable("OUT_DIR")?;
    let builder = Builder::new(workspace, target_folder(&out))?;
    for variant in Variant::ALL {
        let name = match variant {
            Variant::Simd128 => "MOTE_GUEST_SIMD128",
            Variant::RelaxedSimd => "MOTE_GUEST_RELAXED_SIMD",
        };
        println!("cargo::rustc-env={name}={}", builder.guest(variant, &out)?.display());
    }
    Ok(())
}

fn page() -> Result<(), Box<dyn Error>> {
    const PAGE: &str = "MOTE_PAGE_DIR";
    if env::var_os("CARGO_FEATURE_PAGE").is_none() {
        return Ok(());
    }
    println!("cargo::rerun-if-env-changed={PAGE}");
    let folder = variable(PAGE).map_err(|_| {
        format!("feature `page` embeds the page's folder, and {PAGE} does not name it: run `cargo xtask page`, then set {PAGE} to the folder that it prints")
    })?;
    let index = folder.join("index.html");
    if !index.is_file() {
        return Err(format!("{PAGE}: {} does not exist: run `cargo xtask page`", index.display()).into());
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rustc-env={PAGE}={}", folder.display());
    Ok(())
}

/// The outer target folder, known by what cargo leaves at its root: every profile shares the guest's build in there.
fn target_folder(out: &Path) -> &Path {
    let is_root = |folder: &&Path| folder.join(".rustc_info.json").is_file() || folder.join("CACHEDIR.TAG").is_file();
    out.ancestors().find(is_root).unwrap_or(out)
}

fn variable(name: &str) -> Result<PathBuf, String> {
    env::var_os(name).map(PathBuf::from).ok_or_else(|| format!("{name} is not set"))
}
