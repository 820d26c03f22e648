//! axe-core, which the page's tests check every view's accessibility with, in the user's cache. It is no part of the page.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{cache_folder, installing, present};
use crate::shell::{Run, find_program};
use crate::sync;

/// Names the script for the page's tests.
pub(crate) const AXE_VARIABLE: &str = "MOTE_AXE";

const WHAT: &str = "axe-core";
/// The two files that pin its version and its checksum.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// The script, as the pins in `pins` say; or why there is none, which is no error: accessibility is not checked then.
pub(crate) fn ensure(pins: &Path) -> Result<Result<PathBuf, String>> {
    match found_or_installed(pins) {
        Ok(script) => {
            present(WHAT, script.display());
            Ok(Ok(script))
        }
        Err(error) => {
            let why = format!("{error:#}");
            println!("{WHAT}: not installed, and accessibility is not checked by it: {why}");
            Ok(Err(why))
        }
    }
}

fn found_or_installed(pins: &Path) -> Result<PathBuf> {
    if let Some(script) = env::var_os(AXE_VARIABLE).map(PathBuf::from) {
        anyhow::ensure!(script.is_file(), "{} is not there", script.display());
        return Ok(script);
    }
    let folder = cache_folder()?.join("tools").join(WHAT);
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let mut same = script.is_file();
    for pin in PINS {
        let wanted = sync::read(&pins.join(pin))?;
        same &= sync::read(&folder.join(pin)).is_ok_and(|found| found == wanted);
    }
    if !same {
        let npm = find_program(&["npm"]).context("there is no npm on PATH (Debian: apt-get install npm)")?;
        for pin in PINS {
            sync::write(&folder.join(pin), &sync::read(&pins.join(pin))?)?;
        }
        // What comes has the checksum of the lock file, or npm refuses it. Nothing of it runs outside of the browser.
        let install = Run::new(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        installing(WHAT, &install.by_hand());
        if let Err(error) = install.run() {
            // Without its pin, what is there counts as cut short, and is tried again.
            std::fs::remove_file(folder.join(PINS[0])).context("the folder of axe-core cannot be written")?;
            return Err(error);
        }
    }
    Ok(script)
}
