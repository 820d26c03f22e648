//! `cargo xtask page`: the page as a folder for any static host.
//!
//! | in the folder | from |
//! | --- | --- |
//! | `mote_playground.js`, `mote_playground_bg.wasm` | the crate `playground`, through wasm-bindgen |
//! | `mote_runtime.wasm`, `mote_runtime.relaxed.wasm` | the guest, the same bytes that the host embeds |
//! | `zoo/` | `models/zoo`: models, data and cards, without the scripts that made them |
//! | everything else | `playground/static`, as it is |

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
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
    sync::copy(&workspace.path("models/zoo"), &fresh.join("zoo"), belongs_to_page)?;
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

/// Training scripts and their requirements stay behind.
fn belongs_to_page(file: &Path) -> bool {
    file.extension() != Some(OsStr::new("py")) && file.file_name() != Some(OsStr::new("requirements.txt"))
}

fn report(page: &Path) -> Result<()> {
    for file in sync::files(page)? {
        println!("{:40}{}", file.display(), Size::of(&page.join(&file))?);
    }
    println!("the page is {}", page.display());
    Ok(())
}
