//! `cargo xtask page`: the page as a folder for any static host.
//!
//! | in the folder | from |
//! | --- | --- |
//! | `mote_playground.js`, `mote_playground_bg.wasm` | the crate `playground`, through wasm-bindgen |
//! | `mote_runtime.wasm`, `mote_runtime.relaxed.wasm` | the guest, the same bytes that the host embeds |
//! | `probe.simd128.wasm`, `probe.relaxed.wasm` | `playground/probes`: what this browser's SIMD does, in some hundred bytes |
//! | `zoo/` | `models/zoo`: models, data and cards, without the scripts that made them |
//! | `version.js` | this build: what its service worker keeps for when there is no network |
//! | everything else | `playground/static`, as it is |

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use super::size::{self, Size};
use crate::sync;
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let guests = size::guests(workspace)?;
    build(workspace, &guests)
}

/// Builds the page around guests that are built already.
pub(super) fn build(workspace: &Workspace, guests: &[impl AsRef<Path>]) -> Result<()> {
    let fresh = workspace.target("page.new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| format!("cannot remove {}", fresh.display()))?;
    }
    let code = workspace.wasm()?.playground(&workspace.target("playground"))?;
    bindings(&code, &fresh)?;
    sync::copy(&workspace.path("playground/static"), &fresh, |_| true)?;
    for guest in guests.iter().map(AsRef::as_ref) {
        let name = guest.file_name().with_context(|| format!("{} has no name", guest.display()))?;
        sync::write(&fresh.join(name), &sync::read(guest)?)?;
    }
    probes(&workspace.path("playground/probes"), &fresh)?;
    sync::copy(&workspace.path("models/zoo"), &fresh.join("zoo"), belongs_to_page)?;
    sync::write(&fresh.join("version.js"), version(&fresh)?.as_bytes())?;
    sync::mirror(&fresh, &workspace.page())?;
    fs::remove_dir_all(&fresh).with_context(|| format!("cannot remove {}", fresh.display()))?;
    report(&workspace.page())
}

/// The JavaScript side of the page's code, as a module that a page loads without a bundler.
fn bindings(code: &Path, out: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(code)
        .out_name("mote_playground")
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)
        .with_context(|| format!("wasm-bindgen cannot make bindings for {}", code.display()))
}

/// Modules that ask a browser what its SIMD does, from their text.
fn probes(texts: &Path, out: &Path) -> Result<()> {
    for text in sync::files(texts)?.iter().filter(|file| file.extension() == Some(OsStr::new("wat"))) {
        let module = wat::parse_file(texts.join(text)).with_context(|| format!("{} is no module", text.display()))?;
        sync::write(&out.join("probe").with_added_extension(text.with_extension("wasm")), &module)?;
    }
    Ok(())
}

/// Training scripts and their requirements stay behind.
fn belongs_to_page(file: &Path) -> bool {
    file.extension() != Some(OsStr::new("py")) && file.file_name() != Some(OsStr::new("requirements.txt"))
}

/// The script that names this build and lists its files. The name is a checksum over them, so that a browser keeps
/// its copy exactly as long as nothing changed.
fn version(page: &Path) -> Result<String> {
    const SERVICE_WORKER: &str = "sw.js";
    let mut checksum = Sha256::new();
    let mut urls = vec![String::from("./")];
    for file in sync::files(page)? {
        let bytes = sync::read(&page.join(&file))?;
        let url = file.iter().map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/");
        checksum.update((url.len() as u64).to_le_bytes());
        checksum.update(&url);
        checksum.update((bytes.len() as u64).to_le_bytes());
        checksum.update(&bytes);
        // A browser keeps the service worker itself, apart from the files.
        if url != SERVICE_WORKER {
            urls.push(url);
        }
    }
    let version: String = checksum.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("self.MOTE_BUILD = {};\n", serde_json::json!({ "version": version, "files": urls })))
}

fn report(page: &Path) -> Result<()> {
    for file in sync::files(page)? {
        println!("{:40}{}", file.display(), Size::of(&page.join(&file))?);
    }
    println!("the page is {}", page.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builds_version_follows_every_file_and_lists_them_as_urls() {
        let folder = std::env::temp_dir().join(format!("mote-version-{}", std::process::id()));
        for (file, text) in [("index.html", "a"), ("sw.js", "b"), ("zoo/digits/card.md", "c")] {
            sync::write(&folder.join(file), text.as_bytes()).unwrap();
        }
        let first = version(&folder).unwrap();
        let again = version(&folder).unwrap();
        sync::write(&folder.join("sw.js"), b"changed").unwrap();
        let changed = version(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(first.contains(r#""files":["./","index.html","zoo/digits/card.md"]"#), "{first}");
        assert_eq!(first, again);
        assert_ne!(first, changed);
    }

    #[test]
    fn training_scripts_stay_behind_and_labels_do_not() {
        let cases = [("digits/labels.txt", true), ("digits/requirements.txt", false), ("digits/train.py", false)];
        for (file, belongs) in cases {
            assert_eq!(belongs_to_page(Path::new(file)), belongs, "{file}");
        }
    }
}
