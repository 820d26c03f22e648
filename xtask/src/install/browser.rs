//! A Chromium and its ChromeDriver for the page's tests.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, present};
use crate::shell::find_program;

/// Names the browser for the page's tests.
pub(crate) const CHROMIUM_VARIABLE: &str = "MOTE_CHROMIUM";
/// Names the browser's driver for the page's tests.
pub(crate) const CHROMEDRIVER_VARIABLE: &str = "MOTE_CHROMEDRIVER";

/// The two programs.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

pub(crate) fn ensure() -> Result<Browser> {
    let browser = match find() {
        Some(browser) => browser,
        None => {
            apt::install("Chromium and ChromeDriver", &["chromium", "chromium-driver"])?;
            find().context("Chromium and ChromeDriver: installed, and still not on PATH")?
        }
    };
    present("Chromium", browser.chromium.display());
    present("ChromeDriver", browser.chromedriver.display());
    Ok(browser)
}

fn find() -> Option<Browser> {
    let named =
        |variable: &str, names: &[&str]| env::var_os(variable).map(PathBuf::from).or_else(|| find_program(names));
    Some(Browser {
        chromium: named(CHROMIUM_VARIABLE, &["chromium", "chromium-browser", "google-chrome"])?,
        chromedriver: named(CHROMEDRIVER_VARIABLE, &["chromedriver"])?,
    })
}
