//! Hands the crate what it tells of its build, and with feature `peers` the runtimes that are measured beside ours.
//!
//! | variable | what it names |
//! | --- | --- |
//! | `MOTE_BENCHES_RUSTC` | the compiler |
//! | `MOTE_PEERS` | a folder with the program of all peers and, for each, its module |

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use mote_wasm_build::{Builder, TOOLCHAIN_VARIABLE};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=MOTE_BENCHES_RUSTC={}", rustc());
    if env::var_os("CARGO_FEATURE_PEERS").is_none() {
        return ExitCode::SUCCESS;
    }
    match peers() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn rustc() -> String {
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("--version").output();
    output.map_or_else(|_| "unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn peers() -> Result<(), Box<dyn Error>> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).ok_or_else(|| format!("{name} is not set"));
    let (manifest, out) = (folder("CARGO_MANIFEST_DIR")?, folder("OUT_DIR")?);
    let workspace = manifest.parent().ok_or("the benches' folder has no parent")?;
    println!("cargo::rerun-if-env-changed={TOOLCHAIN_VARIABLE}");
    for source in ["peers/Cargo.toml", "peers/Cargo.lock", "peers/src", "../runtime/abi/src"] {
        println!("cargo::rerun-if-changed={}", manifest.join(source).display());
    }
    let builder = Builder::new(workspace, target_folder(&out))?;
    builder.peers_program(&out)?;
    for peer in Builder::PEERS {
        builder.peer_module(peer, &out)?;
    }
    println!("cargo::rustc-env=MOTE_PEERS={}", out.display());
    Ok(())
}

/// The outer target folder, known by what cargo leaves at its root.
fn target_folder(out: &Path) -> &Path {
    let is_root = |folder: &&Path| folder.join(".rustc_info.json").is_file() || folder.join("CACHEDIR.TAG").is_file();
    out.ancestors().find(is_root).unwrap_or(out)
}
