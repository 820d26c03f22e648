//! `cargo xtask page`: the page as a folder for any static host.
//!
//! | in the folder | from |
//! | --- | --- |
//! | `mote_page*`, `mote_runner*`, `mote_workshop*` | the bundles of the crate `playground`, through wasm-bindgen |
//! | `mote_runtime.wasm`, `mote_runtime.relaxed.wasm` | the guest, the same bytes that the host embeds |
//! | `probe.simd128.wasm`, `probe.relaxed.wasm` | `playground/probes`: what this browser's SIMD does, in some hundred bytes |
//! | `zoo/` | `models/zoo`: models, data and cards, without the scripts that made them |
//! | `version.js` | this build: what its service worker keeps for when there is no network |
//! | everything else | `playground/static`, as it is |

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use mote_wasm_build::Builder;
use mote_wasm_build::compact::compact;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use super::size::{self, Size};
use crate::sync;
use crate::workspace::Workspace;

/// What the first screen weighs at most, in bytes as a browser downloads them.
const BUDGET: usize = 1_200_000;

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
    let bundles = workspace.wasm()?.playground(&workspace.target("playground"))?;
    for (name, code) in Builder::BUNDLES.into_iter().zip(&bundles) {
        bindings(name, code, &fresh)?;
    }
    sync::copy(&workspace.path("playground/static"), &fresh, |_| true)?;
    for guest in guests.iter().map(AsRef::as_ref) {
        let name = guest.file_name().with_context(|| format!("{} has no name", guest.display()))?;
        sync::write(&fresh.join(name), &sync::read(guest)?)?;
    }
    probes(&workspace.path("playground/probes"), &fresh)?;
    sync::copy(&workspace.path("models/zoo"), &fresh.join("zoo"), belongs_to_page)?;
    sync::write(&fresh.join("version.js"), version(&fresh)?.as_bytes())?;
    for folder in [workspace.page(), workspace.path("playground/dist")] {
        sync::mirror(&fresh, &folder)?;
    }
    fs::remove_dir_all(&fresh).with_context(|| format!("cannot remove {}", fresh.display()))?;
    report(&workspace.page())
}

/// The JavaScript side of a bundle, as a module that a page loads without a bundler; and the bundle, compact.
fn bindings(name: &str, code: &Path, out: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(code)
        .out_name(name)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)
        .with_context(|| format!("wasm-bindgen cannot make bindings for {}", code.display()))?;
    let module = out.join(format!("{name}_bg.wasm"));
    sync::write(&module, &compact(&sync::read(&module)?)?)
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
        let url = url(&file);
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

/// Whether the first screen needs a file: all that it takes to evaluate the zoo's first model. Making other models is a bundle that is
/// loaded when it is first used. Of the two guests a browser fetches one: the larger counts.
fn is_needed_first(url: &str) -> bool {
    const FIRST: [&str; 2] = ["zoo/digits/digits_int8.tflite", "zoo/digits/digits_test.npz"];
    const LATER: [&str; 5] = ["icon-", "mote_runtime.wasm", "mote_workshop", "workshop.js", "zoo/"];
    FIRST.contains(&url) || !LATER.iter().any(|later| url.starts_with(later))
}

/// Refuses a page whose first screen weighs too much.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let (page, mut first) = (workspace.page(), 0);
    for file in sync::files(&page)? {
        if is_needed_first(&url(&file)) {
            first += Size::of(&page.join(&file))?.gzip();
        }
    }
    if first > BUDGET {
        bail!("the first screen needs {first} bytes gzipped, more than its budget of {BUDGET}");
    }
    Ok(())
}

/// Prints what the files weigh.
fn report(page: &Path) -> Result<()> {
    let mut first = 0;
    for file in sync::files(page)? {
        let size = Size::of(&page.join(&file))?;
        let needed = is_needed_first(&url(&file));
        first += if needed { size.gzip() } else { 0 };
        println!("{:40}{size}{}", file.display(), if needed { "" } else { "  later" });
    }
    println!("{:40}{first:>25} gzipped", "what the first screen needs");
    println!("{:40}{BUDGET:>25} gzipped", "its budget");
    println!("the page is {}", page.display());
    Ok(())
}

/// A file of the page as an address beside it.
fn url(file: &Path) -> String {
    file.iter().map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
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
    fn the_first_screen_needs_what_evaluates_a_model_and_not_what_makes_one() {
        for url in [
            "index.html",
            "mote_page_bg.wasm",
            "mote_runner.js",
            "runner.js",
            "styles/base.css",
            "mote_runtime.relaxed.wasm",
        ] {
            assert!(is_needed_first(url), "{url}");
        }
        for url in ["mote_workshop_bg.wasm", "mote_workshop.js", "workshop.js", "zoo/digits/digits_float.tflite"] {
            assert!(!is_needed_first(url), "{url}");
        }
    }

    #[test]
    fn training_scripts_stay_behind_and_labels_do_not() {
        let cases = [("digits/labels.txt", true), ("digits/requirements.txt", false), ("digits/train.py", false)];
        for (file, belongs) in cases {
            assert_eq!(belongs_to_page(Path::new(file)), belongs, "{file}");
        }
    }
}
